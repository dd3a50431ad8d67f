import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Recovery } from '@tidemark/server'
import { onTestFinished } from 'vitest'

export interface ServerProcess {
  readonly child: ChildProcess
  /** Address of the API. */
  readonly api: string
  /** Result of the recovery at start. */
  readonly recovery: Recovery
  /** Kills the server with SIGKILL. */
  kill(): Promise<void>
}

const script = fileURLToPath(new URL('./server-main.ts', import.meta.url))

/** Starts a server in a separate process. The process is killed when the test finishes. */
export async function startServer(
  dataDir: string,
  wrapper: readonly string[] = [],
  parameters: readonly string[] = [],
): Promise<ServerProcess> {
  const [command, ...before] = [...wrapper, process.execPath]
  const child = spawn(
    command,
    [...before, '--disable-warning=ExperimentalWarning', script, dataDir, ...parameters],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  const output: string[] = []
  for await (const line of lines) if (output.push(line) === 2) break
  const [url, recovery] = output
  if (recovery === undefined)
    throw new Error('The server process exited before it listened on a port.')
  return {
    child,
    api: `${url}/api`,
    recovery: JSON.parse(recovery) as Recovery,
    async kill() {
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    },
  }
}

/** Creates a directory that is removed when the test finishes. */
export function createTemporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
