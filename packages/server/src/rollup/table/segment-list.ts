import { rowBits } from './row-index.ts'
import {
  type Segment,
  type StoredSegment,
  createSegment,
  decodeSegment,
  encodeSegment,
} from './segment.ts'

/**
 * The segments of a table in the order of their ids. New segments are added at the end; only the first segment is
 * removed. A row number consists of the last bits of the segment's id and the row's offset in the segment.
 */
export interface SegmentList {
  readonly segments: readonly Segment[]
  /** Returns the segment that contains a row. */
  segmentOf(row: number): Segment
  /** Returns the number of the row at an offset in a segment. */
  rowAt(segment: Segment, offset: number): number
  /** Adds an empty segment at the end. */
  add(capacity: number): Segment
  removeFirst(): Segment | undefined
  /** Returns the segments that changed or were removed since the last call. */
  drainDirty(): StoredSegment[]
  /** Returns all segments. */
  encode(): StoredSegment[]
}

const offsetBits = 10
export const maxSegmentRows: number = 2 ** offsetBits
export const offsetMask: number = maxSegmentRows - 1
/** Segment ids grow forever. Their last bits are unique among the segments of a list. */
const idMask = 2 ** (rowBits - offsetBits) - 1

/**
 * @param units units of 8 bytes in each row
 * @throws {RangeError} when the stored segments have a gap, are truncated, or have rows of another size
 */
export function createSegmentList(stored: Iterable<StoredSegment>, units: number): SegmentList {
  const segments = restoreSegments(stored, units)
  const removedIds = new Set<number>()
  let firstId = (segments[0]?.id ?? 0) & idMask

  const toStored = (segment: Segment): StoredSegment => ({
    id: segment.id,
    bytes: encodeSegment(segment, units),
  })

  return {
    segments,
    segmentOf(row) {
      const segment = segments[((row >>> offsetBits) - firstId) & idMask]
      if (!segment) throw new RangeError(`The table has no row ${row}.`)
      return segment
    },
    rowAt: (segment, offset) => ((segment.id & idMask) << offsetBits) | offset,
    add(capacity) {
      const last = segments.at(-1)
      const segment = createSegment(last ? last.id + 1 : 0, capacity, units)
      segments.push(segment)
      return segment
    },
    removeFirst() {
      const first = segments.shift()
      firstId = (segments[0]?.id ?? 0) & idMask
      if (first) removedIds.add(first.id)
      return first
    },
    drainDirty() {
      const changed = segments.filter(({ isDirty }) => isDirty)
      for (const segment of segments) {
        segment.isDirty = false
        // An empty table starts with id 0 again.
        removedIds.delete(segment.id)
      }
      const removed = [...removedIds].map(id => ({ id, bytes: undefined }))
      removedIds.clear()
      return [...removed, ...changed.map(toStored)]
    },
    encode: () => segments.map(toStored),
  }
}

function restoreSegments(stored: Iterable<StoredSegment>, units: number): Segment[] {
  const segments: Segment[] = []
  for (const { id, bytes } of [...stored].toSorted((a, b) => a.id - b.id)) {
    if (!bytes) continue
    const last = segments.at(-1)
    if (last && last.id + 1 !== id) throw new RangeError(`Segment ${last.id + 1} is missing.`)
    const segment = decodeSegment(id, bytes, units)
    if (segment.capacity > maxSegmentRows) {
      throw new RangeError(
        `Segment ${id} has room for ${segment.capacity} rows, more than ${maxSegmentRows}.`,
      )
    }
    segments.push(segment)
  }
  return segments
}
