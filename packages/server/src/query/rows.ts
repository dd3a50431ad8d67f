import type { Dimension } from '../rollup/bucket/dimensions.ts'
import {
  type BreakdownTable as Counts,
  type BreakdownRow,
  rank,
  sumRows,
} from '../rollup/bucket/breakdown.ts'
import type { Totals } from '../rollup/bucket/totals.ts'
import type { Values } from '../rollup/bucket/values.ts'
import type { ValueSummary } from '../rollup/sketch/quantiles.ts'

/** What happened in a bucket or a range, all of it together. */
export interface MetricsTotals {
  events: number
  pageViews: number
  /** Distinct: in a range, who came in several buckets is one. */
  visitors: number
  /** Sessions that began here, and those of them that never had a second event. */
  sessions: number
  bounces: number
  /** Bounces for each session, from 0 to 1; 0 where there are no sessions. */
  bounceRate: number
  /** Events of programs, which are in no other number. */
  botEvents: number
}

interface Counted {
  visitors: number
  /** The row for all names that are not listed. */
  rest?: true
}

/** Dimensions of page views. */
type ViewDimension = Exclude<Dimension, 'name' | 'goal'>
type ViewRow = { [Name in ViewDimension]: Record<Name, string> }[ViewDimension] & {
  pageViews: number
} & Counted

/** `rate` is in events a second. */
export type ValueMetricsRow = { name: string; rate: number } & ValueSummary
export type MetricsRow =
  | ViewRow
  | ({ name: string; events: number } & Counted)
  | ({ goal: string; count: number } & Counted)
  | ValueMetricsRow

export function toMetricsTotals({ visitors, ...totals }: Totals): MetricsTotals {
  const { events, pageViews, sessions, bounces, botEvents } = totals
  const bounceRate = sessions > 0 ? bounces / sessions : 0
  return { events, pageViews, visitors: visitors.count(), sessions, bounces, bounceRate, botEvents }
}

/** Most first, ties by name, at most `limit`, then the rest. */
export function toMetricsRows(dimension: Dimension, counts: Counts, limit: number): MetricsRow[] {
  const ranked = rank(counts.rows)
  const rows = ranked.slice(0, limit).map(([name, row]) => toRow(dimension, name, row))
  const rest = sumRows([counts.other, ...ranked.slice(limit).map(([, row]) => row)])
  return rest.count > 0 ? [...rows, { ...toRow(dimension, '(other)', rest), rest: true }] : rows
}

function toRow(
  dimension: Dimension,
  name: string,
  { count, visitors: counted }: BreakdownRow,
): MetricsRow {
  const visitors = counted.count()
  const views = { pageViews: count, visitors }
  switch (dimension) {
    case 'path':
      return { path: name, ...views }
    case 'referrer':
      return { referrer: name, ...views }
    case 'country':
      return { country: name, ...views }
    case 'device':
      return { device: name, ...views }
    case 'browser':
      return { browser: name, ...views }
    case 'os':
      return { os: name, ...views }
    case 'campaign':
      return { campaign: name, ...views }
    case 'name':
      return { name, events: count, visitors }
    case 'goal':
      return { goal: name, count, visitors }
  }
}

/** By name. */
export function toValueRows(values: Values, durationMs: number): ValueMetricsRow[] {
  return [...values.rows]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, sketch]) => {
      const summary = sketch.summary()
      return { name, ...summary, rate: summary.count / (durationMs / 1000) }
    })
}
