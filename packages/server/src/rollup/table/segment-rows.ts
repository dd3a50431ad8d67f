import type { Hash } from '../sketch/hash.ts'
import { type Segment, type StoredSegment, unitsOf } from './segment.ts'
import { type SegmentList, createSegmentList, offsetMask } from './segment-list.ts'

/**
 * Rows of a packed table in segments, without an index. Rows are appended to the last segment; only the first segment
 * is removed. The contents and their encoding depend on the calls alone.
 */
export interface SegmentRows extends Pick<SegmentList, 'rowAt' | 'drainDirty' | 'encode'> {
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
  /** Returns the numbers of all rows. */
  all(): Iterable<number>
  highOf(row: number): number
  lowOf(row: number): number
  hasKey(row: number, high: number, low: number): boolean
  seenAt(row: number): number
  setSeenAt(row: number, at: number): void
  word(row: number, field: number): number
  setWord(row: number, field: number, value: number): void
  list(row: number): readonly number[]
  setList(row: number, list: readonly number[]): void
}

export interface SegmentRowsOptions {
  /** Words of 32 bits in each row. */
  words: number
  /** Largest number of rows in a new segment, at most `maxSegmentRows`. */
  maxCapacity: number
  stored: Iterable<StoredSegment>
}

const minSegmentRows = 16

/** Words of a row after the two of `seenAt`. */
const highField = 2
const lowField = 3
const firstWord = 4

const emptyList: readonly number[] = []

/** @throws {RangeError} when the stored segments have a gap, are truncated, or have rows of another size */
export function createSegmentRows({ words, maxCapacity, stored }: SegmentRowsOptions): SegmentRows {
  const units = unitsOf(words)
  const { segments, segmentOf, rowAt, ...list } = createSegmentList(stored, units)
  let rowCount = 0
  let listedNumbers = 0
  for (const segment of segments) {
    rowCount += segment.length
    listedNumbers += countListed(segment)
  }

  /** Index of a row's first unit in its segment. */
  const unitOf = (row: number): number => (row & offsetMask) * units

  const wordOf = (row: number, field: number): number =>
    segmentOf(row).words[unitOf(row) * 2 + field] ?? 0

  /** The last segment if it has room, else a new one, as large as all others together within the bounds. */
  function lastWithRoom(leaving?: Segment): Segment {
    const last = segments.at(-1)
    if (last && last !== leaving && last.length < last.capacity) return last
    const wanted = Math.max(minSegmentRows, 2 ** Math.ceil(Math.log2(rowCount)))
    return list.add(Math.min(maxCapacity, wanted))
  }

  return {
    rowAt,
    drainDirty: list.drainDirty,
    encode: list.encode,
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
      // Copies words, not doubles: a copied NaN may change its bits.
      to.words.set(first.words.subarray(start, start + units * 2), end * units * 2)
      const numbers = first.lists.get(offset)
      if (numbers) {
        to.lists.set(end, numbers)
        first.lists.delete(offset)
      }
      to.filledAt = Math.max(to.filledAt, to.floats[end * units] ?? 0)
      to.isDirty = true
      return rowAt(to, end)
    },
    removeFirst(movedRows) {
      const first = list.removeFirst()
      if (!first) return
      rowCount -= first.length - movedRows
      listedNumbers -= countListed(first)
    },
    first: () => segments[0],
    *all() {
      for (const segment of segments) {
        for (let offset = 0; offset < segment.length; offset++) yield rowAt(segment, offset)
      }
    },
    highOf: row => wordOf(row, highField),
    lowOf: row => wordOf(row, lowField),
    hasKey(row, high, low) {
      const segment = segmentOf(row)
      const index = unitOf(row) * 2 + highField
      return segment.words[index] === high && segment.words[index + 1] === low
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
    setList(row, numbers) {
      const segment = segmentOf(row)
      const offset = row & offsetMask
      listedNumbers += numbers.length - (segment.lists.get(offset)?.length ?? 0)
      if (numbers.length > 0) segment.lists.set(offset, numbers)
      else segment.lists.delete(offset)
      segment.isDirty = true
    },
  }
}

function countListed({ lists }: Segment): number {
  let count = 0
  for (const numbers of lists.values()) count += numbers.length
  return count
}
