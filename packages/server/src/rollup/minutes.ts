import { eventNames } from '@tidemark/protocol'
import { type RollupBounds, type Tally, countTurnedAway } from './bounds.ts'

const minuteMs = 60_000

/** What happened in one minute. */
export interface MinuteBucket {
  /** Start, in milliseconds since 1970. */
  at: number
  events: number
  pageViews: number
  /** Page views by path, and what the bound left out. */
  paths: BoundedCounts
  /** Events by name, and what the bound left out. */
  names: BoundedCounts
}

/** Counts of the first names to come, and of all others together, so that the sum is always exact. */
export interface BoundedCounts {
  counts: Map<string, number>
  other: number
}

/** The history of a site by minutes: each event in the minute in which it happened. */
export interface Minutes {
  add(name: string, path: string | undefined, at: number): void
  /** Forgets the minutes that are older than the retention. */
  advance(now: number): void
  /** The bucket of a minute, or `undefined` for one in which nothing happened. */
  get(at: number): MinuteBucket | undefined
}

export function createMinutes(bounds: RollupBounds, turnedAway: Tally): Minutes {
  const buckets = new Map<number, MinuteBucket>()
  let earliest = 0

  function count(into: BoundedCounts, name: string): void {
    const known = into.counts.get(name)
    if (known === undefined && into.counts.size >= bounds.maxNamesPerMinute) {
      into.other++
      countTurnedAway(turnedAway, 'names')
    } else {
      into.counts.set(name, (known ?? 0) + 1)
    }
  }

  return {
    add(name, path, at) {
      const start = startOfMinute(at)
      if (start < earliest) return
      const bucket = buckets.get(start) ?? emptyBucket(start)
      buckets.set(start, bucket)
      bucket.events++
      count(bucket.names, name)
      if (name !== eventNames.pageView) return
      bucket.pageViews++
      count(bucket.paths, path ?? '(none)')
    },
    advance(now) {
      const cutoff = startOfMinute(now - bounds.retentionMs)
      if (cutoff <= earliest) return
      earliest = cutoff
      for (const start of buckets.keys()) if (start < cutoff) buckets.delete(start)
    },
    get: at => buckets.get(startOfMinute(at)),
  }
}

export function startOfMinute(at: number): number {
  return Math.floor(at / minuteMs) * minuteMs
}

function emptyBucket(at: number): MinuteBucket {
  const none = (): BoundedCounts => ({ counts: new Map(), other: 0 })
  return { at, events: 0, pageViews: 0, paths: none(), names: none() }
}
