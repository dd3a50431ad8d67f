import { type PropertyValueRow, type ValueStats, historyDimensions } from '@tidemark/protocol'
import type { Dimension } from '../rollup/bucket/dimensions.ts'
import { type BreakdownRow, rank, sumRows } from '../rollup/bucket/breakdown.ts'
import type { Totals } from '../rollup/bucket/totals.ts'
import type { Values } from '../rollup/bucket/values.ts'
import type { CountedNames } from './referring-pages.ts'

/** Totals of a bucket or a range. */
export interface MetricsTotals {
  events: number
  pageViews: number
  /** Distinct visitors. A visitor of several buckets counts once in the range. */
  visitors: number
  /** Sessions that started in the bucket or range. */
  sessions: number
  /** Started sessions with a single event. */
  bounces: number
  /** Bounces per session, from 0 to 1; 0 without sessions. */
  bounceRate: number
  /** Events of bots. No other number includes them. */
  botEvents: number
}

/** Figures of people, in the totals of a range and in the buckets of hours and days. */
export interface PeopleTotals {
  /** Distinct users that the site knows by `userId`. */
  users: number
  /** Distinct visitors on the day on which their browser stored their id. */
  newVisitors: number
  /** Distinct visitors on a later day. */
  returningVisitors: number
  /** Mean page views of the sessions that started in the bucket or range; 0 without sessions, as the next two. */
  pagesPerSession: number
  /** Mean time from the first to the last event of these sessions, in milliseconds. */
  sessionMs: number
  /** Mean time of these sessions in which a page was visible and had the focus, in milliseconds. */
  engagedMs: number
}

/** Sessions change their page, which a set of visitors cannot follow, so their rows have none. */
type VisitorsOf<Name extends Dimension> =
  (typeof historyDimensions)[Name]['count'] extends 'sessions' ? object : { visitors: number }

/** Name, count and visitors of a row by a dimension. */
export type CountedRow<By extends Dimension = Dimension> = {
  [Name in Dimension]: Record<Name, string> &
    Record<(typeof historyDimensions)[Name]['count'], number> &
    VisitorsOf<Name> & {
      /** Marks the row for all names that are not listed. */
      rest?: true
    }
}[By]

/** Summary of the values of one event name. `rate` is in events per second. */
export type ValueMetricsRow = { name: string; rate: number } & ValueStats
export type MetricsRow = CountedRow | PropertyValueRow | ValueMetricsRow

export function toMetricsTotals({ visitors, ...totals }: Totals): MetricsTotals {
  const { events, pageViews, sessions, bounces, botEvents } = totals
  const bounceRate = sessions > 0 ? bounces / sessions : 0
  return { events, pageViews, visitors: visitors.count(), sessions, bounces, bounceRate, botEvents }
}

export function toDetailedTotals(totals: Totals): MetricsTotals & PeopleTotals {
  const { audience, sessions, sessionViews, sessionMs, engagedMs } = totals
  const perSession = (sum: number): number => (sessions > 0 ? Math.max(0, sum) / sessions : 0)
  return {
    ...toMetricsTotals(totals),
    users: audience?.users.count() ?? 0,
    newVisitors: audience?.newVisitors.count() ?? 0,
    returningVisitors: audience?.returningVisitors.count() ?? 0,
    pagesPerSession: perSession(sessionViews),
    sessionMs: Math.round(perSession(sessionMs)),
    engagedMs: Math.round(perSession(engagedMs)),
  }
}

/**
 * Returns at most `limit` rows with the highest counts, ties by name, and one row for the rest.
 * @param minCount rows with fewer visitors are part of the rest, and a rest with fewer is left out. @default 0
 */
export function toMetricsRows<By extends Dimension>(
  dimension: By,
  counts: CountedNames,
  limit: number,
  minCount = 0,
): CountedRow<By>[] {
  const isLarge = (row: BreakdownRow): boolean => isVisible(dimension, row, minCount)
  // Counts that were taken back, from a name whose other counts are in `other`.
  const [positive, taken] = split(rank(counts.rows), ([, row]) => row.count > 0)
  const [large, small] = split(positive, ([, row]) => isLarge(row))
  const listed = large.slice(0, limit)
  const unlisted = [...large.slice(limit), ...small, ...taken].map(([, row]) => row)
  let rest = sumRows([counts.other, ...unlisted])
  while (rest.count < 0 && listed.length > 0) {
    const smallest = listed.pop()
    if (smallest) rest = sumRows([rest, smallest[1]])
  }
  const rows = listed.map(([name, row]) => toRow(dimension, name, row))
  return rest.count > 0 && isLarge(rest)
    ? [...rows, { ...toRow(dimension, '(other)', rest), rest: true }]
    : rows
}

/** Returns whether a row has enough visitors, or sessions where visitors are not counted. */
function isVisible(
  dimension: Dimension,
  { count, visitors }: BreakdownRow,
  minCount: number,
): boolean {
  if (minCount <= 1) return true
  return (historyDimensions[dimension].count === 'sessions' ? count : visitors.count()) >= minCount
}

function split<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter(item => !isFirst(item))]
}

/**
 * Returns the row of one name, with zeros if the name has no events; `undefined` if its events may be among those
 * without a row.
 * @param minCount a row with fewer visitors is like one without events. @default 0
 */
export function toMetricsRow<By extends Dimension>(
  dimension: By,
  counts: CountedNames,
  name: string,
  minCount = 0,
): CountedRow<By> | undefined {
  const row = counts.rows.get(name)
  if (row && row.count > 0 && isVisible(dimension, row, minCount))
    return toRow(dimension, name, row)
  return counts.other.count > 0 ? undefined : toRow(dimension, name, sumRows([]))
}

function toRow<By extends Dimension>(
  dimension: By,
  name: string,
  { count, visitors }: BreakdownRow,
): CountedRow<By> {
  const { count: countField } = historyDimensions[dimension]
  const row: object = {
    [dimension]: name,
    [countField]: count,
    ...(countField !== 'sessions' && { visitors: visitors.count() }),
  }
  // Computed names have no type; both are those of the same dimension.
  return row as CountedRow<By>
}

/**
 * Returns the value summaries, sorted by name.
 * @param minCount names with fewer values are left out. @default 0
 */
export function toValueRows(values: Values, durationMs: number, minCount = 0): ValueMetricsRow[] {
  return [...values.rows]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, row]) => {
      const summary = row.summary()
      return { name, ...summary, rate: summary.count / (durationMs / 1000) }
    })
    .filter(({ count }) => count >= minCount)
}
