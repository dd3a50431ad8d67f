import { join } from 'node:path'
import { createSystemClock } from '../clock.ts'
import { createSqliteLog } from '../log/sqlite.ts'
import type { Store } from '../log/store.ts'
import type { TimeZone } from '../rollup/time-zone.ts'
import { createSites } from '../sites.ts'

/** A data directory that this process owns until it is closed. */
export interface Data {
  readonly store: Store
  close(): Promise<void>
}

/**
 * Opens a data directory, and folds what a server has left in its log, as a start of the server would. So
 * nothing waits that happened before what is imported.
 * @throws {LogUnavailableError} when it cannot be opened, as when a server runs on it
 */
export async function openData(dataDir: string, zone: TimeZone): Promise<Data> {
  const clock = createSystemClock()
  const log = createSqliteLog({ path: join(dataDir, 'tidemark.db'), now: clock.now() })
  try {
    const sites = createSites({ log, clock, zone })
    await sites.recover()
    await sites.close()
  } catch (error) {
    await log.close()
    throw error
  }
  return { store: log.store, close: () => log.close() }
}
