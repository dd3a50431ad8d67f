/**
 * Packed rows that are linked in an order of their own, each with a key, a time and a few whole numbers. To put
 * one at the end, or to take it out, does not depend on how many there are.
 */
export interface LinkedRows {
  /** The first row, or -1. */
  first(): number
  /** The one after a row, or -1. */
  after(row: number): number
  /** A row that is nowhere in the order, of which nothing is known. */
  take(): number
  putLast(row: number): void
  takeOut(row: number): void
  /** Gives back a row that was taken out: its number is another's from then on. */
  give(row: number): void
  high(row: number): number
  low(row: number): number
  setKey(row: number, high: number, low: number): void
  time(row: number): number
  setTime(row: number, time: number): void
  word(row: number, field: number): number
  setWord(row: number, field: number, value: number): void
  /** As it is now, in memory of its own. It costs next to nothing: a million rows are copied in milliseconds. */
  copy(): LinkedRows
  /** What it takes in memory. */
  bytes(): number
}

interface Memory {
  fields: Uint32Array
  times: Float64Array
  /** Rows that have ever been taken, and row 0, which is none: it is before the first and after the last. */
  used: number
  /** The row that was given back last, which has the one before it as the one after it; 0 if there is none. */
  free: number
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

/** @param words whole numbers of 32 bits that each row has */
export function createLinkedRows(words: number): LinkedRows {
  const fields = new Uint32Array(minRows * (firstWord + words))
  return toLinkedRows(words, { fields, times: new Float64Array(minRows), used: 1, free: 0 })
}

function toLinkedRows(words: number, memory: Memory): LinkedRows {
  const width = firstWord + words
  let { fields, times, used, free } = memory

  const field = (row: number, at: number): number => fields[row * width + at] ?? 0
  const setField = (row: number, at: number, value: number): void => {
    fields[row * width + at] = value
  }

  function grow(): void {
    const rows = Math.ceil(times.length * growth)
    const larger = new Uint32Array(rows * width)
    larger.set(fields)
    fields = larger
    const longer = new Float64Array(rows)
    longer.set(times)
    times = longer
  }

  function link(before: number, after: number): void {
    setField(before, afterField, after)
    setField(after, beforeField, before)
  }

  const orNone = (row: number): number => (row === 0 ? -1 : row)

  return {
    first: () => orNone(field(0, afterField)),
    after: row => orNone(field(row, afterField)),
    take() {
      if (free === 0) {
        if (used === times.length) grow()
        return used++
      }
      const row = free
      free = field(row, afterField)
      return row
    },
    putLast(row) {
      link(field(0, beforeField), row)
      link(row, 0)
    },
    takeOut: row => link(field(row, beforeField), field(row, afterField)),
    give(row) {
      setField(row, afterField, free)
      free = row
    },
    high: row => field(row, highField),
    low: row => field(row, lowField),
    setKey(row, high, low) {
      setField(row, highField, high)
      setField(row, lowField, low)
    },
    time: row => times[row] ?? 0,
    setTime(row, time) {
      times[row] = time
    },
    word: (row, at) => field(row, firstWord + at),
    setWord: (row, at, value) => setField(row, firstWord + at, value),
    copy: () =>
      toLinkedRows(words, {
        fields: fields.slice(0, used * width),
        times: times.slice(0, used),
        used,
        free,
      }),
    bytes: () => fields.byteLength + times.byteLength,
  }
}
