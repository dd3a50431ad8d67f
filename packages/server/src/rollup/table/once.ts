import { type RollupBounds, type Tally, countTurnedAway } from '../bounds.ts'
import {
  type CountedNumbers,
  addNumber,
  countBeyond,
  fillBefore,
  firstBeyond,
} from './counted-numbers.ts'
import type { Hash } from '../sketch/hash.ts'
import { type StoredSegment, createSegmentTable } from './segments.ts'

/** Makes an event that was sent again, re-cut or out of order count once. */
export interface PackedOnce {
  /** Whether `(client, n)` is new. It is not new from then on, until its client was quiet for the retention. */
  take(client: Hash, n: number, now: number): boolean
  /** Forgets the clients that are older than any event may still be. */
  advance(now: number): void
  /** Clients of which something is known. */
  clients(): number
  /** What they take in memory. */
  bytes(): number
  /** What has changed since this was last called. */
  takeDirty(): StoredSegment[]
  /** All that is known. */
  encode(): StoredSegment[]
}

export interface OnceBounds extends Pick<
  RollupBounds,
  'retentionMs' | 'maxClients' | 'maxClientHoles'
> {
  /** Numbers kept of all clients that have holes too wide for their rows. @default 1,000,000, of 8 bytes each */
  maxListedNumbers?: number
}

export interface OnceOptions {
  stored?: Iterable<StoredSegment>
  /** For the index alone; see `createRowIndex`. */
  seed?: number
}

/** The float of a row. */
const upToField = 0
/** Its word: `bits` of `CountedNumbers`; the lowest, never set there, says that there are runs as well. */
const bitsField = 0

export function createPackedOnce(
  { retentionMs, maxClients, maxClientHoles, maxListedNumbers = 1_000_000 }: OnceBounds,
  turnedAway: Tally,
  options: OnceOptions = {},
): PackedOnce {
  const table = createSegmentTable({
    shape: { floats: 1, words: 1 },
    maxRows: maxClients,
    onForgotten: clients => countTurnedAway(turnedAway, 'clients', clients),
    ...options,
  })

  /** The row of a client that was just seen. */
  function rowOf(client: Hash, now: number): number {
    const row = table.find(client)
    if (row < 0) return table.insert(client, now)
    // A segment outlives the first of its rows; what a row says does not.
    if (table.seenAt(row) + retentionMs <= now) write(row, { upTo: 0, bits: 0, runs: [] })
    table.setSeenAt(row, now)
    return row
  }

  function read(row: number): CountedNumbers {
    return {
      upTo: table.float(row, upToField),
      bits: table.word(row, bitsField) & ~1,
      runs: table.list(row),
    }
  }

  function write(row: number, { upTo, bits, runs }: CountedNumbers): void {
    table.setFloat(row, upToField, upTo)
    table.setWord(row, bitsField, bits | (runs.length > 0 ? 1 : 0))
    table.setList(row, runs)
  }

  /** Gives up the oldest holes: what would have filled them is taken for a repetition. */
  function withinBounds(row: number, counted: CountedNumbers): CountedNumbers {
    const grows = counted.runs.length - table.list(row).length
    const [firstRun] = counted.runs
    let giveUpBefore: number | undefined
    if (countBeyond(counted) > maxClientHoles) giveUpBefore = firstBeyond(counted)
    else if (grows > 0 && table.listed() + grows > maxListedNumbers) giveUpBefore = firstRun
    if (giveUpBefore === undefined) return counted
    countTurnedAway(turnedAway, 'client_holes')
    return fillBefore(counted, giveUpBefore)
  }

  return {
    take(client, n, now) {
      const row = rowOf(client, now)
      const upTo = table.float(row, upToField)
      if (n <= upTo) return false
      if (n === upTo + 1 && table.word(row, bitsField) === 0) {
        table.setFloat(row, upToField, n)
        return true
      }
      const more = addNumber(read(row), n)
      if (more) write(row, withinBounds(row, more))
      return more !== undefined
    },
    advance(now) {
      table.expire(now - retentionMs)
    },
    clients: table.rows,
    bytes: table.bytes,
    takeDirty: table.takeDirty,
    encode: table.encode,
  }
}
