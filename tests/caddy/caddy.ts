import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { findFreePort, waitUntilReady } from '../nginx/nginx.ts'

export interface Caddy {
  readonly url: string
  close(): Promise<void>
}

export const caddyfile = fileURLToPath(new URL('../../deploy/Caddyfile', import.meta.url))

/** Starts Caddy on a free port, with `deploy/Caddyfile` unchanged, in front of the server at port `target`. */
export async function startCaddy(program: string, target: number): Promise<Caddy> {
  const home = await mkdtemp(join(tmpdir(), 'tidemark-caddy-'))
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(program, ['run', '--adapter', 'caddyfile', '--config', caddyfile], {
    stdio: 'ignore',
    env: {
      ...process.env,
      HOME: home,
      TIDEMARK_ADDRESS: url,
      TIDEMARK_UPSTREAM: `127.0.0.1:${target}`,
    },
  })
  const exited = once(child, 'exit')
  await waitUntilReady(port, 'Caddy')
  return {
    url,
    async close() {
      child.kill('SIGTERM')
      await exited
      await rm(home, { recursive: true, force: true })
    },
  }
}
