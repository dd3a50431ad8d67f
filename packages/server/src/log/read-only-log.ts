import type { DatabaseSync } from 'node:sqlite'
import { unseal } from './checksum.ts'
import { type Damage, type Log, LogUnavailableError, type Settings } from './log.ts'
import { createSqliteBlocks } from './sqlite-blocks.ts'
import { createSqliteSettings } from './sqlite-settings.ts'
import { createSqliteStore } from './sqlite-store.ts'
import type { DamagedParts, Store } from './store.ts'
import { partKey } from './stored-keys.ts'

/** A log whose database nobody writes, such as a backup. */
export interface ReadOnlyLog extends Pick<Log, 'read'> {
  readonly settings: Pick<Settings, 'get'>
  readonly store: Pick<Store, 'sites' | 'read'>
  /** Damage that has been found so far. */
  readonly damage: Pick<Damage, 'lostWrites'>
  /** Reads every stored bucket. Returns the damaged ones, also those that a server has found before. */
  findDamagedParts(): DamagedParts[]
}

/** Reads the log in a database that has the schema of this version. */
export function createReadOnlyLog(database: DatabaseSync): ReadOnlyLog {
  const blocks = createSqliteBlocks(database)
  const settings = createSqliteSettings(database)
  const write = (): Promise<never> =>
    Promise.reject(new LogUnavailableError('The log was opened for reading only'))
  const store = createSqliteStore(database, { write }, () => {})
  const selectParts = database.prepare(
    'SELECT name, tier, part, start, data FROM bucket JOIN site ON site.id = bucket.site',
  )
  const selectSites = database.prepare('SELECT name FROM site ORDER BY id')

  return {
    settings: { get: settings.get },
    store: { sites: store.sites, read: store.read },
    read: blocks.read,
    get damage() {
      return { lostWrites: blocks.damaged }
    },
    findDamagedParts() {
      for (const row of selectParts.iterate()) {
        const [site, tier, part] = ['name', 'tier', 'part'].map(name => String(row[name]))
        const start = Number(row['start'])
        if (site === undefined || tier === undefined || part === undefined) continue
        // The store registers a damaged row when it reads the row.
        if (!unseal(partKey(site, tier, part, start), row['data'])) {
          store.read(site, tier, part, start, start + 1)
        }
      }
      return selectSites.all().flatMap(row => [...store.damaged(String(row['name']))])
    },
  }
}
