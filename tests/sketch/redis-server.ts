import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'

/** A Redis of its own for a test: on a socket in a folder that is gone afterwards, and never on disk. */
export interface RedisServer {
  readonly socketPath: string
  stop(): Promise<void>
}

/** Why there is no Redis to compare with, as a test that is skipped says it. */
export const noRedis =
  'There is no redis-server on the PATH, nor could it be installed, which takes root on Debian or Ubuntu.'

const names = ['redis-server', 'valkey-server']

/** Where a Redis is, or a Valkey, which counts alike; installed if that can be done without asking. */
export async function requireRedis(): Promise<string | undefined> {
  const found = findRedis()
  if (found || !existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) return found
  const isInstalled =
    (await succeeds(['apt-get', '-qq', 'update'])) &&
    (await succeeds(['apt-get', '-qq', 'install', '-y', '--no-install-recommends', 'redis-server']))
  return isInstalled ? findRedis() : undefined
}

function findRedis(): string | undefined {
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)]
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(existsSync)
}

/** Whether a command ends well. A minute may pass, so all that it says is shown, on the error stream. */
async function succeeds([program = '', ...args]: string[]): Promise<boolean> {
  process.stderr.write(`There is no Redis yet, so: ${[program, ...args].join(' ')}\n`)
  const child = spawn(program, args, {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  const [code] = await once(child, 'exit')
  return code === 0
}

export async function startRedis(program: string): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-redis-'))
  const socketPath = join(folder, 'redis.sock')
  const settings = { port: '0', unixsocket: socketPath, dir: folder, save: '', appendonly: 'no' }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await closed
    rmSync(folder, { recursive: true, force: true })
  }
  if (await saysThatItIsReady(child)) return { socketPath, stop }
  await stop()
  throw new Error(`${program} ended before it was ready.`)
}

async function saysThatItIsReady(child: ChildProcess): Promise<boolean> {
  if (!child.stdout) return false
  for await (const line of createInterface({ input: child.stdout })) {
    if (!/ready to accept connections/i.test(line)) continue
    // What it still says has to go somewhere, or it waits.
    child.stdout.resume()
    return true
  }
  return false
}
