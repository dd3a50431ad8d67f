import type { DatabaseSync } from 'node:sqlite'
import { type Block, compress } from './block.ts'
import { busyTimeoutMs } from './sqlite-database.ts'
import type { Checkpoint } from './store.ts'

/** Blocks that are forgotten in one transaction, so that none that is to be written waits long. */
const trimStep = 500

/** All that writes to the database, each in a transaction of its own: it is done, or throws and nothing is. */
export interface SqliteTransactions {
  /** Returns the offset of the last record. Those of the others are right before it. */
  append(blocks: Iterable<Block>): number
  commit(site: string, checkpoint: Checkpoint): void
  forget(site: string, tier: string, before: number): void
  /** Forgets some of the blocks that end before an offset, and returns whether there are more. */
  trim(before: number): boolean
  /** Leaves nothing in the write-ahead log of what has been replaced, or throws when somebody reads just then. */
  wipe(): void
}

export function createSqliteTransactions(database: DatabaseSync): SqliteTransactions {
  const getLast = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'block'")
  const insert = database.prepare('INSERT INTO block (last, count, records) VALUES (?, ?, ?)')
  const trim = database.prepare(
    'DELETE FROM block WHERE last IN (SELECT last FROM block WHERE last < ? ORDER BY last LIMIT ?)',
  )
  const putSite = database.prepare(
    `INSERT INTO site (name, log_offset, state) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET log_offset = excluded.log_offset, state = excluded.state
     RETURNING id`,
  )
  const putSegment = database.prepare('INSERT OR REPLACE INTO segment VALUES (?, ?, ?, ?)')
  const dropSegment = database.prepare('DELETE FROM segment WHERE site = ? AND name = ? AND id = ?')
  const putPart = database.prepare('INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?, ?)')
  const getSite = database.prepare('SELECT id FROM site WHERE name = ?')
  const dropParts = database.prepare('DELETE FROM bucket WHERE site = ? AND tier = ? AND start < ?')
  const putForgotten = database.prepare(
    `INSERT INTO forgotten VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET before = max(before, excluded.before)`,
  )

  function inTransaction<Result>(work: () => Result): Result {
    try {
      database.exec('BEGIN IMMEDIATE')
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  return {
    append: blocks =>
      inTransaction(() => {
        let last = Number(getLast.get()?.['seq'] ?? 0)
        for (const { count, bytes } of blocks) {
          last += count
          insert.run(last, count, compress(bytes))
        }
        return last
      }),
    commit: (site, { offset, state, segments, parts, incomplete = [] }) =>
      inTransaction(() => {
        const id = Number(putSite.get(site, offset, state)?.['id'])
        for (const { table, id: segment, bytes } of segments) {
          if (bytes) putSegment.run(id, table, segment, bytes)
          else dropSegment.run(id, table, segment)
        }
        for (const { tier, part, start, bytes } of parts) putPart.run(id, tier, part, start, bytes)
        for (const { tier, before } of incomplete) putForgotten.run(id, tier, before)
      }),
    forget: (site, tier, before) =>
      inTransaction(() => {
        const id = Number(getSite.get(site)?.['id'] ?? -1)
        if (Number(dropParts.run(id, tier, before).changes) > 0) putForgotten.run(id, tier, before)
      }),
    trim: before => Number(trim.run(before, trimStep).changes) === trimStep,
    wipe() {
      // Who reads may take long, and records wait meanwhile.
      database.exec('PRAGMA busy_timeout = 0')
      try {
        const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {}
        if (busy !== 0) throw new Error('Somebody reads the database')
      } finally {
        database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
      }
    },
  }
}
