import { afterEach, vi } from 'vitest'
import type {
  DetailedTotals,
  MetricsBucket,
  MetricsSeries,
  MetricsTotals,
} from '../fetchMetrics/metrics.ts'

const zero: MetricsTotals = {
  events: 0,
  pageViews: 0,
  visitors: 0,
  sessions: 0,
  bounces: 0,
  bounceRate: 0,
  botEvents: 0,
}

/** Creates totals; fields that are not given are 0. */
export function totalsOf(totals: Partial<DetailedTotals> = {}): DetailedTotals {
  return { ...zero, ...totals }
}

/** Creates a response of two days without events, or with the given fields. */
export function metricsOf(
  fields: Partial<Omit<MetricsSeries, 'buckets'>> & {
    buckets?: (Partial<MetricsBucket> & { at: number })[]
  } & Record<string, unknown> = {},
): MetricsSeries {
  const { buckets = [{ at: 0 }, { at: 86_400_000 }], ...others } = fields
  return {
    from: 0,
    to: 172_800_000,
    granularity: 'day',
    totals: zero,
    ...others,
    buckets: buckets.map(bucket => ({ ...zero, ...bucket })),
  }
}

export interface MetricsRequest {
  readonly site: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: HeadersInit | undefined
  readonly signal: AbortSignal | undefined
  /** Ends the request with a response. */
  respond(body: unknown, init?: ResponseInit): void
  /** Ends the request without a response. */
  fail(): void
}

/**
 * Replaces the page's `fetch` for the current test, and records the requests for history. Each request waits for
 * `respond` or `fail`.
 */
export function stubMetrics(): readonly MetricsRequest[] {
  const requests: MetricsRequest[] = []
  vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
    const url = new URL(input, 'https://page.example')
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    const signal = init?.signal ?? undefined
    signal?.addEventListener('abort', () => reject(signal.reason as Error))
    requests.push({
      site: url.pathname.split('/').at(-2) ?? '',
      query: Object.fromEntries(url.searchParams),
      headers: init?.headers,
      signal,
      respond: (body, responseInit) => resolve(Response.json(body, responseInit)),
      fail: () => reject(new TypeError('Failed to fetch')),
    })
    return promise
  })
  return requests
}

/** Restores `fetch` after each test of a file. */
export function useStubbedMetrics(): void {
  afterEach(() => void vi.unstubAllGlobals())
}
