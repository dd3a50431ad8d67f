import {
  type ActivePage,
  type CountryRow,
  type DeviceRow,
  type EventRow,
  type FeedEntry,
  type GoalRow,
  type SeriesRow,
  type SourceRow,
  type ValueRow,
  type WindowMinutes,
  eventNames,
} from '@tidemark/protocol'
import { type RollupBounds, type OverflowCounts, countOverflow, defaultBounds } from './bounds.ts'
import { memoizeLast } from '../shared/memoize-last.ts'
import { createByteReader, createByteWriter } from '../shared/bytes.ts'
import { countGroup, countValue, pageOf } from './fold/count-event.ts'
import { toDevice } from './live/device.ts'
import type { PresenceSignal, SiteBatch, SiteEvent } from './event.ts'
import { createFeed } from './live/feed.ts'
import type { TotalsCache } from './history/stored-totals.ts'
import { createEventGroups } from './fold/event-groups.ts'
import { createLiveCounts } from './live/live-counts.ts'
import { createLiveGoals } from './live/live-goals.ts'
import { createLiveValues } from './live/live-values.ts'
import { createMinuteSeries } from './live/minute-series.ts'
import { createOpenMinutes } from './history/open-minutes.ts'
import { createPageViewBatch } from './fold/page-view-batch.ts'
import { createPresence } from './presence/presence.ts'
import { memo, memoByWindow } from './live/rows.ts'
import { type Seconds, createSeconds } from './history/seconds.ts'
import { createPresenceUpdates } from './presence/presence-updates.ts'
import { readHead, writeHead } from './site-head.ts'
import { type Hash, hash64 } from './sketch/hash.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import { createDeduplicator } from './table/deduplicator.ts'
import type { StoredSegment } from './table/segments.ts'
import { createSessions } from './table/sessions.ts'
import type { ReadStoredParts } from './history/tier.ts'
import { type TieredPart, type Tiers, createTiers } from './history/tiers.ts'
import { type TimeZone, createTimeZone } from './history/time-zone.ts'
import { createSlidingCount } from './live/window.ts'

/**
 * The state of one site, folded from its log records in the order of their offsets. It has no clock of its
 * own: time is what records and `advance` say, and never goes back. What it was is kept by `capture`.
 */
export interface SiteState {
  /** Folds one record. Returns how many of its events were new. */
  apply(batch: SiteBatch): number
  /** Takes a sign of life. It is not in the log. */
  signal(signal: PresenceSignal, now: number): void
  /** Lets time pass: visitors end, windows slide. */
  advance(now: number): void
  /** Whether time passing changes nothing that is shown live. */
  isAtRest(): boolean
  currentVisitors(): number
  activePages(): ActivePage[]
  referrers(): SourceRow[]
  countries(): CountryRow[]
  devices(): DeviceRow[]
  pageViews(minutes: WindowMinutes): number
  events(minutes: WindowMinutes): EventRow[]
  goals(minutes: WindowMinutes): GoalRow[]
  values(): ValueRow[]
  recentEvents(): readonly FeedEntry[]
  secondSeries(): readonly SeriesRow[]
  minuteSeries(): readonly SeriesRow[]
  readonly history: SiteHistory
  /**
   * All that has changed since the last capture that was done, as it is at the first step; what happens
   * during the others is for the next capture. One that is not done is part of the next.
   */
  capture(): CooperativeTask<Capture>
  /** What the bounds turned away. */
  readonly overflow: OverflowCounts
  /** Since this state was made, and in nothing that is kept: a repetition changes nothing. */
  readonly dedupe: Readonly<DedupeCounts>
  readonly bounds: RollupBounds
}

/** What became of telling events from their repetitions. */
export interface DedupeCounts {
  /** Events that had been counted before. */
  repeated: number
  /** Events without `client` and `n`, of which nobody can tell. */
  unnumbered: number
}

/** What happened, by seconds, minutes, hours and days. */
export interface SiteHistory {
  readonly seconds: Pick<Seconds, 'range'>
  readonly tiers: Pick<Tiers, 'totals' | 'sum' | 'read' | 'closedBefore'>
  readonly zone: TimeZone
  readonly bounds: RollupBounds
}

/** What is to be kept of a site so that it can be made again, and the log before it be forgotten. */
export interface Capture {
  state: Uint8Array
  segments: readonly TableSegment[]
  parts: readonly TieredPart[]
  /** Says that `read` knows of the parts from here on. */
  done(): void
}

