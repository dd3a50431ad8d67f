import {
  type Granularity,
  endOfBucket,
  sameOrCoarser,
  startOfBucket,
  usualBucketMs,
} from './granularity.ts'
import type { Availability, MetricsQuery, PreviousRange } from './metrics-query.ts'
import { type RangeProblem, rangeMessage } from './query-messages.ts'

/** The requested boundaries of a range, in milliseconds since 1970. */
export interface RequestedRange {
  from: number | undefined
  to: number | undefined
  /** Whether the preceding range of the same length is requested too. */
  hasPrevious: boolean
}

type ResolvedRange = Pick<MetricsQuery, 'from' | 'to' | 'previous'>
type Attempt = { ok: true; range: ResolvedRange } | { ok: false; problem: RangeProblem }

/** Largest number of buckets in one answer. For seconds and minutes these are all that the default retention keeps. */
const maxBuckets: Readonly<Record<Granularity, number>> = {
  second: 600,
  minute: 2880,
  hour: 2208,
  day: 3660,
}

/** Length of a range without `from`. */
const defaultRangeMs: Readonly<Record<Granularity, number>> = {
  second: 60 * usualBucketMs.second,
  minute: 60 * usualBucketMs.minute,
  hour: 24 * usualBucketMs.hour,
  day: 30 * usualBucketMs.day,
}

/**
 * Resolves a requested range to whole buckets, and finds the preceding range. The message for a range without an
 * answer names a coarser granularity that has one, if there is any.
 */
export function resolveRange(
  requested: RequestedRange,
  granularity: Granularity,
  availability: Availability,
): { ok: true; range: ResolvedRange } | { ok: false; message: string } {
  const attempt = tryGranularity(requested, granularity, availability)
  if (attempt.ok) return attempt
  const alternative = sameOrCoarser(granularity).find(
    coarser => tryGranularity(requested, coarser, availability).ok,
  )
  return { ok: false, message: rangeMessage(attempt.problem, alternative) }
}

function tryGranularity(
  requested: RequestedRange,
  granularity: Granularity,
  availability: Availability,
): Attempt {
  const { zone, now } = availability
  const end = requested.to ?? endOfBucket(granularity, now, zone)
  const start = requested.from ?? defaultFrom(granularity, end, availability)
  const from = startOfBucket(granularity, start, zone)
  const to = endOfBucket(granularity, end - 1, zone)
  const problem = findProblem(granularity, from, to, availability)
  if (problem) return { ok: false, problem }
  if (!requested.hasPrevious) return { ok: true, range: { from, to, previous: undefined } }
  const startOfPrevious = previousStart(granularity, from, to, availability)
  const previous = findPrevious(granularity, startOfPrevious, from, availability)
  if (previous) return { ok: true, range: { from, to, previous } }
  return { ok: false, problem: { kind: 'previous-expired', granularity, from: startOfPrevious } }
}

/**
 * Returns the start of a range without `from`: the default length before its end, or the first stored bucket if that is
 * later.
 */
function defaultFrom(granularity: Granularity, to: number, availability: Availability): number {
  // After a daylight saving change the same length is an hour off a bucket's start. The middle of the bucket is not.
  const middle = to - defaultRangeMs[granularity] + usualBucketMs[granularity] / 2
  const from = startOfBucket(granularity, middle, availability.zone)
  const first = firstAvailableStart(granularity, availability)
  return from < first && first < to ? first : from
}

function findProblem(
  granularity: Granularity,
  from: number,
  to: number,
  availability: Availability,
): RangeProblem | undefined {
  const buckets = Math.ceil((to - from) / usualBucketMs[granularity])
  if (buckets > maxBuckets[granularity]) {
    return { kind: 'too-many-buckets', granularity, buckets, maxBuckets: maxBuckets[granularity] }
  }
  if (from >= availability.availableFrom[granularity]) return undefined
  const availableFrom = firstAvailableStart(granularity, availability)
  return { kind: 'expired', granularity, from, availableFrom }
}

/** Returns the start of the first bucket that is stored completely. */
function firstAvailableStart(
  granularity: Granularity,
  { zone, availableFrom }: Availability,
): number {
  const from = availableFrom[granularity]
  return from === -Infinity ? from : endOfBucket(granularity, from - 1, zone)
}

function previousStart(
  granularity: Granularity,
  from: number,
  to: number,
  { zone }: Availability,
): number {
  // After a daylight saving change the same length is an hour off a day's start. The middle of the bucket is not.
  const middle = from - (to - from) + (endOfBucket(granularity, from, zone) - from) / 2
  return startOfBucket(granularity, middle, zone)
}

/** Finds the finest granularity that stores the previous range, with bucket boundaries at its start and end. */
function findPrevious(
  granularity: Granularity,
  from: number,
  to: number,
  { zone, availableFrom }: Availability,
): PreviousRange | undefined {
  const isStart = (each: Granularity, at: number): boolean => startOfBucket(each, at, zone) === at
  const stored = sameOrCoarser(granularity).find(
    each => from >= availableFrom[each] && isStart(each, from) && isStart(each, to),
  )
  return stored && { from, to, granularity: stored }
}
