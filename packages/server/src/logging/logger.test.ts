import { PassThrough } from 'node:stream'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { createTestServer } from '../testing/server.ts'
import { type LogOptions, type Logger, createLogger, findLoggerProblem } from './logger.ts'

function writeTo(options: LogOptions, isTTY = false): { logger: Logger; lines: () => string[] } {
  const output = Object.assign(new PassThrough(), { isTTY })
  return {
    logger: createLogger(options, 'warn', output),
    lines: () =>
      String(output.read() ?? '')
        .split('\n')
        .slice(0, -1),
  }
}

it('createLogger: writes JSON lines of at least the level, with the time and without process and machine', () => {
  const { logger, lines } = writeTo({})
  logger.info({ kind: 'started' }, 'Started.')
  logger.warn({ kind: 'limit', count: 2 }, 'Two.')
  const [line = '', ...others] = lines()
  expect(others).toEqual([])
  const { time, ...fields } = JSON.parse(line) as Record<string, unknown>
  expect(new Date(String(time)).toISOString()).toBe(time)
  expect(fields).toEqual({ level: 'warn', kind: 'limit', count: 2, msg: 'Two.' })
})

it('createLogger: writes readable lines to a terminal', () => {
  const { logger, lines } = writeTo({ level: 'info' }, true)
  logger.info({ kind: 'started', node: '24.0.0', files: ['a b'] }, 'Started.')
  expect(lines()).toEqual([
    expect.stringMatching(
      /^\d\d:\d\d:\d\d INFO {2}Started\. kind=started node=24\.0\.0 files=\["a b"\]$/,
    ),
  ])
})

it.each<LogOptions>([{ format: 'json' }, { format: 'text' }])(
  'createLogger: writes one line for text with line breaks and control characters: %j',
  options => {
    const { logger, lines } = writeTo(options)
    const text = 'a\r\nlevel=error\u2028b\u001B[2Jc\u0085d'
    logger.warn({ kind: text, [text]: text }, text)
    const [line = '', ...others] = lines()
    expect(others).toEqual([])
    // JSON need not escape U+0085, which ends no line.
    expect(line.replaceAll('\u0085', '')).not.toMatch(/\p{Cc}/u)
  },
)

it('createLogger: accepts a logger of pino, and refuses an object without the methods of one', () => {
  const logger = pino({ enabled: false })
  expect(createLogger({ logger }, 'warn')).toBe(logger)
  expect(findLoggerProblem(logger)).toBeUndefined()
  expect(findLoggerProblem({})).toMatch(/^\{\} has no methods/)
})

it.each([
  [{ level: 'loud' }, "log.level: 'loud' is not one of debug, info, warn, error, silent."],
  [{ format: 'xml' }, "log.format: 'xml' is not one of json, text."],
  [{ levels: 'info' }, "log.levels: unknown option. Did you mean 'level'?"],
  [
    { logger: {} },
    'log.logger: {} has no methods debug, info, warn and error. Give a logger of pino.',
  ],
])('createTidemark: names an invalid option of the log: %j', (log, message) => {
  expect(() => createTestServer({ log: log as LogOptions })).toThrow(new TypeError(message))
})
