import type { SiteConfig } from '../config.ts'
import type { MetricsQuery } from '../fetchMetrics/fetchMetrics.ts'
import type { MetricsSeries } from '../fetchMetrics/metrics.ts'
import { TidemarkError } from '../request/tidemark-error.ts'
import type { CompareElapsed } from './elapsed-comparison.ts'
import {
  type HistoryQuery,
  refreshIntervalOf,
  refreshIntervalsMs,
  toMetricsQuery,
} from './history-query.ts'
import type { HistoryPage } from './page-events.ts'

/** Time after which a request without a response fails, in milliseconds. */
const requestTimeoutMs = 30_000

export type LoadMetrics = (
  config: SiteConfig,
  query: MetricsQuery,
  signal: AbortSignal,
) => Promise<MetricsSeries>

/** Result of one request. */
export type HistoryResult = ({ data: MetricsSeries } | { error: TidemarkError }) & {
  /** Time until the range has changed; `undefined` for a past range. */
  readonly intervalMs: number | undefined
}

export interface HistoryRequest {
  readonly load: LoadMetrics
  readonly page: HistoryPage
  readonly compareElapsed: CompareElapsed
  /** Cancels the request. */
  readonly controller: AbortController
}

/** Sends the requests for a query. Never rejects. */
export async function requestHistory(
  config: SiteConfig,
  query: HistoryQuery,
  { load, page, compareElapsed, controller }: HistoryRequest,
): Promise<HistoryResult> {
  const timeout = page.setTimeout(() => controller.abort(), requestTimeoutMs)
  const send = (sent: MetricsQuery): Promise<MetricsSeries> => load(config, sent, controller.signal)
  let intervalMs: number | undefined = refreshIntervalsMs.hour
  try {
    const now = page.now()
    const sent = toMetricsQuery(query, now)
    intervalMs = refreshIntervalOf(query, sent, now)
    const data = await compareElapsed(await send(sent), now, send)
    return { data, intervalMs }
  } catch (cause) {
    return { error: toError(cause, config), intervalMs }
  } finally {
    page.clearTimeout(timeout)
  }
}

/** An error without a code is the abort of a request that took too long. */
function toError(cause: unknown, { baseUrl }: SiteConfig): TidemarkError {
  if (cause instanceof TidemarkError) return cause
  return new TidemarkError('network', `The server does not answer: ${baseUrl}`, { cause })
}
