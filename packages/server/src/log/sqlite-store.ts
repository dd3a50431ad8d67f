import type { DatabaseSync } from 'node:sqlite'
import { unseal } from './checksum.ts'
import { type OnDamage, createDamageRegister, endOfTime } from './damage-register.ts'
import { LogUnavailableError } from './log.ts'
import { orDamaged } from './sqlite-damage.ts'
import { createSqliteParts } from './sqlite-parts.ts'
import type { SqliteWriter } from './sqlite-writer.ts'
import type { Store, StoredSegment, StoredSite } from './store.ts'
import { segmentKey, stateKey } from './stored-keys.ts'

/**
 * The store in the database of the log. It does not read checkpoints that are still being written; `createWriteBehind`
 * adds them.
 */
export function createSqliteStore(
  database: DatabaseSync,
  writer: Pick<SqliteWriter, 'write'>,
  onDamage: OnDamage,
): Store {
  const selectSites = database.prepare(
    'SELECT id, name, log_offset, segments, state FROM site ORDER BY id',
  )
  const selectId = database.prepare('SELECT id FROM site WHERE name = ?')
  const selectSegments = database.prepare(
    'SELECT name, id, data FROM segment WHERE site = ? ORDER BY name, id',
  )
  const selectIncomplete = database.prepare(
    'SELECT before FROM incomplete WHERE site = (SELECT id FROM site WHERE name = ?) AND tier = ?',
  )
  const register = createDamageRegister(database, damaged => {
    onDamage(damaged)
    const written = writer.write({ kind: 'damaged', damaged }, 'Damage could not be recorded')
    // The next read finds it again.
    written.catch(() => {})
  })
  const parts = createSqliteParts(database, register)

  function readSegments(site: string, id: number): StoredSegment[] {
    return selectSegments.all(id).map(row => {
      const [table, segment] = [String(row['name']), Number(row['id'])]
      const bytes = unseal(segmentKey(site, table, segment), row['data'])
      if (!bytes) throw damagedState(site, `segment ${segment} of the table '${table}'`)
      return { table, id: segment, bytes }
    })
  }

  return {
    *sites() {
      for (const row of selectSites.all()) {
        const [id, offset] = [Number(row['id']), Number(row['log_offset'])]
        const site = String(row['name'])
        const key = stateKey({ site, id, offset, segments: Number(row['segments']) })
        const state = unseal(key, row['state'])
        if (!state) throw damagedState(site, 'the visitors')
        if (Number(selectId.get(site)?.['id']) !== id)
          throw damagedState(site, 'the index of sites')
        parts.checkTally(site, id)
        const segments = readSegments(site, id)
        if (segments.length !== Number(row['segments'])) {
          throw damagedState(site, 'a lost segment of a table')
        }
        yield { site, offset, state, segments } satisfies StoredSite
      }
    },
    async commit(site, checkpoint) {
      const command = { kind: 'commit', site, checkpoint } as const
      await writer.write(command, `The checkpoint of site '${site}' could not be written`)
    },
    read: parts.read,
    damaged: register.of,
    async expire(site, tier, before) {
      const command = { kind: 'expire', site, tier, before } as const
      await writer.write(command, `Expired ${tier}s of site '${site}' could not be deleted`)
    },
    completeFrom(site, tier) {
      const row = orDamaged(() => selectIncomplete.get(site, tier) ?? {})
      // Without this time, every bucket may be missing.
      if (!row) register.add({ site, tier, part: 'totals', start: 0, end: endOfTime })
      return Number(row?.['before'] ?? -Infinity)
    },
  }
}

/** @param part damaged part of the state */
function damagedState(site: string, part: string): LogUnavailableError {
  return new LogUnavailableError(
    'Restore tidemark.db from a backup, or move it and the files that start with its name to start empty: ' +
      `the stored state of site '${site}' is damaged (${part}), and its history cannot continue without it.`,
  )
}
