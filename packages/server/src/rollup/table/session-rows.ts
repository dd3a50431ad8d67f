import type { Hash } from '../sketch/hash.ts'
import { type SegmentTable, type SegmentTableOptions, createSegmentTable } from './segment-table.ts'
import type { Visit } from './visit.ts'

/**
 * The visits of each key, numbered from 0 in the order of their starts, one row each. The last visit of a key
 * has the row of the key itself, which contains its number. Earlier visits have keys that are derived from the key
 * and their number, so that the table may move and remove rows.
 */
export interface SessionRows {
  /** The table of the rows, for lookups and storage. */
  readonly table: Pick<
    SegmentTable,
    'find' | 'seenAt' | 'expire' | 'rowCount' | 'memoryBytes' | 'drainDirty' | 'encode'
  >
  startOf(row: number): number
  /** Returns the number of earlier visits of the key. */
  countBefore(row: number): number
  read(row: number): Visit
  /** Replaces the visit of a row. */
  write(row: number, visit: Visit): void
  /** Writes the last visit of a key, with the number of visits before it. */
  put(key: Hash, visit: Visit, before: number): void
  /** Replaces the visits of a key from number `first` on. The last one given becomes the last visit of the key. */
  replace(key: Hash, first: number, visits: readonly Visit[]): void
  /** Returns the row of a visit by its number, or -1. `last` is the number of the key's last visit. */
  rowOf(key: Hash, number: number, last: number): number
  /** Returns the visits of a key from a number to the last. */
  readFrom(key: Hash, number: number, last: number): Visit[]
}

/** Words of a row. Times are offsets in milliseconds: from the start, or of `exit` from the end. */
const fields = {
  length: 0,
  /** Eight times the number of earlier visits, plus twice the events, plus 1 for a bounce. */
  state: 1,
  views: 2,
  engaged: 3,
  first: 4,
  entry: 5,
  entryPage: 6,
  exit: 7,
  exitPage: 8,
}
const words = 9
/** Stands for a length that does not fit below it. The row's list then contains the start. */
const largestWord = 2 ** 32 - 1

const emptyList: readonly number[] = []

export function createSessionRows(options: Omit<SegmentTableOptions, 'words'>): SessionRows {
  const table = createSegmentTable({ words, ...options })
  const { word } = table

  function startOf(row: number): number {
    const length = word(row, fields.length)
    return length < largestWord ? table.seenAt(row) - length : (table.list(row)[0] ?? 0)
  }

  const countBefore = (row: number): number => word(row, fields.state) >>> 3

  function read(row: number): Visit {
    const start = startOf(row)
    const end = table.seenAt(row)
    const state = word(row, fields.state)
    return {
      start,
      end,
      events: (state >>> 1) & 3,
      first: start + word(row, fields.first),
      views: word(row, fields.views),
      engagedMs: word(row, fields.engaged),
      entryAt: start + word(row, fields.entry),
      entryPage: word(row, fields.entryPage),
      exitAt: end - word(row, fields.exit),
      exitPage: word(row, fields.exitPage),
      isBounce: (state & 1) === 1,
    }
  }

  function writeAll(row: number, visit: Visit, before: number): void {
    const { start, end } = visit
    const length = end - start
    const offset = (ms: number): number => Math.min(ms, largestWord)
    table.setSeenAt(row, end)
    table.setWord(row, fields.length, offset(length))
    table.setWord(row, fields.state, before * 8 + visit.events * 2 + (visit.isBounce ? 1 : 0))
    table.setWord(row, fields.views, visit.views)
    table.setWord(row, fields.engaged, visit.engagedMs)
    table.setWord(row, fields.first, offset(visit.first - start))
    table.setWord(row, fields.entry, offset(visit.entryAt - start))
    table.setWord(row, fields.entryPage, visit.entryPage)
    table.setWord(row, fields.exit, offset(end - visit.exitAt))
    table.setWord(row, fields.exitPage, visit.exitPage)
    table.setList(row, length < largestWord ? emptyList : [start])
  }

  function put(key: Hash, visit: Visit, before: number): void {
    const row = table.find(key)
    writeAll(row < 0 ? table.insert(key, visit.end) : row, visit, before)
  }

  function rowOf(key: Hash, number: number, last: number): number {
    if (number < 0) return -1
    return table.find(number === last ? key : keyOfNumber(key, number))
  }

  return {
    table,
    startOf,
    countBefore,
    read,
    write(row, visit) {
      writeAll(row, visit, countBefore(row))
    },
    put,
    replace(key, first, visits) {
      for (const [index, visit] of visits.entries()) {
        const number = first + index
        const isLast = index === visits.length - 1
        put(isLast ? key : keyOfNumber(key, number), visit, isLast ? number : 0)
      }
    },
    rowOf,
    readFrom(key, number, last) {
      const visits: Visit[] = []
      for (let next = number; next <= last; next++) visits.push(read(rowOf(key, next, last)))
      return visits
    },
  }
}

/** Derives the key of an earlier visit. For each number this is a one-to-one map of all 64-bit keys. */
function keyOfNumber({ high, low }: Hash, number: number): Hash {
  return {
    high: Math.imul(high ^ Math.imul(number + 1, 0x9e3779b1), 0x85ebca6b) >>> 0,
    low: Math.imul(low ^ Math.imul(number + 1, 0xc2b2ae35), 0x27d4eb2f) >>> 0,
  }
}
