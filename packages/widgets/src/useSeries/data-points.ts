import { type SeriesPoint, toPoint } from './series-point.ts'
import { toNumber, toTime } from './to-number.ts'

/** A bucket that the host passes in. */
export interface SeriesDatum {
  /** Start of the bucket: milliseconds since 1970, a `Date` or ISO 8601. */
  at: number | Date | string
  /** `null`, `undefined` and `NaN` are gaps. */
  value?: number | bigint | string | null | undefined
  /** Whether the bucket is incomplete. @default false */
  isPartial?: boolean | undefined
}

/** Converts the host's buckets to points, oldest first. Buckets without a valid time are left out. */
export function dataPoints(data: readonly SeriesDatum[], maxPoints: number): SeriesPoint[] {
  const points: SeriesPoint[] = []
  for (const { at, value, isPartial } of data) {
    const time = toTime(at)
    if (time !== undefined)
      points.push(toPoint(time, toNumber(value), isPartial ? 'running' : undefined))
  }
  return points.toSorted((a, b) => a.at - b.at).slice(-maxPoints)
}
