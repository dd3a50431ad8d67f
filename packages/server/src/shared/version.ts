import { readFileSync } from 'node:fs'

/** The version of this package. Its `package.json` is as far from what is built as from the sources. */
export function readVersion(): string {
  const file: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  const hasVersion = typeof file === 'object' && file !== null && 'version' in file
  return hasVersion ? String(file.version) : 'unknown'
}
