import { readFileSync } from 'node:fs'

/**
 * Reads the version of this package from its `package.json`, or returns `'unknown'`. The relative path is the same
 * from `src/shared` and from the build output.
 */
export function readVersion(): string {
  const file: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  const hasVersion = typeof file === 'object' && file !== null && 'version' in file
  return hasVersion ? String(file.version) : 'unknown'
}
