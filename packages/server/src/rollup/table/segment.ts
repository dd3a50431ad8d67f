import { createByteReader, createByteWriter } from '../../shared/bytes.ts'

/** What each row has beside its key and the time when it was last seen. */
export interface RowShape {
  readonly floats: number
  /** Whole numbers of 32 bits. */
  readonly words: number
}

/**
 * Rows of a table that come and go together. The fields of a row are next to each other, because to fetch a
 * row from memory takes longer than anything that is done with it. In units of 8 bytes: `seenAt`, the floats,
 * then the halves of the key and the words, two to a unit.
 */
export interface Segment {
  readonly id: number
  readonly capacity: number
  /** How many rows it has. */
  length: number
  /** The latest `seenAt` with which a row was put in. */
  filledAt: number
  isDirty: boolean
  /** All rows, and the same bytes as words. */
  readonly floats: Float64Array
  readonly words: Uint32Array
  /** Ascending whole numbers that a few rows have beside their fields, by the row's place. */
  readonly lists: Map<number, readonly number[]>
}

/** How many units a row takes. */
export function unitsOf({ floats, words }: RowShape): number {
  return 1 + floats + Math.ceil((2 + words) / 2)
}

export function createSegment(id: number, capacity: number, units: number): Segment {
  const buffer = new ArrayBuffer(capacity * units * 8)
  return {
    id,
    capacity,
    length: 0,
    filledAt: -Infinity,
    isDirty: true,
    floats: new Float64Array(buffer),
    words: new Uint32Array(buffer),
    lists: new Map(),
  }
}

/** As bytes, in the byte order of the machine: what it is, the lists, and then the rows as they are. */
export function encodeSegment(segment: Segment, units: number): Uint8Array {
  const rows = bytesOf(segment, units)
  const writer = createByteWriter()
  writer.uint(segment.capacity)
  writer.uint(segment.length)
  writer.float(segment.filledAt)
  writer.uint(segment.lists.size)
  for (const [place, list] of segment.lists) {
    writer.uint(place)
    writer.uint(list.length)
    let before = 0
    for (const each of list) {
      writer.uint(each - before)
      before = each
    }
  }
  writer.uint(rows.length)
  // What comes last is copied once, not twice, as it is nearly all there is.
  const head = writer.finish()
  const bytes = new Uint8Array(head.length + rows.length)
  bytes.set(head)
  bytes.set(rows, head.length)
  return bytes
}

/**
 * @param narrow how to read rows of 32 bytes, where a table had them and has smaller ones now
 * @throws {RangeError} when the bytes are not those of a segment with rows of that size
 */
export function decodeSegment(
  id: number,
  bytes: Uint8Array,
  units: number,
  narrow?: Narrow,
): Segment {
  const reader = createByteReader(bytes)
  const segment = createSegment(id, reader.uint(), units)
  segment.isDirty = false
  segment.length = reader.uint()
  segment.filledAt = reader.float()
  for (let left = reader.uint(); left > 0; left--) {
    const place = reader.uint()
    let before = 0
    const list = Array.from({ length: reader.uint() }, () => (before += reader.uint()))
    segment.lists.set(place, list)
  }
  const stored = reader.bytes()
  const rows = bytesOf(segment, units)
  if (narrow && stored.length === segment.length * wideBytes) {
    narrowRows(segment, stored, narrow)
    return segment
  }
  if (stored.length !== rows.length) throw new RangeError('A segment has rows of another size.')
  rows.set(stored)
  return segment
}

const wideBytes = 32

/** A row of a table that had a float and a word, as versions 1 and 2 of a state have it. */
export interface WideRow {
  readonly seenAt: number
  readonly float: number
  readonly word: number
  readonly list: readonly number[]
}

/** The same in two words, with what more there is to say in its list. */
export interface NarrowRow {
  readonly words: readonly [number, number]
  readonly list: readonly number[]
}

export type Narrow = (row: WideRow) => NarrowRow

/** Takes in rows of 32 bytes: `seenAt`, the float, the halves of the key, the word, and nothing. They are to be stored again. */
function narrowRows(segment: Segment, stored: Uint8Array, narrow: Narrow): void {
  // A copy, as what is read may begin anywhere.
  const { buffer } = Uint8Array.from(stored)
  const floats = new Float64Array(buffer)
  const words = new Uint32Array(buffer)
  for (let place = 0; place < segment.length; place++) {
    const [seenAt = 0, float = 0] = floats.subarray(place * 4)
    const [high = 0, low = 0, word = 0] = words.subarray(place * 8 + 4)
    const row = narrow({ seenAt, float, word, list: segment.lists.get(place) ?? [] })
    segment.floats[place * 3] = seenAt
    segment.words.set([high, low, ...row.words], place * 6 + 2)
    if (row.list.length > 0) segment.lists.set(place, row.list)
  }
  segment.isDirty = true
}

function bytesOf({ floats, length }: Segment, units: number): Uint8Array {
  return new Uint8Array(floats.buffer, 0, length * units * 8)
}
