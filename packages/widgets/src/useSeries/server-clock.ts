import type { SeriesRow } from '@tidemark/protocol'

/** Estimates the server's time, which may differ from the reader's by a wrong clock. */
export interface ServerClock {
  /** Notes the rows that the server has at a time of the reader's clock. */
  observe(rows: readonly SeriesRow[], now: number): void
  /** Returns the server's time for a time of the reader's clock. */
  toServer(at: number): number
}

/** Longest delay of a row: the time between polls, and the time that a response takes. */
const maxDelayMs = 15_000

/**
 * Creates a clock that corrects the reader's only when rows contradict it: a row is never from the future, and a bucket
 * that has just appeared is not old.
 */
export function createServerClock(bucketMs: number): ServerClock {
  let offset = 0
  let newest: number | undefined
  return {
    observe(rows, now) {
      const last = rows.at(-1)?.at
      if (last === undefined) return
      const isNew = newest !== undefined && last > newest
      newest = Math.max(newest ?? last, last)
      const latest = isNew ? last + bucketMs + maxDelayMs - now : Infinity
      offset = Math.max(last - now, Math.min(offset, latest))
    },
    toServer: at => at + offset,
  }
}
