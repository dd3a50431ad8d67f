import { randomInt } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Log, LogRecord } from '../log/log.ts'
import type { StoredSite } from '../log/store.ts'
import { defaultBounds } from '../rollup/bounds.ts'
import type { SiteBatch, SiteEvent } from '../rollup/event.ts'
import type { CachedTotals } from '../rollup/history/stored-totals.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'
import type { BounceRule } from '../rollup/table/visit.ts'
import { type SiteState, createSiteState } from '../rollup/site.ts'
import { createFutureDataWarning } from '../shared/clock-warnings.ts'
import type { Clock } from '../shared/clock.ts'
import { wallTimeOf } from '../shared/wall-time.ts'
import { enqueue } from '../shared/scheduling.ts'
import { createCheckpoints } from './checkpoints.ts'
import { type HistorySettings, defaultHistory } from './history-settings.ts'
import { type Recovery, recover } from './recovery.ts'
import { type ListedSite, createSiteRegistry } from './registry.ts'
import { type Site, createSite } from './site.ts'

/** Buckets with cached totals, over all sites: 16 MiB if every bucket has many visitors. */
const maxCachedTotals = 1024

/** All sites of a server, over one log. Log, state and stream meet only here. */
export interface Sites {
  /** Restores all sites from checkpoints and log. No other method may be called before it has resolved. */
  recover(): Promise<Recovery>
  /**
   * Returns the site with this id, and creates it for its first request. An unused site without readers is evicted
   * for it.
   * @returns `undefined` when there are too many sites
   */
  open(id: string): Site | undefined
  /** Returns a site that has been opened. */
  find(id: string): Site | undefined
  /**
   * Makes a record durable, then folds it. Resolves after both.
   * @throws {LogUnavailableError} when nothing was accepted
   */
  accept(record: LogRecord, events: SiteBatch['events']): Promise<void>
  /** Applies heartbeats and leaves, which are not logged. */
  signal(id: string, signals: readonly SiteEvent[]): void
  readonly count: number
  /** Returns all sites. */
  list(): Iterable<ListedSite>
  /** Time of the oldest change that is in no checkpoint, in milliseconds since 1970; `undefined` for none. */
  readonly unsavedSince: number | undefined
  /**
   * Closes all streams, and saves a checkpoint of every changed site.
   * @throws {LogUnavailableError} when a checkpoint could not be written; its events are still in the log
   */
  close(): Promise<void>
}

export interface SitesOptions {
  log: Log
  clock: Clock
  /** Time zone of hours and days. @default UTC */
  zone?: TimeZone
  /** See `createCheckpoints`. */
  checkpointMs?: number | undefined
  /** Session gap and retention. @default sessions of 30 minutes, minutes for 48 hours, hours for 90 days */
  history?: HistorySettings
  /** Returns the bounce rule of a site; `undefined` for that of `history`. @default `undefined` */
  bounceRuleOf?: ((site: string) => BounceRule | undefined) | undefined
  /** Returns the path by which the page of a path counts on a site. @default the path itself */
  countedPathOf?: ((site: string, path: string) => string) | undefined
  /** Receives errors of single sites. @default throws them outside of any caller */
  onError?: (error: unknown) => void
  /** Receives the duration of each checkpoint, in milliseconds. @default none */
  onSaved?: ((ms: number) => void) | undefined
}

/** How far stored data may be ahead of the machine's clock without a warning, in milliseconds. */
const maxAheadMs = 60_000

export function createSites(options: SitesOptions): Sites {
  const { log, clock, checkpointMs, history = defaultHistory, onError = rethrow } = options
  const { retentionMs } = history
  const restoreState = createStateFactory(log, { ...options, history })
  const checkpoints = createCheckpoints({
    ...{ log, clock, checkpointMs, retentionMs, onError },
    onSaved: options.onSaved,
  })
  const registry = createSiteRegistry({
    createState(id, stored) {
      const state = restoreState(id, stored)
      newestTime = Math.max(newestTime, state.time)
      checkpoints.add(id, state, stored?.offset ?? 0, stored !== undefined)
      return state
    },
    createSite: (id, state) =>
      createSite(id, state, {
        ...{ log, clock, retentionMs },
        countedPathOf: path => options.countedPathOf?.(id, path) ?? path,
      }),
    onEvict: checkpoints.remove,
  })
  let isClosed = false
  /** Latest time in the stored data, in milliseconds since 1970. */
  let newestTime = 0

  function fold(id: string, batch: SiteBatch): number {
    newestTime = Math.max(newestTime, batch.receivedAt)
    const events = registry.use(id).apply(batch)
    checkpoints.markFolded(id, batch.offset)
    return events
  }

  /** Makes the time continue after stored data. Before it, expiry and windows would stand still. */
  function continueAfter(time: number): void {
    const aheadMs = time - wallTimeOf(clock)
    if (aheadMs > maxAheadMs) onError(createFutureDataWarning(aheadMs))
    clock.notBefore?.(time)
  }

  return {
    async recover() {
      const { restore } = registry
      const { savedOffsetOf } = checkpoints
      const recovery = await recover({ log, clock, restore, savedOffsetOf, fold })
      continueAfter(newestTime)
      if (!isClosed) checkpoints.start()
      return recovery
    },
    open: registry.open,
    find: registry.find,
    async accept(record, events) {
      const offset = await log.append(record)
      await enqueue(() => fold(record.site, { offset, receivedAt: record.receivedAt, events }))
      registry.find(record.site)?.streams.touch()
    },
    signal(id, signals) {
      const site = registry.open(id)
      if (!site) return
      const state = registry.use(id)
      const now = clock.now()
      for (const signal of signals) state.applySignal(signal, now)
      site.streams.touch()
    },
    get count() {
      return registry.count
    },
    list: registry.list,
    get unsavedSince() {
      return checkpoints.unsavedSince
    },
    async close() {
      isClosed = true
      registry.closeStreams()
      await checkpoints.close()
    },
  }
}

/** Creates the states of sites over the stored buckets. All share one cache of totals. */
function createStateFactory(
  { store }: Log,
  options: Pick<SitesOptions, 'zone' | 'bounceRuleOf'> & { history: HistorySettings },
): (id: string, stored?: StoredSite) => SiteState {
  const { zone, history } = options
  const { sessionGapMs, bounce } = history
  const bounds = { ...defaultBounds, sessionGapMs }
  const cache = new LRUCache<string, CachedTotals>({ max: maxCachedTotals })
  return (id, stored) =>
    createSiteState({
      bounds,
      bounceRule: () => options.bounceRuleOf?.(id) ?? bounce,
      readStored: (tier, part, from, to, limit) =>
        store
          .read(id, tier, part, from, to, limit)
          .map(({ start, bytes }) => ({ start, part, bytes })),
      cached: { cache, site: id },
      seed: randomInt(2 ** 32),
      ...(zone && { zone }),
      ...(stored && { stored }),
    })
}

function rethrow(error: unknown): never {
  throw error
}
