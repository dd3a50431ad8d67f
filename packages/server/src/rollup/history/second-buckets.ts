import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { rowPrecision } from '../bucket/breakdown.ts'
import { type Totals, createTotals, mergeTotals, readTotals } from '../bucket/totals.ts'
import { startOfMinute } from './open-buckets.ts'
import { type Second, createPackedSeconds, writeSecond } from './packed-seconds.ts'

const minuteMs = 60_000

/** Totals of events by second. Older minutes are packed, and unpacked when a late event changes them. */
export interface SecondBuckets {
  /** Returns the totals of the second that starts at `start`, to count in. They are valid until the next `pack`. */
  bucketAt(start: number): Totals
  /** Packs the minutes that end at or before a time. */
  pack(endedBy: number): void
  /** Deletes the seconds that start at or before a time. */
  expire(upTo: number): void
  /** Returns the seconds of `[from, to)` with events, in order. */
  range(from: number, to: number): Second[]
  isEmpty(): boolean
  write(writer: ByteWriter): void
  /** Adds the seconds in the bytes of `write`. */
  read(reader: ByteReader): void
}

export function createSecondBuckets(): SecondBuckets {
  /** Recent seconds, and seconds of minutes with late events since the last `pack`. */
  const open = new Map<number, Totals>()
  /** Other minutes. No minute is both packed and open. */
  const packed = createPackedSeconds()
  // Most events of a batch are in the same second.
  let last: Totals | undefined
  let lastStart = NaN

  function unpack(minute: number): void {
    if (!packed.has(minute)) return
    for (const { at, totals } of packed.unpack(minute)) open.set(at, totals)
  }

  function bucketAt(start: number): Totals {
    if (last && start === lastStart) return last
    unpack(startOfMinute(start))
    last = open.get(start) ?? createTotals(rowPrecision)
    lastStart = start
    open.set(start, last)
    return last
  }

  return {
    bucketAt,
    pack(endedBy) {
      last = undefined
      for (const [minute, seconds] of Map.groupBy(inOrder(open), ({ at }) => startOfMinute(at))) {
        if (minute + minuteMs > endedBy) continue
        packed.pack(minute, seconds)
        for (const { at } of seconds) open.delete(at)
      }
    },
    expire(upTo) {
      last = undefined
      for (const minute of packed.minutes()) if (minute <= upTo) unpack(minute)
      for (const start of open.keys()) if (start <= upTo) open.delete(start)
    },
    range(from, to) {
      const minutes = [...packed.minutes()].filter(each => each + minuteMs > from && each < to)
      return [...minutes.flatMap(packed.read), ...inOrder(open)]
        .filter(({ at }) => at >= from && at < to)
        .toSorted((a, b) => a.at - b.at)
    },
    isEmpty: () => open.size === 0 && packed.size === 0,
    write(writer) {
      const byMinute = Map.groupBy(inOrder(open), ({ at }) => startOfMinute(at))
      const minutes = [...packed.minutes(), ...byMinute.keys()].toSorted((a, b) => a - b)
      writer.uint(minutes.reduce((sum, each) => sum + packed.countOf(each), open.size))
      for (const minute of minutes) {
        packed.write(minute, writer)
        for (const second of byMinute.get(minute) ?? []) writeSecond(second, writer)
      }
    },
    read(reader) {
      for (let remaining = reader.uint(); remaining > 0; remaining--) {
        const start = reader.uint()
        const totals = readTotals(reader)
        mergeTotals(bucketAt(start), totals)
      }
    },
  }
}

function inOrder(seconds: ReadonlyMap<number, Totals>): Second[] {
  return [...seconds].map(([at, totals]) => ({ at, totals })).toSorted((a, b) => a.at - b.at)
}
