import { statSync } from 'node:fs'

/** The files of an open database. A deleted file stays writable for this process, but a restart does not find it. */
export interface DataFiles {
  /** Returns the paths at which another file or none is, compared to the start. */
  missing(): readonly string[]
}

/**
 * Remembers the identity of the files. They are not opened: closing a file releases the locks that SQLite holds on it.
 * @param path path of the database; its other files have this path with a suffix
 */
export function watchDataFiles(path: string): DataFiles {
  const identities = ['', '-wal', '-shm', '.lock'].map(suffix => {
    const file = `${path}${suffix}`
    return { file, identity: identityOf(file) }
  })
  return {
    missing: () =>
      identities
        .filter(({ file, identity }) => identity !== undefined && identityOf(file) !== identity)
        .map(({ file }) => file),
  }
}

/** Returns the device and the number of a file; `undefined` when it cannot be found. */
function identityOf(file: string): string | undefined {
  try {
    const { dev, ino } = statSync(file, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}
