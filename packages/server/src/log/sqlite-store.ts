import type { DatabaseSync } from 'node:sqlite'
import type { SqliteWriter } from './sqlite-writer.ts'
import type { Store, StoredPart, StoredSegment, StoredSite } from './store.ts'

/** The roll-ups' part of the database that the log is in. What is not written yet is not read: see `createWriteBehind`. */
export function createSqliteStore(database: DatabaseSync, writer: SqliteWriter): Store {
  const selectSites = database.prepare('SELECT id, name, log_offset, state FROM site ORDER BY id')
  const selectSegments = database.prepare(
    'SELECT name, id, data FROM segment WHERE site = ? ORDER BY name, id',
  )
  const selectParts = database.prepare(
    `SELECT start, data FROM bucket
     WHERE site = (SELECT id FROM site WHERE name = ?)
       AND tier = ? AND part = ? AND start >= ? AND start < ? ORDER BY start`,
  )
  const selectForgotten = database.prepare(
    'SELECT before FROM forgotten WHERE site = (SELECT id FROM site WHERE name = ?) AND tier = ?',
  )

  return {
    *sites() {
      for (const row of selectSites.all()) {
        const segments = selectSegments.all(Number(row['id'])).map(toSegment)
        yield toSite(row, segments)
      }
    },
    async commit(site, checkpoint) {
      const write = { what: 'commit', site, checkpoint } as const
      await writer.write(write, 'The checkpoint could not be written')
    },
    read: (site, tier, part, from, to) =>
      selectParts.all(site, tier, part, from, to).map(row => toPart(tier, part, row)),
    async expire(site, tier, before) {
      const write = { what: 'forget', site, tier, before } as const
      await writer.write(write, 'Old buckets could not be forgotten')
    },
    completeFrom: (site, tier) => Number(selectForgotten.get(site, tier)?.['before'] ?? -Infinity),
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

/** What a column of bytes holds. */
export function toBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new TypeError('A column of bytes holds something else.')
}
