import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { type OverflowCounts, countOverflow } from '../bounds.ts'
import { type Bucket, createBucket } from '../bucket/bucket.ts'
import { type FirstTier, type PartName, firstTierOf } from '../bucket/dimensions.ts'
import type { BucketBounds } from '../bucket/parts.ts'

const minuteMs = 60_000

/** An encoded part of the bucket that starts at `start`. */
export interface EncodedPart {
  readonly start: number
  readonly part: PartName
  readonly bytes: Uint8Array
}

/**
 * Events since the last checkpoint, counted by minute or by hour. Each bucket contains the changes to a stored bucket,
 * so a late event needs no special treatment.
 */
export interface OpenBuckets {
  /** Returns the open bucket that contains a time. */
  bucketAt(at: number): Bucket
  /** Returns the open and sealed buckets of `[from, to)`. A start may occur twice. */
  within(from: number, to: number): OpenBucket[]
  /** Seals the open buckets, for a checkpoint. Returns all sealed buckets. Later events go into new buckets. */
  seal(): Iterable<OpenBucket>
  /** Deletes the sealed buckets after they have been stored. */
  clearSealed(): void
  /** Number of open buckets, without sealed ones. */
  readonly size: number
}

/** The open buckets of each tier in which parts start. */
export type OpenTiers<Open = OpenBuckets> = Readonly<Record<FirstTier, Open>>

/** Returns the open buckets that count a part. */
export function openOf<Open>(open: OpenTiers<Open>, part: PartName): Open {
  return open[firstTierOf(part)]
}

export interface OpenBucket {
  readonly start: number
  readonly bucket: Bucket
}

export interface OpenBucketsOptions {
  bounds: BucketBounds
  /** Tier of the buckets: each has the parts that start in this tier. @default 'minute' */
  tier?: FirstTier
  /** Counts events of names that exceed the rows of a sealed bucket, as `names`. */
  overflow: OverflowCounts
  /**
   * Returns the start of the bucket that contains a time. An import uses coarser buckets for old events. @default start
   * of the minute
   */
  startOf?: (at: number) => number
}

export function createOpenBuckets({
  bounds,
  overflow,
  tier = 'minute',
  startOf = startOfMinute,
}: OpenBucketsOptions): OpenBuckets {
  let buckets = new Map<number, Bucket>()
  /** Buckets of the pending checkpoint, and of earlier ones that failed. */
  let sealed: OpenBucket[] = []
  // Nearly all events are in the minute of the previous event.
  let last: Bucket | undefined
  let lastStart = NaN

  function within(from: number, to: number): OpenBucket[] {
    const isWithin = ({ start }: OpenBucket): boolean => start >= from && start < to
    const open = [...buckets].map(([start, bucket]) => ({ start, bucket })).filter(isWithin)
    return [...sealed.filter(isWithin), ...open.toSorted((a, b) => a.start - b.start)]
  }

  return {
    bucketAt(at) {
      const start = startOf(at)
      if (last && start === lastStart) return last
      last = buckets.get(start) ?? createBucket(bounds, tier)
      lastStart = start
      buckets.set(start, last)
      return last
    },
    within,
    seal() {
      for (const bucket of buckets.values()) {
        countOverflow(overflow, 'names', bucket.trim())
      }
      sealed = [...sealed, ...inOrder(buckets)]
      buckets = new Map()
      last = undefined
      lastStart = NaN
      return sealed
    },
    clearSealed() {
      sealed = []
    },
    get size() {
      return buckets.size
    },
  }
}

/** Encodes a bucket. Nothing may be counted in the bucket until the task is complete. */
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
