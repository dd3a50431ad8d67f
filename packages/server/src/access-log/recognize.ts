import { isObject } from '@tidemark/protocol'
import type { LogEntry, LogFormat, ParserOptions } from './format/entry.ts'
import { findPreset } from './format/presets.ts'
import { parseObject } from './format/json.ts'
import { createLogParser } from './log-parser.ts'
import { type Prefix, prefixes } from './prefix.ts'
import type { Line } from './read-lines.ts'
import { recognizeShape } from './recognize-shape.ts'

/** Format of a log, as its first lines show it. */
export interface RecognizedFormat {
  formats: readonly LogFormat[]
  prefix: Prefix | undefined
  /** First line that parses. */
  example: { line: number; entry: LogEntry }
}

export interface Declaration extends ParserOptions {
  /** Declared formats. @default recognized */
  formats?: readonly LogFormat[] | undefined
  /** Declared prefix. @default recognized */
  prefix?: Prefix | undefined
}

/** The format of a log is unknown. The message says what to declare, after "Cannot read FILE: ". */
export class FormatUnknownError extends Error {
  override name = 'FormatUnknownError'
}

type Sample = readonly Line[]

/**
 * Returns the format of a sample of lines: the declared one, or the only one that fits.
 * @returns `undefined` when no line fits yet
 * @throws {FormatUnknownError} when several formats fit, or when the clients are no addresses
 */
export function recognizeFormat(
  sample: Sample,
  declared: Declaration = {},
): RecognizedFormat | undefined {
  const candidates = declared.prefix ? [declared.prefix] : [undefined, ...prefixes]
  /** The reason without a prefix, if no prefix helps. */
  let refusal: string | undefined
  for (const prefix of candidates) {
    const formats = declared.formats ?? formatsOf(sample, prefix)
    if (typeof formats === 'string') {
      refusal ??= formats
      continue
    }
    const example = formats.length === 0 ? undefined : exampleOf(sample, formats, prefix, declared)
    if (!example) continue
    if (!declared.formats && formats.length > 1) throw severalFormats(formats, example.line)
    return { formats, prefix, example }
  }
  if (refusal !== undefined) throw new FormatUnknownError(`${refusal}.`)
  return undefined
}

/** Returns the formats that fit, or the reason for which none does. */
function formatsOf(sample: Sample, prefix: Prefix | undefined): readonly LogFormat[] | string {
  const texts = sample.flatMap(({ text = '' }) => {
    const stripped = prefix ? prefix.strip(text) : text
    return stripped ? [stripped] : []
  })
  const named = namedFormats.find(({ matches }) => texts.some(matches))
  const format = named && findPreset(named.name)
  if (format) return [format]
  const result = recognizeShape(texts)
  if (result.kind === 'refused') return result.reason
  return result.kind === 'formats' ? result.formats : []
}

const caddyClients = ['client_ip', 'remote_ip', 'remote_addr']
const traefikClients = ['ClientHost', 'ClientAddr']

function hasField(value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.some(name => name in value)
}

/** Formats with an unmistakable text. W3C formats name their fields. */
const namedFormats: readonly { name: string; matches(text: string): boolean }[] = [
  { name: 'cloudfront', matches: text => /^#Fields:.*\bx-edge-location\b/i.test(text) },
  { name: 'iis', matches: text => /^#Software: Microsoft/i.test(text) },
  { name: 'w3c', matches: text => /^#Fields:.*\bcs-(?:uri|method)\b/i.test(text) },
  {
    name: 'alb',
    matches: text => /^(?:https?|h2|grpcs|wss?) \d{4}-\d\d-\d\dT[\d:.]+Z app\//.test(text),
  },
  { name: 'caddy-json', matches: text => hasField(parseObject(text)?.['request'], caddyClients) },
  { name: 'traefik-json', matches: text => hasField(parseObject(text), traefikClients) },
]

function exampleOf(
  sample: Sample,
  formats: readonly LogFormat[],
  prefix: Prefix | undefined,
  options: ParserOptions,
): RecognizedFormat['example'] | undefined {
  const parser = createLogParser({ ...options, formats, prefix })
  for (const { number, text } of sample) {
    const parsed = text === undefined ? undefined : parser.parse(text)
    if (parsed?.ok) return { line: number, entry: parsed.entry }
  }
  return undefined
}

function severalFormats(formats: readonly LogFormat[], line: number): FormatUnknownError {
  const options = formats.map(({ name }) => `--format ${quote(name)}`)
  return new FormatUnknownError(
    `${formats.length} formats fit its first lines, from line ${line} on. Choose one of: ${options.join(' or ')}. ` +
      'If the format changes within the log, use all of them.',
  )
}

/** Quotes a format for a shell. */
export function quote(name: string): string {
  return /^[\w-]+$/.test(name) ? name : `'${name}'`
}
