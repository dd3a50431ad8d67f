import { fork } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { FromServer, Recovered, ServerKind, ToServer } from './server.ts'

const command = new URL('../packages/server/src/cli.ts', import.meta.url)

/** A server process under measurement. */
export interface Child {
  port: number
  /** Result of a Tidemark server's recovery. */
  recovered?: Recovered
  usage(): Promise<{ cpuMs: number; rssMiB: number }>
  broadcast(text: string): void
  /** Kills the process with SIGKILL and keeps its data. */
  kill(): Promise<void>
  /** Stops the process and deletes its data. */
  close(): Promise<void>
}

export interface StartOptions {
  /** Port of a Tidemark server. @default a free one */
  port?: number
  /** Data directory of a Tidemark server. @default a new one */
  dataDir?: string
}

export async function startServer(kind: ServerKind, options: StartOptions = {}): Promise<Child> {
  const { port = 0, dataDir = await createDataDir() } = options
  const isTidemark = kind === 'tidemark' || kind === 'fsync'
  const child = fork(new URL('server.ts', import.meta.url), [kind, dataDir, String(port)], {
    execArgv: isTidemark ? await flagsOf(command) : [],
    env: { ...process.env, ...(isTidemark && mallocSettings) },
  })
  const send = (message: ToServer): void => void child.send(message)
  const next = (): Promise<FromServer> =>
    new Promise(resolve => child.once('message', (message: FromServer) => resolve(message)))

  const started = await next()
  if (!('port' in started)) throw new Error('The server sent no port')
  async function end(signal: NodeJS.Signals): Promise<void> {
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  return {
    ...started,
    async usage() {
      const answer = next()
      send('usage')
      const usage = await answer
      if (!('cpuMs' in usage)) throw new Error('The server sent no usage')
      return usage
    },
    broadcast: text => send({ broadcast: text }),
    kill: () => end('SIGKILL'),
    async close() {
      await end('SIGTERM')
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export function createDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tidemark-bench-'))
}

/** The settings of `tidemark serve`. */
const mallocSettings = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' }

/** Reads Node's flags from the first line of a command. */
export async function flagsOf(file: URL | string): Promise<string[]> {
  const [firstLine = ''] = (await readFile(file, 'utf8')).split('\n')
  return firstLine.split(' ').filter(word => word.startsWith('--'))
}
