import { eventNames, isAutomatic } from '@tidemark/protocol'
import { createByteReader } from '../shared/bytes.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import { memoizeLast } from '../shared/memoize-last.ts'
import { type OverflowCounts, type RollupBounds, defaultBounds } from './bounds.ts'
import { type SiteBatch, type SiteEvent, otherHost } from './event.ts'
import { createEventGroups } from './fold/event-groups.ts'
import type { PropertiesToday } from './history/properties-today.ts'
import type { TotalsCache } from './history/stored-totals.ts'
import type { ReadStoredParts } from './history/tier.ts'
import { type TimeZone, createTimeZone } from './history/time-zone.ts'
import { isInFeed } from './live/feed.ts'
import { type LiveRows, createLiveState } from './live/live-state.ts'
import { type VisitorRows, createActiveVisitors } from './presence/active-visitors.ts'
import { type Capture, captureSite } from './site-capture.ts'
import { readHead } from './site-head.ts'
import { type SeriesRows, type SiteHistory, createHistoryState } from './site-history.ts'
import { type DedupeCounts, type TableSegment, createSiteTables } from './site-tables.ts'
import type { BounceRule } from './table/visit.ts'
import { hash64 } from './sketch/hash.ts'

/**
 * State of one site, folded from its log records in the order of their offsets. The state reads no clock: `apply`,
 * `applySignal` and `advance` set its time, which never goes back.
 */
export interface SiteState extends VisitorRows, LiveRows, SeriesRows {
  /** Applies one log record. Returns the number of new events in it. */
  apply(batch: SiteBatch): number
  /** Applies a heartbeat or a leave. The log contains neither. */
  applySignal(signal: SiteEvent, now: number): void
  /** Events since the state was created, without repeated ones and those of bots and other hosts. */
  readonly countedEvents: number
  /** Time of the last record or advance, in milliseconds since 1970; 0 before the first. */
  readonly time: number
  /** Advances the time to `now`: visits expire and windows slide. */
  advance(now: number): void
  /** Returns whether advancing the time changes no live figure. */
  isIdle(): boolean
  readonly history: SiteHistory
  /** Events of today by the properties that somebody reads. It is no part of a capture. */
  readonly propertiesToday: PropertiesToday
  /**
   * Captures all changes since the last stored capture, as they are at the first step. The next capture contains
   * changes during later steps, and everything in a capture that was not stored.
   */
  capture(): CooperativeTask<Capture>
  /** Number of items that exceeded a bound, by kind. */
  readonly overflow: OverflowCounts
  readonly dedupe: Readonly<DedupeCounts>
  readonly bounds: RollupBounds
}

export interface SiteStateOptions {
  bounds?: RollupBounds
  /** Time zone in which hours and days begin. @default UTC */
  zone?: TimeZone
  /** Reads stored buckets. @default nothing is stored */
  readStored?: ReadStoredParts
  /** Cache of decoded totals, and the site's prefix for its keys. @default no cache */
  cached?: { cache: TotalsCache; site: string }
  /** Returns the sessions that count as bounces, for each session that changes. @default 'one-event' */
  bounceRule?: () => BounceRule
  /** State of the last capture, and the latest version of each segment of all captures. @default a new site */
  stored?: { state: Uint8Array; segments: readonly TableSegment[] }
  /** Whether active visitors, live windows, feed and seconds begin anew instead of as stored. @default false */
  withoutLive?: boolean
  /**
   * Random number that prevents a sender from choosing ids that collide in a table. It affects neither figures
   * nor stored bytes. @default 0
   */
  seed?: number
}

/**
 * Creates the state of a site, new or from its last capture.
 * @throws {RangeError} when `stored.state` has another version, or is not complete
 */
export function createSiteState(options: SiteStateOptions = {}): SiteState {
  const {
    bounds = defaultBounds,
    zone = createTimeZone(),
    readStored = () => [],
    seed = 0,
    withoutLive = false,
  } = options
  const { stored, cached } = options
  const reader = stored && createByteReader(stored.state)
  const restored = reader && readHead(reader)
  const overflow: OverflowCounts = restored?.overflow ?? new Map()
  const hashVisitor = memoizeLast(hash64)

  const visitors = createActiveVisitors(bounds, overflow, { hashVisitor, seed })
  const live = createLiveState(bounds, overflow)
  const history = createHistoryState(bounds, overflow, {
    ...{ zone, readStored, cached, restored },
    nameOf: page => tables.pages.nameOf(page),
  })
  const tables = createSiteTables(bounds, overflow, {
    stored: stored?.segments ?? [],
    seed,
    ...(options.bounceRule && { bounceRule: options.bounceRule }),
    onVisitChange: (before, after) => history.countVisit(before, after),
  })
  let now = restored?.now ?? 0
  let countedEvents = 0
  if (reader) tables.pages.read(reader)
  if (reader && !withoutLive) for (const part of [visitors, live, history]) part.read(reader)

  function advance(time: number): void {
    now = Math.max(now, time)
    visitors.advance(now)
    tables.advance(now)
    live.advance(now)
    history.advance(now)
  }

  const groups = createEventGroups((event, times) => {
    history.countGroup(event, hashVisitor(event.sender.visitor), times)
    live.countGroup(event, times)
  })

  /** @param isByPerson whether the event is not automatic: only such events and engagement belong to a session */
  function count(event: SiteEvent, isByPerson: boolean): void {
    const visitor = hashVisitor(event.sender.visitor)
    countedEvents++
    groups.add(event)
    history.countPageAndValue(event, visitor)
    if (isByPerson || event.name === eventNames.engagement) {
      tables.countSession(event, visitor, now)
    }
    live.addValue(event)
  }

  function apply({ offset, receivedAt, events }: SiteBatch): number {
    advance(receivedAt)
    let accepted = 0
    const recent: SiteEvent[] = []
    for (const event of events) {
      if (!tables.accept(event, now)) continue
      accepted++
      if (event.sender.bot !== undefined) {
        history.countBot(event, hashVisitor(event.sender.visitor))
        continue
      }
      if (event.origin.hostName === otherHost) {
        history.countOtherHost(event, hashVisitor(event.sender.visitor))
        continue
      }
      const isByPerson = !isAutomatic(event.name)
      count(event, isByPerson)
      // A late event changes only the past: neither the active visitors nor the feed.
      if (event.at + bounds.activeMs <= receivedAt) continue
      if (isByPerson) visitors.add(event)
      if (isInFeed(event.name)) recent.push(event)
    }
    groups.flush()
    history.flush()
    tables.flush()
    visitors.flush()
    live.addToFeed(offset, recent)
    return accepted
  }

  return {
    ...visitors.rows,
    ...live.rows,
    ...history.rows,
    history: history.view,
    propertiesToday: history.propertiesToday,
    apply,
    applySignal(signal, at) {
      advance(at)
      if (signal.origin.hostName !== otherHost) visitors.applySignal(signal)
    },
    get time() {
      return now
    },
    get countedEvents() {
      return countedEvents
    },
    advance,
    isIdle: () => visitors.rows.currentVisitors() === 0 && live.isEmpty(),
    *capture() {
      return yield* captureSite({ visitors, live, history, tables }, now, overflow)
    },
    overflow,
    dedupe: tables.dedupe,
    bounds,
  }
}
