import type { Granularity } from '../fetchMetrics/metrics.ts'
import { bucketMs } from '../history/resolve-range.ts'
import type { ZoneOffset } from './time-zone.ts'

const { second: secondMs, minute: minuteMs, hour: hourMs, day: dayMs } = bucketMs

/** Steps between labels by length of a bucket, in milliseconds, smallest first. */
const steps: Readonly<Record<Granularity, readonly number[]>> = {
  second: [1, 5, 10, 15, 30, 60, 120, 300, 600, 1800].map(count => count * secondMs),
  minute: [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map(count => count * minuteMs),
  hour: [1, 2, 3, 6, 12, 24, 48, 168, 336].map(count => count * hourMs),
  day: [1, 2, 7, 14].map(count => count * dayMs),
}

/** Steps of days beyond two weeks, in months. */
const monthSteps = [1, 2, 3, 6, 12, 24, 60, 120] as const

/** 1970-01-01 was a Thursday; weeks start on Monday. */
const firstMondayMs = 4 * dayMs

/**
 * Returns the indexes of the buckets that get a label: whole minutes, hours, days, weeks or months of the zone, as many
 * as fit.
 * @param starts starts of the buckets, in milliseconds since 1970, oldest first
 */
export function timeTicks(
  starts: readonly number[],
  granularity: Granularity,
  maxTicks: number,
  offset: ZoneOffset,
): number[] {
  if (starts.length === 0 || maxTicks < 1) return []
  // Hours and days of another zone than the server's start in the middle of an hour or a day.
  const unitMs = bucketMs[granularity]
  const walls = starts.map(at => Math.floor((at + offset(at)) / unitMs) * unitMs)
  for (const step of steps[granularity]) {
    const origin = step % (7 * dayMs) === 0 ? firstMondayMs : 0
    const ticks = indexesWhere(walls, wall => (wall - origin) % step === 0, maxTicks)
    if (ticks) return ticks
  }
  for (const months of monthSteps) {
    const ticks = indexesWhere(walls, wall => isMonthStart(wall, months), maxTicks)
    if (ticks) return ticks
  }
  return []
}

/** Returns the matching indexes, or `undefined` if there are too many. */
function indexesWhere(
  walls: readonly number[],
  isMatch: (wall: number) => boolean,
  maxCount: number,
): number[] | undefined {
  const indexes: number[] = []
  for (const [index, wall] of walls.entries()) {
    if (!isMatch(wall)) continue
    if (indexes.length === maxCount) return undefined
    indexes.push(index)
  }
  return indexes
}

function isMonthStart(wall: number, months: number): boolean {
  const date = new Date(wall)
  if (date.getUTCDate() !== 1) return false
  return (date.getUTCFullYear() * 12 + date.getUTCMonth()) % months === 0
}

/**
 * Returns indexes of points that get a label, as many as fit, for categories and numbers.
 * @param positions positions of the points, from 0 to 1, ascending
 */
export function spreadTicks(positions: readonly number[], maxTicks: number): number[] {
  const indexes: number[] = []
  let next = -Infinity
  for (const [index, position] of positions.entries()) {
    // The tolerance is for sums of thirds and the like.
    if (position < next - 1e-9) continue
    indexes.push(index)
    next = position + 1 / Math.max(1, maxTicks)
  }
  return maxTicks < 1 ? [] : indexes
}
