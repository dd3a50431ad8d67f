import { isObject } from '@tidemark/protocol'
import { type LineParser, type LogFormat, type ParserOptions, failure } from './entry.ts'
import { type ColumnName, type ColumnValues, createEntryReader } from './entry-reader.ts'
import { type TimeParser, epochTime, parseIsoTime } from './strftime.ts'

type JsonObject = Readonly<Record<string, unknown>>

const columns: readonly ColumnName[] = [
  ...(['time', 'address', 'forwarded', 'host', 'method', 'target', 'protocol'] as const),
  ...(['status', 'bytes', 'referrer', 'userAgent'] as const),
]

/** Parses seconds since 1970, or a time of ISO 8601. */
const seconds = epochTime(1000)
const parseTime: TimeParser = text => seconds(text) ?? parseIsoTime(text)

/** @param read returns the values of the columns; `undefined` for an object that is no request */
function jsonFormat(name: string, read: (line: JsonObject) => ColumnValues | undefined): LogFormat {
  return { name, createParser: options => createJsonParser(read, options) }
}

function createJsonParser(
  read: (line: JsonObject) => ColumnValues | undefined,
  options?: ParserOptions,
): LineParser {
  const readEntry = createEntryReader(columns, parseTime, options)
  return {
    parse(line) {
      const object = parseObject(line)
      const values = object && read(object)
      return values ? readEntry(values) : failure('json_invalid')
    },
  }
}

/** Returns a JSON object; `undefined` for any other text. */
export function parseObject(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Caddy's access log. `client_ip` is the client behind trusted proxies; before Caddy 2.7, `remote_ip` is the peer, and
 * before 2.5, `remote_addr` has its port.
 */
export const caddyJson: LogFormat = jsonFormat('caddy-json', ({ ts, request, status, size }) => {
  if (!isObject(request)) return undefined
  const headers = isObject(request['headers']) ? request['headers'] : {}
  const hasHeaders = isObject(request['headers'])
  return [
    textOf(ts),
    textOf(request['client_ip'] ?? request['remote_ip'] ?? request['remote_addr']),
    undefined,
    textOf(request['host']),
    textOf(request['method']),
    textOf(request['uri']),
    textOf(request['proto']),
    textOf(status),
    textOf(size),
    hasHeaders ? (headerOf(headers, 'Referer') ?? '') : undefined,
    headerOf(headers, 'User-Agent'),
  ]
})

/** Traefik's access log. Headers are in it only if Traefik is configured to keep them. */
export const traefikJson: LogFormat = jsonFormat('traefik-json', line => {
  const client = line['ClientHost'] ?? line['ClientAddr']
  if (client === undefined) return undefined
  const hasHeaders = Object.keys(line).some(key => key.startsWith('request_'))
  return [
    textOf(line['StartUTC'] ?? line['StartLocal'] ?? line['time']),
    textOf(client),
    headerOf(line, 'request_X-Forwarded-For'),
    textOf(line['RequestHost'] ?? line['RequestAddr']),
    textOf(line['RequestMethod']),
    textOf(line['RequestPath']),
    textOf(line['RequestProtocol']),
    textOf(line['DownstreamStatus'] ?? line['OriginStatus']),
    textOf(line['DownstreamContentSize']),
    hasHeaders ? (headerOf(line, 'request_Referer') ?? '') : undefined,
    headerOf(line, 'request_User-Agent'),
  ]
})

/** Returns a header in any case. Caddy writes a list of values. */
function headerOf(headers: JsonObject, name: string): string | undefined {
  const key =
    name in headers
      ? name
      : Object.keys(headers).find(each => each.toLowerCase() === name.toLowerCase())
  const value = key === undefined ? undefined : headers[key]
  return textOf(Array.isArray(value) ? value[0] : value)
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.toWellFormed()
  return typeof value === 'number' ? String(value) : undefined
}
