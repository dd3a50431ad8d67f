import { memoizeLast } from '../shared/memoize-last.ts'
import { type OverflowCounts, type RollupBounds, countOverflow } from './bounds.ts'
import type { SiteEvent } from './event.ts'
import { type Hash, hash64 } from './sketch/hash.ts'
import { createDeduplicator } from './table/deduplicator.ts'
import type { StoredSegment } from './table/segment.ts'
import { type EmitSessions, createSessions } from './table/sessions.ts'

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
  /** Assigns an event to a session and emits the change to the session counts. */
  countSession(event: SiteEvent, visitor: Hash): void
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
  /** Receives each change to the number of sessions and bounces, at the start of the session. */
  onSessions: EmitSessions
}

export function createSiteTables(
  bounds: RollupBounds,
  overflow: OverflowCounts,
  options: SiteTablesOptions,
): SiteTables {
  const { seed, onSessions } = options
  const deduplicator = createDeduplicator(bounds, overflow, {
    stored: segmentsOf('clients', options.stored),
    seed,
  })
  const sessions = createSessions(bounds, {
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
    countSession({ sender, at }, visitor) {
      const { session } = sender
      if (session === undefined) sessions.record(visitor, at, onSessions)
      else sessions.record(hashSession(`${sender.visitor}\0${session}`), at, onSessions, Infinity)
    },
    advance(now) {
      deduplicator.advance(now)
      sessions.advance(now)
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

function segmentsOf(table: string, stored: readonly TableSegment[]): TableSegment[] {
  return stored.filter(segment => segment.table === table)
}
