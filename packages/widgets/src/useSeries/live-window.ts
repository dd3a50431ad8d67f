import type { SeriesRow } from '@tidemark/protocol'
import {
  type GapReason,
  type LiveMetric,
  type SeriesPoint,
  gapPoint,
  toPoint,
} from './series-point.ts'

export interface LiveWindowOptions {
  /** Length of a bucket, in milliseconds. */
  readonly bucketMs: number
  /** Number of buckets that a response of the server covers, with the running one. */
  readonly serverBuckets: number
  /** Largest number of buckets in memory. */
  readonly maxPoints: number
}

/**
 * The last buckets of a live series. The server sends only buckets with an event, of a short window; this window
 * keeps older ones and tells an empty bucket from one in which the server was unreachable.
 */
export interface LiveWindow {
  /**
   * Applies the rows that the server has at a time.
   * @param knownUntil last time at which the rows were those of the server, in milliseconds since 1970
   */
  apply(rows: readonly SeriesRow[], knownUntil: number): void
  /**
   * Returns the last buckets until a time, oldest first.
   * @param newer reason why buckets after the last known one have no value
   */
  points(metric: LiveMetric, now: number, count: number, newer?: GapReason): SeriesPoint[]
  clear(): void
}

export function createLiveWindow(options: LiveWindowOptions): LiveWindow {
  const { bucketMs, serverBuckets } = options
  const maxPoints = Math.max(options.maxPoints, serverBuckets)
  let lastKnown = Infinity
  /** Known buckets by start, oldest first. A bucket without events has no row. */
  const known = new Map<number, SeriesRow | undefined>()
  const startOf = (at: number): number => Math.floor(at / bucketMs) * bucketMs

  function removeBefore(at: number): void {
    for (const start of known.keys()) {
      if (start >= at) return
      known.delete(start)
    }
  }

  return {
    apply(rows, knownUntil) {
      const last = Math.max(startOf(knownUntil), rows.at(-1)?.at ?? 0)
      const first = last - (serverBuckets - 1) * bucketMs
      lastKnown = last
      const byStart = new Map(rows.map(row => [row.at, row]))
      // Deleted first, so that the map stays in order.
      for (const start of known.keys()) if (start >= first) known.delete(start)
      for (let start = first; start <= last; start += bucketMs) {
        known.set(start, byStart.get(start))
      }
      removeBefore(last - (maxPoints - 1) * bucketMs)
    },
    points(metric, now, count, newer = 'unknown') {
      const last = startOf(now)
      const length = Math.min(count, maxPoints)
      return Array.from({ length }, (_, index) => {
        const start = last - (length - 1 - index) * bucketMs
        if (!known.has(start)) return gapPoint(start, start > lastKnown ? newer : 'unknown')
        const isRunning = start + bucketMs > now
        return toPoint(start, known.get(start)?.[metric] ?? 0, isRunning ? 'running' : undefined)
      })
    },
    clear: () => known.clear(),
  }
}
