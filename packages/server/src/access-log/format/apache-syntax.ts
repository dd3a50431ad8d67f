import type { ColumnName } from './entry-reader.ts'
import type { FormatField, FormatPart } from './format-part.ts'
import { parseLogTime } from './parse-time.ts'
import { epochTime } from './strftime.ts'

/**
 * Directives of Apache's `LogFormat` without an argument; all others are ignored.
 * @see https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats
 */
const columns: ReadonlyMap<string, ColumnName> = new Map<string, ColumnName>([
  ['a', 'address'],
  ['h', 'clientName'],
  ['u', 'user'],
  ['v', 'serverName'],
  ['V', 'host'],
  ['r', 'request'],
  ['m', 'method'],
  ['U', 'path'],
  ['q', 'query'],
  ['H', 'protocol'],
  ['s', 'status'],
  ['b', 'bytes'],
  ['B', 'bytes'],
  ['O', 'bytes'],
])

/** Request headers, in lower case: `%{Referer}i`. */
const headers: ReadonlyMap<string, ColumnName> = new Map<string, ColumnName>([
  ['referer', 'referrer'],
  ['user-agent', 'userAgent'],
  ['host', 'host'],
  ['x-forwarded-for', 'forwarded'],
  ['x-real-ip', 'forwarded'],
  ['cf-connecting-ip', 'forwarded'],
  ['true-client-ip', 'forwarded'],
  ['forwarded', 'forwardedElements'],
])

const epochs: ReadonlyMap<string, FormatField['time']> = new Map([
  ['sec', epochTime(1000)],
  ['msec', epochTime(1)],
  ['usec', epochTime(0.001)],
])

/** `%>s`, `%{Referer}i`, `%400,501{User-agent}i`, `%^FB`, `%%`. */
const directive = /%(?:(%)|[!\d,<>]*(?:\{([^}]*)\})?(\^[A-Z]{2}|[a-zA-Z]))/g

export const apacheSyntax = {
  /** Removes `LogFormat`, the nickname and the quotes of the directive. */
  toString(text: string): string {
    const [, quoted] =
      /^(?:(?:LogFormat|CustomLog\s+\S+)\s+)?"((?:[^"\\]|\\.)*)"(?:\s+\S+)?$/s.exec(text) ?? []
    return (quoted ?? text).replace(/\\(["\\])/g, '$1').replaceAll('\\t', '\t')
  },

  toParts(text: string): FormatPart[] {
    const parts: FormatPart[] = []
    let end = 0
    for (const match of text.matchAll(directive)) {
      const [written, percent, argument, name = ''] = match
      parts.push(
        text.slice(end, match.index),
        ...(percent ? ['%'] : toPart(written, name, argument)),
      )
      end = match.index + written.length
    }
    return [...parts, text.slice(end)]
  },
} as const

function toPart(text: string, name: string, argument: string | undefined): FormatPart[] {
  if (name === 't') return toTime(text, argument)
  if (name === 'i') {
    return [{ column: headers.get(argument?.toLowerCase() ?? '') ?? 'ignored', text }]
  }
  // `%{c}a` is the peer of the connection, where `%a` is the client that mod_remoteip found.
  if (name === 'a' && argument === 'c') return [{ column: 'peer', text }]
  return [{ column: (argument === undefined && columns.get(name)) || 'ignored', text }]
}

/** `%t` has brackets. A format may be split: `%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t`. */
function toTime(text: string, argument: string | undefined): FormatPart[] {
  if (argument === undefined || argument === '') {
    return ['[', { column: 'time', text, time: parseLogTime }, ']']
  }
  const format = argument.replace(/^(?:begin|end):/, '')
  if (/^[mu]sec_frac$/.test(format)) return [{ column: 'ignored', text }]
  return [{ column: 'time', text, time: epochs.get(format) ?? format }]
}
