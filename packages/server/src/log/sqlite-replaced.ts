import type { DatabaseSync } from 'node:sqlite'
import { checksumBytes } from './checksum.ts'
import type { ImportRun } from './store.ts'

/** Keeps the rows that an import replaces. Each method runs in the transaction that then replaces the row. */
export interface ReplacedRows {
  /** Starts or continues an import. The first checkpoint of a new import deletes the rows of the last one. */
  start(site: number, run: ImportRun): RowKeeper
}

/** Keeps rows of one site as they were before its import. */
export interface RowKeeper {
  /** @param sealed the new row */
  part(tier: string, part: string, start: number, sealed: Uint8Array): void
  /** @param sealed the new row; `undefined` when it is deleted */
  segment(table: string, id: number, sealed: Uint8Array | undefined): void
  /** @param before the new end of the range, if it is later */
  incomplete(tier: string, before: number): void
}

export function createReplacedRows(database: DatabaseSync): ReplacedRows {
  const getImport = database.prepare('SELECT id, log, finished FROM import WHERE site = ?')
  const putImport = database.prepare('INSERT OR REPLACE INTO import VALUES (?, ?, ?, ?)')
  const clear = database.prepare('DELETE FROM replaced WHERE site = ?')
  const written = 'ON CONFLICT DO UPDATE SET written = excluded.written'
  const keepPart = database.prepare(
    `INSERT INTO replaced VALUES (:site, 'bucket', :tier, :part, :start,
       (SELECT data FROM bucket WHERE site = :site AND tier = :tier AND part = :part AND start = :start), :written)
     ${written}`,
  )
  const keepSegment = database.prepare(
    `INSERT INTO replaced VALUES (:site, 'segment', :table, '', :id,
       (SELECT data FROM segment WHERE site = :site AND name = :table AND id = :id), :written)
     ${written}`,
  )
  const keepIncomplete = database.prepare(
    `INSERT INTO replaced VALUES (:site, 'incomplete', :tier, '', 0,
       (SELECT before FROM incomplete WHERE site = :site AND tier = :tier),
       max(:before, ifnull((SELECT before FROM incomplete WHERE site = :site AND tier = :tier), :before)))
     ${written}`,
  )

  return {
    start(site, { id, log, isFinished }) {
      const last = getImport.get(site)
      const isSameRun = last?.['id'] === id
      const isContinued = last?.['log'] === log && last['finished'] === 0
      if (!isSameRun && !isContinued) clear.run(site)
      putImport.run(site, id, log, isFinished ? 1 : 0)
      return {
        part(tier, part, start, sealed) {
          keepPart.run({ site, tier, part, start, written: checksumIn(sealed) })
        },
        segment(table, segment, sealed) {
          const sum = sealed ? checksumIn(sealed) : null
          keepSegment.run({ site, table, id: segment, written: sum })
        },
        incomplete(tier, before) {
          keepIncomplete.run({ site, tier, before })
        },
      }
    },
  }
}

/** Returns the checksum at the end of a sealed row. */
export function checksumIn(sealed: Uint8Array): Uint8Array {
  return sealed.subarray(-checksumBytes)
}
