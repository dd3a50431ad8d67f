import { type OverflowCounts, countOverflow } from '../bounds.ts'
import { type Bucket, createBucket } from '../bucket/bucket.ts'
import type { PartName } from '../bucket/dimensions.ts'
import type { BucketBounds } from '../bucket/parts.ts'
import { type CooperativeTask, runToCompletion } from '../../shared/cooperative-task.ts'

const minuteMs = 60_000

/** A part of the bucket that starts at `start`, as bytes. */
export interface EncodedPart {
  readonly start: number
  readonly part: PartName
  readonly bytes: Uint8Array
}

/**
 * What was counted since the last checkpoint, by minute: the changes to what is kept. A late event is
 * one more change to a minute that may long be kept, and needs no way of its own.
 */
export interface OpenMinutes {
  /** The changes of the minute that holds a time. */
  bucketAt(at: number): Bucket
  /** The minutes of `[from, to)` that have changes, also those that were put aside: such a minute may be there twice. */
  within(from: number, to: number): OpenBucket[]
  /** All changes, also those that were put aside, or those of one part in `[from, to)`. */
  encode(part?: PartName, from?: number, to?: number): EncodedPart[]
  /** Puts the changes up to now aside, and gives back all that are there. What comes later is not among them. */
  seal(): Iterable<OpenBucket>
  /** Forgets what was put aside, as it has been kept. */
  clearSealed(): void
  /** Minutes that have changed since some were put aside. */
  readonly size: number
}

export interface OpenBucket {
  readonly start: number
  readonly bucket: Bucket
}

export interface OpenMinutesOptions {
  bounds: BucketBounds
  /** Told of names that find no room in what is put aside. */
  overflow: OverflowCounts
  /** The start of the bucket that holds a time; an import has coarser ones for what is long ago. @default its minute */
  startOf?: (at: number) => number
}

export function createOpenMinutes({
  bounds,
  overflow,
  startOf = startOfMinute,
}: OpenMinutesOptions): OpenMinutes {
  let buckets = new Map<number, Bucket>()
  /** More than one only where those before could not be kept. */
  let aside: OpenBucket[] = []
  // Nearly all events are of the minute of the one before.
  let last: Bucket | undefined
  let lastStart = NaN

  function within(from: number, to: number): OpenBucket[] {
    return [...aside, ...inOrder(buckets)].filter(({ start }) => start >= from && start < to)
  }

  return {
    bucketAt(at) {
      const start = startOf(at)
      if (last && start === lastStart) return last
      last = buckets.get(start) ?? createBucket(bounds)
      lastStart = start
      buckets.set(start, last)
      return last
    },
    within,
    encode: (part, from = -Infinity, to = Infinity) =>
      within(from, to).flatMap(each => runToCompletion(encodeOpenBucket(each, part))),
    seal() {
      for (const bucket of buckets.values()) {
        countOverflow(overflow, 'names', bucket.trim())
      }
      aside = [...aside, ...inOrder(buckets)]
      buckets = new Map()
      last = undefined
      lastStart = NaN
      return aside
    },
    clearSealed() {
      aside = []
    },
    get size() {
      return buckets.size
    },
  }
}

/** Nothing may be counted in it before that is done. */
export function* encodeOpenBucket(
  { start, bucket }: OpenBucket,
  part?: PartName,
): CooperativeTask<EncodedPart[]> {
  const parts = yield* bucket.encode(part)
  return parts.map(each => ({ start, ...each }))
}

function inOrder(buckets: ReadonlyMap<number, Bucket>): OpenBucket[] {
  return [...buckets]
    .map(([start, bucket]) => ({ start, bucket }))
    .toSorted((a, b) => a.start - b.start)
}

export function startOfMinute(at: number): number {
  return Math.floor(at / minuteMs) * minuteMs
}
