import type { LineError, LogEntry, ParsedLine, RequestLine } from './entry.ts'
import { parseLogTime } from './parse-time.ts'
import { unescapeField } from './unescape.ts'

/**
 * Matches host, identity, user and time, after an optional virtual host with its port as in Debian's `vhost_combined`.
 * The user may contain spaces. Identity and user are not captured, because they name people.
 */
const head = /^(?:[^\s:]+:\d{1,5} (?=\S+ \S+ \S+ \[))?(\S+) \S+ .+? \[([^\]]{0,40})\] /

const statusAndSize = /^ (\d{3}) (\d+|-)(?= |$)/

/** A method is a token (RFC 9110, section 5.6.2). */
const method = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"

const requestLine = new RegExp(`^(${method}) (.+?)(?: (HTTP/\\d(?:\\.\\d)?))?$`, 's')

/** Matches a path, an absolute URL, or `*`. The target of `CONNECT` is `host:port`. */
const target = /^(?:\/|[A-Za-z][A-Za-z0-9+.-]*:\/\/|\*$)/

/**
 * Parses one line of an access log in Common or Combined Log Format:
 *
 *     host identity user [day/month/year:hour:minute:second zone] "request" status size
 *     … "referrer" "user agent"
 *
 * A `-` means an absent value. Fields after the user agent, and unquoted fields after the size, are additions of some
 * servers and are ignored. Quoted fields are unescaped as Apache and nginx escape them.
 * @see https://httpd.apache.org/docs/2.4/logs.html#accesslog
 */
export function parseLogLine(line: string): ParsedLine {
  const start = head.exec(line)
  if (!start) return failure('head_invalid')
  const [matched, host = '', time = ''] = start
  const at = parseLogTime(time)
  if (at === undefined) return failure('time_invalid')

  const request = readQuoted(line, matched.length)
  if (!request) return failure('request_invalid')
  const response = statusAndSize.exec(line.slice(request.end))
  if (!response) return failure('status_invalid')
  const [responseText, status, size] = response

  const entry: LogEntry = {
    format: 'common',
    host,
    at,
    request: parseRequestLine(request.value),
    status: Number(status),
    bytes: size === '-' ? undefined : Number(size),
    referrer: undefined,
    userAgent: undefined,
  }
  return addTail(entry, line, request.end + responseText.length)
}

function addTail(entry: LogEntry, line: string, from: number): ParsedLine {
  if (!line.startsWith(' "', from)) return { ok: true, entry }
  const referrer = readQuoted(line, from + 1)
  if (!referrer || line[referrer.end] !== ' ') return failure('tail_invalid')
  const userAgent = readQuoted(line, referrer.end + 1)
  if (!userAgent) return failure('tail_invalid')
  entry.format = 'combined'
  entry.referrer = toOptional(referrer.value)
  entry.userAgent = toOptional(userAgent.value)
  return { ok: true, entry }
}

interface Quoted {
  value: string
  /** Index after the closing quote. */
  end: number
}

/** Reads the quoted field that opens at `from`. It closes at an unescaped quote before a space or the line's end. */
function readQuoted(line: string, from: number): Quoted | undefined {
  if (line[from] !== '"') return undefined
  let quote = line.indexOf('"', from + 1)
  while (quote >= 0) {
    const endsWord = quote + 1 === line.length || line[quote + 1] === ' '
    if (endsWord && !isEscaped(line, quote)) {
      return { value: unescapeField(line.slice(from + 1, quote)), end: quote + 1 }
    }
    quote = line.indexOf('"', quote + 1)
  }
  return undefined
}

/** Returns whether an odd number of backslashes precedes the character at an index. */
function isEscaped(line: string, index: number): boolean {
  let before = index - 1
  while (line[before] === '\\') before--
  return (index - before) % 2 === 0
}

function parseRequestLine(text: string): RequestLine | undefined {
  const match = requestLine.exec(text)
  if (!match) return undefined
  const [, methodName = '', targetText = '', protocol] = match
  if (methodName !== 'CONNECT' && !target.test(targetText)) return undefined
  return { method: methodName, target: targetText, protocol }
}

function toOptional(field: string): string | undefined {
  return field === '' || field === '-' ? undefined : field
}

function failure(error: LineError): ParsedLine {
  return { ok: false, error }
}
