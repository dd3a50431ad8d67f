import type { Hash } from '../sketch/hash.ts'
import { createRowIndex } from './row-index.ts'

/**
 * Rows in the order in which they were seen last, each with a key, that time and a few whole numbers. They
 * are packed, and linked to each other: to see one again, or to end it, does not depend on how many there are.
 */
export interface Queue {
  readonly size: number
  /** The row of a key, or -1. */
  find(key: Hash): number
  /** Puts a row at the end, for a key that has none. */
  add(key: Hash, seenAt: number): number
  /** Moves a row to the end. */
  see(row: number, seenAt: number): void
  /** The number is another row's from then on. */
  remove(row: number): void
  /** The row that was seen longest ago, or -1. */
  first(): number
  /** The one after a row, or -1. */
  after(row: number): number
  keyOf(row: number): Hash
  seenAt(row: number): number
  word(row: number, field: number): number
  setWord(row: number, field: number, value: number): void
  /** What it takes in memory. */
  bytes(): number
}

const minRows = 64
/** By how much it grows: there are a million rows in all, and twice as much room would be half empty. */
const growth = 1.25
/** Fields of a row: its neighbours, the halves of its key, then its own words. */
const beforeField = 0
const afterField = 1
const highField = 2
const lowField = 3
const firstWord = 4

/**
 * @param words whole numbers of 32 bits that each row has
 * @param seed see `createRowIndex`
 */
export function createQueue(words: number, seed?: number): Queue {
  const width = firstWord + words
  let fields = new Uint32Array(minRows * width)
  let times = new Float64Array(minRows)
  /** Row 0 is none: it is before the first and after the last. */
  let used = 1
  let size = 0
  /** Rows that were removed, each with the next as the one after it. */
  let free = 0

  const field = (row: number, at: number): number => fields[row * width + at] ?? 0
  const setField = (row: number, at: number, value: number): void => {
    fields[row * width + at] = value
  }

  const index = createRowIndex({
    highOf: row => field(row, highField),
    lowOf: row => field(row, lowField),
    hasKey: (row, high, low) => field(row, highField) === high && field(row, lowField) === low,
    seed,
  })

  function grow(): void {
    const rows = Math.ceil(times.length * growth)
    const larger = new Uint32Array(rows * width)
    larger.set(fields)
    fields = larger
    const longer = new Float64Array(rows)
    longer.set(times)
    times = longer
  }

  function take(): number {
    if (free === 0) {
      if (used === times.length) grow()
      return used++
    }
    const row = free
    free = field(row, afterField)
    return row
  }

  function link(before: number, after: number): void {
    setField(before, afterField, after)
    setField(after, beforeField, before)
  }

  function putLast(row: number): void {
    link(field(0, beforeField), row)
    link(row, 0)
  }

  const orNone = (row: number): number => (row === 0 ? -1 : row)

  return {
    get size() {
      return size
    },
    find: index.find,
    add(key, seenAt) {
      const row = take()
      setField(row, highField, key.high)
      setField(row, lowField, key.low)
      times[row] = seenAt
      putLast(row)
      index.set(row)
      size++
      return row
    },
    see(row, seenAt) {
      times[row] = seenAt
      link(field(row, beforeField), field(row, afterField))
      putLast(row)
    },
    remove(row) {
      index.remove(row)
      link(field(row, beforeField), field(row, afterField))
      setField(row, afterField, free)
      free = row
      size--
    },
    first: () => orNone(field(0, afterField)),
    after: row => orNone(field(row, afterField)),
    keyOf: row => ({ high: field(row, highField), low: field(row, lowField) }),
    seenAt: row => times[row] ?? 0,
    word: (row, at) => field(row, firstWord + at),
    setWord: (row, at, value) => setField(row, firstWord + at, value),
    bytes: () => fields.byteLength + times.byteLength + index.bytes(),
  }
}
