import { randomInt } from 'node:crypto'
import type { ChannelName, ErrorCode, EventCode, WindowMinutes } from '@tidemark/protocol'
import { LRUCache } from 'lru-cache'
import { createCheckpoints } from './checkpoints.ts'
import type { Clock } from '../shared/clock.ts'
import { parseDecision, rebuildEvents } from '../ingest/decide.ts'
import { type HistorySettings, defaultHistory } from './history-settings.ts'
import type { LiveSource } from '../live/source.ts'
import { type Stream, createStream } from '../live/stream.ts'
import type { Damage, Log, LogRecord } from '../log/log.ts'
import type { StoredSite } from '../log/store.ts'
import { defaultBounds } from '../rollup/bounds.ts'
import type { PresenceSignal, SiteBatch } from '../rollup/event.ts'
import type { CachedTotals } from '../rollup/history/stored-totals.ts'
import { retainedFrom } from '../rollup/history/retention.ts'
import type { Tier } from '../rollup/history/tier.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'
import { type SiteState, createSiteState } from '../rollup/site.ts'
import { enqueue } from '../shared/scheduling.ts'

/** Sites that one server holds; where any id may be used, this is what stops their number. */
export const maxSites = 1000

/** Minutes, hours and days, of all sites, whose totals are held in memory for who asks again: 16 MiB where all have many visitors. */
const maxCachedTotals = 1024

/** One site: its state, and the stream that publishes it. */
export interface Site {
  readonly id: string
  readonly state: SiteState
  readonly stream: Stream
  /** From when on there are buckets of a tier, in milliseconds since 1970: earlier ones have been forgotten. */
  availableFrom(tier: Tier): number
  readonly intake: IntakeCounts
}

/** What ingest did not take as it came since this start. */
export interface IntakeCounts {
  /** Requests that were let in and refused whole, by why. */
  readonly refused: Map<ErrorCode, number>
  /** Events of the others that were rejected, by why. */
  readonly rejected: Map<EventCode, number>
  /** Events whose time was yet to come when they came, and was cut there. */
  clamped: number
}

/** What a start found in the log. */
export interface Recovery extends Damage {
  records: number
  events: number
  durationMs: number
}

/** All sites of a server, over one log. The only place where log, state and stream meet. */
export interface Sites {
  /** Takes up every site where its checkpoint left it, and folds the log after that. Nothing else may be asked before it has resolved. */
  recover(): Promise<Recovery>
  /**
   * The site of this id, made when it is first named; `undefined` when there are too many. One that
   * was only ever named, and that nobody reads, makes room for another.
   */
  open(id: string): Site | undefined
  /**
   * Makes a record durable, then folds it; resolves after both.
   * @throws {LogUnavailableError} when nothing was accepted
   */
  accept(record: LogRecord, events: SiteBatch['events']): Promise<void>
  /** Takes signs of life, which are not logged. */
  signal(id: string, signals: readonly PresenceSignal[]): void
  readonly count: number
  /**
   * Keeps what every site has become.
   * @throws {LogUnavailableError} when some of it could not be kept; the log still has it then
   */
  close(): Promise<void>
}

export interface SitesOptions {
  log: Log
  clock: Clock
  /** Where hours and days begin. @default in UTC */
  zone?: TimeZone
  /** See `createCheckpoints`. */
  checkpointMs?: number | undefined
  /** How history is counted and kept. @default sessions of 30 minutes, minutes for 48 hours, hours for 90 days */
  history?: HistorySettings
  /** Told of what is wrong with a site. @default it is thrown, and nobody can catch it */
  onError?: (error: unknown) => void
}

