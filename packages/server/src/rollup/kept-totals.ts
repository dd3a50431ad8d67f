import { LRUCache } from 'lru-cache'
import { decodeTotals } from './bucket/parts.ts'
import type { Totals } from './bucket/totals.ts'
import type { Calendar, ReadKept, Tier } from './tiers.ts'

/** Totals of buckets that are kept, decoded: at most 1,024 of them, each 16 KiB where it has many visitors. */
export type TotalsCache = LRUCache<string, { readonly totals: Totals | undefined }>

const maxCached = 1024
const minuteMs = 60_000
const none: ReadonlyMap<number, Totals> = new Map()

/** Room that sites may share, so that what is asked for often is not read and decoded each time. */
export function createTotalsCache(): TotalsCache {
  return new LRUCache({ max: maxCached })
}

export interface StartedTotals {
  readonly start: number
  readonly totals: Totals
}

/** The totals of the buckets that are kept. Nobody may change what is given out: the next one gets the same. */
export interface KeptTotals {
  /** Those that start in `[from, to)`, in order. */
  read(tier: Tier, from: number, to: number): StartedTotals[]
  /** Says that a bucket is kept as something else now. */
  changed(tier: Tier, start: number): void
}

export interface KeptTotalsOptions {
  read: ReadKept
  calendar: Calendar
  cache: TotalsCache
  /** Before the keys of the cache, where sites share it. */
  site: string
}

export function createKeptTotals({ read, calendar, cache, site }: KeptTotalsOptions): KeptTotals {
  const keyOf = (tier: Tier, start: number): string => `${site} ${tier} ${start}`

  /** The start of every bucket of a tier in a range, also of those with nothing. */
  function startsIn(tier: Tier, from: number, to: number): number[] {
    const starts: number[] = []
    for (let at = firstStart(tier, from); at < to; at = endOf(tier, at)) starts.push(at)
    return starts
  }

  function firstStart(tier: Tier, from: number): number {
    const start = startOf(tier, from)
    return start < from ? endOf(tier, start) : start
  }

  function startOf(tier: Tier, at: number): number {
    if (tier === 'minute') return Math.floor(at / minuteMs) * minuteMs
    return tier === 'hour' ? calendar.hourOf(at) : calendar.dayOf(at)
  }

  function endOf(tier: Tier, start: number): number {
    if (tier === 'minute') return start + minuteMs
    return tier === 'hour' ? calendar.hourEnd(start) : calendar.dayEnd(start)
  }

  /** Reads these buckets and those between them. */
  function fill(tier: Tier, missing: readonly number[]): ReadonlyMap<number, Totals> {
    const [first, last] = [missing[0], missing.at(-1)]
    if (first === undefined || last === undefined) return none
    const rows = read(tier, 'totals', first, last + 1)
    const found = new Map(rows.map(({ start, bytes }) => [start, decodeTotals(bytes)]))
    for (const start of missing) cache.set(keyOf(tier, start), { totals: found.get(start) })
    return found
  }

  return {
    read(tier, from, to) {
      const starts = startsIn(tier, from, to)
      // Before anything is put in, as that may put others out.
      const cached = new Map(starts.map(start => [start, cache.get(keyOf(tier, start))]))
      const found = fill(
        tier,
        starts.filter(start => !cached.get(start)),
      )
      return starts.flatMap(start => {
        const { totals } = cached.get(start) ?? { totals: found.get(start) }
        return totals ? [{ start, totals }] : []
      })
    },
    changed: (tier, start) => void cache.delete(keyOf(tier, start)),
  }
}
