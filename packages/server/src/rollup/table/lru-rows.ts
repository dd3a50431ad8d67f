import type { Hash } from '../sketch/hash.ts'
import { type LinkedRows, createLinkedRows } from './linked-rows.ts'
import { createRowIndex } from './row-index.ts'

/**
 * Packed rows by key, in least recently used order. Each row has the time when it was last seen and a few words of
 * 32 bits. `touch` and `remove` take constant time.
 */
export interface LruRows {
  readonly size: number
  /** Returns the row of a key, or -1. */
  find(key: Hash): number
  /** Adds a row at the end for a key without a row. */
  add(key: Hash, seenAt: number): number
  /** Moves a row to the end. */
  touch(row: number, seenAt: number): void
  /** Removes a row. A later `add` may reuse the number. */
  remove(row: number): void
  /** Returns the least recently used row, or -1. */
  first(): number
  seenAt(row: number): number
  word(row: number, field: number): number
  setWord(row: number, field: number, value: number): void
  /** Returns a copy of the rows. Later changes do not affect it. */
  snapshot(): Pick<LinkedRows, 'first' | 'after' | 'high' | 'low' | 'time' | 'word'>
  /** Memory in use, in bytes. */
  memoryBytes(): number
}

/**
 * @param words words of 32 bits in each row
 * @param seed seed of the row index. @default 0
 */
export function createLruRows(words: number, seed?: number): LruRows {
  const rows = createLinkedRows(words)
  const { high: highOf, low: lowOf } = rows
  const hasKey = (row: number, high: number, low: number): boolean =>
    highOf(row) === high && lowOf(row) === low
  const index = createRowIndex({ highOf, lowOf, hasKey, seed })
  let size = 0

  return {
    get size() {
      return size
    },
    find: index.find,
    add(key, seenAt) {
      const row = rows.allocate()
      rows.setKey(row, key.high, key.low)
      rows.setTime(row, seenAt)
      rows.append(row)
      index.set(row)
      size++
      return row
    },
    touch(row, seenAt) {
      rows.setTime(row, seenAt)
      rows.unlink(row)
      rows.append(row)
    },
    remove(row) {
      index.remove(row)
      rows.unlink(row)
      rows.release(row)
      size--
    },
    first: rows.first,
    seenAt: rows.time,
    word: rows.word,
    setWord: rows.setWord,
    snapshot: rows.copy,
    memoryBytes: () => rows.memoryBytes() + index.memoryBytes(),
  }
}
