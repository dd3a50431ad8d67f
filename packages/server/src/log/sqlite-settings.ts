import type { DatabaseSync } from 'node:sqlite'
import { LogUnavailableError, type Settings } from './log.ts'

/** The settings in the database. They are written on the calling thread. */
export function createSqliteSettings(database: DatabaseSync): Settings {
  const select = database.prepare('SELECT value FROM setting WHERE name = ?')
  const replace = database.prepare('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)')
  return {
    get(name) {
      const value = select.get(name)?.['value']
      return typeof value === 'string' ? value : undefined
    },
    set(name, value) {
      try {
        replace.run(name, value)
      } catch (cause) {
        throw new LogUnavailableError(`The setting '${name}' could not be written`, { cause })
      }
    },
  }
}
