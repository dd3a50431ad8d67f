import type { SeriesRow } from '@tidemark/protocol'
import { rowPrecision } from '../bucket/breakdown.ts'
import { type Totals, countEvent, createTotals, mergeTotals, readTotals } from '../bucket/totals.ts'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { startOfMinute } from './open-minutes.ts'
import { type Second, createPackedSeconds, writeSecond } from './packed-seconds.ts'
import { type SecondTally, createSecondTallies } from './second-tallies.ts'
import type { Hash } from '../sketch/hash.ts'

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
  /** Changes what is counted beside events in the second that holds a time. */
  addTally(at: number, change: Partial<SecondTally>): void
  advance(now: number): void
  /** The seconds of the last minute in which something happened. The same array until that changes. */
  series(): readonly SeriesRow[]
  /** The seconds of `[from, to)` in which something happened, in order. Nobody may change them. */
  range(from: number, to: number): Second[]
  isEmpty(): boolean
  write(writer: ByteWriter): void
  /**
   * Takes in what another has written.
   * @param version of the state: before 4 nothing was counted beside events
   */
  read(reader: ByteReader, version?: number): void
}

export function createSeconds(retentionMs: number): Seconds {
  /** The last ones, and those that something late came to since a minute began. */
  const open = new Map<number, Totals>()
  /** The others. A minute is here or there, never in both. */
  const packed = createPackedSeconds()
  const tallies = createSecondTallies(retentionMs)
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
    for (const { at, totals } of packed.unpack(minute)) open.set(at, totals)
  }

  /** Packs the minutes that are over and that the live series does not show. */
  function pack(): void {
    last = undefined
    const isOver = (minute: number): boolean => minute + minuteMs <= now - seriesSeconds * secondMs
    for (const [minute, seconds] of Map.groupBy(inOrder(open), ({ at }) => startOfMinute(at))) {
      if (!isOver(minute)) continue
      packed.pack(minute, seconds)
      for (const { at } of seconds) open.delete(at)
    }
  }

  function forget(): void {
    const upTo = now - retentionMs
    for (const minute of packed.minutes()) if (minute <= upTo) unpack(minute)
    for (const start of open.keys()) if (start <= upTo) open.delete(start)
  }

  function range(from: number, to: number): Second[] {
    const beside = tallies.range(from, to)
    const seconds = withEvents(from, to).map(({ at, totals }): Second => {
      const tally = beside.get(at)
      beside.delete(at)
      return tally ? { at, totals: { ...totals, ...tally } } : { at, totals }
    })
    for (const [at, tally] of beside) {
      seconds.push({ at, totals: { ...createTotals(rowPrecision), ...tally } })
    }
    return seconds.toSorted((a, b) => a.at - b.at)
  }

  function withEvents(from: number, to: number): Second[] {
    const minutes = [...packed.minutes()].filter(each => each + minuteMs > from && each < to)
    return [...minutes.flatMap(packed.read), ...inOrder(open)]
      .filter(({ at }) => at >= from && at < to)
      .toSorted((a, b) => a.at - b.at)
  }

  return {
    add(at, isPageView, visitor, times) {
      const start = startOfSecond(at)
      if (start <= now - retentionMs) return
      countEvent(bucketAt(start), isPageView, visitor, times)
      rows = undefined
    },
    addTally: (at, change) => tallies.add(startOfSecond(at), change),
    advance(time) {
      const second = startOfSecond(time)
      if (second === now) return
      const isSameMinute = startOfMinute(second) === startOfMinute(now)
      now = second
      tallies.advance(now)
      if (isEmpty()) return
      rows = undefined
      last = undefined
      forget()
      if (!isSameMinute) pack()
    },
    series() {
      rows ??= withEvents(now - (seriesSeconds - 1) * secondMs, Infinity).map(toRow)
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
      tallies.write(writer)
    },
    read(reader, version = 4) {
      now = reader.uint()
      tallies.advance(now)
      rows = undefined
      for (let left = reader.uint(); left > 0; left--) {
        const at = reader.uint()
        const totals = readTotals(reader)
        mergeTotals(bucketAt(at), totals)
      }
      if (version >= 4) tallies.read(reader)
      else tallies.begin()
    },
  }

  function isEmpty(): boolean {
    return open.size === 0 && packed.size === 0
  }
}

function startOfSecond(at: number): number {
  return Math.floor(at / secondMs) * secondMs
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