export function createSites({
  log,
  clock,
  zone,
  checkpointMs,
  history = defaultHistory,
  onError = rethrow,
}: SitesOptions): Sites {
  const states = new Map<string, SiteState>()
  const { retentionMs, sessionGapMs } = history
  const bounds = { ...defaultBounds, sessionGapMs }
  const checkpoints = createCheckpoints({ log, clock, checkpointMs, retentionMs, onError })
  const cache = new LRUCache<string, CachedTotals>({ max: maxCachedTotals })
  const sites = new Map<string, Site>()
  /** Sites that nothing has happened on: in the order in which they were named. */
  const unused = new Set<string>()
  let isClosed = false

  function create(id: string, kept?: StoredSite): SiteState {
    const state = createSiteState({
      bounds,
      read: (tier, part, from, to) =>
        log.store
          .read(id, tier, part, from, to)
          .map(({ start, bytes }) => ({ start, part, bytes })),
      cached: { cache, site: id },
      seed: randomInt(2 ** 32),
      ...(zone && { zone }),
      ...(kept && { stored: kept }),
    })
    states.set(id, state)
    checkpoints.add(id, state, kept?.offset ?? 0, kept !== undefined)
    return state
  }

  function open(id: string): Site | undefined {
    const known = sites.get(id)
    if (known) return known
    if (!states.has(id)) {
      if (states.size >= maxSites && !makeRoom()) return undefined
      unused.add(id)
    }
    const state = states.get(id) ?? create(id)
    const stream = createStream({ source: toSource(state), epoch: log.epoch, clock })
    const site: Site = {
      ...{ id, state, stream },
      // What is kept for longer than it was comes back from then on alone.
      availableFrom: tier =>
        Math.max(retainedFrom(retentionMs, tier, clock.now()), log.store.completeFrom(id, tier)),
      intake: { refused: new Map(), rejected: new Map(), clamped: 0 },
    }
    sites.set(id, site)
    return site
  }

  /** Forgets one site that nothing has happened on; its cursor names the empty state for good. */
  function makeRoom(): boolean {
    for (const id of unused) {
      const site = sites.get(id)
      if (site?.stream.hasReaders) continue
      site?.stream.close()
      sites.delete(id)
      states.delete(id)
      checkpoints.remove(id)
      unused.delete(id)
      return true
    }
    return false
  }

  function fold(id: string, batch: SiteBatch): number {
    unused.delete(id)
    const events = (states.get(id) ?? create(id)).apply(batch)
    checkpoints.markFolded(id, batch.offset)
    return events
  }

  return {
    async recover() {
      const startedAt = clock.now()
      let records = 0
      let events = 0
      for (const kept of log.store.sites()) create(kept.site, kept)
      for await (const { offset, site, receivedAt, body, decision } of log.read(0)) {
        if (offset <= checkpoints.savedOffsetOf(site)) continue
        const batch = {
          offset,
          receivedAt,
          ...rebuildEvents(body, parseDecision(decision), receivedAt),
        }
        events += fold(site, batch)
        records++
      }
      if (!isClosed) checkpoints.start()
      return { records, events, durationMs: clock.now() - startedAt, ...log.damage }
    },
    open,
    async accept(record, events) {
      const offset = await log.append(record)
      await enqueue(() => fold(record.site, { offset, receivedAt: record.receivedAt, events }))
      sites.get(record.site)?.stream.touch()
    },
    signal(id, signals) {
      const site = open(id)
      if (!site) return
      unused.delete(id)
      const now = clock.now()
      for (const signal of signals) site.state.applySignal(signal, now)
      site.stream.touch()
    },
    get count() {
      return states.size
    },
    async close() {
      isClosed = true
      for (const site of sites.values()) site.stream.close()
      await checkpoints.close()
    },
  }
}

function rethrow(error: unknown): never {
  throw error
}

/** The channels that a site's state has values for. */
export const servedChannels: readonly ChannelName[] = [
  'currentVisitors',
  'activePages',
  'pageViews',
  'recentEvents',
  'referrers',
  'countries',
  'devices',
  'events',
  'goals',
  'secondSeries',
  'minuteSeries',
  'values',
]

function toSource(state: SiteState): LiveSource {
  const readers = new Map<ChannelName, (minutes: WindowMinutes) => unknown>([
    ['currentVisitors', state.currentVisitors],
    ['activePages', state.activePages],
    ['pageViews', state.pageViews],
    ['recentEvents', state.recentEvents],
    ['referrers', state.referrers],
    ['countries', state.countries],
    ['devices', state.devices],
    ['events', state.events],
    ['goals', state.goals],
    ['values', state.values],
    ['secondSeries', state.secondSeries],
    ['minuteSeries', state.minuteSeries],
  ])
  return {
    advance: state.advance,
    isAtRest: state.isAtRest,
    channels: servedChannels,
    read: (channel, minutes) => readers.get(channel)?.(minutes),
  }
}
