import type { ValueRow, ValueWindow } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { ValueAggregate } from '../bucket/value-aggregate.ts'
import { type Values, createValues, readValues } from '../bucket/values.ts'

const secondMs = 1000
/** Length of each window, in seconds. All windows end with the last complete second. */
const windows = [
  ['1s', 1],
  ['5s', 5],
  ['1m', 60],
] as const
const longestMs = 60 * secondMs
const emptySummary = new ValueAggregate().summary()

/** Aggregates of event values by event name, in the last 1, 5 and 60 complete seconds. */
export interface LiveValues {
  /**
   * Adds a value. Returns `false` when there is no room for the event name. A value older than the longest window
   * changes nothing.
   */
  add(name: string, value: number, at: number): boolean
  advance(now: number): void
  /** Returns the rows by event name. Returns the same array until a row may have changed. */
  rows(): ValueRow[]
  write(writer: ByteWriter): void
  /** Restores the bytes of `write`, and the time at which they were written. */
  read(reader: ByteReader): void
}

export function createLiveValues(maxNames: number): LiveValues {
  const seconds = new Map<number, Values>()
  // Consecutive events mostly have the same second.
  let last: Values | undefined
  let lastSecond = NaN
  /** Latest second of each event name in the last minute. */
  const names = new Map<string, number>()
  /** Start of the current second. */
  let now = 0
  let rows: ValueRow[] | undefined = []

  function valuesAt(second: number): Values {
    if (last && second === lastSecond) return last
    last = seconds.get(second) ?? createValues(maxNames)
    lastSecond = second
    seconds.set(second, last)
    return last
  }

  function sumOf(lengthMs: number): Values {
    const sum = createValues(maxNames)
    for (const [at, values] of seconds) if (at >= now - lengthMs && at < now) sum.merge(values)
    return sum
  }

  function toRows(): ValueRow[] {
    const [second, five, minute] = windows.map(([, length]) => sumOf(length * secondMs).rows)
    if (!second || !five || !minute) return []
    return [...minute.keys()].toSorted().map(name => ({
      name,
      '1s': toWindow(second.get(name), 1),
      '5s': toWindow(five.get(name), 5),
      '1m': toWindow(minute.get(name), 60),
    }))
  }

  return {
    add(name, value, at) {
      const second = Math.floor(at / secondMs) * secondMs
      if (second < now - longestMs) return true
      const latest = names.get(name)
      if (latest === undefined && names.size >= maxNames) return false
      if (latest === undefined || latest < second) names.set(name, second)
      // The rows do not contain the current second until it is complete.
      if (second < now) rows = undefined
      return valuesAt(second).add(name, value, at)
    },
    advance(time) {
      const second = Math.floor(time / secondMs) * secondMs
      if (second === now) return
      now = second
      if (seconds.size === 0) return
      rows = undefined
      last = undefined
      for (const at of seconds.keys()) if (at < now - longestMs) seconds.delete(at)
      for (const [name, at] of names) if (at < now - longestMs) names.delete(name)
    },
    rows() {
      rows ??= toRows()
      return rows
    },
    write(writer) {
      writer.uint(now)
      writer.uint(seconds.size)
      for (const [at, values] of seconds) {
        writer.uint(at)
        values.write(writer)
      }
    },
    read(reader) {
      now = reader.uint()
      for (let remaining = reader.uint(); remaining > 0; remaining--) {
        const at = reader.uint()
        const values = readValues(reader, maxNames)
        seconds.set(at, values)
        last = undefined
        for (const name of values.rows.keys()) names.set(name, Math.max(at, names.get(name) ?? 0))
      }
      rows = undefined
    },
  }
}

function toWindow(values: ValueAggregate | undefined, seconds: number): ValueWindow {
  const summary = values?.summary() ?? emptySummary
  return { ...summary, rate: summary.count / seconds }
}
