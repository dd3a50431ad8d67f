import { type ClientReader, createClientReader, invalidClient, toForwardedList } from './client.ts'
import {
  type LogEntry,
  type ParsedLine,
  type ParserOptions,
  type RequestLine,
  failure,
} from './entry.ts'
import { hostOfTarget, joinRequest, parseRequestLine } from './request-line.ts'
import type { TimeParser } from './strftime.ts'

/**
 * Meaning of a column:
 *
 * - `address`: the client, as an address. `clientName`: the client, also as a host name. `peer`: the address of the
 *   connection, if there is no other.
 * - `forwarded`: addresses that proxies forwarded, in a list. `forwardedElements`: the header `Forwarded`.
 * - `host`: host of the request. `serverName`: name of the virtual host, if there is no other.
 * - `request`: `GET /path HTTP/1.1`. Or in parts: `method`, `target` (path and query), `path`, `query`, `protocol`.
 * - `time`: see `TimeColumn`. `user` and `ignored`: no meaning; a user name may contain spaces.
 */
export type ColumnName =
  | 'address'
  | 'clientName'
  | 'peer'
  | 'forwarded'
  | 'forwardedElements'
  | 'host'
  | 'serverName'
  | 'request'
  | 'method'
  | 'target'
  | 'path'
  | 'query'
  | 'protocol'
  | 'status'
  | 'bytes'
  | 'referrer'
  | 'userAgent'
  | 'time'
  | 'user'
  | 'ignored'

/** Values of one line by column. `undefined` for a column that the line does not have. */
export type ColumnValues = readonly (string | undefined)[]

/** Creates the entry of a line from the values of its columns. */
export type EntryReader = (values: ColumnValues) => ParsedLine

/**
 * @param columns meanings of the columns
 * @param parseTime parses the values of all `time` columns, joined by spaces
 */
export function createEntryReader(
  columns: readonly ColumnName[],
  parseTime: TimeParser,
  options: ParserOptions = {},
): EntryReader {
  const times = columns.flatMap((name, index) => (name === 'time' ? [index] : []))
  const readTime = createTimeReader(times, parseTime)
  const readClient = createClientColumns(columns, options.trustedProxies ?? [])
  const readRequest = createRequestColumns(columns)
  const readHost = createHostColumns(columns)
  const status = columns.indexOf('status')
  const bytes = columns.indexOf('bytes')
  const referrer = columns.indexOf('referrer')
  const userAgent = columns.indexOf('userAgent')

  return values => {
    const at = readTime(values)
    if (at === undefined) return failure('time_invalid')
    const client = readClient(values)
    if (client === invalidClient) return failure('client_invalid')
    const statusNumber = toStatus(values[status])
    const size = values[bytes]
    if (statusNumber === undefined || !isSize(size)) return failure('status_invalid')
    const request = readRequest(values)
    const entry: LogEntry = {
      client,
      siteHost: toSiteHost(readHost(values) ?? (request && hostOfTarget(request.target))),
      at,
      request,
      status: statusNumber,
      bytes: size === undefined || size === '-' || size === '' ? undefined : Number(size),
      hasReferrer: values[referrer] !== undefined,
      referrer: toOptional(values[referrer]),
      userAgent: toOptional(values[userAgent]),
    }
    return { ok: true, entry }
  }
}

function createTimeReader(
  columns: readonly number[],
  parseTime: TimeParser,
): (values: ColumnValues) => number | undefined {
  const [first = -1] = columns
  if (columns.length === 1) return values => parseTime(values[first] ?? '')
  return values => parseTime(columns.map(column => values[column] ?? '').join(' '))
}

function createClientColumns(
  columns: readonly ColumnName[],
  trustedProxies: readonly string[],
): (values: ColumnValues) => ReturnType<ClientReader> {
  const remote = firstOf(columns, ['address', 'clientName', 'peer'])
  const mayBeName = columns[remote] === 'clientName'
  const read = createClientReader({ mayBeName, trustedProxies })
  const forwarded = columns.indexOf('forwarded')
  const elements = columns.indexOf('forwardedElements')
  if (elements >= 0) return values => read(values[remote], toForwardedList(values[elements] ?? ''))
  return values => read(values[remote], values[forwarded])
}

function createRequestColumns(
  columns: readonly ColumnName[],
): (values: ColumnValues) => RequestLine | undefined {
  const request = columns.indexOf('request')
  if (request >= 0) return values => parseRequestLine(values[request] ?? '')
  const method = columns.indexOf('method')
  const target = firstOf(columns, ['target', 'path'])
  const query = columns[target] === 'path' ? columns.indexOf('query') : -1
  const protocol = columns.indexOf('protocol')
  return values => {
    const search = toOptional(values[query])?.replace(/^\?/, '') ?? ''
    const path = values[target] ?? ''
    const methodName = method < 0 ? 'GET' : (values[method] ?? '')
    return joinRequest(methodName, search === '' ? path : `${path}?${search}`, values[protocol])
  }
}

function createHostColumns(
  columns: readonly ColumnName[],
): (values: ColumnValues) => string | undefined {
  const host = columns.indexOf('host')
  const serverName = columns.indexOf('serverName')
  return values => toOptional(values[host]) ?? toOptional(values[serverName])
}

function firstOf(columns: readonly ColumnName[], names: readonly ColumnName[]): number {
  return names.map(name => columns.indexOf(name)).find(index => index >= 0) ?? -1
}

/** `Shop.example:443` → `shop.example`. */
function toSiteHost(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  return text.replace(/:\d{1,5}$/, '').toLowerCase() || undefined
}

/** Some servers write 0 or `-` for a connection that ended before a response. */
function toStatus(text: string | undefined): number | undefined {
  if (text === '-') return 0
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : undefined
}

function isSize(text: string | undefined): boolean {
  return text === undefined || text === '-' || text === '' || /^\d+$/.test(text)
}

function toOptional(text: string | undefined): string | undefined {
  return text === '' || text === '-' ? undefined : text
}
