import type { MetricsSeries } from '../fetchMetrics/metrics.ts'
import { bucketMs } from '../history/resolve-range.ts'
import {
  type PartialReason,
  type SeriesMetric,
  type SeriesPoint,
  gapPoint,
  toPoint,
} from './series-point.ts'

/** Moments that decide which buckets are complete, in milliseconds since 1970. */
export interface HistoryMoments {
  /** Time of the response. */
  readonly fetchedAt: number
  /** Requested start of the range; the server widens a range to complete buckets. */
  readonly from?: number | undefined
}

/**
 * Converts the buckets of a response to points. Buckets in the future, and those with damaged numbers, have no value;
 * the running bucket and one that begins before the requested start are partial.
 */
export function historyPoints(
  { buckets, granularity, to, missing = [] }: MetricsSeries,
  metric: SeriesMetric,
  { fetchedAt, from = -Infinity }: HistoryMoments,
): SeriesPoint[] {
  return buckets.map((bucket, index) => {
    const { at } = bucket
    if (at > fetchedAt) return gapPoint(at, 'pending')
    const end = buckets[index + 1]?.at ?? Math.max(to, at + 1)
    if (missing.some(range => range.from < end && range.to > at)) return gapPoint(at, 'unknown')
    let partial: PartialReason | undefined
    if (end > fetchedAt) partial = 'running'
    else if (at < from && from < at + bucketMs[granularity]) partial = 'start'
    return toPoint(at, bucket[metric], partial)
  })
}

/**
 * Aligns the points of the previous range with those of the current one, bucket by bucket from the end: a range with
 * a change of the clocks has an hour, and therefore a bucket, more or less.
 * @param late number of buckets by which the current range has moved on since the previous range was requested
 */
export function alignPrevious(
  current: readonly SeriesPoint[],
  previous: readonly SeriesPoint[],
  late = 0,
): (SeriesPoint | undefined)[] {
  const shift = previous.length - current.length + late
  return current.map((_, index) => previous[index + shift])
}
