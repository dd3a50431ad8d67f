import { decodeTotals } from '../bucket/parts.ts'
import { type Totals, createTotals, mergeTotals } from '../bucket/totals.ts'
import { type Calendar, type ReadStoredParts, type Tier, endOfSpan, startOfSpan } from './tier.ts'

/**
 * Where totals that were read are held, decoded: 16 KiB for a bucket with many visitors. What it does not have
 * is read again, so it may forget what it likes. A `Map` will do.
 */
export interface TotalsCache {
  get(key: string): CachedTotals | undefined
  set(key: string, value: CachedTotals): unknown
  delete(key: string): unknown
}

/** What is kept of one span of the calendar: mostly one bucket or none. Where the time zone was another then, its hours and days begin where they like. */
export type CachedTotals = readonly BucketTotals[]

/** Has room for nothing. */
export const noCache: TotalsCache = { get: () => undefined, set: () => {}, delete: () => {} }

const none: ReadonlyMap<number, CachedTotals> = new Map()

export interface BucketTotals {
  readonly start: number
  readonly totals: Totals
}

/** The totals of the buckets that are kept. Nobody may change what is given out: the next one gets the same. */
export interface StoredTotals {
  /** Those that start in `[from, to)`, in order. */
  read(tier: Tier, from: number, to: number): BucketTotals[]
  /** All of them together. A dashboard asks for the same range again and again, and to merge an hour of minutes takes a millisecond. */
  sum(tier: Tier, from: number, to: number): Totals
  /** Says that a bucket is kept as something else now. */
  invalidate(tier: Tier, start: number): void
}

export interface StoredTotalsOptions {
  read: ReadStoredParts
  calendar: Calendar
  cache: TotalsCache
  /** Before the keys of the cache, where sites share it. */
  site: string
}

/** States of what is kept, told apart by number for as long as the process lives: sums of an earlier one are found no more. */
let versions = 0

export function createStoredTotals({
  read,
  calendar,
  cache,
  site,
}: StoredTotalsOptions): StoredTotals {
  let version = ++versions

  const keyOf = (tier: Tier, start: number): string => `${site} ${tier} ${start}`

  /** The start of every span of the calendar that has a part in a range. */
  function spansOf(tier: Tier, from: number, to: number): number[] {
    const starts: number[] = []
    let at = startOfSpan(tier, from, calendar)
    for (; at < to; at = endOfSpan(tier, at, calendar)) starts.push(at)
    return starts
  }

  /** Reads these spans and those between them. */
  function fill(tier: Tier, missing: readonly number[]): ReadonlyMap<number, CachedTotals> {
    const [first, last] = [missing[0], missing.at(-1)]
    if (first === undefined || last === undefined) return none
    const parts = read(tier, 'totals', first, endOfSpan(tier, last, calendar))
    const found = Map.groupBy(
      parts.map(({ start, bytes }) => ({ start, totals: decodeTotals(bytes) })),
      ({ start }) => startOfSpan(tier, start, calendar),
    )
    for (const span of missing) cache.set(keyOf(tier, span), found.get(span) ?? [])
    return found
  }

  function readAll(tier: Tier, from: number, to: number): BucketTotals[] {
    const spans = spansOf(tier, from, to)
    // Before anything is put in, as that may put others out.
    const cached = new Map(spans.map(span => [span, cache.get(keyOf(tier, span))]))
    const found = fill(
      tier,
      spans.filter(span => !cached.get(span)),
    )
    return spans
      .flatMap(span => cached.get(span) ?? found.get(span) ?? [])
      .filter(({ start }) => start >= from && start < to)
  }

  return {
    read: readAll,
    sum(tier, from, to) {
      const key = `${site} ${tier} ${from} ${to} ${version}`
      const [known] = cache.get(key) ?? []
      if (known) return known.totals
      const totals = createTotals()
      for (const each of readAll(tier, from, to)) mergeTotals(totals, each.totals)
      cache.set(key, [{ start: from, totals }])
      return totals
    },
    invalidate(tier, start) {
      version = ++versions
      cache.delete(keyOf(tier, startOfSpan(tier, start, calendar)))
    },
  }
}
