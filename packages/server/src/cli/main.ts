import process from 'node:process'
import { commandOf } from './command.ts'
import { type ExitCode, exitCodes } from './context.ts'
import { runCli } from './program.ts'

/** Runs the command line of this process. Resolves with the exit code. */
export function main(): Promise<number> {
  // The first signal lets the command end cleanly. A second one ends the process.
  const interruption = new AbortController()
  function interrupt(name: NodeJS.Signals): void {
    if (!interruption.signal.aborted) {
      interruption.abort()
      return
    }
    process.stderr.write(`tidemark: Stopped at once by a second ${name}. ${stored}\n`)
    process.exit(exitCodes.interrupted)
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, interrupt)

  const { stdin, stdout, stderr, env } = process
  const { signal } = interruption
  const context = { command: commandOf(env), env, stdin, stdout, stderr, signal, onHangup, exit }
  return runCli(process.argv.slice(2), context)
}

const stored = 'Events that the server has accepted are in its log.'

function exit(code: ExitCode): void {
  process.exit(code)
}

function onHangup(run: () => void): () => void {
  // A closed terminal sends it too, and a server that nobody sees any more should not keep the port.
  if (process.stdin.isTTY || process.stderr.isTTY) return () => {}
  process.on('SIGHUP', run)
  return () => void process.removeListener('SIGHUP', run)
}
