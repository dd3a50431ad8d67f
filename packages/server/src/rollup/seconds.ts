import type { SeriesRow } from '@tidemark/protocol'
import { rowPrecision } from './bucket/breakdown.ts'
import {
  type Totals,
  countEvent,
  createTotals,
  mergeTotals,
  readTotals,
  writeTotals,
} from './bucket/totals.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import type { Hash } from './sketch/hash.ts'

const secondMs = 1000
/** Seconds that the live series shows, the present one among them. */
const seriesSeconds = 60

/**
 * The last minutes by seconds, in memory alone: what is older is told by minutes. Visitors are told
 * apart with a standard error of 2.3 %; as long as there are few in a second, exactly.
 */
export interface Seconds {
  /**
   * Counts an event; what is older than the retention changes nothing.
   * @param times how often it is counted. @default 1
   */
  add(at: number, isPageView: boolean, visitor: Hash, times?: number): void
  advance(now: number): void
  /** The seconds of the last minute in which something happened. The same array until that changes. */
  series(): readonly SeriesRow[]
  /** The seconds of `[from, to)` in which something happened, in order. */
  range(from: number, to: number): { at: number; totals: Totals }[]
  isEmpty(): boolean
  write(writer: ByteWriter): void
  /** Takes in what another has written. */
  read(reader: ByteReader): void
}

export function createSeconds(retentionMs: number): Seconds {
  const buckets = new Map<number, Totals>()
  let now = 0
  let rows: readonly SeriesRow[] | undefined = []

  // The events of a batch are mostly of one second.
  let last: Totals | undefined
  let lastStart = NaN

  function bucketAt(start: number): Totals {
    if (last && start === lastStart) return last
    last = buckets.get(start) ?? createTotals(rowPrecision)
    lastStart = start
    buckets.set(start, last)
    return last
  }

  function range(from: number, to: number): { at: number; totals: Totals }[] {
    return [...buckets]
      .filter(([at]) => at >= from && at < to)
      .toSorted(([a], [b]) => a - b)
      .map(([at, totals]) => ({ at, totals }))
  }

  return {
    add(at, isPageView, visitor, times) {
      const start = Math.floor(at / secondMs) * secondMs
      if (start <= now - retentionMs) return
      countEvent(bucketAt(start), isPageView, visitor, times)
      rows = undefined
    },
    advance(time) {
      const second = Math.floor(time / secondMs) * secondMs
      if (second === now) return
      now = second
      if (buckets.size === 0) return
      rows = undefined
      last = undefined
      for (const start of buckets.keys()) if (start <= now - retentionMs) buckets.delete(start)
    },
    series() {
      rows ??= range(now - (seriesSeconds - 1) * secondMs, Infinity).map(toRow)
      return rows
    },
    range,
    isEmpty: () => buckets.size === 0,
    write(writer) {
      writer.uint(now)
      writer.uint(buckets.size)
      for (const [at, totals] of buckets) {
        writer.uint(at)
        writeTotals(totals, writer)
      }
    },
    read(reader) {
      now = reader.uint()
      rows = undefined
      for (let left = reader.uint(); left > 0; left--) {
        const at = reader.uint()
        const totals = readTotals(reader)
        mergeTotals(bucketAt(at), totals)
      }
    },
  }
}

function toRow({ at, totals }: { at: number; totals: Totals }): SeriesRow {
  return {
    at,
    events: totals.events,
    pageViews: totals.pageViews,
    visitors: totals.visitors.count(),
  }
}
