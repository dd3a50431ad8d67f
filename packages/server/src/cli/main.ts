import process from 'node:process'
import { commandOf } from './command.ts'
import { runCli } from './program.ts'

/** Runs the command line of this process. Resolves with the exit code. */
export function main(): Promise<number> {
  // The first signal lets the command end cleanly. A second one has no listener and ends the process.
  const interruption = new AbortController()
  const signals = ['SIGINT', 'SIGTERM'] as const
  function interrupt(): void {
    for (const name of signals) process.removeListener(name, interrupt)
    interruption.abort()
  }
  for (const name of signals) process.on(name, interrupt)

  const { stdin, stdout, stderr, env } = process
  const { signal } = interruption
  const context = { command: commandOf(env), env, stdin, stdout, stderr, signal, onHangup }
  return runCli(process.argv.slice(2), context)
}

function onHangup(run: () => void): () => void {
  // A closed terminal sends it too, and a server that nobody sees any more should not keep the port.
  if (process.stdin.isTTY || process.stderr.isTTY) return () => {}
  process.on('SIGHUP', run)
  return () => void process.removeListener('SIGHUP', run)
}
