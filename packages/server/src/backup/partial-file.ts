import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { systemCodeOf } from './backup-error.ts'
import { readNames } from './directory-files.ts'

/** Age from which an incomplete backup is left by a killed process, in milliseconds: a running one writes to it. */
const staleMs = 60 * 60_000

/** A name of a backup in a directory of backups, or of an incomplete one. */
const backupFormat = /^tidemark-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.db$/
const partialFormat = /\.partial-\d+(?:-journal)?$/

/** Returns the name of a backup in a directory of backups: `tidemark-2027-01-31T03-00-00Z.db`. */
export function backupName(now: number): string {
  return `tidemark-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')}Z.db`
}

/** Returns the paths of the backups in a directory, from the oldest to the newest. */
export function listBackups(directory: string): string[] {
  const names = readNames(directory).filter(name => backupFormat.test(name))
  return names.toSorted().map(name => join(directory, name))
}

/** Deletes all backups of a directory but the newest. Returns the deleted paths. */
export function keepNewest(directory: string, count: number): string[] {
  const deleted = listBackups(directory).slice(0, -count)
  for (const path of deleted) rmSync(path, { force: true })
  return deleted
}

/**
 * Gives a complete file its final name.
 * @returns `false` when another file has the name, and `force` is not set
 */
export function publish(partial: string, file: string, force: boolean): boolean {
  if (force) {
    renameSync(partial, file)
    return true
  }
  try {
    // Unlike a rename, it never replaces a file.
    linkSync(partial, file)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    // A file system without hard links.
    if (existsSync(file)) return false
    renameSync(partial, file)
    return true
  }
}

/** Deletes incomplete files that killed backups to the same name or directory have left. */
export function removeStalePartials(file: string, now: number): void {
  const directory = dirname(file)
  for (const name of readNames(directory)) {
    const final = name.replace(partialFormat, '')
    if (final === name || (final !== basename(file) && !backupFormat.test(final))) continue
    const path = join(directory, name)
    const { mtimeMs = now } = statSync(path, { throwIfNoEntry: false }) ?? {}
    if (now - mtimeMs > staleMs) rmSync(path, { force: true })
  }
}
