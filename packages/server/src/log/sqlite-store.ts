import type { DatabaseSync } from 'node:sqlite'
import type { SqliteWriter } from './sqlite-writer.ts'
import type { Store, StoredPart, StoredSegment, StoredSite } from './store.ts'

/**
 * The store in the database of the log. It does not read checkpoints that are still being written; `createWriteBehind`
 * adds them.
 */
export function createSqliteStore(database: DatabaseSync, writer: SqliteWriter): Store {
  const selectSites = database.prepare('SELECT id, name, log_offset, state FROM site ORDER BY id')
  const selectSegments = database.prepare(
    'SELECT name, id, data FROM segment WHERE site = ? ORDER BY name, id',
  )
  const selectParts = database.prepare(
    `SELECT start, data FROM bucket
     WHERE site = (SELECT id FROM site WHERE name = ?)
       AND tier = ? AND part = ? AND start >= ? AND start < ? ORDER BY start LIMIT ?`,
  )
  const selectIncomplete = database.prepare(
    'SELECT before FROM incomplete WHERE site = (SELECT id FROM site WHERE name = ?) AND tier = ?',
  )

  return {
    *sites() {
      for (const row of selectSites.all()) {
        const segments = selectSegments.all(Number(row['id'])).map(toSegment)
        yield toSite(row, segments)
      }
    },
    async commit(site, checkpoint) {
      const command = { kind: 'commit', site, checkpoint } as const
      await writer.write(command, `The checkpoint of site '${site}' could not be written`)
    },
    // A negative limit is none.
    read: (site, tier, part, from, to, limit = -1) =>
      selectParts.all(site, tier, part, from, to, limit).map(row => toPart(tier, part, row)),
    async expire(site, tier, before) {
      const command = { kind: 'expire', site, tier, before } as const
      await writer.write(command, `Expired ${tier}s of site '${site}' could not be deleted`)
    },
    completeFrom: (site, tier) => Number(selectIncomplete.get(site, tier)?.['before'] ?? -Infinity),
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

/** Returns the value of a BLOB column. */
export function toBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new TypeError(`A BLOB column has a value of type ${typeof value}.`)
}
