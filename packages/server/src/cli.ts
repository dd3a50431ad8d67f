#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=16 --heap-growing-percent=50
// V8 sizes its heap by the machine, and lets it grow to several times what lives in it; and glibc keeps what was
// freed for each thread apart. So it takes less.
import process from 'node:process'
import { commandOf } from './cli/command.ts'
import { runCli } from './cli/program.ts'

// The first signal lets the command end cleanly; a second one finds no listener and ends the process.
const interruption = new AbortController()
const signals = ['SIGINT', 'SIGTERM'] as const
function interrupt(): void {
  for (const name of signals) process.removeListener(name, interrupt)
  interruption.abort()
}
for (const name of signals) process.on(name, interrupt)

const { stdin, stdout, stderr, env } = process
const { signal } = interruption
const context = { command: commandOf(env), env, stdin, stdout, stderr, signal }
process.exitCode = await runCli(process.argv.slice(2), context)
