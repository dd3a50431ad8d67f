import process from 'node:process'
import { inspect } from 'node:util'
import { isObject } from '@tidemark/protocol'
import { pino } from 'pino'
import { formatTextLine } from './text-line.ts'

/** Least severity of written lines, from the most lines to none. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

export type LogLevel = (typeof logLevels)[number]

/** `json` writes one object in each line, `text` one readable line. */
export const logFormats = ['json', 'text'] as const

export type LogFormat = (typeof logFormats)[number]

/** Writes one line with values for programs and a message for people. A logger of pino is one. */
type WriteLine = (fields: object, message: string) => void

/** The methods of a logger of pino that the server calls. */
export interface Logger {
  debug: WriteLine
  info: WriteLine
  warn: WriteLine
  error: WriteLine
}

/** Lines about the server itself. They contain nothing that a visitor has sent. */
export type LogOptions =
  | {
      /** @default 'warn'; with `onError`, 'silent' */
      level?: LogLevel
      /** @default 'text' when standard error is a terminal, else 'json' */
      format?: LogFormat
      logger?: undefined
    }
  | {
      /** Receives the lines, with its own level and format. */
      logger: Logger
      level?: undefined
      format?: undefined
    }

export interface LogOutput {
  write(text: string): unknown
  readonly isTTY?: boolean
}

/**
 * Creates the logger of a server, by default on standard error.
 * @param defaultLevel level without the option
 */
export function createLogger(
  options: LogOptions,
  defaultLevel: LogLevel,
  output: LogOutput = process.stderr,
): Logger {
  if (options.logger !== undefined) return options.logger
  const { level = defaultLevel, format = output.isTTY ? 'text' : 'json' } = options
  return pino(
    {
      level,
      // The process and the machine are known to the program that collects the lines.
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    format === 'text' ? { write: line => output.write(formatTextLine(line)) } : output,
  ) satisfies Logger
}

/** Returns why a value is not a logger, as a sentence; `undefined` when it is one. */
export function findLoggerProblem(value: unknown): string | undefined {
  const methods = ['debug', 'info', 'warn', 'error']
  const isLogger = isObject(value) && methods.every(name => typeof value[name] === 'function')
  if (isLogger) return undefined
  return `${inspect(value, { depth: 0 })} has no methods debug, info, warn and error. Give a logger of pino.`
}
