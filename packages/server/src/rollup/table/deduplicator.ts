import { type RollupBounds, type OverflowCounts, countOverflow } from '../bounds.ts'
import {
  type SequenceSet,
  addToSequenceSet,
  countAfterGap,
  fillGapsBefore,
  firstAfterGap,
} from './sequence-set.ts'
import type { Hash } from '../sketch/hash.ts'
import type { NarrowRow } from './segment.ts'
import { type StoredSegment, createSegmentTable } from './segments.ts'

/** Makes an event that was sent again, re-cut or out of order count once. */
export interface Deduplicator {
  /** Whether `(client, n)` is new. It is not new from then on, until its client was quiet for the retention. */
  accept(client: Hash, n: number, now: number): boolean
  /** Forgets the clients that are older than any event may still be. */
  advance(now: number): void
  /** Clients of which something is known. */
  clientCount(): number
  /** What they take in memory. */
  memoryBytes(): number
  /** What has changed since this was last called. */
  drainDirty(): StoredSegment[]
  /** All that is known. */
  encode(): StoredSegment[]
}

export interface DeduplicatorBounds extends Pick<
  RollupBounds,
  'dedupeWindowMs' | 'maxClients' | 'maxClientHoles'
> {
  /** Numbers kept of all clients that have holes too wide for their rows. @default 1,000,000, of 8 bytes each */
  maxListedNumbers?: number
}

export interface DeduplicatorOptions {
  stored?: Iterable<StoredSegment>
  /** For the index alone; see `createRowIndex`. */
  seed?: number
}

/** A row has two words: `upTo` of `CountedNumbers`, */
const upToField = 0
/** and its `bits`; the lowest, never set there, says that there are runs as well. They are the row's list. */
const bitsField = 1
/** Stands for an `upTo` that is as large or larger. It comes first in the list then. */
const largestWord = 2 ** 32 - 1

export function createDeduplicator(
  { dedupeWindowMs, maxClients, maxClientHoles, maxListedNumbers = 1_000_000 }: DeduplicatorBounds,
  overflow: OverflowCounts,
  options: DeduplicatorOptions = {},
): Deduplicator {
  const table = createSegmentTable({
    shape: { floats: 0, words: 2 },
    maxRows: maxClients,
    onEvicted: clients => countOverflow(overflow, 'clients', clients),
    narrow: ({ float, word, list }) => toRow({ upTo: float, bits: word & ~1, runs: list }),
    ...options,
  })

  /** The row of a client that was just seen. */
  function rowOf(client: Hash, now: number): number {
    const row = table.find(client)
    if (row < 0) return table.insert(client, now)
    // A segment outlives the first of its rows; what a row says does not.
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

  function write(row: number, counted: SequenceSet): void {
    const { words, list } = toRow(counted)
    table.setWord(row, upToField, words[0])
    table.setWord(row, bitsField, words[1])
    table.setList(row, list)
  }

  /** Gives up the oldest holes: what would have filled them is taken for a repetition. */
  function withinBounds(counted: SequenceSet, before: SequenceSet): SequenceSet {
    const grows = counted.runs.length - before.runs.length
    const [firstRun] = counted.runs
    let giveUpBefore: number | undefined
    if (countAfterGap(counted) > maxClientHoles) giveUpBefore = firstAfterGap(counted)
    else if (grows > 0 && table.listedNumbers() + grows > maxListedNumbers) giveUpBefore = firstRun
    if (giveUpBefore === undefined) return counted
    countOverflow(overflow, 'client_holes')
    return fillGapsBefore(counted, giveUpBefore)
  }

  return {
    accept(client, n, now) {
      const row = rowOf(client, now)
      const upTo = table.word(row, upToField)
      if (n <= upTo) return false
      if (n === upTo + 1 && n < largestWord && table.word(row, bitsField) === 0) {
        table.setWord(row, upToField, n)
        return true
      }
      const before = read(row)
      const more = addToSequenceSet(before, n)
      if (more) write(row, withinBounds(more, before))
      return more !== undefined
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

function toRow({ upTo, bits, runs }: SequenceSet): NarrowRow {
  const bitsAndRuns = bits | (runs.length > 0 ? 1 : 0)
  return upTo < largestWord
    ? { words: [upTo, bitsAndRuns], list: runs }
    : { words: [largestWord, bitsAndRuns], list: [upTo, ...runs] }
}
