import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** Reads the version of this package from the closest `package.json`, or returns `'unknown'`. */
export function readVersion(): string {
  const path = findPackageJSON('.', import.meta.url)
  if (path === undefined) return 'unknown'
  const file: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const hasVersion = typeof file === 'object' && file !== null && 'version' in file
  return hasVersion ? String(file.version) : 'unknown'
}
