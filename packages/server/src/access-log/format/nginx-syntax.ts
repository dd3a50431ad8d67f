import type { ColumnName } from './entry-reader.ts'
import type { FormatField, FormatPart } from './format-part.ts'
import { parseLogTime } from './parse-time.ts'
import { epochTime, parseIsoTime } from './strftime.ts'

/**
 * Variables of nginx's `log_format`; all others are ignored.
 * @see https://nginx.org/en/docs/http/ngx_http_core_module.html#variables
 * @see https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format
 */
const columns: ReadonlyMap<string, ColumnName> = new Map<string, ColumnName>([
  ['remote_addr', 'address'],
  ['realip_remote_addr', 'peer'],
  ['proxy_protocol_addr', 'forwarded'],
  ['http_x_forwarded_for', 'forwarded'],
  ['proxy_add_x_forwarded_for', 'forwarded'],
  ['http_x_real_ip', 'forwarded'],
  ['http_cf_connecting_ip', 'forwarded'],
  ['http_true_client_ip', 'forwarded'],
  ['http_forwarded', 'forwardedElements'],
  ['remote_user', 'user'],
  ['host', 'host'],
  ['http_host', 'host'],
  ['server_name', 'serverName'],
  ['request', 'request'],
  ['request_method', 'method'],
  ['request_uri', 'target'],
  ['uri', 'path'],
  ['document_uri', 'path'],
  ['args', 'query'],
  ['query_string', 'query'],
  ['server_protocol', 'protocol'],
  ['status', 'status'],
  ['body_bytes_sent', 'bytes'],
  ['bytes_sent', 'bytes'],
  ['http_referer', 'referrer'],
  ['http_user_agent', 'userAgent'],
])

const times: ReadonlyMap<string, FormatField['time']> = new Map([
  ['time_local', parseLogTime],
  ['time_iso8601', parseIsoTime],
  ['msec', epochTime(1000)],
])

export const nginxSyntax = {
  /** Removes `log_format NAME` and joins the quoted texts of the directive. */
  toString(text: string): string {
    const body = text.replace(/^log_format\s+\S+\s+(?:escape=\w+\s+)?/, '').replace(/\s*;$/, '')
    const isQuoted = /^'[^]*'$/.test(body)
    if (!isQuoted) return body
    const pieces = body.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/gs)
    return Array.from(pieces, ([, single, double]) => unquote(single ?? double ?? '')).join('')
  },

  toParts(text: string): FormatPart[] {
    // `$is_args` is the question mark between `$uri` and `$args`.
    const source = text.replaceAll(/\$\{?is_args\}?\$/g, '$')
    const parts: FormatPart[] = []
    let end = 0
    for (const match of source.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)) {
      const [variable, braced, plain = ''] = match
      parts.push(source.slice(end, match.index), toField(variable, braced ?? plain))
      end = match.index + variable.length
    }
    return [...parts, source.slice(end)]
  },
} as const

function unquote(text: string): string {
  return text.replace(/\\(['"\\])/g, '$1')
}

function toField(text: string, name: string): FormatField {
  const time = times.get(name)
  return time ? { column: 'time', text, time } : { column: columns.get(name) ?? 'ignored', text }
}
