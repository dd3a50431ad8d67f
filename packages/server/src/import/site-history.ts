import type { HistorySettings } from '../sites/history-settings.ts'
import type { Checkpoint, Store, StoredSegment } from '../log/store.ts'
import { defaultBounds } from '../rollup/bounds.ts'
import { countEvent } from '../rollup/fold/count-event.ts'
import type { SiteEvent } from '../rollup/event.ts'
import { createOpenMinutes, startOfMinute } from '../rollup/history/open-minutes.ts'
import { retainedFrom } from '../rollup/history/retention.ts'
import { type SiteState, createSiteState } from '../rollup/site.ts'
import type { Hash } from '../rollup/sketch/hash.ts'
import { runToCompletion } from '../shared/cooperative-task.ts'
import { createSessions } from '../rollup/table/sessions.ts'
import type { ReadStoredParts } from '../rollup/history/tier.ts'
import { createTiers } from '../rollup/history/tiers.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'

/** The past of a site: what is added to it is late, and moves nothing that is live. */
export interface SiteHistory {
  /** Counts what a person did. */
  add(event: SiteEvent, visitor: Hash): void
  addBot(at: number): void
  /** Buckets that have changed since the last `keep`. */
  readonly openBuckets: number
  /**
   * Takes what was counted, with other pieces of the site once all has been read, and keeps it in one transaction: all of it or none.
   * What is counted meanwhile is kept by the next.
   * @throws {LogUnavailableError} when it cannot be written
   */
  commit(takeSegments: () => readonly StoredSegment[]): Promise<void>
  /** What other imports have kept under a name. */
  storedSegments(table: string): StoredSegment[]
}

export interface SiteHistoryOptions {
  store: Store
  site: string
  zone: TimeZone
  /** How the site's history is counted and kept. */
  settings: HistorySettings
  /** Milliseconds since 1970. */
  now: number
}

/**
 * Beside the sessions of the live state, as that forgets what is older than two days. It is no table of the
 * state, so a server leaves it alone.
 */
const sessionTable = 'import sessions'

/**
 * Opens the past of a site, whose log has been folded. What is over is closed up to now.
 * @throws {LogUnavailableError} when that cannot be written
 */
export async function openSiteHistory({
  store,
  site,
  zone,
  settings,
  now,
}: SiteHistoryOptions): Promise<SiteHistory> {
  const { retentionMs, sessionGapMs } = settings
  const kept = [...store.sites()].find(each => each.site === site)
  const read: ReadStoredParts = (tier, part, from, to) =>
    store.read(site, tier, part, from, to).map(({ start, bytes }) => ({ start, part, bytes }))
  const offset = kept?.offset ?? 0

  const commit = (checkpoint: Omit<Checkpoint, 'offset'>): Promise<void> =>
    store.commit(site, { offset, ...checkpoint })

  /** The site as a server would leave it: with its hours and days closed, so that none is closed again. */
  async function closeHours(): Promise<SiteState> {
    const live = createSiteState({ readStored: read, zone, ...(kept && { stored: kept }) })
    live.advance(now)
    const { markStored, ...capture } = runToCompletion(live.capture())
    const committed = commit(capture)
    markStored()
    await committed
    return live
  }

  const live = await closeHours()
  const { closedBefore } = live.history.tiers
  const keptFrom = {
    minute: beginOf(zone.startOfHour, retainedFrom(retentionMs, 'minute', now)),
    hour: beginOf(zone.startOfDay, retainedFrom(retentionMs, 'hour', now)),
  }
  /** Tiers that are too fine for some of what was counted. */
  const tooFine = new Set<keyof typeof keptFrom>()
  const bounds = { ...defaultBounds, sessionGapMs }
  // What finds no room here is the site's, as what came live is.
  const { overflow: overflow } = live
  const open = createOpenMinutes({
    bounds,
    overflow,
    startOf(at) {
      if (at >= keptFrom.minute) return startOfMinute(at)
      tooFine.add('minute')
      if (at >= keptFrom.hour) return zone.startOfHour(at)
      tooFine.add('hour')
      return zone.startOfDay(at)
    },
  })
  const tiers = createTiers({
    open,
    readStored: read,
    calendar: zone,
    bounds,
    closedBefore,
    retainedFrom: keptFrom,
  })
  const stored = (table: string): StoredSegment[] =>
    kept?.segments.filter(segment => segment.table === table) ?? []
  const sessions = createSessions(bounds, {
    // They stay counted.
    onEvicted: () => {},
    stored: stored(sessionTable),
  })

  function countSession(start: number, begun: number, bounced: number): void {
    const { totals } = open.bucketAt(start)
    totals.sessions += begun
    totals.bounces += bounced
  }

  return {
    add(event, visitor) {
      countEvent(open.bucketAt(event.at), event, visitor, overflow)
      sessions.advance(event.at)
      sessions.record(visitor, event.at, countSession)
    },
    addBot: at => void open.bucketAt(at).totals.botEvents++,
    get openBuckets() {
      return open.size
    },
    commit(takeSegments) {
      // Nothing more is closed than the site's own state says.
      const settlement = tiers.prepareCheckpoint(0)
      const parts = runToCompletion(settlement.parts)
      // Of the live state nothing has changed but what was turned away.
      const { state } = runToCompletion(live.capture())
      const ours = sessions.drainDirty().map(segment => ({ table: sessionTable, ...segment }))
      const committed = commit({
        state,
        segments: [...ours, ...takeSegments()],
        parts,
        incomplete: [...tooFine].map(tier => ({ tier, before: keptFrom[tier] })),
      })
      settlement.markStored()
      return committed
    },
    storedSegments: stored,
  }
}

/** The start of the span that holds a time, if there is one: what is kept for ever begins nowhere. */
function beginOf(startOf: (at: number) => number, at: number): number {
  return at === -Infinity ? at : startOf(at)
}
