import { type Tier, endOfSpan, startOfSpan } from '../rollup/history/tier.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'

export type Granularity = 'second' | Tier

const secondMs = 1000
const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** All granularities, the finest first. */
export const granularities: readonly Granularity[] = ['second', 'minute', 'hour', 'day']

/** Usual length of a bucket. At a daylight saving change an hour or a day is shorter or longer. */
export const usualBucketMs: Readonly<Record<Granularity, number>> = {
  second: secondMs,
  minute: minuteMs,
  hour: hourMs,
  day: 24 * hourMs,
}

/** Returns the start of the bucket that contains a time. */
export function startOfBucket(granularity: Granularity, at: number, zone: TimeZone): number {
  if (granularity === 'second') return Math.floor(at / secondMs) * secondMs
  return startOfSpan(granularity, at, zone)
}

/** Returns the end of the bucket that contains a time. */
export function endOfBucket(granularity: Granularity, at: number, zone: TimeZone): number {
  if (granularity === 'second') return startOfBucket(granularity, at, zone) + secondMs
  return endOfSpan(granularity, at, zone)
}

/** Returns a granularity and all coarser ones, the finest first. */
export function sameOrCoarser(granularity: Granularity): readonly Granularity[] {
  return granularities.slice(granularities.indexOf(granularity))
}
