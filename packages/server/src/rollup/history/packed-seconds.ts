import { type Totals, readTotals, writeTotals } from '../bucket/totals.ts'
import { type ByteWriter, createByteReader, createByteWriter } from '../../shared/bytes.ts'

export interface Second {
  /** Its start, in milliseconds since 1970. */
  readonly at: number
  readonly totals: Totals
}

/**
 * Seconds that are over, a minute of them at a time, as bytes: each hash of a visitor takes 8 of them and not 16,
 * all are in one piece and not in hundreds, and a checkpoint has them ready.
 */
export interface PackedSeconds {
  /** How many minutes there are. */
  readonly size: number
  /** Their starts, in the order in which they came. */
  minutes(): Iterable<number>
  has(minute: number): boolean
  /** @param seconds of this minute, in order */
  pack(minute: number, seconds: readonly Second[]): void
  /** Gives back the seconds of a minute, which is not here any more. */
  unpack(minute: number): Second[]
  /** The seconds of a minute, as copies. */
  read(minute: number): Second[]
  /** How many seconds there are of a minute. */
  countOf(minute: number): number
  write(minute: number, writer: ByteWriter): void
}

interface Packed {
  readonly count: number
  readonly bytes: Uint8Array
}

export function createPackedSeconds(): PackedSeconds {
  const packed = new Map<number, Packed>()

  function read(minute: number): Second[] {
    const known = packed.get(minute)
    if (!known) return []
    const reader = createByteReader(known.bytes)
    return Array.from({ length: known.count }, () => ({
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
      const known = packed.get(minute)
      if (known) writer.raw(known.bytes)
    },
  }
}

export function writeSecond({ at, totals }: Second, writer: ByteWriter): void {
  writer.uint(at)
  writeTotals(totals, writer)
}
