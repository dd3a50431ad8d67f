import type { DatabaseSync } from 'node:sqlite'
import { seal, unseal } from './checksum.ts'
import { checksumIn } from './sqlite-replaced.ts'
import { openOwnedDatabase } from './sqlite-database.ts'
import { stateKey } from './stored-keys.ts'

/** Result of an undo: the number of restored rows, or the reason for which nothing changed. */
export type UndoResult =
  | { kind: 'undone'; rows: number }
  /** The site has no import since its last undo. */
  | { kind: 'nothing' }
  /** Rows contain both imported page views and later events, and cannot be separated. */
  | { kind: 'changed'; buckets: readonly ChangedBucket[] }

export interface ChangedBucket {
  tier: string
  /** Milliseconds since 1970. */
  start: number
}

export interface UndoOptions {
  /** Path of the database file. */
  path: string
  site: string
  /** Returns the start of the hour or the day that contains a time. */
  startOf: Readonly<Record<'hour' | 'day', (at: number) => number>>
}

/**
 * Takes back the last import of a site, in one transaction. Events that a server has counted since stay, unless they are
 * in a bucket of the import: then nothing changes.
 * @throws {LogUnavailableError} when the database cannot be opened, for example because a server has it open
 */
export function undoImport({ path, site, startOf }: UndoOptions): UndoResult {
  const { database, close } = openOwnedDatabase(path, 'fsync')
  try {
    database.exec('BEGIN IMMEDIATE')
    const result = undoInTransaction(database, site, startOf)
    database.exec('COMMIT')
    return result
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK')
    close()
  }
}

function undoInTransaction(
  database: DatabaseSync,
  site: string,
  startOf: UndoOptions['startOf'],
): UndoResult {
  const id = database.prepare('SELECT id FROM site WHERE name = ?').get(site)?.['id']
  const hasImport = database.prepare('SELECT 1 FROM import WHERE site = ?')
  if (typeof id !== 'number' || !hasImport.get(id)) return { kind: 'nothing' }
  const buckets = [...findChanged(database, id), ...findMerged(database, id, startOf)]
  if (buckets.length > 0) return { kind: 'changed', buckets: distinct(buckets) }
  const rows = restoreRows(database, id)
  sealState(database, site, id)
  database.prepare('DELETE FROM replaced WHERE site = ?').run(id)
  database.prepare('DELETE FROM import WHERE site = ?').run(id)
  return { kind: 'undone', rows }
}

const minuteMs = 60_000

/** Finds buckets that have changed since the import. Expired ones have no row. */
function findChanged(database: DatabaseSync, site: number): ChangedBucket[] {
  const rows = database.prepare(
    `SELECT name, id, written, bucket.data AS current FROM replaced
     JOIN bucket ON bucket.site = replaced.site AND tier = name AND bucket.part = replaced.part AND start = id
     WHERE replaced.site = ? AND kind = 'bucket'`,
  )
  return rows.all(site).flatMap(({ name, id, written, current }) => {
    const isSame =
      current instanceof Uint8Array &&
      written instanceof Uint8Array &&
      Buffer.compare(checksumIn(current), written) === 0
    return isSame ? [] : [{ tier: String(name), start: Number(id) }]
  })
}

/** Finds hours and days that a server has merged from imported minutes and hours since. */
function findMerged(
  database: DatabaseSync,
  site: number,
  startOf: UndoOptions['startOf'],
): ChangedBucket[] {
  const imported = database.prepare(
    "SELECT DISTINCT part, id FROM replaced WHERE site = ? AND kind = 'bucket' AND name = ?",
  )
  const merged = database.prepare(
    `SELECT 1 FROM bucket WHERE site = :site AND tier = :tier AND part = :part AND start = :start AND NOT EXISTS
       (SELECT 1 FROM replaced WHERE site = :site AND kind = 'bucket' AND name = :tier AND part = :part AND id = :start)`,
  )
  const levels = [
    ['minute', 'hour'],
    ['hour', 'day'],
  ] as const
  return levels.flatMap(([fine, tier]) =>
    imported.all(site, fine).flatMap(({ part, id }) => {
      const start = startOf[tier](Number(id))
      return merged.get({ site, tier, part: String(part), start }) ? [{ tier, start }] : []
    }),
  )
}

