import type { RollupBounds } from '../rollup/bounds.ts'
import { createBreakdown, rowPrecision } from '../rollup/bucket/breakdown.ts'
import type { PartName } from '../rollup/bucket/dimensions.ts'
import { type BucketBounds, decodeBreakdown, decodeValues } from '../rollup/bucket/parts.ts'
import { type Totals, createTotals, mergeTotals } from '../rollup/bucket/totals.ts'
import { createValues } from '../rollup/bucket/values.ts'
import type { EncodedPart } from '../rollup/history/open-minutes.ts'
import type { Seconds } from '../rollup/history/seconds.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import type { Tier } from '../rollup/history/tier.ts'
import type { Tiers } from '../rollup/history/tiers.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'
import { type Granularity, endOfBucket } from './granularity.ts'
import type { BreakdownDimension, MetricsQuery, PreviousRange } from './metrics-query.ts'
import {
  type MetricsRow,
  type MetricsTotals,
  toMetricsRows,
  toMetricsTotals,
  toValueRows,
} from './rows.ts'
import { runCooperatively } from '../shared/scheduling.ts'

const secondMs = 1000

/** The stored and open buckets of a site. */
export interface History {
  readonly tiers: Pick<Tiers, 'totals' | 'sum' | 'read'>
  readonly seconds: Pick<Seconds, 'range'>
  readonly zone: TimeZone
  readonly bounds: BucketBounds & Pick<RollupBounds, 'secondsMs'>
  /** Returns the start of the first bucket of a tier that can be read, in milliseconds since 1970. */
  availableFrom(tier: Tier): number
}

export interface MetricsBucket extends MetricsTotals {
  /** Start, in milliseconds since 1970. */
  at: number
  /** With `by`, in descending order. */
  rows?: MetricsRow[]
}

/** The body of `GET metrics`. The range is half-open: it starts at `from` and ends before `to`. */
export interface MetricsAnswer {
  from: number
  to: number
  granularity: Granularity
  by?: BreakdownDimension
  /** Totals of the whole range. */
  totals: MetricsTotals
  /** With `by`, the rows of the whole range. */
  rows?: MetricsRow[]
  /** One bucket for each span of the granularity, with zeros where nothing happened. */
  buckets: MetricsBucket[]
  /** With `compare=previous`, the preceding range of the same length. */
  previous?: { from: number; to: number; totals: MetricsTotals }
}

/** Reads the answer to a query. Cooperative: long reads let other tasks run in between. */
export async function readMetrics(
  history: History,
  query: MetricsQuery,
  now: number,
): Promise<MetricsAnswer> {
  const { from, to, granularity, by } = query
  // Consistent: everything is read before the first task switch; the later steps only decode and merge.
  const totals = readTotals(history, granularity, from, to)
  const sum = readSum(history, granularity, from, to)
  const previous = query.previous && readPrevious(history, query.previous)
  const rows = by && (await runCooperatively(readRows(history, query, by, now)))
  return {
    from,
    to,
    granularity,
    ...(by && { by }),
    totals: sum,
    ...(rows && { rows: rows.all }),
    buckets: startsOf(query, history.zone).map(at => ({
      at,
      ...toMetricsTotals(totals.get(at) ?? createTotals()),
      ...(rows && { rows: rows.byStart.get(at) ?? [] }),
    })),
    ...(previous && { previous }),
  }
}

/** Returns the start of every bucket in the range. */
function startsOf({ from, to, granularity }: MetricsQuery, zone: TimeZone): number[] {
  const starts: number[] = []
  for (let at = from; at < to; at = endOfBucket(granularity, at, zone)) starts.push(at)
  return starts
}

function readTotals(
  { tiers, seconds }: History,
  granularity: Granularity,
  from: number,
  to: number,
): ReadonlyMap<number, Totals> {
  if (granularity === 'second') {
    return new Map(seconds.range(from, to).map(({ at, totals }) => [at, totals]))
  }
  const buckets = tiers.totals(granularity, from, to)
  return new Map(buckets.map(({ start, totals }) => [start, totals]))
}

function readSum(
  { tiers, seconds }: History,
  granularity: Granularity,
  from: number,
  to: number,
): MetricsTotals {
  if (granularity !== 'second') return toMetricsTotals(tiers.sum(granularity, from, to))
  const total = createTotals(rowPrecision)
  for (const { totals } of seconds.range(from, to)) mergeTotals(total, totals)
  return toMetricsTotals(total)
}

interface Rows {
  all: MetricsRow[]
  byStart: Map<number, MetricsRow[]>
}

function* readRows(
  history: History,
  query: MetricsQuery,
  by: BreakdownDimension,
  now: number,
): CooperativeTask<Rows> {
  const { from, to, granularity } = query
  if (granularity === 'second') return { all: [], byStart: new Map() }
  const part: PartName = by === 'value' ? 'values' : by
  const parts = yield* history.tiers.read(granularity, part, from, to)
  return yield* by === 'value'
    ? readValueRows(history, query, parts, now)
    : readBreakdownRows(history, query, by, parts)
}

function* readBreakdownRows(
  { bounds }: History,
  { limit }: MetricsQuery,
  by: Exclude<BreakdownDimension, 'value'>,
  parts: readonly EncodedPart[],
): CooperativeTask<Rows> {
  const all = createBreakdown(bounds.maxBreakdownRows)
  const byStart = new Map<number, MetricsRow[]>()
  for (const { start, bytes } of parts) {
    const counts = yield* decodeBreakdown(bytes, bounds)
    yield* all.merge(counts)
    byStart.set(start, toMetricsRows(by, counts, limit))
    yield
  }
  return { all: toMetricsRows(by, all, limit), byStart }
}

function* readValueRows(
  { bounds, zone }: History,
  { from, to, granularity }: MetricsQuery,
  parts: readonly EncodedPart[],
  now: number,
): CooperativeTask<Rows> {
  /** Elapsed part of a span, so that the future does not lower a rate. */
  const elapsedMs = (start: number, end: number): number =>
    Math.max(secondMs, Math.min(end, now) - start)
  const all = createValues(bounds.maxValueNames)
  const byStart = new Map<number, MetricsRow[]>()
  for (const { start, bytes } of parts) {
    const values = decodeValues(bytes, bounds)
    all.merge(values)
    byStart.set(start, toValueRows(values, elapsedMs(start, endOfBucket(granularity, start, zone))))
    yield
  }
  return { all: toValueRows(all, elapsedMs(from, to)), byStart }
}

function readPrevious(
  history: History,
  { from, to, granularity }: PreviousRange,
): NonNullable<MetricsAnswer['previous']> {
  return { from, to, totals: readSum(history, granularity, from, to) }
}
