import {
  type ChannelName,
  type Snapshot,
  type WindowMinutes,
  errors,
  isObject,
} from '@tidemark/protocol'
import type { TokenSource } from '@tidemark/sdk/live'
import { isErrorCode } from '../text/error-text.ts'
import { DashboardError } from './dashboard-error.ts'
import { type DashboardMetrics, type Granularity, isMetrics, isSnapshot } from './answers.ts'

export interface DashboardConfig {
  /** Where the server's API is mounted. */
  baseUrl: string
  siteId: string
  /** The token that the server asks for, or a function that gives one. @default none */
  token?: TokenSource
}

export interface RealtimeQuery {
  realtime: true
  /** What to read. @default every channel that the server has */
  channels?: readonly ChannelName[]
  /** Window of the windowed channels, in minutes. @default 5 */
  minutes?: WindowMinutes
  signal?: AbortSignal
  /** @default the global `fetch` */
  fetch?: typeof globalThis.fetch
}

export interface MetricsQuery {
  realtime?: false
  /** Start of the time that is asked for: a date, or milliseconds since 1970. @default 24 hours before `endDate` */
  startDate?: Date | number
  /** End of it. @default now */
  endDate?: Date | number
  /** Length of a bucket. @default 'minute' */
  granularity?: Granularity
  signal?: AbortSignal
  /** @default the global `fetch` */
  fetch?: typeof globalThis.fetch
}

const dayMs = 86_400_000

/**
 * Reads a site's data once: what happens now, with `{ realtime: true }`, or what happened in some time,
 * the last 24 hours unless told otherwise.
 *
 * What happens now is asked for conditionally (`cache: 'no-cache'`), so that an unchanged answer comes
 * from the browser's own cache.
 *
 * @throws {DashboardError} when the server refuses, cannot be reached, or answers something else
 */
export function fetchDashboardData(
  config: DashboardConfig,
  query: RealtimeQuery,
): Promise<{ realtime: Snapshot }>
export function fetchDashboardData(
  config: DashboardConfig,
  query?: MetricsQuery,
): Promise<{ metrics: DashboardMetrics }>
export async function fetchDashboardData(
  config: DashboardConfig,
  query: RealtimeQuery | MetricsQuery = {},
): Promise<{ realtime: Snapshot } | { metrics: DashboardMetrics }> {
  return query.realtime
    ? { realtime: await fetchSnapshot(config, query) }
    : { metrics: await fetchMetrics(config, query) }
}

async function fetchSnapshot(config: DashboardConfig, query: RealtimeQuery): Promise<Snapshot> {
  const parameters = new URLSearchParams()
  if (query.channels) parameters.set('channels', query.channels.join(','))
  if (query.minutes) parameters.set('minutes', String(query.minutes))
  const answer = await fetchJson(config, siteUrl(config, 'realtime', parameters), query)
  if (!isSnapshot(answer)) throw notOurs()
  return answer
}

async function fetchMetrics(
  config: DashboardConfig,
  query: MetricsQuery,
): Promise<DashboardMetrics> {
  const to = Number(query.endDate ?? Date.now())
  const from = Number(query.startDate ?? to - dayMs)
  const granularity = query.granularity ?? 'minute'
  const parameters = new URLSearchParams({ from: String(from), to: String(to), granularity })
  const answer = await fetchJson(config, siteUrl(config, 'metrics', parameters), query)
  if (!isMetrics(answer)) throw notOurs()
  return answer
}

function siteUrl(config: DashboardConfig, leaf: string, parameters: URLSearchParams): string {
  const base = config.baseUrl.replace(/\/+$/, '')
  const query = parameters.size > 0 ? `?${parameters}` : ''
  return `${base}/sites/${encodeURIComponent(config.siteId)}/${leaf}${query}`
}

async function fetchJson(
  { token }: DashboardConfig,
  url: string,
  query: RealtimeQuery | MetricsQuery,
): Promise<unknown> {
  const { signal, fetch = globalThis.fetch } = query
  const bearer = typeof token === 'function' ? await token() : token
  // Without a header of our own a request needs no preflight.
  const headers = bearer === undefined ? {} : { headers: { Authorization: `Bearer ${bearer}` } }
  let response: Response
  try {
    response = await fetch(url, { cache: 'no-cache', ...headers, ...(signal && { signal }) })
  } catch (cause) {
    // Giving up is the caller's own doing, and no fault of the network.
    if (signal?.aborted) throw cause
    throw new DashboardError('network', 'The server does not answer.', undefined, cause)
  }
  const body: unknown = await response.json().catch((cause: unknown) => {
    if (signal?.aborted) throw cause
    return undefined
  })
  if (response.ok) return body
  throw toError(response.status, body)
}

function toError(status: number, body: unknown): DashboardError {
  if (!isObject(body) || !isErrorCode(body['code'])) return notOurs(status)
  const { code, detail } = body
  return new DashboardError(code, typeof detail === 'string' ? detail : errors[code].title, status)
}

function notOurs(status?: number): DashboardError {
  return new DashboardError('answer_invalid', 'The answer is not one of a Tidemark server.', status)
}
