import type { Hash } from '../sketch/hash.ts'
import { createRowIndex, rowBits } from './row-index.ts'
import {
  type Narrow,
  type RowShape,
  type Segment,
  createSegment,
  decodeSegment,
  encodeSegment,
  unitsOf,
} from './segment.ts'

/** A segment as it is stored; without `bytes` it is to be forgotten. */
export interface StoredSegment {
  readonly id: number
  readonly bytes: Uint8Array | undefined
}

/**
 * A packed table: one row for each key, found by the key, in segments that are stored and forgotten as
 * wholes. Rows are put in at the end and leave at the beginning. A row's number is good until the next
 * `insert` or `expire`. Everything but the index is a function of the calls, and so of what is stored.
 */
export interface SegmentTable {
  /** How many there are. */
  rowCount(): number
  /** How many numbers there are in the lists of all rows. */
  listedNumbers(): number
  /** What they take in memory, with the index. */
  memoryBytes(): number
  /** The row of a key, or -1. */
  find(key: Hash): number
  /** A new row, all zeros, for a key that has none. Room for it is made at the beginning, if need be. */
  insert(key: Hash, seenAt: number): number
  seenAt(row: number): number
  setSeenAt(row: number, at: number): void
  float(row: number, field: number): number
  setFloat(row: number, field: number, value: number): void
  word(row: number, field: number): number
  setWord(row: number, field: number, value: number): void
  /** The numbers that a row has beside its fields, ascending. */
  list(row: number): readonly number[]
  setList(row: number, list: readonly number[]): void
  /** Drops the oldest segments, when they were filled before a time, but for what was seen since then. */
  expire(before: number): void
  /** The segments that changed, or went, since this was last called. */
  drainDirty(): StoredSegment[]
  /** All segments. */
  encode(): StoredSegment[]
}

export interface SegmentTableOptions {
  shape: RowShape
  /** At most 8 million. The oldest rows beyond it are forgotten, but for those seen since others came. */
  maxRows: number
  /** Is told how many rows the bound made the table forget. */
  onEvicted(rows: number): void
  /** What the table was, from `takeDirty` or `encode`. */
  stored?: Iterable<StoredSegment>
  /** Of a table that had rows of a float and a word, and has rows of two words: how they are read. */
  narrow?: Narrow
  /** For the index alone; see `createRowIndex`. */
  seed?: number
}

const placeBits = 10
const maxSegmentRows = 2 ** placeBits
const minSegmentRows = 16
const maxSecondChances = 512
/** Segments are numbered for ever, and told apart by the last bits of their numbers while they are here. */
const segmentMask = 2 ** (rowBits - placeBits) - 1
const mostRows = 8_000_000

const noList: readonly number[] = []

