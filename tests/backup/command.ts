import { type ChildProcess, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const script = fileURLToPath(new URL('../../packages/server/src/cli.ts', import.meta.url))

export interface CommandResult {
  code: number | null
  out: string
  err: string
}

/** Starts the command `tidemark` in a process of its own. */
export function startCommand(
  words: readonly string[],
  wrapper: readonly string[] = [],
): { child: ChildProcess; result: Promise<CommandResult> } {
  const [program, ...before] = [...wrapper, process.execPath]
  const child = spawn(program, [...before, script, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = new Promise<number | null>(resolve => child.once('close', resolve))
  const result = Promise.all([exited, text(child.stdout), text(child.stderr)]).then(
    ([code, out, err]) => ({ code, out, err }),
  )
  return { child, result }
}
