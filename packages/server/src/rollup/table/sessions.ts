import type { Hash } from '../sketch/hash.ts'
import type { NarrowRow } from './segment.ts'
import { type StoredSegment, createSegmentTable } from './segments.ts'

export interface SessionBounds {
  /** How long a visitor may be quiet within a session. @default 30 minutes */
  sessionGapMs?: number
  /** How late an event may come. */
  dedupeWindowMs: number
  maxSessions: number
}

/** A change to what is counted in the second that holds a time. */
export type EmitSessions = (at: number, sessions: -1 | 0 | 1, bounces: -1 | 0 | 1) => void

/**
 * Tells the sessions of visitors apart, in whatever order their events come. A session is a run of events,
 * by their own times, with no gap between them longer than one that is given; it is counted where it starts,
 * and is a bounce while it is a single event. An event between two sessions may join them.
 */
export interface Sessions {
  /**
   * Takes in an event, and emits what it changes. The key is the visitor's, or that of a session that the
   * tracker has named, with a gap without end; the gap is the same in all calls with a key. After a
   * silence as long as the retention a session is another one, whatever its gap.
   */
  record(key: Hash, at: number, emit: EmitSessions, gapMs?: number): void
  /** Forgets the sessions that no event may belong to any more. They stay counted. */
  advance(now: number): void
  /** Sessions that are remembered, and a few that were joined to others. */
  sessionCount(): number
  /** What they take in memory. */
  memoryBytes(): number
  /** What has changed since this was last called. */
  drainDirty(): StoredSegment[]
  /** All that is known. */
  encode(): StoredSegment[]
}

export interface SessionsOptions {
  /** Is told how many sessions the bound made it forget. */
  onEvicted(sessions: number): void
  stored?: Iterable<StoredSegment>
  /** For the index alone; see `createRowIndex`. */
  seed?: number
}

/** One row; its end is the row's `seenAt`. */
interface Session {
  start: number
  end: number
  isBounce: boolean
}

// The last session of a key has the key's own row, which says how many came before. Those have rows under
// keys that are made of the key and their number, so that rows may move and be forgotten as the table does.

/** A row has two words: how long the session was, in milliseconds, */
const lengthField = 0
/** and how many came before it, times two, and one more if it is a bounce. */
const stateField = 1
/** Stands for a length that is as large or larger. The start is the row's list then. */
const largestWord = 2 ** 32 - 1

const defaultGapMs = 30 * 60_000

