import type { BreakdownDimension, Granularity, MetricsTotals } from '@tidemark/widgets'
import { randomOf, split } from './random.ts'

const stepsMs: Readonly<Record<Granularity, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

/** Number of buckets without `from`. */
const defaultCounts: Readonly<Record<Granularity, number>> = {
  second: 60,
  minute: 60,
  hour: 24,
  day: 30,
}

/** Names of each dimension, with their weights. */
const names: Readonly<Partial<Record<BreakdownDimension, Record<string, number>>>> = {
  path: { '/boots': 31, '/': 24, '/jackets/alpine-shell': 15, '/sale': 12, '/checkout': 8 },
  referrer: { '(direct)': 34, 'google.com': 30, 'reddit.com': 14, 'bing.com': 6 },
  country: {
    DE: 33,
    US: 24,
    FR: 13,
    JP: 9,
    BR: 8,
    GB: 6,
    IN: 5,
    SG: 4,
    CA: 3,
    ES: 3,
    IT: 2,
    AU: 2,
    MX: 1,
    PL: 0.5,
    SE: 0.3,
    ZA: 0.2,
    AR: 0.1,
    NZ: 0.04,
    EG: 0.02,
    KE: 0.01,
  },
  device: { mobile: 55, desktop: 40, tablet: 5 },
  browser: { Chrome: 52, Safari: 31, Firefox: 11, Edge: 6 },
  os: { Android: 34, iOS: 27, Windows: 24, macOS: 15 },
  campaign: { 'winter-sale': 60, newsletter: 40 },
  name: { page_view: 78, add_to_cart: 12, search: 7, sign_up: 3 },
  goal: { 'Added to cart': 70, 'Order placed': 20, 'Signed up': 10 },
}

/** Response to `GET metrics`, with weekly and daily waves. */
export function historyOf(query: URLSearchParams, now: number): object {
  const granularity = granularityOf(query.get('granularity'))
  const stepMs = stepsMs[granularity]
  const to = Math.ceil(timeOf(query.get('to'), now) / stepMs) * stepMs
  const first = timeOf(query.get('from'), to - defaultCounts[granularity] * stepMs)
  const from = Math.floor(first / stepMs) * stepMs
  const by = query.get('by')
  const limit = Number(query.get('limit') ?? 1000)
  const withRows = (totals: MetricsTotals): object =>
    by ? { rows: rowsOf(by, totals, limit) } : {}

  const buckets = []
  for (let at = from; at < to; at += stepMs) {
    // The current bucket has the events of its elapsed part.
    const elapsed = Math.min(1, Math.max(0, (now - at) / stepMs))
    const totals = totalsAt(at, stepMs, elapsed)
    buckets.push({ at, ...totals, ...withRows(totals) })
  }
  const totals = sumOf(buckets)
  return {
    from,
    to,
    granularity,
    ...(by && { by }),
    totals,
    buckets,
    ...withRows(totals),
    ...(query.has('compare') && {
      previous: { from: 2 * from - to, to: from, totals: scaled(totals, 0.88) },
    }),
  }
}

function granularityOf(text: string | null): Granularity {
  return text === 'second' || text === 'hour' || text === 'day' ? text : 'minute'
}

function timeOf(text: string | null, fallback: number): number {
  if (text === null) return fallback
  return /^\d+$/.test(text) ? Number(text) : new Date(text).getTime()
}

/** Time at which the shop has its present size; it grows by an eighth in 30 days. */
const today = Date.UTC(2026, 10, 30)

/** Page views per second at a time, up to about one. */
function rateAt(at: number): number {
  const hour = (at / 3_600_000) % 24
  const daily = 0.6 + 0.4 * Math.sin(((hour - 9) / 24) * 2 * Math.PI)
  const weekend = (Math.floor(at / stepsMs.day) + 4) % 7 < 2 ? 0.72 : 1
  const growth = Math.max(0.2, 1 + (0.125 * (at - today)) / (30 * stepsMs.day))
  return daily * weekend * growth * (0.85 + 0.3 * randomOf(at / 60_000))
}

function totalsAt(at: number, stepMs: number, elapsed: number): MetricsTotals {
  // A day's rate is its mean; shorter buckets follow the hour.
  const rate = stepMs === stepsMs.day ? rateAt(at + 9 * 3_600_000) : rateAt(at)
  return totalsOf(Math.round((rate * stepMs * elapsed) / 1000))
}

function totalsOf(pageViews: number): MetricsTotals {
  const sessions = Math.round(pageViews * 0.31)
  const bounces = Math.round(sessions * 0.38)
  return {
    pageViews,
    events: Math.round(pageViews * 1.4),
    visitors: Math.round(pageViews * 0.27),
    sessions,
    bounces,
    bounceRate: sessions === 0 ? 0 : bounces / sessions,
    botEvents: 0,
  }
}

function sumOf(buckets: readonly MetricsTotals[]): MetricsTotals {
  return totalsOf(buckets.reduce((sum, { pageViews }) => sum + pageViews, 0))
}

const scaled = ({ pageViews }: MetricsTotals, factor: number): MetricsTotals =>
  totalsOf(Math.round(pageViews * factor))

function rowsOf(by: string, totals: MetricsTotals, limit: number): object[] {
  if (by === 'value')
    return [valueRow('response_time', 86, totals), valueRow('order_value', 64, totals)]
  const weights = Object.entries(new Map(Object.entries(names)).get(by) ?? {})
  const shares = weights.map(([, weight]) => weight)
  const count = by === 'goal' ? totals.sessions : by === 'name' ? totals.events : totals.pageViews
  const counts = split(by === 'goal' ? Math.round(count / 8) : count, shares)
  const visitors = split(totals.visitors, shares)
  const countField = by === 'name' ? 'events' : by === 'goal' ? 'count' : 'pageViews'
  return weights.slice(0, limit).map(([name], index) => ({
    [by]: name,
    [countField]: counts[index],
    visitors: visitors[index],
  }))
}

function valueRow(name: string, mean: number, { events }: MetricsTotals): object {
  const shares = { min: 0.4, max: 3, last: 1.1, p50: 0.9, p75: 1.2, p90: 1.6, p95: 1.9, p99: 2.6 }
  const stats = Object.entries(shares).map(
    ([stat, share]) => [stat, Math.round(mean * share)] as const,
  )
  return {
    name,
    count: events,
    sum: mean * events,
    mean,
    rate: 12,
    ...Object.fromEntries<unknown>(stats),
  }
}
