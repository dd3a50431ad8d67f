import type { Hash } from '../sketch/hash.ts'
import type { StoredSegment } from './segment.ts'
import { type Session, countBefore, createSessionRows, isBounce, toState } from './session-rows.ts'

export interface SessionBounds {
  /** Longest gap between two events of one session. @default 30 minutes */
  sessionGapMs?: number
  /** Greatest delay of an event. */
  dedupeWindowMs: number
  maxSessions: number
}

/** Changes the session and bounce counts of the second that contains a time. */
export type EmitSessions = (at: number, sessions: -1 | 0 | 1, bounces: -1 | 0 | 1) => void

/**
 * Splits the events of visitors into sessions, for any order of arrival. A session is a run of events
 * whose gaps, by event time, do not exceed the session gap. It counts in the second of its first event. It is a bounce
 * while it has a single event. An event between two sessions may join them.
 */
export interface Sessions {
  /**
   * Records an event, and emits the changes of counts. All calls with one key pass the same gap.
   * @param key hash of the visitor, or of a session id that the tracker sent
   * @param gapMs longest gap within a session; infinite for a session id. Sessions still end after `dedupeWindowMs`
   *   without an event. @default `sessionGapMs`
   */
  record(key: Hash, at: number, emit: EmitSessions, gapMs?: number): void
  /** Expires sessions that no further event can belong to. They remain counted. */
  advance(now: number): void
  /** Number of sessions in memory, with a few that were joined to others. */
  sessionCount(): number
  /** Memory in use, in bytes. */
  memoryBytes(): number
  /** Returns the segments that changed or were removed since the last call. */
  drainDirty(): StoredSegment[]
  /** Returns all segments. */
  encode(): StoredSegment[]
}

export interface SessionsOptions {
  /** Receives the number of sessions that were evicted for a new one. */
  onEvicted(sessions: number): void
  /** Segments from `drainDirty` or `encode`. @default none */
  stored?: Iterable<StoredSegment>
  /** Seed of the row index. @default 0 */
  seed?: number
}

const defaultGapMs = 30 * 60_000

export function createSessions(
  { sessionGapMs = defaultGapMs, dedupeWindowMs, maxSessions }: SessionBounds,
  options: SessionsOptions,
): Sessions {
  const rows = createSessionRows({ maxRows: maxSessions, ...options })
  const { table, startOf, stateOf, write } = rows

  /** Adds an event within a session, or after it and within its gap. */
  function extend(row: number, at: number, emit: EmitSessions): void {
    const state = stateOf(row)
    if (!isBounce(state) && at <= table.seenAt(row)) return
    const start = startOf(row)
    if (isBounce(state)) emit(start, 0, -1)
    write(row, start, at, toState(false, countBefore(state)))
  }

  /** Adds an event before a session and within its gap. */
  function beginEarlier(row: number, at: number, emit: EmitSessions): void {
    const session = rows.read(row)
    const bounces = session.isBounce ? -1 : 0
    if (secondOf(at) !== secondOf(session.start)) {
      emit(session.start, -1, bounces)
      emit(at, 1, 0)
    } else if (session.isBounce) {
      emit(session.start, 0, -1)
    }
    write(row, at, session.end, toState(false, countBefore(stateOf(row))))
  }

  /** Joins a session and the next one, for an event between them within both gaps. */
  function join(key: Hash, number: number, last: number, emit: EmitSessions): void {
    const [earlier, later, ...rest] = rows.readFrom(key, number, last)
    if (!earlier || !later) return
    if (earlier.isBounce) emit(earlier.start, 0, -1)
    emit(later.start, -1, later.isBounce ? -1 : 0)
    const joined = { start: earlier.start, end: later.end, isBounce: false }
    rows.replace(key, number, [joined, ...rest])
  }

  /** Records an event before the start of the last session of a key. */
  function recordEarlier(
    key: Hash,
    last: number,
    at: number,
    emit: EmitSessions,
    gapMs: number,
  ): void {
    let number = last
    let later = rows.rowOf(key, number, last)
    let earlier = rows.rowOf(key, number - 1, last)
    while (earlier >= 0 && startOf(earlier) > at) {
      number--
      later = earlier
      earlier = rows.rowOf(key, number - 1, last)
    }
    const isInEarlier = earlier >= 0 && at - table.seenAt(earlier) <= gapMs
    const isInLater = startOf(later) - at <= gapMs
    if (isInEarlier && isInLater) join(key, number - 1, last, emit)
    else if (isInEarlier) extend(earlier, at, emit)
    else if (isInLater) beginEarlier(later, at, emit)
    else {
      emit(at, 1, 1)
      rows.replace(key, number, [toBounce(at), ...rows.readFrom(key, number, last)])
    }
  }

  return {
    record(key, at, emit, gapMs = sessionGapMs) {
      const row = table.find(key)
      const gap = Math.min(gapMs, dedupeWindowMs)
      if (row < 0) {
        emit(at, 1, 1)
        rows.put(key, toBounce(at), 0)
      } else if (at < startOf(row)) {
        recordEarlier(key, countBefore(stateOf(row)), at, emit, gap)
      } else if (at - table.seenAt(row) <= gap) {
        extend(row, at, emit)
      } else {
        emit(at, 1, 1)
        rows.replace(key, countBefore(stateOf(row)), [rows.read(row), toBounce(at)])
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

function toBounce(at: number): Session {
  return { start: at, end: at, isBounce: true }
}

function secondOf(at: number): number {
  return Math.floor(at / 1000)
}