export function createSegmentTable({
  shape,
  maxRows,
  onEvicted,
  stored = [],
  narrow,
  seed,
}: SegmentTableOptions): SegmentTable {
  if (!(maxRows >= 1 && maxRows <= mostRows)) {
    throw new RangeError(`A table has 1 to ${mostRows} rows at most, not ${maxRows}.`)
  }
  // A small table forgets few rows at a time.
  const maxCapacity = Math.min(maxSegmentRows, Math.max(1, Math.floor(maxRows / 16)))
  const units = unitsOf(shape)
  const highField = 2 + 2 * shape.floats
  const lowField = highField + 1
  const segments = restoreSegments(stored, units, narrow)
  let firstId = (segments[0]?.id ?? 0) & segmentMask
  let rows = 0
  let listed = 0
  const gone = new Set<number>()
  // Mostly the same key is asked for as before.
  let lastKey: Hash | undefined
  let lastRow = -1

  function segmentOf(row: number): Segment {
    const segment = segments[((row >>> placeBits) - firstId) & segmentMask]
    if (!segment) throw new RangeError(`There is no row ${row}.`)
    return segment
  }

  /** Where the units of a row begin in its segment. */
  const unitOf = (row: number): number => (row & (maxSegmentRows - 1)) * units

  const rowAt = (segment: Segment, place: number): number =>
    ((segment.id & segmentMask) << placeBits) | place

  const wordOf = (row: number, field: number): number =>
    segmentOf(row).words[unitOf(row) * 2 + field] ?? 0

  const index = createRowIndex({
    highOf: row => wordOf(row, highField),
    lowOf: row => wordOf(row, lowField),
    hasKey(row, high, low) {
      const { words } = segmentOf(row)
      const at = unitOf(row) * 2 + highField
      return words[at] === high && words[at + 1] === low
    },
    seed,
    expectedRows: segments.reduce((sum, { length }) => sum + length, 0),
  })

  for (const segment of segments) {
    rows += segment.length
    for (const list of segment.lists.values()) listed += list.length
    for (let place = 0; place < segment.length; place++) index.set(rowAt(segment, place))
  }

  /** The segment at the end, with room in it. It is as large as all others together, within bounds. */
  function lastWithRoom(leaving?: Segment): Segment {
    const last = segments.at(-1)
    if (last && last !== leaving && last.length < last.capacity) return last
    const wanted = Math.max(minSegmentRows, 2 ** Math.ceil(Math.log2(rows)))
    const segment = createSegment(last ? last.id + 1 : 0, Math.min(maxCapacity, wanted), units)
    segments.push(segment)
    return segment
  }

  /** Puts a copy of a row at the end. */
  function moveToEnd(from: Segment, place: number): void {
    const to = lastWithRoom(from)
    const end = to.length++
    const start = place * units * 2
    // As words, because what they make as a float might be a NaN, and not stay the same one.
    to.words.set(from.words.subarray(start, start + units * 2), end * units * 2)
    const list = from.lists.get(place)
    if (list) to.lists.set(end, list)
    to.filledAt = Math.max(to.filledAt, to.floats[end * units] ?? 0)
    to.isDirty = true
    index.set(rowAt(to, end))
  }

  /** Drops the oldest segment, but for some of its rows, and returns how many went. */
  function retire(oldest: Segment, isKept: (seenAt: number) => boolean): number {
    let kept = 0
    for (let place = 0; place < oldest.length; place++) {
      if (isKept(oldest.floats[place * units] ?? 0)) {
        moveToEnd(oldest, place)
        kept++
      } else {
        index.remove(rowAt(oldest, place))
        listed -= oldest.lists.get(place)?.length ?? 0
      }
    }
    segments.shift()
    lastKey = undefined
    firstId = (segments[0]?.id ?? 0) & segmentMask
    gone.add(oldest.id)
    rows -= oldest.length - kept
    return oldest.length - kept
  }

  /**
   * Forgets the rows that came first. Those that were seen since their segment was filled get a second
   * chance at the end (the CLOCK algorithm; Corbató 1968), but not so many that one insert takes long.
   */
  function makeRoom(): void {
    let chances = maxSecondChances
    let forgotten = 0
    for (let oldest = segments[0]; oldest && rows >= maxRows; oldest = segments[0]) {
      const { filledAt } = oldest
      forgotten += retire(oldest, seenAt => seenAt > filledAt && chances-- > 0)
    }
    onEvicted(forgotten)
  }

  return {
    rowCount: () => rows,
    listedNumbers: () => listed,
    memoryBytes() {
      const buffers = segments.reduce((sum, { floats }) => sum + floats.byteLength, 0)
      return index.memoryBytes() + buffers + listed * 8
    },
    find(key) {
      if (key === lastKey) return lastRow
      const row = index.find(key)
      lastKey = row < 0 ? undefined : key
      lastRow = row
      return row
    },
    insert(key, seenAt) {
      if (rows >= maxRows) makeRoom()
      const segment = lastWithRoom()
      const row = rowAt(segment, segment.length++)
      const unit = unitOf(row)
      segment.floats[unit] = seenAt
      segment.words[unit * 2 + highField] = key.high
      segment.words[unit * 2 + lowField] = key.low
      segment.filledAt = Math.max(segment.filledAt, seenAt)
      segment.isDirty = true
      rows++
      index.set(row)
      return row
    },
    seenAt: row => segmentOf(row).floats[unitOf(row)] ?? 0,
    setSeenAt(row, at) {
      const segment = segmentOf(row)
      segment.floats[unitOf(row)] = at
      segment.isDirty = true
    },
    float: (row, field) => segmentOf(row).floats[unitOf(row) + 1 + field] ?? 0,
    setFloat(row, field, value) {
      const segment = segmentOf(row)
      segment.floats[unitOf(row) + 1 + field] = value
      segment.isDirty = true
    },
    word: (row, field) => wordOf(row, lowField + 1 + field),
    setWord(row, field, value) {
      const segment = segmentOf(row)
      segment.words[unitOf(row) * 2 + lowField + 1 + field] = value
      segment.isDirty = true
    },
    list: row => segmentOf(row).lists.get(row & (maxSegmentRows - 1)) ?? noList,
    setList(row, list) {
      const segment = segmentOf(row)
      const place = row & (maxSegmentRows - 1)
      listed += list.length - (segment.lists.get(place)?.length ?? 0)
      if (list.length > 0) segment.lists.set(place, list)
      else segment.lists.delete(place)
      segment.isDirty = true
    },
    expire(before) {
      for (let oldest = segments[0]; oldest && oldest.filledAt < before; oldest = segments[0]) {
        retire(oldest, seenAt => seenAt >= before)
      }
    },
    drainDirty() {
      const changed = segments.filter(({ isDirty }) => isDirty)
      for (const segment of segments) {
        segment.isDirty = false
        gone.delete(segment.id)
      }
      const forgotten = [...gone].map(id => ({ id, bytes: undefined }))
      gone.clear()
      return [...forgotten, ...changed.map(segment => toStored(segment, units))]
    },
    encode: () => segments.map(segment => toStored(segment, units)),
  }
}

function toStored(segment: Segment, units: number): StoredSegment {
  return { id: segment.id, bytes: encodeSegment(segment, units) }
}

function restoreSegments(
  stored: Iterable<StoredSegment>,
  units: number,
  narrow: Narrow | undefined,
): Segment[] {
  const segments: Segment[] = []
  for (const { id, bytes } of [...stored].toSorted((a, b) => a.id - b.id)) {
    if (!bytes) continue
    const last = segments.at(-1)
    if (last && last.id + 1 !== id) throw new RangeError(`Segment ${last.id + 1} is missing.`)
    const segment = decodeSegment(id, bytes, units, narrow)
    if (segment.capacity > maxSegmentRows) throw new RangeError(`Segment ${id} is too large.`)
    segments.push(segment)
  }
  return segments
}
