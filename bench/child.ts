import { fork } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { FromServer, Recovered, ServerKind, ToServer } from './server.ts'

const command = new URL('../packages/server/src/cli.ts', import.meta.url)

/** A server under measurement. */
export interface Child {
  port: number
  /** What a Tidemark found in its log. */
  recovered?: Recovered
  usage(): Promise<{ cpuMs: number; rssMiB: number }>
  broadcast(text: string): void
  /** Ends it with -9, and leaves its data. */
  kill(): Promise<void>
  /** Ends it, and deletes its data. */
  close(): Promise<void>
}

export interface StartOptions {
  /** Of a Tidemark alone. @default any that is free */
  port?: number
  /** Of a Tidemark alone. @default a new one */
  dataDir?: string
}

export async function startServer(kind: ServerKind, options: StartOptions = {}): Promise<Child> {
  const { port = 0, dataDir = await makeDataDir() } = options
  const isTidemark = kind === 'tidemark' || kind === 'fsync'
  const child = fork(new URL('server.ts', import.meta.url), [kind, dataDir, String(port)], {
    execArgv: isTidemark ? await flagsOf(command) : [],
    env: { ...process.env, ...(isTidemark && mallocSettings) },
  })
  const send = (message: ToServer): void => void child.send(message)
  const next = (): Promise<FromServer> =>
    new Promise(resolve => child.once('message', (message: FromServer) => resolve(message)))

  const started = await next()
  if (!('port' in started)) throw new Error('The server did not say its port')
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
      if (!('cpuMs' in usage)) throw new Error('The server did not say its usage')
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

export function makeDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tidemark-bench-'))
}

/** As `tidemark serve` has it. */
const mallocSettings = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' }

/** The flags of Node that a command runs with, as its first line says. */
export async function flagsOf(file: URL | string): Promise<string[]> {
  const [firstLine = ''] = (await readFile(file, 'utf8')).split('\n')
  return firstLine.split(' ').filter(word => word.startsWith('--'))
}
