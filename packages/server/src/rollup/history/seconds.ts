import type { SeriesRow } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { rowPrecision } from '../bucket/breakdown.ts'
import { countEvent, createTotals } from '../bucket/totals.ts'
import type { Hash } from '../sketch/hash.ts'
import { startOfMinute } from './open-buckets.ts'
import type { Second } from './packed-seconds.ts'
import { createSecondBuckets } from './second-buckets.ts'
import { type SecondTally, createSecondTallies } from './second-tallies.ts'

const secondMs = 1000
/** Seconds in the live series, with the current one. */
const seriesSeconds = 60

/**
 * History of the last minutes by seconds. It is part of the site's encoded state, not of the stored buckets. Visitors
 * of a second have a standard error of 2.3 %; up to 128 visitors are counted exactly.
 */
export interface Seconds {
  /**
   * Counts an event. Events beyond the retention are ignored.
   * @param times number of equal events. @default 1
   */
  add(at: number, isPageView: boolean, visitor: Hash, times?: number): void
  /** Changes the sessions, bounces or bot events of the second that contains a time. */
  addTally(at: number, change: Partial<SecondTally>): void
  advance(now: number): void
  /** Returns the seconds of the last minute with events. The array is the same until the series changes. */
  series(): readonly SeriesRow[]
  /** Returns the non-empty seconds of `[from, to)`, in order. Callers must not change them. */
  range(from: number, to: number): Second[]
  isEmpty(): boolean
  write(writer: ByteWriter): void
  /** Restores the bytes of `write`. */
  read(reader: ByteReader): void
}

/** @param retentionMs time from the start of a second to its expiry */
export function createSeconds(retentionMs: number): Seconds {
  const buckets = createSecondBuckets()
  const tallies = createSecondTallies(retentionMs)
  let now = 0
  let rows: readonly SeriesRow[] | undefined = []

  return {
    add(at, isPageView, visitor, times) {
      const start = startOfSecond(at)
      if (start <= now - retentionMs) return
      countEvent(buckets.bucketAt(start), isPageView, visitor, times)
      rows = undefined
    },
    addTally: (at, change) => tallies.add(startOfSecond(at), change),
    advance(time) {
      const second = startOfSecond(time)
      if (second === now) return
      const isSameMinute = startOfMinute(second) === startOfMinute(now)
      now = second
      tallies.advance(now)
      if (buckets.isEmpty()) return
      rows = undefined
      buckets.expire(now - retentionMs)
      // The live series reads the last minute each second, so that minute stays open.
      if (!isSameMinute) buckets.pack(now - seriesSeconds * secondMs)
    },
    series() {
      rows ??= buckets.range(now - (seriesSeconds - 1) * secondMs, Infinity).map(toRow)
      return rows
    },
    range(from, to) {
      const talliesByStart = tallies.range(from, to)
      const seconds = buckets.range(from, to).map(({ at, totals }): Second => {
        const tally = talliesByStart.get(at)
        talliesByStart.delete(at)
        return tally ? { at, totals: { ...totals, ...tally } } : { at, totals }
      })
      for (const [at, tally] of talliesByStart) {
        seconds.push({ at, totals: { ...createTotals(rowPrecision), ...tally } })
      }
      return seconds.toSorted((a, b) => a.at - b.at)
    },
    isEmpty: buckets.isEmpty,
    write(writer) {
      writer.uint(now)
      buckets.write(writer)
      tallies.write(writer)
    },
    read(reader) {
      now = reader.uint()
      tallies.advance(now)
      rows = undefined
      buckets.read(reader)
      tallies.read(reader)
    },
  }
}

function startOfSecond(at: number): number {
  return Math.floor(at / secondMs) * secondMs
}

function toRow({ at, totals }: Second): SeriesRow {
  return {
    at,
    events: totals.events,
    pageViews: totals.pageViews,
    visitors: totals.visitors.count(),
  }
}
