import type { Hash } from '../sketch/hash.ts'
import { rowBits } from './row-index.ts'
import {
  type Segment,
  type StoredSegment,
  createSegment,
  decodeSegment,
  encodeSegment,
  unitsOf,
} from './segment.ts'

/**
 * Storage of a packed table: rows in segments, without an index. Rows are appended to the last segment; only the
 * first segment is removed. The contents and their encoding depend on the calls alone.
 */
export interface SegmentStore {
  rowCount(): number
  /** Total length of the lists of all rows. */
  listedNumbers(): number
  /** Memory of the rows and lists, in bytes. */
  memoryBytes(): number
  /** Appends a row whose words are 0, and returns its number. */
  append(key: Hash, seenAt: number): number
  /** Copies a row of the first segment to the end, and returns the number of the copy. */
  moveToEnd(first: Segment, offset: number): number
  /** Removes the first segment, after `movedRows` of its rows were moved to the end. */
  removeFirst(movedRows: number): void
  first(): Segment | undefined
  /** The number of the row at an offset in a segment. */
  rowAt(segment: Segment, offset: number): number
  /** Numbers of all rows. */
  rows(): Iterable<number>
  highOf(row: number): number
  lowOf(row: number): number
  hasKey(row: number, high: number, low: number): boolean
  seenAt(row: number): number
  setSeenAt(row: number, at: number): void
  word(row: number, field: number): number
  setWord(row: number, field: number, value: number): void
  list(row: number): readonly number[]
  setList(row: number, list: readonly number[]): void
  /** Returns the segments that changed or were removed since the last call. */
  drainDirty(): StoredSegment[]
  /** Returns all segments. */
  encode(): StoredSegment[]
}

export interface SegmentStoreOptions {
  /** Words of 32 bits in each row. */
  words: number
  /** Largest number of rows in a new segment, at most 1,024. */
  maxCapacity: number
  stored: Iterable<StoredSegment>
}

const offsetBits = 10
export const maxSegmentRows: number = 2 ** offsetBits
const offsetMask = maxSegmentRows - 1
const minSegmentRows = 16
/** Segment ids grow forever. A row number contains their last bits, which are unique among the present segments. */
const idMask = 2 ** (rowBits - offsetBits) - 1

/** Words of a row after the two of `seenAt`. */
const highField = 2
const lowField = 3
const firstWord = 4

const emptyList: readonly number[] = []

