import { type LineParser, type LogFormat, type ParserOptions, failure } from './entry.ts'
import { type ColumnName, type EntryReader, createEntryReader } from './entry-reader.ts'
import { compileTime } from './strftime.ts'

/**
 * Fields of the W3C Extended Log File Format, in lower case; all others are ignored.
 * @see https://www.w3.org/TR/WD-logfile.html
 */
const columns: ReadonlyMap<string, ColumnName> = new Map<string, ColumnName>([
  ['date', 'time'],
  ['time', 'time'],
  ['c-ip', 'address'],
  ['x-forwarded-for', 'forwarded'],
  ['cs(x-forwarded-for)', 'forwarded'],
  ['cs-host', 'host'],
  ['cs(host)', 'host'],
  // The host that the visitor requested from CloudFront; `cs(Host)` is the distribution's.
  ['x-host-header', 'host'],
  ['cs-method', 'method'],
  ['cs-uri', 'target'],
  ['cs-uri-stem', 'path'],
  ['cs-uri-query', 'query'],
  ['cs-version', 'protocol'],
  ['cs-protocol-version', 'protocol'],
  ['sc-status', 'status'],
  ['sc-bytes', 'bytes'],
  ['cs(referer)', 'referrer'],
  ['cs(user-agent)', 'userAgent'],
])

interface Dialect {
  name: string
  /** Fields of a log without a `#Fields` line. @default none */
  fields?: string
  /** Decodes a user agent. */
  decodeAgent(text: string): string
  /** Whether forwarded addresses count without trusted proxies. */
  hasForwarded: boolean
}

/** IIS writes a plus sign for each space. */
const decodePlus = (text: string): string => text.replaceAll('+', ' ')

/** The default fields of IIS 7 and later. */
const iisFields =
  'date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) ' +
  'sc-status sc-substatus sc-win32-status time-taken'

const cloudfrontFields =
  'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) ' +
  'cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken ' +
  'x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status ' +
  'fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len ' +
  'sc-range-start sc-range-end'

/** The directive `#Fields` names the columns, and may change within a file. */
export const w3c: LogFormat = toFormat({ name: 'w3c', decodeAgent: decodePlus, hasForwarded: true })

export const iis: LogFormat = toFormat({
  ...{ name: 'iis', fields: iisFields, decodeAgent: decodePlus, hasForwarded: true },
})

/** `c-ip` is the client. A forwarded address counts only if `c-ip` is a trusted proxy, because anyone can send one. */
export const cloudfront: LogFormat = toFormat({
  ...{
    name: 'cloudfront',
    fields: cloudfrontFields,
    decodeAgent: decodePercent,
    hasForwarded: false,
  },
})

function toFormat(dialect: Dialect): LogFormat {
  return { name: dialect.name, createParser: options => createW3cParser(dialect, options) }
}

interface Layout {
  names: readonly string[]
  /** Index of the user agent, or -1. */
  agent: number
  read: EntryReader
  /** Whether the date is only in the directive `#Date`. */
  needsDate: boolean
}

function createW3cParser(dialect: Dialect, options: ParserOptions = {}): LineParser {
  const isForwarded = dialect.hasForwarded || (options.trustedProxies?.length ?? 0) > 0
  let layout = dialect.fields === undefined ? undefined : toLayout(dialect.fields)
  let date = ''

  function toLayout(fields: string): Layout {
    const names = fields.trim().toLowerCase().split(/\s+/)
    const needsDate = !names.includes('date')
    const all = needsDate ? ['date', ...names] : names
    const read = createEntryReader(toColumns(all, isForwarded), parseTime, options)
    return { names: all, agent: all.indexOf('cs(user-agent)'), read, needsDate }
  }

  return {
    parse(line) {
      if (line.startsWith('#')) {
        const [, name = '', value = ''] = /^#([\w-]+):\s*(.*)$/.exec(line) ?? []
        if (name.toLowerCase() === 'fields') layout = toLayout(value)
        if (name.toLowerCase() === 'date') date = toIsoDate(value)
        return failure('directive')
      }
      if (!layout) return failure('fields_unknown')
      const { names, needsDate, agent, read } = layout
      const words = splitWords(line)
      const values = needsDate ? [date, ...words] : words
      if (values.length !== names.length) return failure('tail_invalid')
      if (agent >= 0) values[agent] = dialect.decodeAgent(values[agent] ?? '')
      return read(values)
    },
  }
}

/** Names the first column of each meaning; CloudFront's `x-host-header` is the host, if it is there. */
function toColumns(names: readonly string[], isForwarded: boolean): ColumnName[] {
  const hasHostHeader = names.includes('x-host-header')
  return names.map(name => {
    if (name === 'cs(host)' && hasHostHeader) return 'ignored'
    const column = columns.get(name) ?? 'ignored'
    return column === 'forwarded' && !isForwarded ? 'ignored' : column
  })
}

/** Times are in UTC. Date and time may be in any order. */
const dateFirst = compileTime('%Y-%m-%d %H:%M:%S')
const timeFirst = compileTime('%H:%M:%S %Y-%m-%d')
const parseTime = (text: string): number | undefined => dateFirst?.(text) ?? timeFirst?.(text)

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** `12-Jan-1996 00:00:00`, as in the specification, or `2026-03-12 00:00:00`, as IIS writes. */
function toIsoDate(text: string): string {
  const [, day = '', name = '', year = ''] = /^(\d\d)-(\w{3})-(\d{4})/.exec(text) ?? []
  if (year === '') return text.slice(0, 10)
  return `${year}-${String(months.indexOf(name.toLowerCase()) + 1).padStart(2, '0')}-${day}`
}

/** CloudFront separates fields by tabs. A quoted text may contain spaces, and doubles its quotes. */
function splitWords(line: string): string[] {
  if (line.includes('\t')) return line.split('\t')
  if (!line.includes('"')) return line.trim().split(/ +/)
  const words = line.match(/"(?:[^"]|"")*"(?= |$)|[^ ]+/g) ?? []
  return words.map(word => (/^".*"$/.test(word) ? word.slice(1, -1).replaceAll('""', '"') : word))
}

/** CloudFront escapes spaces and other characters, and did it twice before 2019. */
function decodePercent(text: string): string {
  const once = unescapePercent(text)
  return once.includes('%20') ? unescapePercent(once) : once
}

function unescapePercent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
