import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { requireProgram, missingProgramReason } from '../../scripts/program.ts'
import { type Nginx, type NginxSetup, startNginx } from '../nginx/nginx.ts'

/** A server started as in docs/deploying.md, behind an nginx that also serves the dashboard. */
export interface Deployment {
  /** Address of the dashboard. */
  readonly url: string
  readonly nginx: Nginx
  readonly server: Server
  /** Number of open WebSockets and event streams at the server. */
  countConnections(): Promise<number>
  /** Names of the accepted events, newest first. */
  readonly tracked: readonly string[]
  /** Sends events one after the other, each of a new visitor, directly to the server. */
  track(count: number): Promise<void>
  close(): Promise<void>
}

/** A server in a separate process, with a constant address. */
export interface Server {
  readonly port: number
  /** Kills the server with SIGKILL. */
  kill(): Promise<void>
  /** Starts the server again, at the same address and with the same data. */
  start(): Promise<void>
}

interface Health {
  sockets: number
  streams: number
}

const siteId = 'shop'
const pagesDir = fromHere('../../playground/dist')
const cli = fromHere('../../packages/server/src/cli.ts')

export async function startDeployment(setup: NginxSetup = {}): Promise<Deployment> {
  const program = await requireProgram('nginx')
  if (program === undefined) throw new Error(missingProgramReason('nginx'))
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-deployment-'))
  const server = await startServer(dataDir, ['--site', siteId, '--trusted-proxy', '127.0.0.1'])
  const nginx = await startNginx(program, server.port, { pagesDir, ...setup })
  const tracked: string[] = []
  const api = (): string => `http://127.0.0.1:${server.port}/api`

  return {
    url: `${nginx.url}/dashboard/?site=${siteId}`,
    nginx,
    server,
    tracked,
    async countConnections() {
      const answer = await fetch(`${api()}/health`)
      const { sockets, streams }: Health = await answer.json()
      return sockets + streams
    },
    async track(count) {
      for (let sent = 0; sent < count; sent++) {
        const name = `check_${tracked.length + 1}`
        const url = `${api()}/sites/${siteId}/events`
        const body = JSON.stringify({ name, visitorId: name })
        const { status } = await fetch(url, { method: 'POST', body })
        if (status !== 202)
          throw new Error(`POST events: expected status 202 for ${name}, got ${status}.`)
        tracked.unshift(name)
      }
    },
    async close() {
      await nginx.close()
      await server.kill()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** @param options options of `tidemark serve` besides the directory and the port */
export async function startServer(dataDir: string, options: readonly string[]): Promise<Server> {
  let child: ChildProcess | undefined
  let port = 0

  async function start(): Promise<void> {
    const serve = ['serve', '--data', dataDir, ...options]
    const args = ['--disable-warning=ExperimentalWarning', cli, ...serve, '--port', String(port)]
    child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    port = await readPort(child)
  }

  await start()
  return {
    get port() {
      return port
    },
    start,
    async kill() {
      const running = child
      if (!running || running.exitCode !== null || running.signalCode !== null) return
      const exited = once(running, 'exit')
      running.kill('SIGKILL')
      await exited
    },
  }
}

/** Reads the port from the output of a server. */
async function readPort({ stdout }: ChildProcess): Promise<number> {
  if (stdout) {
    for await (const line of createInterface({ input: stdout })) {
      const [, port] = /^Tidemark runs at http:\/\/[^/]+:(\d+)$/.exec(line) ?? []
      if (port !== undefined) return Number(port)
    }
  }
  throw new Error('The server process exited before it listened on a port.')
}

function fromHere(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
