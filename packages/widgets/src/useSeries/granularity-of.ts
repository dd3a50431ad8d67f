import type { Granularity } from '../fetchMetrics/metrics.ts'
import { bucketMs } from '../history/resolve-range.ts'
import type { SeriesPoint } from './series-point.ts'

/** A day has 23 hours when the clocks change. */
const shortestDayMs = 23 * bucketMs.hour

/** Returns the length of a bucket by the smallest distance of points: the longest one that fits. */
export function granularityOf(points: readonly Pick<SeriesPoint, 'at'>[]): Granularity {
  let smallest = Infinity
  for (const [index, { at }] of points.entries()) {
    const distance = at - (points[index - 1]?.at ?? -Infinity)
    if (distance > 0 && distance < smallest) smallest = distance
  }
  if (smallest >= shortestDayMs) return 'day'
  if (smallest >= bucketMs.hour) return 'hour'
  return smallest >= bucketMs.minute ? 'minute' : 'second'
}
