import type { RangeSelection } from '../history/range-selection.ts'
import type { SeriesPoint } from '../useSeries/series-point.ts'
import { toTime } from '../useSeries/to-number.ts'

/** Points with those of the earlier range, which have the same indexes. */
export interface ComparedPoints {
  readonly points: readonly SeriesPoint[]
  readonly comparison: readonly (SeriesPoint | undefined)[] | undefined
}

/** Returns the points of a fixed range; all of them for a range that moves with time, or an invalid one. */
export function withinRange(
  points: readonly SeriesPoint[],
  comparison: readonly (SeriesPoint | undefined)[] | undefined,
  range: RangeSelection | undefined,
): ComparedPoints {
  if (!range || !('from' in range)) return { points, comparison }
  const isInside = ({ at }: SeriesPoint): boolean => isWithin(at, range)
  return {
    points: points.filter(isInside),
    comparison: comparison?.filter((_, index) => {
      const point = points[index]
      return point !== undefined && isInside(point)
    }),
  }
}

/**
 * Returns whether a time is in a fixed range; true for a range that moves with time, or without one.
 * @param time a `Date`, milliseconds since 1970, or ISO 8601 text
 */
export function isWithin(time: unknown, range: RangeSelection | undefined): boolean {
  if (!range || !('from' in range)) return true
  const at = toTime(time) ?? Number.NaN
  const [from = -Infinity, to = Infinity] = [toTime(range.from), toTime(range.to)]
  return at >= from && at < to
}