/** A piece of one of the tables that a state has. */
export interface TableSegment extends StoredSegment {
  readonly table: string
}

export interface SiteStateOptions {
  bounds?: RollupBounds
  /** Where hours and days begin. @default in UTC */
  zone?: TimeZone
  /** What is kept of the buckets. @default nothing */
  read?: ReadStoredParts
  /** Where totals that are kept are held once they have been read, and this site's name there. @default nowhere */
  cached?: { cache: TotalsCache; site: string }
  /** What the last capture had, with the segments of all captures. */
  stored?: { state: Uint8Array; segments: readonly TableSegment[] }
  /** A random number, so that nobody can make ids that crowd a table. It changes nothing that is shown or kept. @default 0 */
  seed?: number
}

export function createSiteState(options: SiteStateOptions = {}): SiteState {
  const { bounds = defaultBounds, zone = createTimeZone(), stored } = options
  const { read = () => [], seed = 0 } = options
  const reader = stored && createByteReader(stored.state)
  const head = reader ? readHead(reader) : undefined
  const overflow: OverflowCounts = head?.overflow ?? new Map()

  const deduplicator = createDeduplicator(bounds, overflow, {
    stored: segmentsOf('clients', stored),
    seed,
  })
  const sessions = createSessions(bounds, {
    onEvicted: count => countOverflow(overflow, 'sessions', count),
    stored: segmentsOf('sessions', stored),
    seed,
  })
  const tables = [
    ['clients', deduplicator],
    ['sessions', sessions],
  ] as const

  const open = createOpenMinutes({ bounds, overflow: overflow })
  const tiers = createTiers({
    open,
    readStored: read,
    calendar: zone,
    bounds,
    ...options.cached,
    ...head,
  })
  const minuteSeries = createMinuteSeries((from, to) => tiers.totals('minute', from, to))
  const presence = createPresence(bounds, overflow, seed)
  const feed = createFeed(bounds.maxFeedEntries)
  const pageViews = createSlidingCount()
  const eventCounts = createLiveCounts(bounds.maxLiveNames, bounds.maxListRows)
  const goals = createLiveGoals(bounds.maxGoalVisitors)
  const values = createLiveValues(bounds.maxValueNames)
  const seconds = createSeconds(bounds.secondsMs)
  /** What is kept of the present, beside who is here. */
  const parts = [feed, pageViews, eventCounts, goals, values, seconds]
  const dedupe: DedupeCounts = { repeated: 0, unnumbered: 0 }
  /** Segments that were captured, by a capture that is not done. */
  const unsaved = new Map<string, TableSegment>()
  let now = head?.now ?? 0
  if (reader && head) {
    for (const part of [presence, ...parts]) part.read(reader, head.version)
    minuteSeries.advance(now)
  }

  const visitorHashOf = memoizeLast(hash64)
  const clientHashOf = memoizeLast(hash64)
  const sessionHashOf = memoizeLast(hash64)

  function advance(to: number): void {
    now = Math.max(now, to)
    presence.advance(now)
    deduplicator.advance(now)
    sessions.advance(now)
    pageViews.advance(now)
    eventCounts.advance(now)
    goals.advance(now)
    values.advance(now)
    seconds.advance(now)
    minuteSeries.advance(now)
  }

  function isNew({ sender: { client }, n }: SiteEvent): boolean {
    if (client === undefined || n === undefined) {
      dedupe.unnumbered++
      return true
    }
    if (deduplicator.accept(clientHashOf(client), n, now)) return true
    dedupe.repeated++
    return false
  }

  function addSessions(start: number, begun: number, bounced: number): void {
    const { totals } = open.bucketAt(start)
    totals.sessions += begun
    totals.bounces += bounced
    seconds.addTally(start, { sessions: begun, bounces: bounced })
  }

  function countSession({ sender, at }: SiteEvent, visitor: Hash): void {
    const { session } = sender
    if (session === undefined) sessions.record(visitor, at, addSessions)
    else sessions.record(sessionHashOf(`${sender.visitor}\0${session}`), at, addSessions, Infinity)
  }

  const kinds = createEventGroups((event, times) => {
    const { name, at, sender } = event
    const visitor = visitorHashOf(sender.visitor)
    const isPageView = name === eventNames.pageView
    countGroup(open.bucketAt(at), event, visitor, overflow, times)
    minuteSeries.touch(at)
    seconds.add(at, isPageView, visitor, times)
    if (!eventCounts.add(name, at, times)) countOverflow(overflow, 'live_names', times)
    for (const goal of event.goals) {
      if (!goals.add(goal, sender.visitor, at)) countOverflow(overflow, 'goal_visitors')
    }
    if (isPageView) pageViews.add(at, times)
  })

  const pages = createPageViewBatch(overflow)

  function countPerson(event: SiteEvent): void {
    const visitor = visitorHashOf(event.sender.visitor)
    const bucket = open.bucketAt(event.at)
    const page = pageOf(event)
    kinds.add(event)
    if (page !== undefined) pages.add(bucket.by.path, page, visitor)
    countValue(bucket, event, overflow)
    countSession(event, visitor)
    if (event.value !== undefined) values.add(event.name, event.value, event.at)
  }

  const sightings = createPresenceUpdates((visitor, sighting) =>
    presence.see(visitorHashOf(visitor), sighting, now),
  )

  function apply(batch: SiteBatch): number {
    advance(batch.receivedAt)
    let taken = 0
    const recent: SiteEvent[] = []
    for (const event of batch.events) {
      if (!isNew(event)) continue
      taken++
      if (event.sender.isBot) {
        open.bucketAt(event.at).totals.botEvents++
        seconds.addTally(event.at, { botEvents: 1 })
        continue
      }
      countPerson(event)
      // A late event is history: it says nothing about who is here now or what happened last.
      if (event.at + bounds.activeMs <= batch.receivedAt) continue
      sightings.add(event)
      recent.push(event)
    }
    kinds.flush()
    pages.flush()
    sightings.flush()
    feed.add(batch.offset, recent)
    return taken
  }

  /** Writes the state as it is at the first step. */
  function* write(closedBefore: Tiers['closedBefore']): CooperativeTask<Uint8Array> {
    const rest = createByteWriter(4096)
    for (const part of parts) part.write(rest)
    const writer = createByteWriter(4096)
    writeHead(writer, { now, closedBefore, overflow: overflow })
    // There may be a million visitors. All else is bounded by what one look shows.
    yield* presence.write(writer)
    writer.raw(rest.finish())
    return writer.finish()
  }

  return {
    apply,
    signal(signal, at) {
      advance(at)
      const visitor = visitorHashOf(signal.visitor)
      if (signal.kind === 'leave') presence.leave(visitor, signal.path, now)
      else presence.see(visitor, signal, now)
    },
    advance,
    isAtRest: () => presence.count() === 0 && eventCounts.isEmpty(),
    currentVisitors: presence.count,
    activePages: memo(presence.pages, ({ name, count }) => ({ path: name, visitors: count })),
    referrers: memo(presence.sources, ({ name, count }) => ({ source: name, visitors: count })),
    countries: memo(presence.countries, ({ name, count }) => ({ country: name, visitors: count })),
    devices: memo(presence.devices, ({ name, count }) => ({
      device: toDevice(name),
      visitors: count,
    })),
    pageViews: pageViews.within,
    events: memoByWindow(eventCounts.within, ({ name, count }) => ({ name, count })),
    goals: goals.within,
    values: values.rows,
    recentEvents: feed.entries,
    secondSeries: seconds.series,
    minuteSeries: minuteSeries.rows,
    history: { seconds, tiers, zone, bounds },
    *capture() {
      for (const [table, { drainDirty }] of tables) {
        for (const segment of drainDirty()) {
          unsaved.set(`${table} ${segment.id}`, { table, ...segment })
        }
      }
      const segments = [...unsaved.values()]
      const settlement = tiers.prepareCheckpoint(now)
      const bytes = yield* write(settlement.closedBefore)
      const changed = yield* settlement.parts
      return {
        state: bytes,
        segments,
        parts: changed,
        done() {
          unsaved.clear()
          settlement.commit()
        },
      }
    },
    overflow: overflow,
    dedupe,
    bounds,
  }
}

/** Not a closure of the state, which would hold on to what it was made from for as long as it lives. */
function segmentsOf(table: string, stored: SiteStateOptions['stored']): TableSegment[] {
  return stored?.segments.filter(segment => segment.table === table) ?? []
}
