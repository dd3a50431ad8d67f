import type { LineParser, LogFormat } from './format/entry.ts'
import { createLogParser } from './log-parser.ts'
import type { AccessLog } from './open-log.ts'
import type { Line } from './read-lines.ts'
import {
  type Declaration,
  FormatUnknownError,
  type RecognizedFormat,
  recognizeFormat,
} from './recognize.ts'
import { presetNames, findPreset } from './format/presets.ts'

/** An access log with the parser of its lines. */
export interface ReadableLog {
  log: AccessLog
  parser: LineParser
  /** `undefined` for a log without lines. */
  format: RecognizedFormat | undefined
}

/** Lines that are read at most to find the format. */
const maxSampleLines = 1000

/**
 * Reads the first lines of a log to find its format. A line that fits ends it, so a log that grows slowly does not wait
 * for more lines.
 * @throws {FormatUnknownError} when no format fits, or several do
 * @throws {TypeError} for a trusted proxy that is neither an address nor a CIDR block
 */
export async function readFormat(log: AccessLog, declared: Declaration = {}): Promise<ReadableLog> {
  const iterator = log.lines[Symbol.asyncIterator]()
  const groups: Line[][] = []
  let isComplete = false
  let failed: { error: unknown } | undefined
  let format: RecognizedFormat | undefined

  const sample = (): Line[] => groups.flat()

  while (!format && !isComplete && sample().length < maxSampleLines) {
    try {
      const next = await iterator.next()
      if (next.done) isComplete = true
      else groups.push([...next.value])
    } catch (error) {
      // Read again below, after the lines before it.
      failed = { error }
      isComplete = true
    }
    format = recognizeFormat(sample().slice(0, maxSampleLines), declared)
  }
  if (!format && hasText(sample())) throw unknownFormat(sample(), declared)

  async function* lines(): AsyncGenerator<Iterable<Line>> {
    try {
      yield* groups
      if (failed) throw failed.error
      while (!isComplete) {
        const next = await iterator.next()
        if (next.done) return
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }

  const formats: readonly LogFormat[] = format?.formats ?? declared.formats ?? fallback
  const parser = createLogParser({ ...declared, formats, prefix: format?.prefix })
  const { totalBytes, consumedBytes } = log
  return { log: { totalBytes, consumedBytes, lines: lines() }, parser, format }
}

/** For a log without lines. */
const fallback = [findPreset('combined')].filter(format => format !== undefined)

function hasText(lines: readonly Line[]): boolean {
  return lines.some(({ text }) => text !== '' && !text?.startsWith('#'))
}

function unknownFormat(lines: readonly Line[], { formats }: Declaration): FormatUnknownError {
  const count = Math.min(lines.length, maxSampleLines)
  const first = count === 1 ? 'its first line is not' : `none of its first ${count} lines is`
  if (formats) {
    const names = formats.map(({ name }) => name).join(' or ')
    return new FormatUnknownError(`${first} in the format ${names}.`)
  }
  return new FormatUnknownError(
    `${first} in a known format (${presetNames.join(', ')}). If it is an access log, declare its format, for ` +
      `example --format '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'.`,
  )
}
