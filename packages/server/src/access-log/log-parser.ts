import { type LineParser, type LogFormat, type ParserOptions, failure } from './format/entry.ts'
import type { Prefix } from './prefix.ts'

export interface LogParserOptions extends ParserOptions {
  /** Each line is in the first of these formats that fits. */
  formats: readonly LogFormat[]
  prefix?: Prefix | undefined
}

/**
 * Creates a parser of the lines of one log.
 * @throws {TypeError} for a trusted proxy that is neither an address nor a CIDR block
 */
export function createLogParser({ formats, prefix, ...options }: LogParserOptions): LineParser {
  const parsers = formats.map(format => format.createParser(options))

  function parseLine(line: string): ReturnType<LineParser['parse']> {
    const text = prefix ? prefix.strip(line) : line
    if (text === undefined) return failure('prefix_missing')
    let first: ReturnType<LineParser['parse']> | undefined
    for (const parser of parsers) {
      const parsed = parser.parse(text)
      if (parsed.ok || parsed.error === 'directive') return parsed
      first ??= parsed
    }
    return first ?? failure('head_invalid')
  }

  return {
    parse(line) {
      const parsed = parseLine(line)
      return !parsed.ok && line.includes('\0') ? failure('nul_bytes') : parsed
    },
  }
}
