import { type OverflowCounts, type RollupBounds, countOverflow } from '../bounds.ts'
import type { Hash } from '../sketch/hash.ts'
import type { StoredSegment } from './segment.ts'
import { type PackedRow, createSegmentTable } from './segment-table.ts'
import {
  type SequenceSet,
  addToSequenceSet,
  countAfterGap,
  fillGapsBefore,
  firstAfterGap,
} from './sequence-set.ts'

/** Accepts each event of a client once, also when batches are sent again, split differently or reordered. */
export interface Deduplicator {
  /**
   * Returns whether the event number `n` of a client is new, and records it. Numbers of a client are forgotten after
   * the client was silent for `dedupeWindowMs`.
   */
  accept(client: Hash, n: number, now: number): boolean
  /** Expires clients that were silent for `dedupeWindowMs`. */
  advance(now: number): void
  clientCount(): number
  /** Memory in use, in bytes. */
  memoryBytes(): number
  /** Returns the segments that changed or were removed since the last call. */
  drainDirty(): StoredSegment[]
  /** Returns all segments. */
  encode(): StoredSegment[]
}

export interface DeduplicatorBounds extends Pick<
  RollupBounds,
  'dedupeWindowMs' | 'maxClients' | 'maxClientHoles'
> {
  /** Numbers in the lists of all clients whose gaps are too wide for their rows. @default 1,000,000, of 8 bytes each */
  maxListedNumbers?: number
}

export interface DeduplicatorOptions {
  /** Segments from `drainDirty` or `encode`. @default none */
  stored?: Iterable<StoredSegment>
  /** Seed of the row index. @default 0 */
  seed?: number
}

/** Word with `upTo` of the client's sequence set. */
const upToField = 0
/** Word with the set's `bits`. Their lowest bit is never set; here it marks that the row's list contains runs. */
const bitsField = 1
/** Stands for an `upTo` that does not fit below it. The row's list then starts with `upTo`. */
const largestWord = 2 ** 32 - 1

/** @param overflow counts evicted clients (`clients`) and abandoned gaps (`client_holes`) */
export function createDeduplicator(
  { dedupeWindowMs, maxClients, maxClientHoles, maxListedNumbers = 1_000_000 }: DeduplicatorBounds,
  overflow: OverflowCounts,
  options: DeduplicatorOptions = {},
): Deduplicator {
  const table = createSegmentTable({
    words: 2,
    maxRows: maxClients,
    onEvicted: clients => countOverflow(overflow, 'clients', clients),
    ...options,
  })

  /** Returns the row of a client, and sets the time of its last event. */
  function touch(client: Hash, now: number): number {
    const row = table.find(client)
    if (row < 0) return table.insert(client, now)
    // Rows leave by segments, so an expired row may still be present.
    if (table.seenAt(row) + dedupeWindowMs <= now) write(row, { upTo: 0, bits: 0, runs: [] })
    table.setSeenAt(row, now)
    return row
  }

  function read(row: number): SequenceSet {
    const upTo = table.word(row, upToField)
    const bits = table.word(row, bitsField) & ~1
    const list = table.list(row)
    if (upTo < largestWord) return { upTo, bits, runs: list }
    return { upTo: list[0] ?? upTo, bits, runs: list.slice(1) }
  }

  function write(row: number, set: SequenceSet): void {
    const { words, list } = toRow(set)
    table.setWord(row, upToField, words[0])
    table.setWord(row, bitsField, words[1])
    table.setList(row, list)
  }

  /** Abandons the oldest gaps beyond the bounds: numbers that fill them later are rejected as repeated. */
  function withinBounds(set: SequenceSet, before: SequenceSet): SequenceSet {
    const growth = set.runs.length - before.runs.length
    const [firstRun] = set.runs
    let fillBefore: number | undefined
    if (countAfterGap(set) > maxClientHoles) fillBefore = firstAfterGap(set)
    else if (growth > 0 && table.listedNumbers() + growth > maxListedNumbers) fillBefore = firstRun
    if (fillBefore === undefined) return set
    countOverflow(overflow, 'client_holes')
    return fillGapsBefore(set, fillBefore)
  }

  return {
    accept(client, n, now) {
      const row = touch(client, now)
      const upTo = table.word(row, upToField)
      if (n <= upTo) return false
      if (n === upTo + 1 && n < largestWord && table.word(row, bitsField) === 0) {
        table.setWord(row, upToField, n)
        return true
      }
      const before = read(row)
      const set = addToSequenceSet(before, n)
      if (set) write(row, withinBounds(set, before))
      return set !== undefined
    },
    advance(now) {
      table.expire(now - dedupeWindowMs)
    },
    clientCount: table.rowCount,
    memoryBytes: table.memoryBytes,
    drainDirty: table.drainDirty,
    encode: table.encode,
  }
}

function toRow({ upTo, bits, runs }: SequenceSet): PackedRow {
  const bitsAndRuns = bits | (runs.length > 0 ? 1 : 0)
  return upTo < largestWord
    ? { words: [upTo, bitsAndRuns], list: runs }
    : { words: [largestWord, bitsAndRuns], list: [upTo, ...runs] }
}
