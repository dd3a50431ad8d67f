import { join } from 'node:path'
import { createSystemClock } from '../shared/clock.ts'
import { createSqliteLog } from '../log/sqlite.ts'
import type { Store } from '../log/store.ts'
import { type HistorySettings, resolveHistorySettings } from '../sites/history-settings.ts'
import { resolveImportTimeZone } from '../sites/time-zone-setting.ts'
import { type TimeZone, createTimeZone } from '../rollup/history/time-zone.ts'
import type { Recovery } from '../sites/recovery.ts'
import { createSites } from '../sites/sites.ts'

/** A data directory that this process owns until it is closed. */
export interface DataDirectory {
  readonly store: Store
  /** In which its hours and days begin. */
  readonly zone: TimeZone
  readonly timeZone: string
  /** How its history is counted and kept. */
  readonly history: HistorySettings
  /** What was found in the log that a server had left. */
  readonly recovery: Recovery
  close(): Promise<void>
}

/**
 * Opens a data directory, and folds what a server has left in its log, as a start of the server would. So
 * nothing waits that happened before what is imported.
 * @param wanted the IANA name of the time zone of its hours and days, if that is to be sure
 * @throws {LogUnavailableError} when it cannot be opened, as when a server runs on it
 * @throws {TimeZoneMismatchError} when they are of another time zone
 */
export async function openDataDirectory(
  dataDir: string,
  wanted: string | undefined,
): Promise<DataDirectory> {
  const clock = createSystemClock()
  const log = createSqliteLog({ path: join(dataDir, 'tidemark.db'), now: clock.now() })
  try {
    const timeZone = resolveImportTimeZone(log.settings, wanted)
    const zone = createTimeZone(timeZone)
    const history = resolveHistorySettings(log.settings, {})
    const sites = createSites({ log, clock, zone, history })
    const recovery = await sites.recover()
    await sites.close()
    return { store: log.store, zone, timeZone, history, recovery, close: () => log.close() }
  } catch (error) {
    await log.close()
    throw error
  }
}
