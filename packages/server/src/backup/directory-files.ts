import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { BackupFile } from './manifest.ts'

/** Name of the database in a data directory. SQLite's other files have this name with a suffix. */
export const databaseName = 'tidemark.db'
/** Name of the directory with the versions of the tracker. */
export const trackerName = 'tracker'

const fileFormat = /^tracker\/[\w.-]+\.js$/

/** Reads the files of a data directory besides the database. One that disappears meanwhile is left out. */
export function readTrackerFiles(dataDir: string): BackupFile[] {
  const names = readNames(join(dataDir, trackerName)).map(name => `${trackerName}/${name}`)
  return names
    .filter(path => fileFormat.test(path))
    .flatMap(path => {
      const file = join(dataDir, path)
      try {
        return [{ path, modifiedAt: statSync(file).mtimeMs, bytes: readFileSync(file) }]
      } catch (error) {
        if (isMissing(error)) return []
        throw error
      }
    })
}

/**
 * Writes the tracker's files of a backup into a directory, with their times, as the server deletes the oldest ones.
 * @param directory directory in place of `tracker`
 */
export function writeTrackerFiles(directory: string, files: readonly BackupFile[]): void {
  rmSync(directory, { recursive: true, force: true })
  if (files.length === 0) return
  mkdirSync(directory, { mode: 0o700 })
  for (const { path, modifiedAt, bytes } of files) {
    // A path outside of the directory is not from this program.
    if (!fileFormat.test(path)) continue
    const file = join(directory, path.slice(trackerName.length + 1))
    writeFileSync(file, bytes)
    utimesSync(file, modifiedAt / 1000, modifiedAt / 1000)
  }
}

/** Returns the names in a directory; none when it does not exist. */
export function readNames(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Waits until the disk has a file or directory, so that it survives a power loss. */
export function syncToDisk(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
