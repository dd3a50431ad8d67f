import { createSqliteLog } from '../log/sqlite.ts'
import { type UndoResult, undoImport } from '../log/sqlite-undo.ts'
import { createTimeZone } from '../rollup/history/time-zone.ts'
import { createSystemClock } from '../shared/clock.ts'
import { resolveImportTimeZone } from '../sites/time-zone-setting.ts'

/** Result of an undo. */
export type ImportUndo = UndoResult

/**
 * Takes back the last import of a site in a data directory that no other process has open.
 * @param path path of the database file
 * @throws {LogUnavailableError} when the directory cannot be opened, for example because a server has it open
 */
export async function undoInDirectory(path: string, site: string): Promise<ImportUndo> {
  const log = createSqliteLog({ path, now: createSystemClock().now() })
  const zone = createTimeZone(resolveImportTimeZone(log.settings, undefined))
  await log.close()
  return undoImport({ path, site, startOf: { hour: zone.startOfHour, day: zone.startOfDay } })
}