/** @throws {RangeError} when the stored segments have a gap, are truncated, or have rows of another size */
export function createSegmentStore(options: SegmentStoreOptions): SegmentStore {
  const units = unitsOf(options.words)
  const segments = restoreSegments(options.stored, units)
  const removedIds = new Set<number>()
  let firstId = (segments[0]?.id ?? 0) & idMask
  let rowCount = 0
  let listedNumbers = 0
  for (const segment of segments) {
    rowCount += segment.length
    listedNumbers += countListed(segment)
  }

  function segmentOf(row: number): Segment {
    const segment = segments[((row >>> offsetBits) - firstId) & idMask]
    if (!segment) throw new RangeError(`The table has no row ${row}.`)
    return segment
  }

  /** Index of a row's first unit in its segment. */
  const unitOf = (row: number): number => (row & offsetMask) * units

  const rowAt = (segment: Segment, offset: number): number =>
    ((segment.id & idMask) << offsetBits) | offset

  const wordOf = (row: number, field: number): number =>
    segmentOf(row).words[unitOf(row) * 2 + field] ?? 0

  /** The last segment if it has room, else a new one, as large as all others together within the bounds. */
  function lastWithRoom(leaving?: Segment): Segment {
    const last = segments.at(-1)
    if (last && last !== leaving && last.length < last.capacity) return last
    const wanted = Math.max(minSegmentRows, 2 ** Math.ceil(Math.log2(rowCount)))
    const id = last ? last.id + 1 : 0
    const segment = createSegment(id, Math.min(options.maxCapacity, wanted), units)
    segments.push(segment)
    return segment
  }

  return {
    rowCount: () => rowCount,
    listedNumbers: () => listedNumbers,
    memoryBytes: () =>
      segments.reduce((sum, { floats }) => sum + floats.byteLength, 0) + listedNumbers * 8,
    append(key, seenAt) {
      const segment = lastWithRoom()
      const row = rowAt(segment, segment.length++)
      const unit = unitOf(row)
      segment.floats[unit] = seenAt
      segment.words[unit * 2 + highField] = key.high
      segment.words[unit * 2 + lowField] = key.low
      segment.filledAt = Math.max(segment.filledAt, seenAt)
      segment.isDirty = true
      rowCount++
      return row
    },
    moveToEnd(first, offset) {
      const to = lastWithRoom(first)
      const end = to.length++
      const start = offset * units * 2
      // As words: two words that form a NaN would not keep their bits as a double.
      to.words.set(first.words.subarray(start, start + units * 2), end * units * 2)
      const list = first.lists.get(offset)
      if (list) {
        to.lists.set(end, list)
        first.lists.delete(offset)
      }
      to.filledAt = Math.max(to.filledAt, to.floats[end * units] ?? 0)
      to.isDirty = true
      return rowAt(to, end)
    },
    removeFirst(movedRows) {
      const first = segments.shift()
      if (!first) return
      firstId = (segments[0]?.id ?? 0) & idMask
      removedIds.add(first.id)
      rowCount -= first.length - movedRows
      listedNumbers -= countListed(first)
    },
    first: () => segments[0],
    rowAt,
    *rows() {
      for (const segment of segments) {
        for (let offset = 0; offset < segment.length; offset++) yield rowAt(segment, offset)
      }
    },
    highOf: row => wordOf(row, highField),
    lowOf: row => wordOf(row, lowField),
    hasKey(row, high, low) {
      const { words } = segmentOf(row)
      const index = unitOf(row) * 2 + highField
      return words[index] === high && words[index + 1] === low
    },
    seenAt: row => segmentOf(row).floats[unitOf(row)] ?? 0,
    setSeenAt(row, at) {
      const segment = segmentOf(row)
      segment.floats[unitOf(row)] = at
      segment.isDirty = true
    },
    word: (row, field) => wordOf(row, firstWord + field),
    setWord(row, field, value) {
      const segment = segmentOf(row)
      segment.words[unitOf(row) * 2 + firstWord + field] = value
      segment.isDirty = true
    },
    list: row => segmentOf(row).lists.get(row & offsetMask) ?? emptyList,
    setList(row, list) {
      const segment = segmentOf(row)
      const offset = row & offsetMask
      listedNumbers += list.length - (segment.lists.get(offset)?.length ?? 0)
      if (list.length > 0) segment.lists.set(offset, list)
      else segment.lists.delete(offset)
      segment.isDirty = true
    },
    drainDirty() {
      const changed = segments.filter(({ isDirty }) => isDirty)
      for (const segment of segments) {
        segment.isDirty = false
        removedIds.delete(segment.id)
      }
      const removed = [...removedIds].map(id => ({ id, bytes: undefined }))
      removedIds.clear()
      return [...removed, ...changed.map(segment => toStored(segment, units))]
    },
    encode: () => segments.map(segment => toStored(segment, units)),
  }
}

function countListed({ lists }: Segment): number {
  let count = 0
  for (const list of lists.values()) count += list.length
  return count
}

function toStored(segment: Segment, units: number): StoredSegment {
  return { id: segment.id, bytes: encodeSegment(segment, units) }
}

function restoreSegments(stored: Iterable<StoredSegment>, units: number): Segment[] {
  const segments: Segment[] = []
  for (const { id, bytes } of [...stored].toSorted((a, b) => a.id - b.id)) {
    if (!bytes) continue
    const last = segments.at(-1)
    if (last && last.id + 1 !== id) throw new RangeError(`Segment ${last.id + 1} is missing.`)
    const segment = decodeSegment(id, bytes, units)
    if (segment.capacity > maxSegmentRows) {
      throw new RangeError(
        `Segment ${id} has room for ${segment.capacity} rows, more than ${maxSegmentRows}.`,
      )
    }
    segments.push(segment)
  }
  return segments
}
