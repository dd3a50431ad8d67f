import type { Hash } from '../sketch/hash.ts'
import { type SegmentTable, type SegmentTableOptions, createSegmentTable } from './segment-table.ts'

/** One session of a key, as times in milliseconds since 1970. */
export interface Session {
  start: number
  /** Time of the last event, which is the row's `seenAt`. */
  end: number
  isBounce: boolean
}

/**
 * The sessions of each key, numbered from 0 in the order of their starts, one row each. The last session of a key
 * has the row of the key itself, which contains its number. Earlier sessions have keys that are derived from the key
 * and their number, so that the table may move and remove rows.
 */
export interface SessionRows {
  /** The table of the rows, for lookups and storage. */
  readonly table: Pick<
    SegmentTable,
    'find' | 'seenAt' | 'expire' | 'rowCount' | 'memoryBytes' | 'drainDirty' | 'encode'
  >
  startOf(row: number): number
  /** Returns twice the number of earlier sessions of the key, plus 1 for a bounce. */
  stateOf(row: number): number
  read(row: number): Session
  /** Writes a session, with its state as of `stateOf`. */
  write(row: number, start: number, end: number, state: number): void
  /** Writes the last session of a key, with the number of sessions before it. */
  put(key: Hash, session: Session, before: number): void
  /** Replaces the sessions of a key from number `first` on. The last one given becomes the last session of the key. */
  replace(key: Hash, first: number, sessions: readonly Session[]): void
  /** Returns the row of a session by its number, or -1. `last` is the number of the key's last session. */
  rowOf(key: Hash, number: number, last: number): number
  /** Returns the sessions of a key from a number to the last. */
  readFrom(key: Hash, number: number, last: number): Session[]
}

/** Word with the length of the session, in milliseconds. */
const lengthField = 0
/** Word with twice the number of earlier sessions, plus 1 for a bounce. */
const stateField = 1
/** Stands for a length that does not fit below it. The row's list then contains the start. */
const largestWord = 2 ** 32 - 1

const emptyList: readonly number[] = []

export function createSessionRows(options: Omit<SegmentTableOptions, 'words'>): SessionRows {
  const table = createSegmentTable({ words: 2, ...options })

  function startOf(row: number): number {
    const length = table.word(row, lengthField)
    return length < largestWord ? table.seenAt(row) - length : (table.list(row)[0] ?? 0)
  }

  const stateOf = (row: number): number => table.word(row, stateField)

  function read(row: number): Session {
    return { start: startOf(row), end: table.seenAt(row), isBounce: isBounce(stateOf(row)) }
  }

  function write(row: number, start: number, end: number, state: number): void {
    const length = end - start
    table.setSeenAt(row, end)
    table.setWord(row, lengthField, Math.min(length, largestWord))
    table.setWord(row, stateField, state)
    table.setList(row, length < largestWord ? emptyList : [start])
  }

  function put(key: Hash, session: Session, before: number): void {
    const row = table.find(key)
    const { start, end } = session
    write(row < 0 ? table.insert(key, end) : row, start, end, toState(session.isBounce, before))
  }

  function rowOf(key: Hash, number: number, last: number): number {
    if (number < 0) return -1
    return table.find(number === last ? key : keyOfNumber(key, number))
  }

  return {
    table,
    startOf,
    stateOf,
    read,
    write,
    put,
    replace(key, first, sessions) {
      for (const [index, session] of sessions.entries()) {
        const number = first + index
        const isLast = index === sessions.length - 1
        put(isLast ? key : keyOfNumber(key, number), session, isLast ? number : 0)
      }
    },
    rowOf,
    readFrom(key, number, last) {
      const sessions: Session[] = []
      for (let next = number; next <= last; next++) sessions.push(read(rowOf(key, next, last)))
      return sessions
    },
  }
}

export function isBounce(state: number): boolean {
  return (state & 1) === 1
}

/** Returns the number of sessions of a key before the one with this state. */
export function countBefore(state: number): number {
  return state >>> 1
}

export function toState(isBounceSession: boolean, before: number): number {
  return before * 2 + (isBounceSession ? 1 : 0)
}

/** Derives the key of an earlier session. For each number this is a one-to-one map of all 64-bit keys. */
function keyOfNumber({ high, low }: Hash, number: number): Hash {
  return {
    high: Math.imul(high ^ Math.imul(number + 1, 0x9e3779b1), 0x85ebca6b) >>> 0,
    low: Math.imul(low ^ Math.imul(number + 1, 0xc2b2ae35), 0x27d4eb2f) >>> 0,
  }
}
