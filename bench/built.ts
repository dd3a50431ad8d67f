import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'vite'
import { flagsOf, createDataDir } from './child.ts'

const folder = fileURLToPath(new URL('../packages/server/', import.meta.url))
const command = join(folder, 'dist/cli.js')

/** A published `tidemark serve`: built, in a process of its own. */
export interface BuiltServer {
  readonly port: number
  /** Resident memory, as reported by the system, in MiB. */
  rssMiB(): Promise<number>
  close(): Promise<void>
}

export async function startBuilt(): Promise<BuiltServer> {
  await build({ root: folder, logLevel: 'warn' })
  const dataDir = await createDataDir()
  const words = [...(await flagsOf(command)), command, 'serve', '--port', '0', '--data', dataDir]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', code =>
      reject(new Error(`The server exited with ${code} before it listened`)),
    )
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const found = /runs at http:\/\/[^:]+:(\d+)/.exec(output)
      if (found) resolve(Number(found[1]))
    })
  })
  return {
    port,
    async rssMiB() {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(child.pid)])
      return Number(stdout) / 1024
    },
    async close() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
