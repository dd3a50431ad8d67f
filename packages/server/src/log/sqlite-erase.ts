import type { DatabaseSync } from 'node:sqlite'
import { compress, createBlockWriter, decompress, readBlock } from './block.ts'
import { seal, unseal } from './checksum.ts'
import type { LogRecord } from './log.ts'
import { openOwnedDatabase } from './sqlite-database.ts'
import { blockKey, partKey } from './stored-keys.ts'

/** Changes stored data so that parts of it are gone. All changes are one transaction. */
export interface DataEraser {
  /** Returns a setting; `undefined` when it is not stored. */
  setting(name: string): string | undefined
  /** Returns whether the site has a checkpoint. */
  hasSite(site: string): boolean
  /**
   * Returns one part of the buckets of all tiers that start within the last `windowMs` of the stored history.
   * Damaged ones are `undefined`.
   */
  recentParts(site: string, part: string, windowMs: number): (Uint8Array | undefined)[]
  /**
   * Replaces records of the log. A damaged block, which nobody can read, is deleted.
   * @param replace returns the record itself to keep it
   */
  replaceRecords(replace: (record: LogRecord) => LogRecord): void
  /** Deletes the earlier versions of rows that the last import replaced, so that no undo brings them back. */
  deleteReplaced(site: string): void
  /** Deletes the buckets of all tiers that start in `[from, to)`. Returns their number. */
  deleteBuckets(site: string, from: number, to: number): number
  /** Deletes the checkpoint and all buckets of a site. Returns the number of buckets. */
  deleteSite(site: string): number
}

/**
 * Opens a data file, runs `work` and closes the file. An error undoes everything.
 * @throws {LogUnavailableError} when another process has the file open, or it has another schema version
 */
export function eraseData<Result>(path: string, work: (eraser: DataEraser) => Result): Result {
  const owned = openOwnedDatabase(path, 'fsync')
  const { database } = owned
  try {
    database.exec('PRAGMA secure_delete = ON; BEGIN IMMEDIATE')
    const result = work(createEraser(database))
    database.exec('COMMIT')
    return result
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK')
    owned.close()
  }
}

/**
 * Writes a data file anew, so that it has no bytes of deleted data. The disk needs room for a second copy.
 * @throws {LogUnavailableError} when another process has the file open
 */
export function wipeDeletedData(path: string): void {
  const owned = openOwnedDatabase(path, 'fsync')
  try {
    owned.database.exec('PRAGMA secure_delete = ON; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    owned.close()
  }
}

function createEraser(database: DatabaseSync): DataEraser {
  const idOf = (site: string): number | undefined => {
    const id = database.prepare('SELECT id FROM site WHERE name = ?').get(site)?.['id']
    return id === undefined ? undefined : Number(id)
  }

  /** Counts the buckets of a site again, because `tally` shows lost ones. */
  function countAgain(id: number): void {
    database.prepare('DELETE FROM tally WHERE site = ?').run(id)
    database
      .prepare(
        `INSERT INTO tally SELECT site, tier, part, count(*), sum(start / 60000) FROM bucket
         WHERE site = ? GROUP BY site, tier, part`,
      )
      .run(id)
  }

  /** Deletes the rows that the last import replaced. They have the deleted data, and no undo may restore it. */
  function forgetImport(id: number): void {
    database.prepare('DELETE FROM replaced WHERE site = ?').run(id)
    database.prepare('DELETE FROM import WHERE site = ?').run(id)
  }

  return {
    setting(name) {
      const row = database.prepare('SELECT value FROM setting WHERE name = ?').get(name)
      return typeof row?.['value'] === 'string' ? row['value'] : undefined
    },
    hasSite: site => idOf(site) !== undefined,
    recentParts(site, part, windowMs) {
      const id = idOf(site)
      if (id === undefined) return []
      const rows = database
        .prepare(
          `SELECT tier, start, data FROM bucket WHERE site = :id AND part = :part AND start >=
           (SELECT max(start) FROM bucket WHERE site = :id AND part = :part) - :windowMs`,
        )
        .all({ id, part, windowMs })
      return rows.map(({ tier, start, data }) =>
        unseal(partKey(site, String(tier), part, Number(start)), data),
      )
    },
    replaceRecords: replace => replaceRecords(database, replace),
    deleteReplaced(site) {
      const id = idOf(site)
      if (id !== undefined) forgetImport(id)
    },
    deleteBuckets(site, from, to) {
      const id = idOf(site)
      if (id === undefined) return 0
      const { changes } = database
        .prepare('DELETE FROM bucket WHERE site = ? AND start >= ? AND start < ?')
        .run(id, from, to)
      countAgain(id)
      forgetImport(id)
      database
        .prepare('DELETE FROM damaged WHERE site = ? AND start >= ? AND "end" <= ?')
        .run(site, from, to)
      return Number(changes)
    },
    deleteSite(site) {
      const id = idOf(site)
      if (id === undefined) return 0
      const { changes } = database.prepare('DELETE FROM bucket WHERE site = ?').run(id)
      forgetImport(id)
      for (const table of ['tally', 'incomplete', 'segment']) {
        database.prepare(`DELETE FROM ${table} WHERE site = ?`).run(id)
      }
      database.prepare('DELETE FROM damaged WHERE site = ?').run(site)
      database.prepare('DELETE FROM site WHERE id = ?').run(id)
      return Number(changes)
    },
  }
}

function replaceRecords(database: DatabaseSync, replace: (record: LogRecord) => LogRecord): void {
  const select = database.prepare('SELECT last, count, records FROM block WHERE last > ? LIMIT 1')
  const update = database.prepare('UPDATE block SET records = ? WHERE last = ?')
  const remove = database.prepare('DELETE FROM block WHERE last = ?')
  const writer = createBlockWriter()
  for (let row = select.get(-1); row; row = select.get(Number(row['last']))) {
    const [last, count] = [Number(row['last']), Number(row['count'])]
    const key = blockKey(last, count)
    const records = readRecords(unseal(key, row['records']))
    if (!records) {
      remove.run(last)
      continue
    }
    const replaced = records.map(replace)
    if (replaced.every((record, index) => record === records[index])) continue
    for (const record of replaced) writer.add(record)
    update.run(seal(key, compress(writer.drain().bytes)), last)
  }
}

/** Returns the records of a block; `undefined` when it is damaged. */
function readRecords(bytes: Uint8Array | undefined): LogRecord[] | undefined {
  try {
    return bytes && [...readBlock(decompress(bytes))]
  } catch {
    return undefined
  }
}
