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
  allocate(): number
  append(row: number): void
  unlink(row: number): void
  /** Gives back a row that was taken out: its number is another's from then on. */
  release(row: number): void
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
  memoryBytes(): number
}

interface Memory {
  chunks: Chunk[]
  /** Rows that have ever been taken, and row 0, which is none: it is before the first and after the last. */
  used: number
  /** The row that was given back last, which has the one before it as the one after it; 0 if there is none. */
  free: number
}

/** Rows that were made together, the fields of each next to each other: its time, and then its words. */
interface Chunk {
  readonly floats: Float64Array
  /** The same bytes. */
  readonly words: Uint32Array
}

const rowBits = 10
/** Rows of a chunk. Another is put beside it when it is full, as to copy all into a larger piece leaves holes of that size. */
const chunkRows = 2 ** rowBits
const placeMask = chunkRows - 1
/** Rows of the first chunk, which is made larger until it has as many as others. */
const minRows = 64
/** Words of a row: its neighbors, the halves of its key, then its own. */
const beforeField = 0
const afterField = 1
const highField = 2
const lowField = 3
const firstWord = 4

/** @param words whole numbers of 32 bits that each row has */
export function createLinkedRows(words: number): LinkedRows {
  const units = unitsOf(words)
  return toLinkedRows(units, { chunks: [createChunk(minRows, units)], used: 1, free: 0 })
}

/** How many times 8 bytes a row takes. */
function unitsOf(words: number): number {
  return 1 + Math.ceil((firstWord + words) / 2)
}

function createChunk(rows: number, units: number): Chunk {
  const buffer = new ArrayBuffer(rows * units * 8)
  return { floats: new Float64Array(buffer), words: new Uint32Array(buffer) }
}

/** With room for more rows than the chunk has. */
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
    if (!chunk) throw new RangeError(`There is no row ${row}.`)
    return chunk
  }

  /** Where a field of a row is among the words of its chunk, after the time. */
  const placeOf = (row: number, at: number): number => (row & placeMask) * units * 2 + 2 + at

  const field = (row: number, at: number): number => chunkOf(row).words[placeOf(row, at)] ?? 0
  const setField = (row: number, at: number, value: number): void => {
    chunkOf(row).words[placeOf(row, at)] = value
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
    time: row => chunkOf(row).floats[(row & placeMask) * units] ?? 0,
    setTime(row, time) {
      chunkOf(row).floats[(row & placeMask) * units] = time
    },
    word: (row, at) => field(row, firstWord + at),
    setWord: (row, at, value) => setField(row, firstWord + at, value),
    copy() {
      const copies = chunks.map(chunk => copyOf(chunk, chunk.floats.length / units, units))
      return toLinkedRows(units, { chunks: copies, used, free })
    },
    memoryBytes: () => chunks.reduce((sum, { floats }) => sum + floats.byteLength, 0),
  }
}
