import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openDataDirectory } from '../import/data-directory.ts'
import { eraseData, wipeDeletedData } from '../log/sqlite-erase.ts'
import { createTimeZone } from '../rollup/history/time-zone.ts'
import { timeZoneSetting } from '../sites/time-zone-setting.ts'
import { type Selection, eraseFromRecord } from './erase-record.ts'
import { mayBeLive } from './find-person.ts'
import { forgetLiveState } from './live-state.ts'

/** Selects the data of a site to erase. Dates are days since 1970 in the time zone of the server; `toDate` is exclusive. */
export type ForgetRequest =
  | Exclude<Selection, { kind: 'time' }>
  | { readonly kind: 'dates'; readonly fromDate: number; readonly toDate: number }

/** The result of an erasure. */
export interface Forgotten {
  /** Erased events of the log. */
  readonly events: number
  /** Deleted parts of buckets. */
  readonly buckets: number
  /** `false` when neither the log nor the live state has one of the people; everything then stays as it is. */
  readonly isChanged: boolean
}

/** The data directory has no such data. */
export class NothingStoredError extends Error {
  override name = 'NothingStoredError'
}

/**
 * Erases events of a site from a data directory that no server has open. May be repeated after an interruption.
 * @throws {NothingStoredError} when the directory or the site does not exist
 * @throws {LogUnavailableError} when another process has the directory open
 */
export async function forget(
  dataDir: string,
  site: string,
  request: ForgetRequest,
): Promise<Forgotten> {
  const path = join(dataDir, 'tidemark.db')
  if (!existsSync(path)) throw new NothingStoredError(`${dataDir} is not a data directory.`)
  const forgotten = eraseStored(path, site, request)
  if (forgotten.isChanged) await renewLiveState(dataDir, site)
  // Also without a change: an earlier run may have ended before its deleted data was wiped.
  wipeDeletedData(path)
  return forgotten
}

async function renewLiveState(dataDir: string, site: string): Promise<void> {
  // The recovery counts the remaining records of the log, and stores the sites.
  const data = await openDataDirectory(dataDir)
  try {
    await forgetLiveState(data, site)
  } finally {
    await data.close()
  }
}

function eraseStored(path: string, site: string, request: ForgetRequest): Forgotten {
  return eraseData(path, eraser => {
    let events = 0
    let isInLog = false
    const selection = toSelection(request, eraser.setting(timeZoneSetting))
    eraser.replaceRecords(record => {
      if (record.site !== site) return record
      isInLog = true
      const result = eraseFromRecord(record, selection)
      events += result.erased
      return result.record
    })
    if (!isInLog && !eraser.hasSite(site)) {
      throw new NothingStoredError(`The site ${JSON.stringify(site)} has no stored data.`)
    }
    if (selection.kind === 'people' && events === 0 && !mayBeLive(eraser, site, selection)) {
      return { events, buckets: 0, isChanged: false }
    }
    eraser.deleteReplaced(site)
    const buckets =
      selection.kind === 'time'
        ? eraser.deleteBuckets(site, selection.from, selection.to)
        : selection.kind === 'everything'
          ? eraser.deleteSite(site)
          : 0
    return { events, buckets, isChanged: true }
  })
}

/** Converts dates to times. Whole days are whole buckets of every tier. */
function toSelection(request: ForgetRequest, timeZone: string | undefined): Selection {
  if (request.kind !== 'dates') return request
  const { startOfDate } = createTimeZone(timeZone)
  const { fromDate, toDate } = request
  return { kind: 'time', from: startOfDate(fromDate), to: startOfDate(toDate) }
}
