import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A Redis process for one test. It listens on a Unix socket in a temporary folder and writes nothing to disk. */
export interface RedisServer {
  readonly socketPath: string
  stop(): Promise<void>
}

/** @param program path of `redis-server` or `valkey-server` */
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
  throw new Error(`${program} exited before it accepted connections.`)
}

async function waitUntilReady(child: ChildProcess): Promise<boolean> {
  if (!child.stdout) return false
  for await (const line of createInterface({ input: child.stdout })) {
    if (!/ready to accept connections/i.test(line)) continue
    // Reads the remaining output, because a full pipe would block Redis.
    child.stdout.resume()
    return true
  }
  return false
}
