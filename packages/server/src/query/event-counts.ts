import type { RollupBounds } from '../rollup/bounds.ts'
import { createTotals, mergeTotals } from '../rollup/bucket/totals.ts'
import { type Tier, startOfSpan, tiers as allTiers } from '../rollup/history/tier.ts'
import { type TimeZone, createTimeZone } from '../rollup/history/time-zone.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import { mergeBreakdowns } from './answer-rows.ts'
import type { AnswerWriter } from './answer-writer.ts'
import { endOfBucket } from './granularity.ts'
import type { History } from './metrics-answer.ts'
import type { QueryFailure } from './metrics-query.ts'
import { parseMetricsQuery } from './parse-query.ts'
import { rangeMessage, unknownParameter, unknownValue } from './query-messages.ts'
import { toMetricsRows } from './rows.ts'

/** Events of one minute, hour or day in UTC. */
export interface EventCounts {
  /** Start in UTC: `2024-01-15T10:30`, `2024-01-15T10` or `2024-01-15`. */
  key: string
  totalEvents: number
  uniqueVisitors: number
  /** Number of events by name. Names without a row of their own share `(other)`. */
  eventCounts: Readonly<Record<string, number>>
}

/** A range of whole buckets in UTC, in milliseconds since 1970. */
export interface CountsQuery {
  readonly from: number
  readonly to: number
  readonly granularity: Tier
  /** The boundaries for the answer: as the client has written them, else in ISO 8601. */
  readonly shown: { readonly from: string; readonly to: string }
}

const utc = createTimeZone('UTC')

/** Characters of an ISO time that name a bucket. */
const keyLength: Readonly<Record<Tier, number>> = { minute: 16, hour: 13, day: 10 }
const parameters = ['from', 'to', 'granularity']

/** Parses the parameters of `GET /metrics`, the history of the default site. */
export function parseCountsQuery(
  params: URLSearchParams,
  {
    zone,
    bounds,
    availableFrom,
  }: Pick<History, 'zone' | 'availableFrom'> & {
    bounds: Pick<RollupBounds, 'secondsMs'>
  },
  now: number,
): { ok: true; query: CountsQuery } | QueryFailure {
  const unknown = [...params.keys()].find(name => !parameters.includes(name))
  if (unknown !== undefined) return fail(unknownParameter(unknown, parameters))
  const text = params.get('granularity') ?? 'minute'
  const granularity = allTiers.find(tier => tier === text)
  if (!granularity) return fail(unknownValue('granularity', text, allTiers))
  const parsed = parseMetricsQuery(params, {
    ...{ zone: utc, now },
    availableFrom: {
      second: now - bounds.secondsMs,
      minute: availableFrom('minute'),
      hour: availableFrom('hour'),
      day: availableFrom('day'),
    },
  })
  if (!parsed.ok) return parsed
  const { from: requested, to } = parsed.query
  const from = findFirstStored(granularity, { from: requested, to }, zone, availableFrom)
  // A range without a start begins with the first stored bucket.
  if (from > requested && (params.has('from') || from >= to)) {
    const problem = { kind: 'expired', granularity, from: requested, availableFrom: from } as const
    return fail(rangeMessage(problem, undefined))
  }
  const shown = {
    from: params.get('from') ?? new Date(from).toISOString(),
    to: params.get('to') ?? new Date(to).toISOString(),
  }
  return { ok: true, query: { from, to, granularity, shown } }
}

/** Writes the counts of all buckets that have events, a bucket per step. */
export function* writeCounts(
  history: History,
  { from, to, granularity, shown }: CountsQuery,
  minCount: number,
  writer: AnswerWriter,
): CooperativeTask<void> {
  writer.text('{"data":[')
  let separator = ''
  for (let at = from; at < to; at = endOfBucket(granularity, at, utc)) {
    const counts = yield* readCounts(history, granularity, at, minCount)
    if (counts.totalEvents === 0) continue
    writer.text(separator)
    writer.json(counts)
    separator = ','
  }
  writer.text(`],"granularity":"${granularity}",`)
  writer.text(`"from":${JSON.stringify(shown.from)},"to":${JSON.stringify(shown.to)}}`)
}

/**
 * Reads the counts of a bucket.
 * @param from its start, in milliseconds since 1970
 * @param minCount the counts of fewer visitors are hidden; 0 hides none
 */
export function* readCounts(
  { tiers, zone, bounds }: Pick<History, 'tiers' | 'zone' | 'bounds'>,
  granularity: Tier,
  from: number,
  minCount: number,
): CooperativeTask<EventCounts> {
  const to = endOfBucket(granularity, from, utc)
  const key = new Date(from).toISOString().slice(0, keyLength[granularity])
  const tier = findSource(granularity, from, to, zone)
  const sum = createTotals()
  for (const { totals } of tiers.totals(tier, from, to)) mergeTotals(sum, totals)
  yield
  const uniqueVisitors = sum.visitors.count()
  if (sum.events === 0 || (minCount > 1 && uniqueVisitors < minCount)) {
    return { key, totalEvents: 0, uniqueVisitors: 0, eventCounts: {} }
  }
  const parts = yield* tiers.read(tier, 'name', from, to)
  const table = yield* mergeBreakdowns('name', parts, bounds)
  const counts = new Map<string, number>()
  for (const row of toMetricsRows('name', table, bounds.maxBreakdownRows, minCount)) {
    // A real event may be named `(other)`.
    counts.set(row.name, (counts.get(row.name) ?? 0) + row.events)
  }
  // `fromEntries` defines a property of its own for each name, also for `__proto__`.
  const eventCounts = Object.fromEntries(counts)
  return { key, totalEvents: sum.events, uniqueVisitors, eventCounts }
}

/**
 * Returns the coarsest tier whose stored buckets fill a bucket in UTC exactly. In a time zone other than UTC, a day in
 * UTC is the sum of hours, or of minutes where the offset is no whole hour.
 */
function findSource(granularity: Tier, from: number, to: number, zone: TimeZone): Tier {
  const isStart = (tier: Tier, at: number): boolean => startOfSpan(tier, at, zone) === at
  const candidates = allTiers.slice(0, allTiers.indexOf(granularity) + 1).toReversed()
  return candidates.find(tier => isStart(tier, from) && isStart(tier, to)) ?? 'minute'
}

/** Returns the start of the first bucket of a range from which on all are stored. */
function findFirstStored(
  granularity: Tier,
  { from, to }: { from: number; to: number },
  zone: TimeZone,
  availableFrom: (tier: Tier) => number,
): number {
  let first = from
  for (let at = from; at < to;) {
    const end = endOfBucket(granularity, at, utc)
    if (at < availableFrom(findSource(granularity, at, end, zone))) first = end
    at = end
  }
  return first
}

function fail(message: string): QueryFailure {
  return { ok: false, code: 'query_invalid', message }
}
