import { historyDimensions } from '@tidemark/protocol'
import type { DetailedTotals, Granularity } from '@tidemark/widgets'
import { namesByDimension, namesOfProperty } from './names.ts'
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

/** Response to `GET metrics`, with weekly and daily waves. */
export function historyOf(query: URLSearchParams, now: number): object {
  const granularity = granularityOf(query.get('granularity'))
  const stepMs = stepsMs[granularity]
  const to = Math.ceil(timeOf(query.get('to'), now) / stepMs) * stepMs
  const first = timeOf(query.get('from'), to - defaultCounts[granularity] * stepMs)
  const from = Math.floor(first / stepMs) * stepMs
  const by = query.get('by')
  const withRows = (totals: DetailedTotals): object =>
    by ? { rows: rowsOf(by, totals, query) } : {}

  const row = query.get('row')
  const rowOf = (totals: DetailedTotals): object | null =>
    rowsOf(by ?? '', totals, query).find(each => Object.values(each)[0] === row) ?? null

  const buckets = []
  for (let at = from; at < to; at += stepMs) {
    // The current bucket has the events of its elapsed part.
    const elapsed = Math.min(1, Math.max(0, (now - at) / stepMs))
    const totals = totalsAt(at, stepMs, elapsed)
    buckets.push({
      at,
      ...totals,
      ...withRows(totals),
      ...(row !== null && { row: rowOf(totals) }),
    })
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

function totalsAt(at: number, stepMs: number, elapsed: number): DetailedTotals {
  // A day's rate is its mean; shorter buckets follow the hour.
  const rate = stepMs === stepsMs.day ? rateAt(at + 9 * 3_600_000) : rateAt(at)
  return totalsOf(Math.round((rate * stepMs * elapsed) / 1000))
}

function totalsOf(pageViews: number): DetailedTotals {
  const sessions = Math.round(pageViews * 0.31)
  const bounces = Math.round(sessions * 0.38)
  return {
    pageViews,
    events: Math.round(pageViews * 1.4),
    visitors: Math.round(pageViews * 0.27),
    sessions,
    bounces,
    bounceRate: sessions === 0 ? 0 : bounces / sessions,
    botEvents: Math.round(pageViews * 0.09),
    users: Math.round(pageViews * 0.04),
    newVisitors: Math.round(pageViews * 0.19),
    returningVisitors: Math.round(pageViews * 0.08),
    pagesPerSession: sessions === 0 ? 0 : pageViews / sessions,
    sessionMs: sessions === 0 ? 0 : 134_000 + (pageViews % 7) * 1000,
    engagedMs: sessions === 0 ? 0 : 71_000 + (pageViews % 5) * 1000,
  }
}

function sumOf(buckets: readonly DetailedTotals[]): DetailedTotals {
  return totalsOf(buckets.reduce((sum, { pageViews }) => sum + pageViews, 0))
}

const scaled = ({ pageViews }: DetailedTotals, factor: number): DetailedTotals =>
  totalsOf(Math.round(pageViews * factor))

function rowsOf(by: string, totals: DetailedTotals, query: URLSearchParams): object[] {
  if (by === 'value')
    return [valueRow('response_time', 86, totals), valueRow('order_value', 64, totals)]
  const names =
    by === 'property'
      ? namesOfProperty(query.get('name'), query.get('property'))
      : (namesByDimension.get(by) ?? {})
  // A source has the pages of its host, and visits without a page.
  const source = query.get('referrer') ?? ''
  const weights = Object.entries(names).filter(
    ([name]) => name.startsWith(source) || name === '(none)',
  )
  const shares = weights.map(([, weight]) => weight)
  const field = countFieldOf(by)
  const counts = split(countOf(by, totals), shares)
  const visitors = split(totals.visitors, shares)
  return weights.slice(0, limitOf(query)).map(([name], index) => ({
    [by]: name,
    [field]: counts[index],
    ...(field !== 'sessions' && { visitors: visitors[index] }),
    ...(by === 'property' && statsOf(64, counts[index] ?? 0)),
  }))
}

/** A query for one row of each bucket limits the rows of the range, which it does not need. */
function limitOf(query: URLSearchParams): number {
  return query.has('row') ? Infinity : Number(query.get('limit') ?? 1000)
}

function countFieldOf(by: string): string {
  const fields = new Map(
    Object.entries(historyDimensions).map(([name, { count }]) => [name, count]),
  )
  return fields.get(by) ?? 'events'
}

/** Parts of all events that a dimension counts. */
const eventShares: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ name: 1, bot: 0.06, property: 0.15, search: 0.05, outbound: 0.012 },
    ...{ download: 0.014, form: 0.02, notFound: 0.01 },
  }),
)

function countOf(by: string, { events, pageViews, sessions }: DetailedTotals): number {
  const eventShare = eventShares.get(by)
  if (eventShare !== undefined) return Math.round(events * eventShare)
  if (by === 'goal') return Math.round(sessions / 8)
  return countFieldOf(by) === 'sessions' ? sessions : pageViews
}

function valueRow(name: string, mean: number, { events }: DetailedTotals): object {
  return { name, rate: 12, ...statsOf(mean, events) }
}

function statsOf(mean: number, count: number): object {
  const shares = { min: 0.4, max: 3, last: 1.1, p50: 0.9, p75: 1.2, p90: 1.6, p95: 1.9, p99: 2.6 }
  const stats = Object.entries(shares).map(
    ([stat, share]) => [stat, Math.round(mean * share)] as const,
  )
  return { count, sum: mean * count, mean, ...Object.fromEntries<unknown>(stats) }
}
