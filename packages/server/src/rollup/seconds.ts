import type { SeriesRow } from '@tidemark/protocol'
import { rowPrecision } from './bucket/breakdown.ts'
import { type Totals, countEvent, createTotals, mergeTotals, readTotals } from './bucket/totals.ts'
import type { ByteReader, ByteWriter } from '../bytes.ts'
import { startOfMinute } from './open-minutes.ts'
import { type Second, createPackedSeconds, writeSecond } from './packed-seconds.ts'
import type { Hash } from './sketch/hash.ts'

const secondMs = 1000
const minuteMs = 60 * secondMs
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
  range(from: number, to: number): Second[]
  isEmpty(): boolean
  write(writer: ByteWriter): void
  /** Takes in what another has written. */
  read(reader: ByteReader): void
}

export function createSeconds(retentionMs: number): Seconds {
  /** The last ones, and those that something late came to since a minute began. */
  const open = new Map<number, Totals>()
  /** The others. A minute is here or there, never in both. */
  const packed = createPackedSeconds()
  let now = 0
  let rows: readonly SeriesRow[] | undefined = []

  // The events of a batch are mostly of one second.
  let last: Totals | undefined
  let lastStart = NaN

  function bucketAt(start: number): Totals {
    if (last && start === lastStart) return last
    unpack(startOfMinute(start))
    last = open.get(start) ?? createTotals(rowPrecision)
    lastStart = start
    open.set(start, last)
    return last
  }

  function unpack(minute: number): void {
    if (!packed.has(minute)) return
    for (const { at, totals } of packed.take(minute)) open.set(at, totals)
  }

  /** Packs the minutes that are over and that the live series does not show. */
  function pack(): void {
    last = undefined
    const isOver = (minute: number): boolean => minute + minuteMs <= now - seriesSeconds * secondMs
    for (const [minute, seconds] of Map.groupBy(inOrder(open), ({ at }) => startOfMinute(at))) {
      if (!isOver(minute)) continue
      packed.put(minute, seconds)
      for (const { at } of seconds) open.delete(at)
    }
  }

  function forget(): void {
    const upTo = now - retentionMs
    for (const minute of packed.minutes()) if (minute <= upTo) unpack(minute)
    for (const start of open.keys()) if (start <= upTo) open.delete(start)
  }

  function range(from: number, to: number): Second[] {
    const minutes = [...packed.minutes()].filter(each => each + minuteMs > from && each < to)
    return [...minutes.flatMap(packed.read), ...inOrder(open)]
      .filter(({ at }) => at >= from && at < to)
      .toSorted((a, b) => a.at - b.at)
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
      const isSameMinute = startOfMinute(second) === startOfMinute(now)
      now = second
      if (isEmpty()) return
      rows = undefined
      last = undefined
      forget()
      if (!isSameMinute) pack()
    },
    series() {
      rows ??= range(now - (seriesSeconds - 1) * secondMs, Infinity).map(toRow)
      return rows
    },
    range,
    isEmpty,
    write(writer) {
      writer.uint(now)
      const byMinute = Map.groupBy(inOrder(open), ({ at }) => startOfMinute(at))
      const minutes = [...packed.minutes(), ...byMinute.keys()].toSorted((a, b) => a - b)
      writer.uint(minutes.reduce((sum, each) => sum + packed.countOf(each), open.size))
      for (const minute of minutes) {
        packed.write(minute, writer)
        for (const each of byMinute.get(minute) ?? []) writeSecond(each, writer)
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

  function isEmpty(): boolean {
    return open.size === 0 && packed.size === 0
  }
}

function inOrder(seconds: ReadonlyMap<number, Totals>): Second[] {
  return [...seconds].map(([at, totals]) => ({ at, totals })).toSorted((a, b) => a.at - b.at)
}

function toRow({ at, totals }: Second): SeriesRow {
  return {
    at,
    events: totals.events,
    pageViews: totals.pageViews,
    visitors: totals.visitors.count(),
  }
}
