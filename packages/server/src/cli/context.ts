import type { Readable } from 'node:stream'
import type { ReadBuiltFile } from '../script/built-files.ts'
import { toPrintable } from './text.ts'

/** Process resources of a command. Tests pass their own. */
export interface CliContext {
  /** Command that the user types; see `commandOf`. */
  command: string
  /** @default an empty environment */
  env?: Readonly<Record<string, string | undefined>>
  /** @default the working directory of the process */
  cwd?: string
  stdin: Readable
  /** Receives results. */
  stdout: Output
  /** Receives progress and errors. */
  stderr: Output
  /** Reads the files of the tracker. @default those that `@tidemark/sdk` has built */
  readBuilt?: ReadBuiltFile
  /** Aborted when the user interrupts the command. */
  signal: AbortSignal
  /** Ends the process at once. @default does nothing */
  exit?(code: ExitCode): void
  /**
   * Calls a function at each SIGHUP, which then does not end the process. Returns a function that undoes it. @default
   * the signal ends the process
   */
  onHangup?(run: () => void): () => void
}

export type Output = NodeJS.WritableStream & { isTTY?: boolean }

/** Exit codes of all commands. Shells use 130 for an interrupted command. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Writes an error message in one line, and returns the exit code. */
export function fail({ stderr }: CliContext, message: string, code: ExitCode): ExitCode {
  writeLines(stderr, [`tidemark: ${toPrintable(message)}`])
  return code
}

export function writeLines(output: Output, lines: readonly string[]): void {
  output.write(lines.map(line => `${line}\n`).join(''))
}
