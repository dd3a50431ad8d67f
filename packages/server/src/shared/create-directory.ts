import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Creates a directory and its missing parents. The `recursive` option of `mkdirSync` is not used: it loops forever
 * where the system reports an existing parent as missing, as in `/proc`.
 */
export function createDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
    const parent = dirname(path)
    if (!isMissing(error) || existsSync(parent)) throw error
    createDirectory(parent)
    createDirectory(path)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
