import { decodeTotals } from '../bucket/parts.ts'
import type { Totals } from '../bucket/totals.ts'
import { type Calendar, type ReadStoredParts, type Tier, endOfSpan, startOfSpan } from './tier.ts'

/**
 * Cache of decoded totals, such as a `Map` or an LRU cache. It may evict any entry, which is then read again. The
 * totals of a bucket with many visitors take 16 KiB.
 */
export interface TotalsCache {
  get(key: string): CachedTotals | undefined
  set(key: string, value: CachedTotals): unknown
  delete(key: string): unknown
}

/**
 * Stored totals of one span of the calendar, mostly of one bucket or none. Buckets that were closed in another time
 * zone start anywhere in the span.
 */
export type CachedTotals = readonly BucketTotals[]

/** A cache that stores nothing. */
export const noCache: TotalsCache = { get: () => undefined, set: () => {}, delete: () => {} }

const noTotals: ReadonlyMap<number, CachedTotals> = new Map()

/** Totals of the bucket that starts at `start`. */
export interface BucketTotals {
  readonly start: number
  readonly totals: Totals
}

/** Totals of the stored buckets. Callers share the returned totals through the cache and must not change them. */
export interface StoredTotals {
  /** Returns the totals of the buckets that start in `[from, to)`, in order. */
  read(tier: Tier, from: number, to: number): BucketTotals[]
  /** Reports that a stored bucket has changed. */
  invalidate(tier: Tier, start: number): void
}

export interface StoredTotalsOptions {
  readStored: ReadStoredParts
  calendar: Calendar
  cache: TotalsCache
  /** Prefix of the keys in the cache, which several sites may share. */
  site: string
}

export function createStoredTotals({
  readStored,
  calendar,
  cache,
  site,
}: StoredTotalsOptions): StoredTotals {
  const keyOf = (tier: Tier, start: number): string => `${site} ${tier} ${start}`

  /** Returns the starts of all calendar spans that overlap a range. */
  function spansOf(tier: Tier, from: number, to: number): number[] {
    const starts: number[] = []
    let at = startOfSpan(tier, from, calendar)
    for (; at < to; at = endOfSpan(tier, at, calendar)) starts.push(at)
    return starts
  }

  /** Reads the range of all missing spans at once and caches the totals of each missing span. */
  function fill(tier: Tier, missing: readonly number[]): ReadonlyMap<number, CachedTotals> {
    const [first, last] = [missing[0], missing.at(-1)]
    if (first === undefined || last === undefined) return noTotals
    const parts = readStored(tier, 'totals', first, endOfSpan(tier, last, calendar))
    const found = Map.groupBy(
      parts.map(({ start, bytes }) => ({ start, totals: decodeTotals(bytes) })),
      ({ start }) => startOfSpan(tier, start, calendar),
    )
    for (const span of missing) cache.set(keyOf(tier, span), found.get(span) ?? [])
    return found
  }

  function read(tier: Tier, from: number, to: number): BucketTotals[] {
    const spans = spansOf(tier, from, to)
    // Get all entries before `fill` sets others, which may evict some of them.
    const cached = new Map(spans.map(span => [span, cache.get(keyOf(tier, span))]))
    const missing = spans.filter(span => !cached.get(span))
    const found = fill(tier, missing)
    return spans
      .flatMap(span => cached.get(span) ?? found.get(span) ?? [])
      .filter(({ start }) => start >= from && start < to)
  }

  return {
    read,
    invalidate(tier, start) {
      cache.delete(keyOf(tier, startOfSpan(tier, start, calendar)))
    },
  }
}
