import { dimensions } from '../rollup/bucket/dimensions.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'
import type { Granularity } from './granularity.ts'

export type BreakdownDimension = (typeof dimensions)[number] | 'value'

/** All values of the `by` parameter. */
export const breakdownDimensions: readonly BreakdownDimension[] = [...dimensions, 'value']

/** A parsed query. `from` and `to` are the boundaries of whole buckets, in milliseconds since 1970. */
export interface MetricsQuery {
  /** Start of the first bucket. */
  from: number
  /** End of the last bucket. */
  to: number
  granularity: Granularity
  by: BreakdownDimension | undefined
  /** Largest number of rows in one list, without the row for the rest. */
  limit: number
  /** The preceding range of the same length, with `compare=previous`. */
  previous: PreviousRange | undefined
}

/** The range of the same length that ends where the requested range starts. */
export interface PreviousRange {
  from: number
  to: number
  /** The finest granularity in which the whole range is stored. */
  granularity: Granularity
}

/** The stored history of a site. */
export interface Availability {
  /** Time zone of hours and days. */
  zone: TimeZone
  /** Milliseconds since 1970. */
  now: number
  /** Time from which buckets are stored. Earlier buckets have expired. */
  availableFrom: Readonly<Record<Granularity, number>>
}

export type QueryResult = { ok: true; query: MetricsQuery } | { ok: false; message: string }
