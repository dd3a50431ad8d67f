import type { SeriesRow } from '@tidemark/protocol'
import type { MetricsTotals } from '../fetchMetrics/metrics.ts'

/** Counts of a live series. */
export type LiveMetric = Exclude<keyof SeriesRow, 'at'>

/** Counts and shares of history. */
export type SeriesMetric = keyof MetricsTotals

/**
 * Reason why a bucket is incomplete: it is still `running`, or it is cut by the `start` of the range and also
 * counts time before it.
 */
export type PartialReason = 'running' | 'start'

/**
 * Reason why there is no value: the bucket is `pending`, because it is in the future or its value is about to arrive, or
 * `unknown`, because the server was unreachable or its stored number is damaged.
 */
export type GapReason = 'pending' | 'unknown'

/** One bucket of a series. */
export interface SeriesPoint {
  /** Start of the bucket, in milliseconds since 1970. */
  readonly at: number
  /** `undefined` when it is not known; `gap` has the reason. */
  readonly value: number | undefined
  /** Whether the bucket is incomplete. */
  readonly isPartial: boolean
  /** Reason why the bucket is incomplete. */
  readonly partial?: PartialReason
  /** Reason why there is no value. */
  readonly gap?: GapReason
}

/** Returns a bucket with a value; `undefined` is unknown. */
export function toPoint(
  at: number,
  value: number | undefined,
  partial: PartialReason | undefined,
): SeriesPoint {
  if (value === undefined) return gapPoint(at, 'unknown')
  return partial ? { at, value, isPartial: true, partial } : { at, value, isPartial: false }
}

export function gapPoint(at: number, gap: GapReason): SeriesPoint {
  return { at, value: undefined, isPartial: false, gap }
}

/** Returns the previous points if they are equal to the next ones, so that nothing is drawn again. */
export function keepEqual<Points extends readonly (SeriesPoint | undefined)[] | undefined>(
  previous: Points | undefined,
  next: Points,
): Points {
  if (!previous || !next || previous.length !== next.length) return next
  return next.every((point, index) => isSamePoint(point, previous[index])) ? previous : next
}

function isSamePoint(a: SeriesPoint | undefined, b: SeriesPoint | undefined): boolean {
  return a?.at === b?.at && a?.value === b?.value && a?.partial === b?.partial && a?.gap === b?.gap
}