function distinct(buckets: readonly ChangedBucket[]): ChangedBucket[] {
  const byKey = new Map(buckets.map(bucket => [`${bucket.tier} ${bucket.start}`, bucket]))
  return [...byKey.values()].toSorted((a, b) => a.start - b.start)
}

/** Restores every row, and returns their number. */
function restoreRows(database: DatabaseSync, site: number): number {
  const rows = database.prepare('SELECT * FROM replaced WHERE site = ?').all(site)
  const count = restoreBuckets(database, site)
  for (const row of rows.filter(({ kind }) => kind === 'segment')) {
    const key = [site, String(row['name']), Number(row['id'])] as const
    const data = row['data'] instanceof Uint8Array ? row['data'] : undefined
    if (data)
      database.prepare('INSERT OR REPLACE INTO segment VALUES (?, ?, ?, ?)').run(...key, data)
    else database.prepare('DELETE FROM segment WHERE site = ? AND name = ? AND id = ?').run(...key)
  }
  for (const { name, data, written } of rows.filter(({ kind }) => kind === 'incomplete')) {
    // Since the import, later buckets may have expired.
    const where = 'WHERE site = ? AND tier = ? AND before = ?'
    const key = [site, String(name), Number(written)] as const
    if (data === null) database.prepare(`DELETE FROM incomplete ${where}`).run(...key)
    else database.prepare(`UPDATE incomplete SET before = ? ${where}`).run(Number(data), ...key)
  }
  return count
}

/** Restores the buckets that have not expired since, and their tally. */
function restoreBuckets(database: DatabaseSync, site: number): number {
  const join = `FROM replaced JOIN bucket
    ON bucket.site = replaced.site AND tier = name AND bucket.part = replaced.part AND start = id
    WHERE replaced.site = ? AND kind = 'bucket'`
  const count = Number(database.prepare(`SELECT count(*) AS count ${join}`).get(site)?.['count'])
  database
    .prepare(
      `INSERT INTO tally SELECT replaced.site, name, replaced.part, -count(*), -sum(id / ${minuteMs}) ${join}
       AND replaced.data IS NULL GROUP BY replaced.site, name, replaced.part
       ON CONFLICT DO UPDATE SET count = count + excluded.count, minutes = minutes + excluded.minutes`,
    )
    .run(site)
  database
    .prepare(
      `UPDATE bucket SET data = (SELECT data FROM replaced WHERE replaced.site = bucket.site AND kind = 'bucket'
         AND name = tier AND replaced.part = bucket.part AND id = start)
       WHERE site = ? AND EXISTS (SELECT 1 FROM replaced WHERE replaced.site = bucket.site AND kind = 'bucket'
         AND name = tier AND replaced.part = bucket.part AND id = start AND replaced.data IS NOT NULL)`,
    )
    .run(site)
  database
    .prepare(
      `DELETE FROM bucket WHERE site = ? AND EXISTS (SELECT 1 FROM replaced WHERE replaced.site = bucket.site
         AND kind = 'bucket' AND name = tier AND replaced.part = bucket.part AND id = start AND replaced.data IS NULL)`,
    )
    .run(site)
  return count
}

/** Writes the number of segments into the row of the site, whose checksum contains it. */
function sealState(database: DatabaseSync, site: string, id: number): void {
  const row = database.prepare('SELECT log_offset, segments, state FROM site WHERE id = ?').get(id)
  const offset = Number(row?.['log_offset'])
  const keyWith = (segments: number): string => stateKey({ site, id, offset, segments })
  const state = unseal(keyWith(Number(row?.['segments'])), row?.['state'])
  if (!state) throw new Error(`the stored state of site '${site}' is damaged`)
  const counted = database.prepare('SELECT count(*) AS count FROM segment WHERE site = ?').get(id)
  const segments = Number(counted?.['count'])
  database
    .prepare('UPDATE site SET segments = ?, state = ? WHERE id = ?')
    .run(segments, seal(keyWith(segments), state), id)
}
