import { createHash } from 'node:crypto'
import { type ScriptFile, createScriptFile } from './script-file.ts'

/** One build of the tracker. */
export interface ScriptVersion {
  /** Hash of both files, part of the names under which they are served forever. */
  readonly version: string
  /** Subresource Integrity of `tidemark.js`. */
  readonly integrity: string
  readonly script: ScriptFile
  /** The features that a page loads by attribute; `undefined` in a build without them. */
  readonly extra: ScriptFile | undefined
}

/** Form of `ScriptVersion.version`. */
export const versionFormat: RegExp = /^[0-9a-f]{12}$/

/** Creates the version of two files. Equal files have equal versions, on every server. */
export function createScriptVersion(script: string, extra: string | undefined): ScriptVersion {
  const parts = extra === undefined ? [script] : [script, extra]
  return {
    version: createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12),
    integrity: `sha384-${createHash('sha384').update(script).digest('base64')}`,
    script: createScriptFile(script, 'text/javascript; charset=utf-8'),
    extra:
      extra === undefined ? undefined : createScriptFile(extra, 'text/javascript; charset=utf-8'),
  }
}
