/**
 * Packed rows in a doubly linked list. Each row has a key, a time and a few words of 32 bits. Every operation on a
 * row takes constant time.
 */
export interface LinkedRows {
  /** Returns the first row, or -1. */
  first(): number
  /** Returns the row after another, or -1. */
  after(row: number): number
  /** Allocates a row that is not in the list. Its fields are undefined until they are set. */
  allocate(): number
  /** Adds a row at the end of the list. */
  append(row: number): void
  /** Removes a row from the list. */
  unlink(row: number): void
  /** Releases a row that is not in the list. `allocate` may return it again. */
  release(row: number): void
  high(row: number): number
  low(row: number): number
  setKey(row: number, high: number, low: number): void
  time(row: number): number
  setTime(row: number, time: number): void
  word(row: number, field: number): number
  setWord(row: number, field: number, value: number): void
  /** Returns a copy in separate memory. A copy of a million rows takes milliseconds. */
  copy(): LinkedRows
  /** Memory in use, in bytes. */
  memoryBytes(): number
}

interface Memory {
  chunks: Chunk[]
  /** Number of rows that were ever allocated, with row 0: the list's head, before the first and after the last row. */
  used: number
  /** Head of the free list: the row that was released last, or 0. Its `after` is the next free row. */
  free: number
}

/** Rows that were allocated together. The fields of a row lie next to each other: the time, then the words. */
interface Chunk {
  readonly floats: Float64Array
  /** The same bytes as words. */
  readonly words: Uint32Array
}

const rowBits = 10
/** Rows of a chunk. A full table gets another chunk, because moving all rows to a larger buffer fragments the heap. */
const chunkRows = 2 ** rowBits
const offsetMask = chunkRows - 1
/** Rows of the first chunk at the start. It doubles until it has `chunkRows`. */
const minRows = 64
/** Words of a row after its time: the neighbors, both halves of the key, then the caller's words. */
const beforeField = 0
const afterField = 1
const highField = 2
const lowField = 3
const firstWord = 4

/** @param words words of 32 bits in each row */
export function createLinkedRows(words: number): LinkedRows {
  const units = unitsOf(words)
  return toLinkedRows(units, { chunks: [createChunk(minRows, units)], used: 1, free: 0 })
}

/** Returns the units of 8 bytes that a row takes. */
function unitsOf(words: number): number {
  return 1 + Math.ceil((firstWord + words) / 2)
}

function createChunk(rows: number, units: number): Chunk {
  const buffer = new ArrayBuffer(rows * units * 8)
  return { floats: new Float64Array(buffer), words: new Uint32Array(buffer) }
}

/** Returns a copy of a chunk with room for at least as many rows. */
function copyOf({ floats }: Chunk, rows: number, units: number): Chunk {
  const copy = createChunk(rows, units)
  copy.floats.set(floats)
  return copy
}

function toLinkedRows(units: number, memory: Memory): LinkedRows {
  const { chunks } = memory
  let { used, free } = memory

  function chunkOf(row: number): Chunk {
    const chunk = chunks[row >>> rowBits]
    if (!chunk) throw new RangeError(`The list has no row ${row}.`)
    return chunk
  }

  /** Index of a field of a row among the words of its chunk. */
  const wordIndex = (row: number, field: number): number =>
    (row & offsetMask) * units * 2 + 2 + field

  const field = (row: number, index: number): number =>
    chunkOf(row).words[wordIndex(row, index)] ?? 0
  const setField = (row: number, index: number, value: number): void => {
    chunkOf(row).words[wordIndex(row, index)] = value
  }

  function makeRoom(): void {
    const [first] = chunks
    const rows = first ? first.floats.length / units : 0
    if (first && used === rows && rows < chunkRows) {
      chunks[0] = copyOf(first, Math.min(chunkRows, rows * 2), units)
    } else if (used === chunks.length * chunkRows) {
      chunks.push(createChunk(chunkRows, units))
    }
  }

  function link(before: number, after: number): void {
    setField(before, afterField, after)
    setField(after, beforeField, before)
  }

  const orNone = (row: number): number => (row === 0 ? -1 : row)

  return {
    first: () => orNone(field(0, afterField)),
    after: row => orNone(field(row, afterField)),
    allocate() {
      if (free === 0) {
        makeRoom()
        return used++
      }
      const row = free
      free = field(row, afterField)
      return row
    },
    append(row) {
      link(field(0, beforeField), row)
      link(row, 0)
    },
    unlink: row => link(field(row, beforeField), field(row, afterField)),
    release(row) {
      setField(row, afterField, free)
      free = row
    },
    high: row => field(row, highField),
    low: row => field(row, lowField),
    setKey(row, high, low) {
      setField(row, highField, high)
      setField(row, lowField, low)
    },
    time: row => chunkOf(row).floats[(row & offsetMask) * units] ?? 0,
    setTime(row, time) {
      chunkOf(row).floats[(row & offsetMask) * units] = time
    },
    word: (row, index) => field(row, firstWord + index),
    setWord: (row, index, value) => setField(row, firstWord + index, value),
    copy() {
      const copies = chunks.map(chunk => copyOf(chunk, chunk.floats.length / units, units))
      return toLinkedRows(units, { chunks: copies, used, free })
    },
    memoryBytes: () => chunks.reduce((sum, { floats }) => sum + floats.byteLength, 0),
  }
}
