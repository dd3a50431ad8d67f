import { join } from 'node:path'
import { createSqliteLog } from '../log/sqlite.ts'
import type { Store } from '../log/store.ts'
import { type TimeZone, createTimeZone } from '../rollup/history/time-zone.ts'
import { createSystemClock } from '../shared/clock.ts'
import { readBounceRule } from '../sites/bounce-setting.ts'
import { type HistorySettings, resolveHistorySettings } from '../sites/history-settings.ts'
import type { Recovery } from '../sites/recovery.ts'
import { createSites } from '../sites/sites.ts'
import { resolveImportTimeZone, resolveTimeZone } from '../sites/time-zone-setting.ts'
import { type RequestedSettings, type SiteRules, readSiteRules } from './site-rules.ts'

/** A data directory that this process has open exclusively. */
export interface DataDirectory {
  readonly store: Store
  /** Time zone of hours and days. */
  readonly zone: TimeZone
  /** IANA name of the time zone. */
  readonly timeZone: string
  /**
   * Stores the time zone, if it is not stored yet. Call it before the first commit of history.
   * @throws {LogUnavailableError} when the time zone cannot be stored
   */
  storeTimeZone(): void
  /** Retention and sessions of the last server. */
  readonly history: HistorySettings
  /**
   * Returns the rules of a site: those of the configuration, or those of the last server.
   * @throws {HistoryBoundsError} when retention or session gap of the configuration are out of their bounds
   */
  rulesOf(site: string): SiteRules
  /** Result of replaying the log that a server left. */
  readonly recovery: Recovery
  close(): Promise<void>
}

/**
 * Opens a data directory and folds the log that a server left, as a server does at its start. So every stored event
 * is counted before the import adds older ones.
 * @throws {LogUnavailableError} when the directory cannot be opened, for example because a server has it open
 * @throws {TimeZoneMismatchError} when the stored time zone differs from the requested one
 */
export async function openDataDirectory(
  path: string,
  { timeZone, timeZoneName, configured }: RequestedSettings = {},
): Promise<DataDirectory> {
  const clock = createSystemClock()
  const log = createSqliteLog({ path: join(path, 'tidemark.db'), now: clock.now() })
  try {
    const zoneName = resolveImportTimeZone(log.settings, timeZone, timeZoneName)
    const zone = createTimeZone(zoneName)
    const history = resolveHistorySettings(log.settings, {})
    const sites = createSites({
      ...{ log, clock, zone, history },
      bounceRuleOf: site => readBounceRule(log.settings, site),
    })
    const recovery = await sites.recover()
    await sites.close()
    return {
      ...{ store: log.store, zone, timeZone: zoneName, history, recovery },
      rulesOf: site => readSiteRules(log.settings, site, configured),
      storeTimeZone: () => void resolveTimeZone(log.settings, zoneName),
      close: () => log.close(),
    }
  } catch (error) {
    await log.close()
    throw error
  }
}
