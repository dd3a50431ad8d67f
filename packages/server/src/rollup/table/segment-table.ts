import type { Hash } from '../sketch/hash.ts'
import { createEviction } from './eviction.ts'
import { createRowIndex } from './row-index.ts'
import type { StoredSegment } from './segment.ts'
import { maxSegmentRows } from './segment-list.ts'
import { createSegmentRows } from './segment-rows.ts'

/**
 * A packed table with one row per key. Rows are stored, evicted and expired by segments, oldest first. A row number
 * is valid until the next `insert` or `expire`. Everything except the index depends on the calls alone, and so does
 * the encoding.
 */
export interface SegmentTable {
  rowCount(): number
  /** Total length of the lists of all rows. */
  listedNumbers(): number
  /** Memory in use, with the index, in bytes. */
  memoryBytes(): number
  /** Returns the row of a key, or -1. */
  find(key: Hash): number
  /** Inserts a row of zeros for a key without a row. Evicts the oldest rows first when the table is full. */
  insert(key: Hash, seenAt: number): number
  seenAt(row: number): number
  setSeenAt(row: number, at: number): void
  word(row: number, field: number): number
  setWord(row: number, field: number, value: number): void
  /** Returns the ascending numbers that the row has beside its words. */
  list(row: number): readonly number[]
  setList(row: number, list: readonly number[]): void
  /** Removes the oldest segments if they were filled before a time. Rows that were seen since then remain. */
  expire(before: number): void
  /** Returns the segments that changed or were removed since the last call. */
  drainDirty(): StoredSegment[]
  /** Returns all segments. */
  encode(): StoredSegment[]
}

export interface SegmentTableOptions {
  /** Words of 32 bits in each row. */
  words: number
  /** From 1 to 8 million. A full table evicts the oldest rows, except rows that were seen after later inserts. */
  maxRows: number
  /** Receives the number of rows that were evicted for an insert. */
  onEvicted(rows: number): void
  /** Segments from `drainDirty` or `encode`. @default none */
  stored?: Iterable<StoredSegment>
  /** Seed of the row index. @default 0 */
  seed?: number
}

/** Content of a row with two words. */
export interface PackedRow {
  readonly words: readonly [number, number]
  readonly list: readonly number[]
}

const mostRows = 8_000_000

/** @throws {RangeError} when `maxRows` is out of range or a stored segment is missing or damaged */
export function createSegmentTable({
  words,
  maxRows,
  onEvicted,
  stored = [],
  seed,
}: SegmentTableOptions): SegmentTable {
  if (!(maxRows >= 1 && maxRows <= mostRows)) {
    throw new RangeError(`maxRows: ${maxRows} is not between 1 and ${mostRows}.`)
  }
  // A small table evicts few rows at a time.
  const maxCapacity = Math.min(maxSegmentRows, Math.max(1, Math.floor(maxRows / 16)))
  const rows = createSegmentRows({ words, maxCapacity, stored })
  const { highOf, lowOf, hasKey } = rows
  const index = createRowIndex({ highOf, lowOf, hasKey, seed, expectedRows: rows.rowCount() })
  for (const row of rows.all()) index.set(row)
  const eviction = createEviction({ rows, index, maxRows })
  // Most lookups repeat the previous key.
  let lastKey: Hash | undefined
  let lastRow = -1

  function makeRoom(): void {
    lastKey = undefined
    onEvicted(eviction.makeRoom())
  }

  return {
    rowCount: rows.rowCount,
    listedNumbers: rows.listedNumbers,
    memoryBytes: () => index.memoryBytes() + rows.memoryBytes(),
    find(key) {
      if (key === lastKey) return lastRow
      const row = index.find(key)
      lastKey = row < 0 ? undefined : key
      lastRow = row
      return row
    },
    insert(key, seenAt) {
      if (rows.rowCount() >= maxRows) makeRoom()
      const row = rows.append(key, seenAt)
      index.set(row)
      return row
    },
    seenAt: rows.seenAt,
    setSeenAt: rows.setSeenAt,
    word: rows.word,
    setWord: rows.setWord,
    list: rows.list,
    setList: rows.setList,
    expire(before) {
      if (eviction.expire(before)) lastKey = undefined
    },
    drainDirty: rows.drainDirty,
    encode: rows.encode,
  }
}
