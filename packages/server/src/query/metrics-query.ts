import { historyDimensions } from '@tidemark/protocol'
import { type Dimension, type PartName, dimensions } from '../rollup/bucket/dimensions.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'
import type { PropertyQuery } from './property-rows.ts'
import type { Granularity } from './granularity.ts'

export type BreakdownDimension = Dimension | 'property' | 'value'

/** All values of the `by` parameter. */
export const breakdownDimensions: readonly BreakdownDimension[] = [
  ...dimensions,
  'property',
  'value',
]

/** Returns the finest granularity that counts by a dimension. */
export function finestOf(by: BreakdownDimension): 'minute' | 'hour' {
  if (by === 'property') return 'hour'
  return by === 'value' ? 'minute' : historyDimensions[by].finest
}

/** Returns the stored part that has the rows of a dimension. */
export function partOf(by: BreakdownDimension): PartName {
  if (by === 'property') return 'properties'
  return by === 'value' ? 'values' : by
}

/** A parsed query. `from` and `to` are the boundaries of whole buckets, in milliseconds since 1970. */
export interface MetricsQuery {
  /** Start of the first bucket. */
  from: number
  /** End of the last bucket. */
  to: number
  granularity: Granularity
  by: BreakdownDimension | undefined
  /** With `by=referringPage`, the only source. @default all sources */
  referrer: string | undefined
  /** With `by=property`, the event and its property. */
  properties: PropertyQuery
  /** Largest number of rows in one list, without the row for the rest. */
  limit: number
  /** Rows in each bucket; `undefined` for none. */
  bucketRows: BucketRows | undefined
  /** The preceding range of the same length, with `compare=previous`. */
  previous: PreviousRange | undefined
  /** Parts of the answer that the reader may read. */
  view: AnswerView
}

/** Parts of an answer that a reader may read. */
export interface AnswerView {
  /** Whether the answer has totals, also in its buckets. */
  hasTotals: boolean
  /** Whether the answer has no rows but the requested one. */
  onlyRow: boolean
  /** Totals and rows with fewer visitors are hidden; 0 hides none. */
  minCount: number
}

/** The view of a reader that may read everything. */
export const fullView: AnswerView = { hasTotals: true, onlyRow: false, minCount: 0 }

/** Rows that each bucket lists: the `limit` largest ones and one for the rest, or the row of one name. */
export type BucketRows = { kind: 'largest'; limit: number } | { kind: 'one'; name: string }

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

/** A query without an answer. `message` names the invalid value and a valid one. */
export interface QueryFailure {
  ok: false
  code: 'query_invalid' | 'query_too_large'
  message: string
}

export type QueryResult = { ok: true; query: MetricsQuery } | QueryFailure
