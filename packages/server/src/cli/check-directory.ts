import { existsSync, mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf } from '../shared/error-message.ts'
import type { ServerSetup } from './prepare-server.ts'

/**
 * Checks whether the data directory, or the directory in which it will be created, can be written: creates a directory
 * in it and removes it again, as permissions alone do not tell this of `/proc` and of read-only disks.
 */
export function checkDirectory({
  options,
  loaded,
}: Pick<ServerSetup, 'options' | 'loaded'>): string[] {
  const { dataDir = '.' } = options.storage ?? {}
  let existing = dataDir
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  const name = loaded.nameOf('storage.dataDir')
  const of = existing === dataDir ? '' : ` of ${dataDir}`
  if (!statSync(existing).isDirectory()) {
    return [`${name}: ${existing}${of} is a file. Choose a directory.`]
  }
  try {
    rmdirSync(mkdtempSync(join(existing, '.tidemark-check-')))
    return []
  } catch (error) {
    return [
      `${name}: ${existing}${of} cannot be written: ${messageOf(error)}. Give this user write permission, or choose another directory.`,
    ]
  }
}
