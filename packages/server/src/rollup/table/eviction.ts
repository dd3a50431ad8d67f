import type { RowIndex } from './row-index.ts'
import type { SegmentRows } from './segment-rows.ts'

/** Removes old rows of a segment table, a segment at a time. Both methods may change the numbers of rows. */
export interface Eviction {
  /** Evicts the rows that were inserted first, until one more row fits. Returns the number of evicted rows. */
  makeRoom(): number
  /**
   * Removes the segments that were filled before a time, and keeps those of their rows that were seen since then.
   * Returns whether it removed any segment.
   */
  expire(before: number): boolean
}

export interface EvictionOptions {
  rows: SegmentRows
  index: Pick<RowIndex, 'set' | 'remove'>
  maxRows: number
}

const maxSecondChances = 512

export function createEviction({ rows, index, maxRows }: EvictionOptions): Eviction {
  /** Removes the first segment except for the retained rows. Returns the number of removed rows. */
  function removeFirst(isRetained: (seenAt: number) => boolean): number {
    const first = rows.first()
    if (!first) return 0
    let movedRows = 0
    for (let offset = 0; offset < first.length; offset++) {
      const row = rows.rowAt(first, offset)
      if (isRetained(rows.seenAt(row))) {
        index.set(rows.moveToEnd(first, offset))
        movedRows++
      } else {
        index.remove(row)
      }
    }
    rows.removeFirst(movedRows)
    return first.length - movedRows
  }

  return {
    /**
     * Rows that were seen since their segment was filled get a second chance at the end (the CLOCK algorithm;
     * Corbató 1968). Their number is limited, so that no insert takes long.
     */
    makeRoom() {
      let chances = maxSecondChances
      let evicted = 0
      for (let first = rows.first(); first && rows.rowCount() >= maxRows; first = rows.first()) {
        const { filledAt } = first
        evicted += removeFirst(seenAt => seenAt > filledAt && chances-- > 0)
      }
      return evicted
    },
    expire(before) {
      let isChanged = false
      for (let first = rows.first(); first && first.filledAt < before; first = rows.first()) {
        removeFirst(seenAt => seenAt >= before)
        isChanged = true
      }
      return isChanged
    },
  }
}
