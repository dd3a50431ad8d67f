import type { DatabaseSync } from 'node:sqlite'
import { type Block, compress } from './block.ts'
import { busyTimeoutMs } from './sqlite-database.ts'
import { seal } from './checksum.ts'
import { createReplacedRows } from './sqlite-replaced.ts'
import { blockKey, partKey, segmentKey, stateKey } from './stored-keys.ts'
import type { Checkpoint, DamagedParts } from './store.ts'

const minuteMs = 60_000

/** Blocks that one step of a trim deletes, so that no append waits long for it. */
const maxTrimmedBlocks = 500

/** The row of a probe. */
const probe = '0'.repeat(64 * 1024)

/** All writes to the database. Each is one transaction: it writes everything, or throws and writes nothing. */
export interface SqliteTransactions {
  /**
   * Appends blocks, and returns the offset of the last record. The offsets of the other records directly precede it.
   */
  append(blocks: Iterable<Block>): number
  /** Replaces the checkpoint of a site. */
  commit(site: string, checkpoint: Checkpoint): void
  /** Remembers that stored buckets are damaged. */
  markDamaged(damaged: DamagedParts): void
  /** Deletes the buckets of a tier that start before a time. */
  expire(site: string, tier: string, before: number): void
  /** Deletes up to 500 blocks that end before an offset. */
  trimStep(before: number): 'done' | 'unfinished'
  /**
   * Writes and deletes a row that is larger than usual records, to find out whether the disk has room.
   * @throws {Error} when it has none, or cannot be written
   */
  probe(): void
  /**
   * Erases replaced and deleted data from the write-ahead log.
   * @throws {Error} while another connection reads
   */
  wipe(): void
}

export function createSqliteTransactions(database: DatabaseSync): SqliteTransactions {
  const getLast = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'block'")
  const insertBlock = database.prepare('INSERT INTO block (last, count, records) VALUES (?, ?, ?)')
  const deleteBlocks = database.prepare(
    'DELETE FROM block WHERE last IN (SELECT last FROM block WHERE last < ? ORDER BY last LIMIT ?)',
  )
  const addSite = database.prepare("INSERT INTO site VALUES (NULL, ?, 0, 0, x'') RETURNING id")
  const putSite = database.prepare(
    'UPDATE site SET log_offset = ?, segments = ?, state = ? WHERE id = ?',
  )
  const countSegments = database.prepare('SELECT count(*) AS count FROM segment WHERE site = ?')
  const getSite = database.prepare('SELECT id FROM site WHERE name = ?')
  const putSegment = database.prepare('INSERT OR REPLACE INTO segment VALUES (?, ?, ?, ?)')
  const deleteSegment = database.prepare(
    'DELETE FROM segment WHERE site = ? AND name = ? AND id = ?',
  )
  const putPart = database.prepare('INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?, ?)')
  const hasPart = database.prepare(
    'SELECT 1 FROM bucket WHERE site = ? AND tier = ? AND part = ? AND start = ?',
  )
  const addToTally = database.prepare(
    `INSERT INTO tally VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET count = count + excluded.count, minutes = minutes + excluded.minutes`,
  )
  const subtractFromTally = database.prepare(
    `INSERT INTO tally
     SELECT site, tier, part, -count(*), -sum(start / ${minuteMs}) FROM bucket
     WHERE site = ? AND tier = ? AND start < ? GROUP BY site, tier, part
     ON CONFLICT DO UPDATE SET count = count + excluded.count, minutes = minutes + excluded.minutes`,
  )
  const putDamaged = database.prepare(
    `INSERT INTO damaged VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET "end" = max("end", excluded."end")`,
  )
  const deleteParts = database.prepare(
    'DELETE FROM bucket WHERE site = ? AND tier = ? AND start < ?',
  )
  const putIncomplete = database.prepare(
    `INSERT INTO incomplete VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET before = max(before, excluded.before)`,
  )

  const replaced = createReplacedRows(database)
  const putProbe = database.prepare("INSERT OR REPLACE INTO setting VALUES ('disk_probe', ?)")
  const deleteProbe = database.prepare("DELETE FROM setting WHERE name = 'disk_probe'")

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
          insertBlock.run(last, count, seal(blockKey(last, count), compress(bytes)))
        }
        return last
      }),
    commit: (site, { offset, state, segments, parts, incomplete = [], importRun }) =>
      inTransaction(() => {
        const id = Number((getSite.get(site) ?? addSite.get(site))?.['id'])
        const keep = importRun && replaced.start(id, importRun)
        for (const { table, id: segment, bytes } of segments) {
          const sealed = bytes && seal(segmentKey(site, table, segment), bytes)
          keep?.segment(table, segment, sealed)
          if (sealed) putSegment.run(id, table, segment, sealed)
          else deleteSegment.run(id, table, segment)
        }
        for (const { tier, part, start, bytes } of parts) {
          if (!hasPart.get(id, tier, part, start)) {
            addToTally.run(id, tier, part, 1, Math.floor(start / minuteMs))
          }
          const sealed = seal(partKey(site, tier, part, start), bytes)
          keep?.part(tier, part, start, sealed)
          putPart.run(id, tier, part, start, sealed)
        }
        const row = { site, id, offset, segments: Number(countSegments.get(id)?.['count']) }
        putSite.run(offset, row.segments, seal(stateKey(row), state), id)
        for (const { tier, before } of incomplete) {
          keep?.incomplete(tier, before)
          putIncomplete.run(id, tier, before)
        }
      }),
    markDamaged: ({ site, tier, part, start, end }) =>
      inTransaction(() => {
        putDamaged.run(site, tier, part, start, end)
      }),
    expire: (site, tier, before) =>
      inTransaction(() => {
        const id = Number(getSite.get(site)?.['id'] ?? -1)
        subtractFromTally.run(id, tier, before)
        const deleted = Number(deleteParts.run(id, tier, before).changes)
        if (deleted > 0) putIncomplete.run(id, tier, before)
      }),
    trimStep(before) {
      const deleted = Number(deleteBlocks.run(before, maxTrimmedBlocks).changes)
      return deleted === maxTrimmedBlocks ? 'unfinished' : 'done'
    },
    probe() {
      inTransaction(() => putProbe.run(probe))
      inTransaction(() => deleteProbe.run())
    },
    wipe() {
      // A reader may take long, and appends would wait for it.
      database.exec('PRAGMA busy_timeout = 0')
      try {
        const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {}
        if (busy !== 0) throw new Error('Another connection reads the database')
      } finally {
        database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
      }
    },
  }
}