export function createSessions(
  { sessionGapMs = defaultGapMs, dedupeWindowMs, maxSessions }: SessionBounds,
  options: SessionsOptions,
): Sessions {
  const table = createSegmentTable({
    shape: { floats: 0, words: 2 },
    narrow: ({ seenAt, float, word }) => toRow(float, seenAt, word),
    maxRows: maxSessions,
    ...options,
  })

  function startOf(row: number): number {
    const length = table.word(row, lengthField)
    return length < largestWord ? table.seenAt(row) - length : (table.list(row)[0] ?? 0)
  }

  const countBefore = (row: number): number => table.word(row, stateField) >>> 1

  function read(row: number): Session {
    const isBounce = (table.word(row, stateField) & 1) === 1
    return { start: startOf(row), end: table.seenAt(row), isBounce }
  }

  function write(row: number, { start, end, isBounce }: Session, before: number): void {
    const { words, list } = toRow(start, end, before * 2 + (isBounce ? 1 : 0))
    table.setSeenAt(row, end)
    table.setWord(row, lengthField, words[0])
    table.setWord(row, stateField, words[1])
    table.setList(row, list)
  }

  function put(key: Hash, session: Session, before: number): void {
    const known = table.find(key)
    write(known < 0 ? table.insert(key, session.end) : known, session, before)
  }

  /** Puts sessions in the place of those of a key from a number on; the last of them is its last. */
  function replace(key: Hash, first: number, sessions: readonly Session[]): void {
    for (const [at, session] of sessions.entries()) {
      const number = first + at
      const isLast = at === sessions.length - 1
      put(isLast ? key : keyOfNumber(key, number), session, isLast ? number : 0)
    }
  }

  function rowOf(key: Hash, number: number, last: number): number {
    if (number < 0) return -1
    return table.find(number === last ? key : keyOfNumber(key, number))
  }

  /** The sessions of a key from a number to the last. */
  function sessionsFrom(key: Hash, number: number, last: number): Session[] {
    const sessions: Session[] = []
    for (let each = number; each <= last; each++) sessions.push(read(rowOf(key, each, last)))
    return sessions
  }

  /** An event in a session, or after it and within its gap. */
  function extend(row: number, at: number, emit: EmitSessions): void {
    const state = table.word(row, stateField)
    const isBounce = (state & 1) === 1
    const end = table.seenAt(row)
    if (!isBounce && at <= end) return
    const start = startOf(row)
    if (isBounce) emit(start, 0, -1)
    write(row, { start, end: at, isBounce: false }, state >>> 1)
  }

  /** An event before a session, and within its gap. */
  function beginEarlier(row: number, at: number, emit: EmitSessions): void {
    const session = read(row)
    const bounces = session.isBounce ? -1 : 0
    if (secondOf(at) !== secondOf(session.start)) {
      emit(session.start, -1, bounces)
      emit(at, 1, 0)
    } else if (session.isBounce) {
      emit(session.start, 0, -1)
    }
    write(row, { ...session, start: at, isBounce: false }, countBefore(row))
  }

  /** An event between a session and the one after it, within the gaps of both. */
  function join(key: Hash, number: number, last: number, emit: EmitSessions): void {
    const [earlier, later, ...rest] = sessionsFrom(key, number, last)
    if (!earlier || !later) return
    if (earlier.isBounce) emit(earlier.start, 0, -1)
    emit(later.start, -1, later.isBounce ? -1 : 0)
    const joined = { start: earlier.start, end: later.end, isBounce: false }
    replace(key, number, [joined, ...rest])
  }

  /** An event before the start of the last session of a key. */
  function seeBefore(key: Hash, last: number, at: number, emit: EmitSessions, gapMs: number): void {
    let number = last
    let later = rowOf(key, number, last)
    let earlier = rowOf(key, number - 1, last)
    while (earlier >= 0 && startOf(earlier) > at) {
      number--
      later = earlier
      earlier = rowOf(key, number - 1, last)
    }
    const isOfEarlier = earlier >= 0 && at - table.seenAt(earlier) <= gapMs
    const isOfLater = startOf(later) - at <= gapMs
    if (isOfEarlier && isOfLater) join(key, number - 1, last, emit)
    else if (isOfEarlier) extend(earlier, at, emit)
    else if (isOfLater) beginEarlier(later, at, emit)
    else {
      emit(at, 1, 1)
      replace(key, number, [toBounce(at), ...sessionsFrom(key, number, last)])
    }
  }

  return {
    record(key, at, emit, gapMs = sessionGapMs) {
      const row = table.find(key)
      const gap = Math.min(gapMs, dedupeWindowMs)
      if (row < 0) {
        emit(at, 1, 1)
        put(key, toBounce(at), 0)
      } else if (at < startOf(row)) {
        seeBefore(key, countBefore(row), at, emit, gap)
      } else if (at - table.seenAt(row) <= gap) {
        extend(row, at, emit)
      } else {
        emit(at, 1, 1)
        replace(key, countBefore(row), [read(row), toBounce(at)])
      }
    },
    advance(now) {
      table.expire(now - dedupeWindowMs - sessionGapMs)
    },
    sessionCount: table.rowCount,
    memoryBytes: table.memoryBytes,
    drainDirty: table.drainDirty,
    encode: table.encode,
  }
}

function toRow(start: number, end: number, state: number): NarrowRow {
  const length = end - start
  return length < largestWord
    ? { words: [length, state], list: [] }
    : { words: [largestWord, state], list: [start] }
}

function toBounce(at: number): Session {
  return { start: at, end: at, isBounce: true }
}

function secondOf(at: number): number {
  return Math.floor(at / 1000)
}

/** A key for a session of a key: for each number, another one to one map of all 64 bits. */
function keyOfNumber({ high, low }: Hash, number: number): Hash {
  return {
    high: Math.imul(high ^ Math.imul(number + 1, 0x9e3779b1), 0x85ebca6b) >>> 0,
    low: Math.imul(low ^ Math.imul(number + 1, 0xc2b2ae35), 0x27d4eb2f) >>> 0,
  }
}
