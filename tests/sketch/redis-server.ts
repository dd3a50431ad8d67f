import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A Redis of its own for a test: on a socket in a folder that is gone afterwards, and never on disk. */
export interface RedisServer {
  readonly socketPath: string
  stop(): Promise<void>
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
  if (await waitUntilReady(child)) return { socketPath, stop }
  await stop()
  throw new Error(`${program} ended before it was ready.`)
}

async function waitUntilReady(child: ChildProcess): Promise<boolean> {
  if (!child.stdout) return false
  for await (const line of createInterface({ input: child.stdout })) {
    if (!/ready to accept connections/i.test(line)) continue
    // What it still says has to go somewhere, or it waits.
    child.stdout.resume()
    return true
  }
  return false
}
