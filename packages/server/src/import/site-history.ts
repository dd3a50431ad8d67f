import type { Checkpoint, ImportRun, Store, StoredSegment } from '../log/store.ts'
import { type RollupBounds, defaultBounds } from '../rollup/bounds.ts'
import { type SiteEvent, otherHost } from '../rollup/event.ts'
import { countBot, countEvent, countOtherHost } from '../rollup/fold/count-event.ts'
import {
  type OpenBucketsOptions,
  type OpenTiers,
  createOpenBuckets,
  startOfMinute,
} from '../rollup/history/open-buckets.ts'
import { type RetentionMs, retainedFrom } from '../rollup/history/retention.ts'
import { type ClosePoints, createClosePoints } from '../rollup/history/close-points.ts'
import type { ReadStoredParts } from '../rollup/history/tier.ts'
import { createTiers } from '../rollup/history/tiers.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'
import { type SiteState, createSiteState } from '../rollup/site.ts'
import type { Hash } from '../rollup/sketch/hash.ts'
import { toVisitEvent } from '../rollup/site-tables.ts'
import { createVisitCounter } from '../rollup/fold/count-visit.ts'
import { type PageNames, createPageNames } from '../rollup/table/page-names.ts'
import { createSessions } from '../rollup/table/sessions.ts'
import { createByteReader, createByteWriter } from '../shared/bytes.ts'
import { runToCompletion } from '../shared/cooperative-task.ts'
import type { HistorySettings } from '../sites/history-settings.ts'

/** Stored history of a site, open for older page views. It leaves the live state unchanged. */
export interface SiteHistory {
  /** Counts a page view as a server does: of a bot, on a host that the site does not list, or of a person. */
  addPageView(event: SiteEvent, visitor: Hash): void
  /** Buckets that have changed since the last `commit`. */
  readonly openBuckets: number
  /**
   * Commits the counts so far in one transaction, together with the segments that `drainSegments` returns. Counts added
   * during the commit are part of the next one. The store keeps the rows before the import for an undo.
   * @throws {LogUnavailableError} when the store cannot be written
   */
  commit(drainSegments: () => readonly StoredSegment[], importRun: ImportRun): Promise<void>
  /** Returns the segments of a table that earlier imports have stored. */
  storedSegments(table: string): StoredSegment[]
}

export interface SiteHistoryOptions {
  store: Store
  site: string
  zone: TimeZone
  settings: HistorySettings
  /** Milliseconds since 1970. */
  now: number
}

/**
 * Sessions of imported page views. They have their own table, because the live state deletes sessions that are older
 * than two days. A server ignores this table.
 */
const sessionTable = 'import sessions'
/** The pages of these sessions: one segment. */
const pageTable = 'import pages'

/**
 * Opens the history of a site, and closes its hours and days up to now. The event log of the site must be folded.
 * @throws {LogUnavailableError} when the store cannot be written
 */
