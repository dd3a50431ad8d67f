import type { ValueRow, ValueWindow } from '@tidemark/protocol'
import { type Values, createValues, readValues } from '../bucket/values.ts'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { ValueSketch } from '../sketch/quantiles.ts'

const secondMs = 1000
/** The windows, in seconds. They end with the last second that is over. */
const windows = [
  ['1s', 1],
  ['5s', 5],
  ['1m', 60],
] as const
const longestMs = 60 * secondMs

/** The numeric values of the last minute, by event name: aggregates of the last 1, 5 and 60 seconds that are over. */
export interface LiveValues {
  /** Whether the name's values are aggregated; what is older than the longest window changes nothing. */
  add(name: string, value: number, at: number): boolean
  advance(now: number): void
  /** By name. The same array until it may have changed. */
  rows(): ValueRow[]
  write(writer: ByteWriter): void
  /** Takes in what another has written, at the time that it was at. */
  read(reader: ByteReader): void
}

export function createLiveValues(maxNames: number): LiveValues {
  const seconds = new Map<number, Values>()
  // Nearly all events are of the second of the one before.
  let last: Values | undefined
  let lastAt = NaN
  /** The names of the last minute, each with its last second. */
  const names = new Map<string, number>()
  let now = 0
  let rows: ValueRow[] | undefined = []

  function valuesAt(second: number): Values {
    if (last && second === lastAt) return last
    last = seconds.get(second) ?? createValues(maxNames)
    lastAt = second
    seconds.set(second, last)
    return last
  }

  function summarise(lengthMs: number): Values {
    const sum = createValues(maxNames)
    for (const [at, values] of seconds) if (at >= now - lengthMs && at < now) sum.merge(values)
    return sum
  }

  function toRows(): ValueRow[] {
    const [second, five, minute] = windows.map(([, length]) => summarise(length * secondMs).rows)
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
      const before = names.get(name)
      if (before === undefined && names.size >= maxNames) return false
      if (before === undefined || before < second) names.set(name, second)
      // What happens in the second that runs is told when it is over.
      if (second < now) rows = undefined
      return valuesAt(second).add(name, value)
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
      for (let left = reader.uint(); left > 0; left--) {
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

function toWindow(sketch: ValueSketch | undefined, seconds: number): ValueWindow {
  const none = { count: 0, sum: 0, mean: 0, min: 0, max: 0, p50: 0, p90: 0, p95: 0, p99: 0 }
  const { count, sum, mean, min, max, p50, p90, p95, p99 } = sketch?.summary() ?? none
  return { count, sum, mean, min, max, p50, p90, p95, p99, rate: count / seconds }
}
