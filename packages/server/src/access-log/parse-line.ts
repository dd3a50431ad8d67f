import type { LineError, LogEntry, ParsedLine, RequestLine } from './entry.ts'
import { parseLogTime } from './parse-time.ts'
import { unescapeField } from './unescape.ts'

/**
 * Host, identity, user and time, and before them, as in Debian's `vhost_combined`, the site's name with
 * its port. The user may have spaces in it. Identity and user are not read: they name people.
 */
const head = /^(?:[^\s:]+:\d{1,5} (?=\S+ \S+ \S+ \[))?(\S+) \S+ .+? \[([^\]]{0,40})\] /

const statusAndSize = /^ (\d{3}) (\d+|-)(?= |$)/

/** RFC 9110, section 5.6.2: what a method may be made of. */
const method = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"

const requestLine = new RegExp(`^(${method}) (.+?)(?: (HTTP/\\d(?:\\.\\d)?))?$`, 's')

/** A path, an absolute address, or `*`. `CONNECT` has `host:port`. */
const target = /^(?:\/|[A-Za-z][A-Za-z0-9+.-]*:\/\/|\*$)/

/**
 * Reads one line of an access log in Common or Combined Log Format, whichever it is:
 *
 *     host identity user [day/month/year:hour:minute:second zone] "request" status size
 *     … "referrer" "user agent"
 *
 * A `-` stands for nothing. What follows the user agent, or an unquoted field after the size, is some
 * server's own addition and is not read. Quoted fields are unescaped as Apache and nginx escape them.
 * @see https://httpd.apache.org/docs/2.4/logs.html#accesslog
 */
export function parseLogLine(line: string): ParsedLine {
  const start = head.exec(line)
  if (!start) return failed('head_invalid')
  const [matched, host = '', time = ''] = start
  const at = parseLogTime(time)
  if (at === undefined) return failed('time_invalid')

  const request = readQuoted(line, matched.length)
  if (!request) return failed('request_invalid')
  const answer = statusAndSize.exec(line.slice(request.end))
  if (!answer) return failed('status_invalid')
  const [answerText, status, size] = answer

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
  return addTail(entry, line, request.end + answerText.length)
}

function addTail(entry: LogEntry, line: string, from: number): ParsedLine {
  if (!line.startsWith(' "', from)) return { ok: true, entry }
  const referrer = readQuoted(line, from + 1)
  if (!referrer || line[referrer.end] !== ' ') return failed('tail_invalid')
  const userAgent = readQuoted(line, referrer.end + 1)
  if (!userAgent) return failed('tail_invalid')
  entry.format = 'combined'
  entry.referrer = orNothing(referrer.value)
  entry.userAgent = orNothing(userAgent.value)
  return { ok: true, entry }
}

interface Quoted {
  value: string
  /** Where the field ends: after its closing quote. */
  end: number
}

/** The quoted field that opens at `from`. It closes at a quote that is not escaped and ends a word. */
function readQuoted(line: string, from: number): Quoted | undefined {
  if (line[from] !== '"') return undefined
  let at = line.indexOf('"', from + 1)
  while (at >= 0) {
    const endsWord = at + 1 === line.length || line[at + 1] === ' '
    if (endsWord && !isEscaped(line, at)) {
      return { value: unescapeField(line.slice(from + 1, at)), end: at + 1 }
    }
    at = line.indexOf('"', at + 1)
  }
  return undefined
}

/** Whether an odd number of backslashes is before it; there is none before a field. */
function isEscaped(line: string, at: number): boolean {
  let before = at - 1
  while (line[before] === '\\') before--
  return (at - before) % 2 === 0
}

function parseRequestLine(text: string): RequestLine | undefined {
  const match = requestLine.exec(text)
  if (!match) return undefined
  const [, name = '', to = '', protocol] = match
  if (name !== 'CONNECT' && !target.test(to)) return undefined
  return { method: name, target: to, protocol }
}

function orNothing(field: string): string | undefined {
  return field === '' || field === '-' ? undefined : field
}

function failed(error: LineError): ParsedLine {
  return { ok: false, error }
}
