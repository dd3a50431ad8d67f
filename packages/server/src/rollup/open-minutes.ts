import { type Bucket, createBucket } from './bucket/bucket.ts'
import type { PartName } from './bucket/dimensions.ts'
import type { BucketBounds } from './bucket/parts.ts'

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
  /** All changes, or those of one part in `[from, to)`. */
  encode(part?: PartName, from?: number, to?: number): EncodedPart[]
  /** Forgets the changes, as they have been kept. */
  clear(): void
  readonly size: number
}

/** @param startOf the start of the bucket that holds a time; an import has coarser ones for what is long ago */
export function createOpenMinutes(
  bounds: BucketBounds,
  startOf: (at: number) => number = startOfMinute,
): OpenMinutes {
  const buckets = new Map<number, Bucket>()
  // Nearly all events are of the minute of the one before.
  let last: Bucket | undefined
  let lastStart = NaN

  return {
    bucketAt(at) {
      const start = startOf(at)
      if (last && start === lastStart) return last
      last = buckets.get(start) ?? createBucket(bounds)
      lastStart = start
      buckets.set(start, last)
      return last
    },
    encode(part, from = -Infinity, to = Infinity) {
      return [...buckets]
        .filter(([start]) => start >= from && start < to)
        .toSorted(([a], [b]) => a - b)
        .flatMap(([start, bucket]) => bucket.encode(part).map(each => ({ start, ...each })))
    },
    clear() {
      buckets.clear()
      last = undefined
      lastStart = NaN
    },
    get size() {
      return buckets.size
    },
  }
}

export function startOfMinute(at: number): number {
  return Math.floor(at / minuteMs) * minuteMs
}
