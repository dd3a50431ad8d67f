import type { Hash } from '../sketch/hash.ts'
import type { StoredSegment } from './segment.ts'
import { createSessionRows } from './session-rows.ts'
import {
  type BounceRule,
  type Visit,
  type VisitEvent,
  type ComparePages,
  addToVisit,
  isBounce,
  joinVisits,
  toVisit,
} from './visit.ts'

export interface SessionBounds {
  /** Longest gap between two events of one session. @default 30 minutes */
  sessionGapMs?: number
  /** Greatest delay of an event. */
  dedupeWindowMs: number
  maxSessions: number
}

/** Receives a visit before and after a change: `undefined` before it began, or after it was joined to another. */
export type OnVisitChange = (before: Visit | undefined, after: Visit | undefined) => void

/**
 * Splits the events of visitors into sessions, for any order of arrival. A session is a run of events
 * whose gaps, by event time, do not exceed the session gap. It counts in the second of the first event of the person.
 * An event between two sessions may join them. Engagement continues a session, and counts nowhere without one.
 */
export interface Sessions {
  /**
   * Records an event. Changes are emitted at the latest by `flush`, so that a run of events of one visitor is one
   * change. All calls with one key pass the same gap.
   * @param key hash of the visitor, or of a session id that the tracker sent
   * @param gapMs longest gap within a session; infinite for a session id. Sessions still end after `dedupeWindowMs`
   *   without an event. @default `sessionGapMs`
   */
  record(key: Hash, event: VisitEvent, gapMs?: number): void
  /** Emits the pending change. */
  flush(): void
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
  comparePages: ComparePages
  /** Returns the sessions that count as bounces, for each session that changes. @default 'one-event' */
  bounceRule?: () => BounceRule
  onChange: OnVisitChange
  /** Receives the number of sessions that were evicted for a new one. */
  onEvicted(sessions: number): void
  /** Segments from `drainDirty` or `encode`. @default none */
  stored?: Iterable<StoredSegment>
  /** Seed of the row index. @default 0 */
  seed?: number
}

/** The last visit of a key, with events that its row does not have yet. */
interface PendingVisit {
  readonly key: Hash
  readonly before: Visit | undefined
  readonly visit: Visit
  /** Number of earlier visits of the key. */
  readonly earlier: number
}

const defaultGapMs = 30 * 60_000
const byEvents = (): BounceRule => 'one-event'

export function createSessions(
  { sessionGapMs = defaultGapMs, dedupeWindowMs, maxSessions }: SessionBounds,
  options: SessionsOptions,
): Sessions {
  const { onChange, comparePages, bounceRule = byEvents } = options
  const rows = createSessionRows({ maxRows: maxSessions, ...options })
  const { table, startOf } = rows
  let pending: PendingVisit | undefined

  /** Sets whether a visit is a bounce, after a change. */
  function settle(visit: Visit): Visit {
    visit.isBounce = isBounce(visit, bounceRule())
    return visit
  }

  function flush(): void {
    if (!pending) return
    const { key, before, visit, earlier } = pending
    pending = undefined
    rows.put(key, settle(visit), earlier)
    onChange(before, visit)
  }

  /** Adds an event to the visit of a row. */
  function addTo(row: number, event: VisitEvent): void {
    const before = rows.read(row)
    const visit = { ...before }
    addToVisit(visit, event, comparePages)
    rows.write(row, settle(visit))
    onChange(before, visit)
  }

  /** Joins a visit and the next one, for an event between them within both gaps. */
  function join(key: Hash, number: number, last: number, event: VisitEvent): void {
    const [earlier, later, ...rest] = rows.readFrom(key, number, last)
    if (!earlier || !later) return
    const joined = joinVisits(earlier, later)
    addToVisit(joined, event, comparePages)
    rows.replace(key, number, [settle(joined), ...rest])
    onChange(earlier, joined)
    onChange(later, undefined)
  }

  /** Records an event before the start of the last visit of a key. */
  function recordEarlier(key: Hash, last: number, event: VisitEvent, gapMs: number): void {
    const { at } = event
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
    if (isInEarlier && isInLater) join(key, number - 1, last, event)
    else if (isInEarlier) addTo(earlier, event)
    else if (isInLater) addTo(later, event)
    else {
      const visit = settle(toVisit(event))
      rows.replace(key, number, [visit, ...rows.readFrom(key, number, last)])
      onChange(undefined, visit)
    }
  }

  /** Records an event of a key without a pending visit. */
  function recordFirst(key: Hash, event: VisitEvent, gap: number): void {
    const row = table.find(key)
    if (row < 0) {
      pending = { key, before: undefined, visit: toVisit(event), earlier: 0 }
      return
    }
    const earlier = rows.countBefore(row)
    if (event.at < startOf(row)) {
      recordEarlier(key, earlier, event, gap)
    } else if (event.at - table.seenAt(row) <= gap) {
      const before = rows.read(row)
      const visit = { ...before }
      addToVisit(visit, event, comparePages)
      pending = { key, before, visit, earlier }
    } else {
      const visit = settle(toVisit(event))
      rows.replace(key, earlier, [rows.read(row), visit])
      onChange(undefined, visit)
    }
  }

  return {
    record(key, event, gapMs = sessionGapMs) {
      const gap = Math.min(gapMs, dedupeWindowMs)
      if (pending) {
        const { visit } = pending
        const { at } = event
        if (pending.key === key && at >= visit.start && at - visit.end <= gap) {
          addToVisit(visit, event, comparePages)
          return
        }
        flush()
      }
      recordFirst(key, event, gap)
    },
    flush,
    advance(now) {
      flush()
      table.expire(now - dedupeWindowMs - sessionGapMs)
    },
    sessionCount: table.rowCount,
    memoryBytes: table.memoryBytes,
    drainDirty() {
      flush()
      return table.drainDirty()
    },
    encode() {
      flush()
      return table.encode()
    },
  }
}
