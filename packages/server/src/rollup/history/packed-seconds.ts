import { type ByteWriter, createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { type Totals, readTotals, writeTotals } from '../bucket/totals.ts'

export interface Second {
  /** Start, in milliseconds since 1970. */
  readonly at: number
  readonly totals: Totals
}

/**
 * Past seconds as bytes, a minute at a time. A packed visitor hash takes 8 bytes instead of 16, a minute is one
 * allocation instead of hundreds, and a checkpoint copies the bytes.
 */
export interface PackedSeconds {
  /** Number of packed minutes. */
  readonly size: number
  /** Returns the starts of the minutes, in the order in which they were packed. */
  minutes(): Iterable<number>
  has(minute: number): boolean
  /** Packs the seconds of a minute, in order. */
  pack(minute: number, seconds: readonly Second[]): void
  /** Removes a minute and returns its seconds. */
  unpack(minute: number): Second[]
  /** Returns copies of the seconds of a minute. */
  read(minute: number): Second[]
  /** Returns the number of seconds of a minute. */
  countOf(minute: number): number
  /** Writes the seconds of a minute in the format of `writeSecond`. */
  write(minute: number, writer: ByteWriter): void
}

interface PackedMinute {
  readonly count: number
  readonly bytes: Uint8Array
}

export function createPackedSeconds(): PackedSeconds {
  const packed = new Map<number, PackedMinute>()

  function read(minute: number): Second[] {
    const entry = packed.get(minute)
    if (!entry) return []
    const reader = createByteReader(entry.bytes)
    return Array.from({ length: entry.count }, () => ({
      at: reader.uint(),
      totals: readTotals(reader),
    }))
  }

  return {
    get size() {
      return packed.size
    },
    minutes: () => packed.keys(),
    has: minute => packed.has(minute),
    pack(minute, seconds) {
      const writer = createByteWriter()
      for (const second of seconds) writeSecond(second, writer)
      packed.set(minute, { count: seconds.length, bytes: writer.finish() })
    },
    unpack(minute) {
      const seconds = read(minute)
      packed.delete(minute)
      return seconds
    },
    read,
    countOf: minute => packed.get(minute)?.count ?? 0,
    write(minute, writer) {
      const entry = packed.get(minute)
      if (entry) writer.raw(entry.bytes)
    },
  }
}

export function writeSecond({ at, totals }: Second, writer: ByteWriter): void {
  writer.uint(at)
  writeTotals(totals, writer)
}
