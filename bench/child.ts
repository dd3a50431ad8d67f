import { fork } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FromServer, ServerKind, ToServer } from './server.ts'

const command = new URL('../packages/server/src/cli.ts', import.meta.url)

/** A server under measurement. */
export interface Child {
  port: number
  usage(): Promise<{ cpuMs: number; rssMiB: number }>
  broadcast(text: string): void
  close(): Promise<void>
}

/** @param port 0 for any that is free; of a Tidemark alone */
export async function startServer(kind: ServerKind, port = 0): Promise<Child> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
  const execArgv = kind === 'tidemark' || kind === 'fsync' ? await flagsOf(command) : []
  const child = fork(new URL('server.ts', import.meta.url), [kind, dataDir, String(port)], {
    execArgv,
  })
  const send = (message: ToServer): void => void child.send(message)
  const next = (): Promise<FromServer> =>
    new Promise(resolve => child.once('message', (message: FromServer) => resolve(message)))

  const started = await next()
  if (!('port' in started)) throw new Error('The server did not say its port')
  return {
    port: started.port,
    async usage() {
      const answer = next()
      send('usage')
      const usage = await answer
      if (!('cpuMs' in usage)) throw new Error('The server did not say its usage')
      return usage
    },
    broadcast: text => send({ broadcast: text }),
    async close() {
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill()
      await ended
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** The flags of Node that a command runs with, as its first line says. */
export async function flagsOf(file: URL | string): Promise<string[]> {
  const [firstLine = ''] = (await readFile(file, 'utf8')).split('\n')
  return firstLine.split(' ').filter(word => word.startsWith('--'))
}
