import { createByteReader, createByteWriter } from '../../shared/bytes.ts'

/**
 * Rows that are stored and evicted together. The fields of a row lie next to each other, because a fetch from memory
 * takes longer than any work on a row. A row takes a whole number of units of 8 bytes: `seenAt` as a double, both
 * halves of the key, then the words, two to a unit.
 */
export interface Segment {
  readonly id: number
  /** Most rows that the segment holds. */
  readonly capacity: number
  /** Number of rows. */
  length: number
  /** Latest `seenAt` among the rows at the time of their insertion. */
  filledAt: number
  isDirty: boolean
  /** All rows as doubles. */
  readonly floats: Float64Array
  /** The same bytes as words of 32 bits. */
  readonly words: Uint32Array
  /** Ascending whole numbers that a few rows have beside their fields, by the row's offset. */
  readonly lists: Map<number, readonly number[]>
}

/** A segment as bytes, or without `bytes` when the segment was deleted. */
export interface StoredSegment {
  readonly id: number
  readonly bytes: Uint8Array | undefined
}

/** Returns the units that a row with this number of words takes. */
export function unitsOf(words: number): number {
  return 1 + Math.ceil((2 + words) / 2)
}

export function createSegment(id: number, capacity: number, units: number): Segment {
  const buffer = new ArrayBuffer(capacity * units * 8)
  return {
    id,
    capacity,
    length: 0,
    filledAt: -Infinity,
    isDirty: true,
    floats: new Float64Array(buffer),
    words: new Uint32Array(buffer),
    lists: new Map(),
  }
}

/** Encodes the segment: capacity, length, `filledAt`, the lists, then the rows in the byte order of the machine. */
export function encodeSegment(segment: Segment, units: number): Uint8Array {
  const rows = rowBytes(segment, units)
  const writer = createByteWriter()
  writer.uint(segment.capacity)
  writer.uint(segment.length)
  writer.float(segment.filledAt)
  writer.uint(segment.lists.size)
  for (const [offset, list] of segment.lists) {
    writer.uint(offset)
    writer.uint(list.length)
    let previous = 0
    for (const number of list) {
      writer.uint(number - previous)
      previous = number
    }
  }
  writer.uint(rows.length)
  // The rows are nearly all of the bytes, so they are copied once and not through the writer.
  const head = writer.finish()
  const bytes = new Uint8Array(head.length + rows.length)
  bytes.set(head)
  bytes.set(rows, head.length)
  return bytes
}

/** @throws {RangeError} when the bytes are truncated or have rows of another size */
export function decodeSegment(id: number, bytes: Uint8Array, units: number): Segment {
  const reader = createByteReader(bytes)
  const segment = createSegment(id, reader.uint(), units)
  segment.isDirty = false
  segment.length = reader.uint()
  segment.filledAt = reader.float()
  for (let remaining = reader.uint(); remaining > 0; remaining--) {
    const offset = reader.uint()
    let previous = 0
    const list = Array.from({ length: reader.uint() }, () => (previous += reader.uint()))
    segment.lists.set(offset, list)
  }
  const stored = reader.bytes()
  const rows = rowBytes(segment, units)
  if (stored.length !== rows.length) {
    throw new RangeError(
      `Segment ${id} has ${stored.length} bytes of rows instead of ${rows.length}.`,
    )
  }
  rows.set(stored)
  return segment
}

function rowBytes({ floats, length }: Segment, units: number): Uint8Array {
  return new Uint8Array(floats.buffer, 0, length * units * 8)
}
