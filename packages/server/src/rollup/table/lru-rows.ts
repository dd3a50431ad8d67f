import type { Hash } from '../sketch/hash.ts'
import { type LinkedRows, createLinkedRows } from './linked-rows.ts'
import { createRowIndex } from './row-index.ts'

/**
 * Rows in the order in which they were seen last, each with a key, that time and a few whole numbers. To see
 * one again, or to end it, does not depend on how many there are.
 */
export interface LruRows {
  readonly size: number
  /** The row of a key, or -1. */
  find(key: Hash): number
  /** Puts a row at the end, for a key that has none. */
  add(key: Hash, seenAt: number): number
  /** Moves a row to the end. */
  touch(row: number, seenAt: number): void
  /** The number is another row's from then on. */
  remove(row: number): void
  /** The row that was seen longest ago, or -1. */
  first(): number
  seenAt(row: number): number
  word(row: number, field: number): number
  setWord(row: number, field: number, value: number): void
  /** The rows as they are now. */
  snapshot(): Pick<LinkedRows, 'first' | 'after' | 'high' | 'low' | 'time' | 'word'>
  /** What it takes in memory. */
  memoryBytes(): number
}

/**
 * @param words whole numbers of 32 bits that each row has
 * @param seed see `createRowIndex`
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