export async function openSiteHistory(options: SiteHistoryOptions): Promise<SiteHistory> {
  const { store, site, zone, settings, now } = options
  const stored = [...store.sites()].find(each => each.site === site)
  const readStored: ReadStoredParts = (tier, part, from, to, limit) =>
    store
      .read(site, tier, part, from, to, limit)
      .map(({ start, bytes }) => ({ start, part, bytes }))
  const commit = (checkpoint: Omit<Checkpoint, 'offset'>): Promise<void> =>
    store.commit(site, { offset: stored?.offset ?? 0, ...checkpoint })
  const storedSegments = (table: string): StoredSegment[] =>
    stored?.segments.filter(segment => segment.table === table) ?? []

  const live = createSiteState({ readStored, zone, ...(stored && { stored }) })
  await closeHours(live, now, commit)
  const bounds = { ...defaultBounds, sessionGapMs: settings.sessionGapMs }
  // Overflow of an import counts as overflow of the site.
  const { overflow } = live
  const closePoints = createClosePoints(zone, live.history.tiers.closedBefore)
  const { open, starts, incomplete } = createRetainedBuckets({
    ...{ bounds, overflow, zone, now, closePoints },
    retentionMs: settings.retentionMs,
  })
  const tiers = createTiers({
    ...{ open, readStored, calendar: zone, bounds, closePoints },
    retainedFrom: starts,
  })
  const pages = createPageNames(bounds.maxSessionPages, bounds.dedupeWindowMs + bounds.sessionGapMs)
  const [storedPages] = storedSegments(pageTable)
  if (storedPages?.bytes) pages.read(createByteReader(storedPages.bytes))
  const sessions = createSessions(bounds, {
    // An access log has no engaged time: by the other rule, every visit would be a bounce.
    bounceRule: () => 'one-event',
    comparePages: pages.compare,
    onChange: createVisitCounter({
      ...{ open, overflow, nameOf: pages.nameOf },
      // Seconds are not imported.
      countSeconds: () => {},
    }),
    // Evicted sessions stay counted.
    onEvicted: () => {},
    stored: storedSegments(sessionTable),
  })

  return {
    addPageView(event, visitor) {
      if (event.sender.bot !== undefined) {
        countBot(open, event, visitor, overflow)
        return
      }
      if (event.origin.hostName === otherHost) {
        countOtherHost(open, event, visitor, overflow)
        return
      }
      countEvent(open, event, visitor, overflow)
      sessions.advance(event.at)
      pages.advance(event.at)
      sessions.record(visitor, toVisitEvent(event, pages, event.at))
    },
    get openBuckets() {
      return Math.max(open.minute.size, open.hour.size)
    },
    commit(drainSegments, importRun) {
      sessions.flush()
      // Time 0 closes no further hours or days: only the site's live state does.
      const pending = tiers.prepareCheckpoint(0)
      const parts = runToCompletion(pending.parts)
      // In the live state, only the overflow counts have changed.
      const { state } = runToCompletion(live.capture())
      const sessionSegments = sessions
        .drainDirty()
        .map(segment => ({ table: sessionTable, ...segment }))
      const segments = [...sessionSegments, encodePages(pages), ...drainSegments()]
      const committed = commit({ state, segments, parts, incomplete: incomplete(), importRun })
      pending.markStored()
      return committed
    },
    storedSegments,
  }
}

function encodePages(pages: PageNames): StoredSegment {
  const writer = createByteWriter()
  pages.write(writer)
  return { table: pageTable, id: 0, bytes: writer.finish() }
}

/** Advances the site to now, as a server does, and commits it, so that no hour or day is closed twice. */
async function closeHours(
  live: SiteState,
  now: number,
  commit: (checkpoint: Omit<Checkpoint, 'offset'>) => Promise<void>,
): Promise<void> {
  live.advance(now)
  const { markStored, ...capture } = runToCompletion(live.capture())
  const committed = commit(capture)
  markStored()
  await committed
}

interface RetainedBucketsOptions extends Pick<OpenBucketsOptions, 'overflow'> {
  bounds: RollupBounds
  zone: TimeZone
  closePoints: ClosePoints
  retentionMs: RetentionMs
  now: number
}

/** Buckets for imported events: by minutes, or by hours or days when the event is older than the finer retention. */
interface RetainedBuckets {
  open: OpenTiers
  /** Start of the first retained bucket of each tier, in milliseconds since 1970. */
  starts: { minute: number; hour: number }
  /** Ranges of the tiers that were too fine for some events. */
  incomplete(): { tier: 'minute' | 'hour'; before: number }[]
}

function createRetainedBuckets(options: RetainedBucketsOptions): RetainedBuckets {
  const { bounds, overflow, zone, closePoints, retentionMs, now } = options
  const starts = {
    minute: startOfSpan(zone.startOfHour, retainedFrom(retentionMs, 'minute', now)),
    hour: startOfSpan(zone.startOfDay, retainedFrom(retentionMs, 'hour', now)),
  }
  const incompleteTiers = new Set<keyof typeof starts>()
  const startOfHourOrDay = (at: number): number => {
    if (at >= starts.hour) return closePoints.startOfStored('hour', at)
    incompleteTiers.add('hour')
    return closePoints.startOfStored('day', at)
  }
  const startOfBucket = (at: number): number => {
    if (at >= starts.minute) return startOfMinute(at)
    incompleteTiers.add('minute')
    return startOfHourOrDay(at)
  }
  const open = {
    minute: createOpenBuckets({ bounds, overflow, startOf: startOfBucket }),
    hour: createOpenBuckets({ bounds, overflow, tier: 'hour', startOf: startOfHourOrDay }),
  }
  const incomplete = (): { tier: 'minute' | 'hour'; before: number }[] =>
    [...incompleteTiers].map(tier => ({ tier, before: starts[tier] }))
  return { open, starts, incomplete }
}

/** Returns the start of the span that contains a time. Unlimited retention (`-Infinity`) has no start. */
function startOfSpan(startOf: (at: number) => number, at: number): number {
  return at === -Infinity ? at : startOf(at)
}
