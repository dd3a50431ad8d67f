import type { SiteConfig } from '../config.ts'
import type { MetricsQuery, MetricsTime } from '../fetchMetrics/fetchMetrics.ts'
import type { BreakdownDimension, Granularity, RowFilter } from '../fetchMetrics/metrics.ts'
import { finestOf } from '../fetchMetrics/row-fields.ts'
import { type RangeSelection, isDateOnly } from './range-selection.ts'
import { resolveRange } from './resolve-range.ts'

/** Query of `useHistory`: that of `fetchMetrics`, or with a `range` that moves with time. */
export type HistoryQuery<
  By extends BreakdownDimension | undefined = BreakdownDimension | undefined,
  Compare extends 'previous' | undefined = 'previous' | undefined,
> = HistoryFields<By, Compare> & RowFilter<By>

export interface HistoryFields<
  By extends BreakdownDimension | undefined,
  Compare extends 'previous' | undefined,
> {
  /** Time range; replaces `from` and `to`. @default none */
  range?: RangeSelection | undefined
  /** Start of the range. @default 60 seconds, 60 minutes, 24 hours or 30 days before `to`, by granularity */
  from?: MetricsTime | undefined
  /** End of the range, exclusive. @default the end of the current bucket */
  to?: MetricsTime | undefined
  /**
   * Length of a bucket; `by` needs at least `'minute'`, and `'hour'` for dimensions that are counted by hours.
   * @default by the length of `range`, else `'minute'`; at least as long as `by` needs
   */
  granularity?: Granularity | undefined
  /** Shortest bucket that is used without `granularity`. @default 'second', or as `by` needs */
  finest?: 'minute' | 'hour' | undefined
  /** Dimension of the breakdown. @default none */
  by?: By
  /** Maximum number of rows before `(other)`, 1 to 1000, for any `by` but `'value'`. @default 1000 */
  limit?: number | undefined
  /**
   * Maximum number of rows in each bucket before `(other)`, for any `by` but `'value'`. @default no rows in the buckets
   */
  bucketLimit?: number | undefined
  /** Name of a row, such as `'/boots'`, for its numbers in each bucket. Excludes `bucketLimit`. @default none */
  row?: string | undefined
  /**
   * `'previous'` adds the totals of the range of equal length before `from`. While the last hour or day of the range has
   * not ended, the previous range ends as early. `{ day: 'today' }` is compared with yesterday up to the same time.
   * @default none
   */
  compare?: Compare
}

/** Time between refreshes of a range that includes now, in milliseconds. */
export const refreshIntervalsMs: Readonly<Record<Granularity, number>> = {
  second: 2000,
  minute: 10_000,
  hour: 60_000,
  day: 60_000,
}

/** Largest distance between the start of a date in the viewer's and in the server's time zone. */
const maxZoneDistanceMs = 26 * 60 * 60_000

/** Returns the key of a site's data. Token functions are not part of it: widgets share responses anyway. */
export function siteKeyOf({ baseUrl, siteId, token }: SiteConfig): string {
  const fixedToken = typeof token === 'string' ? token : undefined
  // `/api/` and `/api` are the same server.
  return JSON.stringify([baseUrl.replace(/\/+$/, ''), siteId, fixedToken])
}

/** Returns the key under which equal queries of a site share one cache entry. */
export function queryKeyOf(config: SiteConfig, query: HistoryQuery): string {
  const { range, from, to, granularity, finest, by, compare } = query
  const { referrer, name, property, limit, bucketLimit, row } = query
  const selection =
    range && ('last' in range ? [range.last] : 'day' in range ? [range.day] : timesOf(range))
  const times = selection ?? timesOf({ from, to })
  const rows = [by, referrer, name, property, limit, bucketLimit, row]
  // Longer ranges have no seconds anyway, so that queries with and without `finest` share a request.
  const hasNoSeconds = range && ('day' in range || ('last' in range && !isSeconds(range.last)))
  const shortest = hasNoSeconds && finest === 'minute' ? undefined : finest
  return JSON.stringify([siteKeyOf(config), times, granularity, shortest, ...rows, compare])
}

/** Returns whether a length is at most 10 minutes, which are drawn by seconds. */
function isSeconds(length: string): boolean {
  return /^(?:\d|10)m$/.test(length)
}

function timesOf({ from, to }: Pick<HistoryQuery, 'from' | 'to'>): unknown[] {
  return [from, to].map(time => (time instanceof Date ? time.getTime() : (time ?? null)))
}

/**
 * Resolves a query to the parameters of one request.
 * @param now milliseconds since 1970
 * @throws {TidemarkError} `query_invalid` for an invalid range
 */
export function toMetricsQuery(query: HistoryQuery, now: number): MetricsQuery {
  const { range, from, to, granularity, by, limit, bucketLimit, row, compare } = query
  const { referrer, name, property } = query
  const resolved = range
    ? resolveRange(range, now, granularity)
    : { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
  const bucket = granularity ?? ('granularity' in resolved ? resolved.granularity : 'minute')
  return {
    ...resolved,
    granularity: granularity ?? coarsest(bucket, query.finest, by && finestOf(by)),
    ...(by && { by }),
    // These are invalid without rows to which they apply.
    ...(referrer !== undefined && by === 'referringPage' && { referrer }),
    ...(name !== undefined &&
      by === 'property' && { name, ...(property !== undefined && { property }) }),
    ...(limit !== undefined && by && by !== 'value' && { limit }),
    ...(bucketLimit !== undefined && by && by !== 'value' && { bucketLimit }),
    ...(row !== undefined && by && { row }),
    ...(compare && { compare }),
  }
}

const granularities: readonly Granularity[] = ['second', 'minute', 'hour', 'day']

function coarsest(
  first: Granularity,
  ...others: readonly (Granularity | undefined)[]
): Granularity {
  return others.reduce<Granularity>(
    (longest, each = first) =>
      granularities.indexOf(each) > granularities.indexOf(longest) ? each : longest,
    first,
  )
}

/** Returns a key of the site and the rows of a query. The key does not contain the time range. */
export function shapeKeyOf(config: SiteConfig, query: HistoryQuery | undefined): string {
  const { by, referrer, name, property } = query ?? {}
  return JSON.stringify([siteKeyOf(config), by, referrer, name, property])
}

/**
 * Returns the time between refreshes, in milliseconds; `undefined` for a range whose end has passed.
 * @param sent the last request
 */
export function refreshIntervalOf(
  { range }: HistoryQuery,
  sent: MetricsQuery,
  now: number,
): number | undefined {
  const moves = range !== undefined && !('from' in range)
  if (!moves && sent.to !== undefined && latestTime(sent.to) <= now) return undefined
  return refreshIntervalsMs[sent.granularity ?? 'minute']
}

/** Returns the latest time that a text can mean: a date starts at another time in each time zone. */
function latestTime(time: MetricsTime): number {
  const at = new Date(time).getTime()
  return isDateOnly(time) ? at + maxZoneDistanceMs : at
}
