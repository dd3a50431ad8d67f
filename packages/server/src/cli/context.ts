import type { Readable } from 'node:stream'
import { toPrintable } from './text.ts'

/** What a command has of the process that it runs in; a test hands in its own. */
export interface CliContext {
  /** How the command is written here, for what is to be typed next; see `commandOf`. */
  command: string
  /** The environment of the process. @default an empty one */
  env?: Readonly<Record<string, string | undefined>>
  stdin: Readable
  /** Results. */
  stdout: Output
  /** Progress and what went wrong. */
  stderr: Output
  /** Aborted when the person who started the command wants it to end. */
  signal: AbortSignal
}

export type Output = NodeJS.WritableStream & { isTTY?: boolean }

/** What a command ends with. 130 is the shell's own convention for a command that was interrupted. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Says in one line why a command failed. */
export function fail({ stderr }: CliContext, message: string, code: ExitCode): ExitCode {
  writeLines(stderr, [`tidemark: ${toPrintable(message)}`])
  return code
}

export function writeLines(output: Output, lines: readonly string[]): void {
  output.write(lines.map(line => `${line}\n`).join(''))
}
