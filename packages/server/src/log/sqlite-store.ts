import type { DatabaseSync } from 'node:sqlite'
import { LogUnavailableError } from './log.ts'
import type { Checkpoint, Store, StoredPart, StoredSegment, StoredSite } from './store.ts'

export const storeSchema = `
  CREATE TABLE site (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    log_offset INTEGER NOT NULL,
    state BLOB NOT NULL
  ) STRICT;
  CREATE TABLE segment (
    site INTEGER NOT NULL,
    name TEXT NOT NULL,
    id INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (site, name, id)
  ) STRICT;
  CREATE TABLE bucket (
    site INTEGER NOT NULL,
    tier TEXT NOT NULL,
    part TEXT NOT NULL,
    start INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (site, tier, part, start)
  ) STRICT;
`

/** The roll-ups' part of the database that the log is in. */
export function createSqliteStore(database: DatabaseSync): Store {
  const putSite = database.prepare(
    `INSERT INTO site (name, log_offset, state) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET log_offset = excluded.log_offset, state = excluded.state`,
  )
  const idOf = database.prepare('SELECT id FROM site WHERE name = ?')
  const putSegment = database.prepare('INSERT OR REPLACE INTO segment VALUES (?, ?, ?, ?)')
  const dropSegment = database.prepare('DELETE FROM segment WHERE site = ? AND name = ? AND id = ?')
  const putPart = database.prepare('INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?, ?)')
  const selectSites = database.prepare('SELECT id, name, log_offset, state FROM site ORDER BY id')
  const selectSegments = database.prepare(
    'SELECT name, id, data FROM segment WHERE site = ? ORDER BY name, id',
  )
  const selectParts = database.prepare(
    `SELECT start, data FROM bucket
     WHERE site = ? AND tier = ? AND part = ? AND start >= ? AND start < ? ORDER BY start`,
  )
  const dropParts = database.prepare('DELETE FROM bucket WHERE site = ? AND tier = ? AND start < ?')

  function siteId(name: string): number | undefined {
    const row = idOf.get(name)
    return row && Number(row['id'])
  }

  function write(site: string, { offset, state, segments, parts }: Checkpoint): void {
    putSite.run(site, offset, state)
    const id = siteId(site) ?? 0
    for (const { table, id: segment, bytes } of segments) {
      if (bytes) putSegment.run(id, table, segment, bytes)
      else dropSegment.run(id, table, segment)
    }
    for (const { tier, part, start, bytes } of parts) {
      putPart.run(id, tier, part, start, bytes)
    }
  }

  function inTransaction(message: string, work: () => void): void {
    try {
      database.exec('BEGIN IMMEDIATE')
      work()
      database.exec('COMMIT')
    } catch (cause) {
      if (database.isOpen && database.isTransaction) database.exec('ROLLBACK')
      throw new LogUnavailableError(message, { cause })
    }
  }

  return {
    *sites() {
      for (const row of selectSites.all()) {
        const segments = selectSegments.all(Number(row['id'])).map(toSegment)
        yield toSite(row, segments)
      }
    },
    commit(site, checkpoint) {
      inTransaction('The checkpoint could not be written', () => write(site, checkpoint))
    },
    read(site, tier, part, from, to) {
      const id = siteId(site)
      if (id === undefined) return []
      return selectParts.all(id, tier, part, from, to).map(row => toPart(tier, part, row))
    },
    forget(site, tier, before) {
      const id = siteId(site)
      if (id === undefined) return
      inTransaction('Old buckets could not be forgotten', () => {
        dropParts.run(id, tier, before)
      })
    },
  }
}

function toSite(row: Record<string, unknown>, segments: StoredSegment[]): StoredSite {
  return {
    site: String(row['name']),
    offset: Number(row['log_offset']),
    state: toBytes(row['state']),
    segments,
  }
}

function toSegment(row: Record<string, unknown>): StoredSegment {
  return { table: String(row['name']), id: Number(row['id']), bytes: toBytes(row['data']) }
}

function toPart(tier: string, part: string, row: Record<string, unknown>): StoredPart {
  return { tier, part, start: Number(row['start']), bytes: toBytes(row['data']) }
}

function toBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new TypeError('A column of bytes holds something else.')
}
