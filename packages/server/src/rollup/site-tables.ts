import { eventNames } from '@tidemark/protocol'
import { memoizeLast } from '../shared/memoize-last.ts'
import { type OverflowCounts, type RollupBounds, countOverflow } from './bounds.ts'
import type { SiteEvent } from './event.ts'
import { pageOf } from './fold/count-event.ts'
import { type Hash, hash64 } from './sketch/hash.ts'
import { createDeduplicator } from './table/deduplicator.ts'
import type { StoredSegment } from './table/segment.ts'
import { type PageNames, createPageNames, otherPage } from './table/page-names.ts'
import { type OnVisitChange, createSessions } from './table/sessions.ts'
import type { BounceRule, VisitEvent } from './table/visit.ts'

/** A segment of one of a site's tables. */
export interface TableSegment extends StoredSegment {
  /** `clients` or `sessions`. */
  readonly table: string
}

/** Deduplication results since the state was created. They are not part of a checkpoint. */
export interface DedupeCounts {
  /** Events that were dropped because the same event had been counted before. */
  repeated: number
  /** Events without `client` or `n`, which cannot be deduplicated. */
  unnumbered: number
}

/**
 * The two large tables of a site: event numbers by client, for deduplication, and sessions. Only their changed
 * segments are written to a checkpoint.
 */
export interface SiteTables {
  readonly dedupe: Readonly<DedupeCounts>
  /** Returns whether the event is new at the time `now`, and remembers the event's number. */
  accept(event: SiteEvent, now: number): boolean
  /** Assigns an event to a session. `flush` emits the change at the latest. */
  countSession(event: SiteEvent, visitor: Hash, now: number): void
  /** Emits the pending change of a session. */
  flush(): void
  /** Pages of recent sessions. They are part of the site's state. */
  readonly pages: PageNames
  /** Expires clients and sessions to which no further event can belong at the time `now`. */
  advance(now: number): void
  /** Returns all segments that have changed since the last `markStored` call. */
  unsavedSegments(): readonly TableSegment[]
  /** Reports that the store has accepted the segments of the last `unsavedSegments` call. */
  markStored(): void
}

export interface SiteTablesOptions {
  /** Segments of all earlier checkpoints. */
  stored: readonly TableSegment[]
  /** Seed of the row indexes; see `createRowIndex`. */
  seed: number
  /** Returns the sessions that count as bounces, for each session that changes. @default 'one-event' */
  bounceRule?: () => BounceRule
  /** Receives each session before and after a change. */
  onVisitChange: OnVisitChange
}

export function createSiteTables(
  bounds: RollupBounds,
  overflow: OverflowCounts,
  options: SiteTablesOptions,
): SiteTables {
  const { seed, bounceRule, onVisitChange } = options
  const pages = createPageNames(bounds.maxSessionPages, bounds.dedupeWindowMs + bounds.sessionGapMs)
  const deduplicator = createDeduplicator(bounds, overflow, {
    stored: segmentsOf('clients', options.stored),
    seed,
  })
  const sessions = createSessions(bounds, {
    ...(bounceRule && { bounceRule }),
    comparePages: pages.compare,
    onChange: onVisitChange,
    onEvicted: count => countOverflow(overflow, 'sessions', count),
    stored: segmentsOf('sessions', options.stored),
    seed,
  })
  const tables = [
    ['clients', deduplicator],
    ['sessions', sessions],
  ] as const
  const dedupe: DedupeCounts = { repeated: 0, unnumbered: 0 }
  /** Segments that the store has not accepted yet, by table and id. */
  const unsaved = new Map<string, TableSegment>()
  const hashClient = memoizeLast(hash64)
  const hashSession = memoizeLast(hash64)

  return {
    dedupe,
    accept({ sender: { client }, n }, now) {
      if (client === undefined || n === undefined) {
        dedupe.unnumbered++
        return true
      }
      if (deduplicator.accept(hashClient(client), n, now)) return true
      dedupe.repeated++
      return false
    },
    countSession(event, visitor, now) {
      const { session, visitor: id } = event.sender
      const visitEvent = toVisitEvent(event, pages, now)
      if (visitEvent.page === otherPage) countOverflow(overflow, 'session_pages')
      if (session === undefined) sessions.record(visitor, visitEvent)
      else sessions.record(hashSession(`${id}\0${session}`), visitEvent, Infinity)
    },
    flush: sessions.flush,
    pages,
    advance(now) {
      deduplicator.advance(now)
      sessions.advance(now)
      pages.advance(now)
    },
    unsavedSegments() {
      for (const [table, { drainDirty }] of tables) {
        for (const segment of drainDirty()) {
          unsaved.set(`${table} ${segment.id}`, { table, ...segment })
        }
      }
      return [...unsaved.values()]
    },
    markStored() {
      unsaved.clear()
    },
  }
}

/** Longest engaged time of one event, in milliseconds: a day. */
const maxEngagedMs = 86_400_000

/** Returns the fields of an event that its session counts. */
export function toVisitEvent(
  event: SiteEvent,
  pages: Pick<PageNames, 'numberOf'>,
  now: number,
): VisitEvent {
  const { name, at, value = 0 } = event
  const page = pageOf(event)
  const isEngagement = name === eventNames.engagement
  return {
    at,
    isByPerson: !isEngagement,
    isView: page !== undefined,
    page: page === undefined ? 0 : pages.numberOf(page, now),
    engagedMs: isEngagement ? Math.round(Math.min(maxEngagedMs, Math.max(0, value))) : 0,
  }
}

function segmentsOf(table: string, stored: readonly TableSegment[]): TableSegment[] {
  return stored.filter(segment => segment.table === table)
}
