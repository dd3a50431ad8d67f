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
  /** Where its API is. */
  readonly api: string
  /** What its start found. */
  readonly recovery: Recovery
  /** Ends it with the signal that nothing can catch. */
  kill(): Promise<void>
}

const script = fileURLToPath(new URL('./server-main.ts', import.meta.url))

/** Starts a server in a process of its own, which ends with the test. */
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
  const said: string[] = []
  for await (const line of lines) if (said.push(line) === 2) break
  const [url, recovery] = said
  if (recovery === undefined) throw new Error('The server ended before it had a port.')
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

/** A directory that is gone when the test is over. */
export function createTemporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
