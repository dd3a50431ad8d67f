import { type Log, LogUnavailableError } from '../log/log.ts'
import { formatDamagedParts } from '../log/damaged-text.ts'
import type { DamagedParts } from '../log/store.ts'
import { type StorageOptions, openStorage } from '../log/storage.ts'
import type { BounceRule } from '../rollup/table/visit.ts'
import type { RetentionMs } from '../rollup/history/retention.ts'
import { type TimeZone, createTimeZone } from '../rollup/history/time-zone.ts'
import type { Clock } from '../shared/clock.ts'
import { ServerWarning } from '../shared/server-warning.ts'
import { type HistorySettings, resolveHistorySettings } from './history-settings.ts'
import { type Sites, createSites } from './sites.ts'
import { watchStorage } from './storage-watch.ts'
import { resolveTimeZone } from './time-zone-setting.ts'

/** Time zone, retention and sessions of history. */
export interface HistoryOptions {
  /** IANA name of the time zone in which hours and days begin. @default the stored time zone, else 'UTC' */
  timeZone?: string
  /**
   * How long buckets are retained, in milliseconds: minutes (at least 2 hours), hours and days (at least 2 days).
   * `Infinity` retains them forever. @default the stored values, else 48 hours, 90 days and forever
   */
  retentionMs?: Partial<RetentionMs>
  /**
   * Longest gap between two events of one session, in milliseconds, from a minute to a day.
   * @default the stored value, else 30 minutes
   */
  sessionGapMs?: number
  /**
   * Sessions that count as bounces: those with one event, or those under ten engaged seconds. A new rule applies to
   * sessions that change afterwards. @default the stored value, else 'one-event'
   */
  bounce?: BounceRule
}

export interface OpenSitesOptions {
  /** @default in memory, until the process ends */
  storage?: StorageOptions | undefined
  history?: HistoryOptions | undefined
  clock: Clock
  /** Receives errors that concern one site. */
  onError(error: unknown): void
  /** Returns the path by which the page of a path counts on a site. @default the path itself */
  countedPathOf?: (site: string, path: string) => string
  /** Returns the bounce rule of a site; `undefined` for that of `history`. @default `undefined` */
  bounceRuleOf?: (site: string) => BounceRule | undefined
  /** Receives the durations of writes to the disk. @default none */
  durations?: StorageDurations
}

/** Receives durations, in milliseconds. */
export interface StorageDurations {
  onWritten(ms: number): void
  onSaved(ms: number): void
}

/** The sites of a server and the log under them. */
export interface OpenSites {
  readonly sites: Sites
  readonly log: Pick<Log, 'pending' | 'damage' | 'store'>
  /** Settings that are stored beside the log. */
  readonly settings: Log['settings']
  /** Returns whether data files have disappeared, so that events are refused. */
  isStorageLost(): boolean
  /** Returns whether the disk could not be written at the last attempt. */
  isStorageFailing(): boolean
  /** Writes the checkpoint of every site, then closes the log. */
  close(): Promise<void>
}

/**
 * Opens the log and creates the sites over it, with the history settings that apply.
 * @throws {LogUnavailableError} when the log cannot be opened
 * @throws {TypeError} for an unknown time zone, and retention or a session gap out of range
 */
export function openSites(options: OpenSitesOptions): OpenSites {
  const { storage, history = {}, clock, onError, durations } = options
  // Before the log is opened: an unknown time zone must not leave the database locked.
  createTimeZone(history.timeZone)
  const onDamage = (damaged: DamagedParts): void =>
    onError(
      new ServerWarning(
        `Damaged on disk: ${formatDamagedParts(damaged)}. History reports these numbers as missing. ` +
          'Check the disk, and restore a backup if you need them.',
        'damage',
        { ...damaged },
      ),
    )
  const log = openStorage(storage, clock.now(), { onDamage, onWritten: durations?.onWritten })
  const sites = createSites({
    log,
    clock,
    ...resolveSettings(log, history),
    checkpointMs: storage?.checkpointMs,
    onError,
    onSaved: durations?.onSaved,
    countedPathOf: options.countedPathOf,
    bounceRuleOf: options.bounceRuleOf,
  })
  const watch = storage && watchStorage({ log, clock, onError })
  return {
    sites,
    log,
    settings: log.settings,
    isStorageFailing: () => watch?.isFailing ?? false,
    isStorageLost: () => watch?.isLost ?? false,
    async close() {
      watch?.stop()
      try {
        await sites.close()
      } catch (error) {
        // A full disk. The log still has the events, and the next start folds them again.
        if (!(error instanceof LogUnavailableError)) throw error
      } finally {
        await log.close()
      }
    },
  }
}

/** Resolves options and stored settings; closes the log when they are invalid. */
function resolveSettings(
  log: Log,
  options: HistoryOptions,
): { zone: TimeZone; history: HistorySettings } {
  try {
    const history = resolveHistorySettings(log.settings, options)
    return { zone: createTimeZone(resolveTimeZone(log.settings, options.timeZone)), history }
  } catch (error) {
    void log.close()
    throw error
  }
}
