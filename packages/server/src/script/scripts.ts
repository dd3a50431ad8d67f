import type { BuiltFile, ReadBuiltFile } from './built-files.ts'
import { ifExists } from './if-exists.ts'
import type { ScriptArchive } from './script-archive.ts'
import { type ScriptFile, createScriptFile } from './script-file.ts'
import { type ScriptVersion, createScriptVersion } from './script-version.ts'

/** A file to serve. */
export interface ServedScript {
  readonly file: ScriptFile
  /** Whether the name contains the version, so that the content never changes. */
  readonly isImmutable: boolean
}

/** The tracker's files, by the names under which a server serves them. */
export interface Scripts {
  /** The built version; `undefined` until the tracker is built. */
  current(): Promise<ScriptVersion | undefined>
  /** Returns the file of a name such as `tidemark.js` or `tidemark.0123456789ab.js`. */
  find(name: string): Promise<ServedScript | undefined>
  /** Resolves when the archive is not written any more. */
  close(): Promise<void>
}

export interface ScriptsOptions {
  readBuilt: ReadBuiltFile
  archive: ScriptArchive
  /** Receives errors of the archive, and of built files that exist but cannot be read. */
  onError(error: unknown): void
}

/** Names of files with a version: of the script, and of its extra features. */
const versionedName = /^tidemark\.([^.]+)(\.extra)?\.js$/

/**
 * Creates the tracker's files. The build is read at once, so that its version is in the archive although no page has
 * loaded it yet. It is read again later until it exists.
 */
export function createScripts({ readBuilt, archive, onError }: ScriptsOptions): Scripts {
  let loading: Promise<ScriptVersion | undefined> | undefined
  let storing = Promise.resolve()
  const maps = new Map<string, ScriptFile>()

  /** Reads a built file; returns `undefined` for a missing one. Reports any other error. */
  async function read(name: BuiltFile): Promise<string | undefined> {
    try {
      return await ifExists(readBuilt(name))
    } catch (error) {
      onError(error)
      return undefined
    }
  }

  async function load(): Promise<ScriptVersion | undefined> {
    const script = await read('tidemark.js')
    if (script === undefined) {
      loading = undefined
      return undefined
    }
    const extra = await read('tidemark.extra.js')
    const version = createScriptVersion(script, extra)
    storing = archive.store(version).catch(onError)
    return version
  }

  function current(): Promise<ScriptVersion | undefined> {
    loading ??= load()
    return loading
  }

  async function findMap(name: BuiltFile): Promise<ScriptFile | undefined> {
    const known = maps.get(name)
    if (known) return known
    const text = await read(name)
    if (text === undefined) return undefined
    const file = createScriptFile(text, 'application/json')
    maps.set(name, file)
    return file
  }

  async function findFile(name: string): Promise<ScriptFile | undefined> {
    if (name === 'tidemark.js') return (await current())?.script
    if (name === 'tidemark.extra.js') return (await current())?.extra
    if (name === 'tidemark.js.map' || name === 'tidemark.extra.js.map') return findMap(name)
    const [, version = '', isExtra] = versionedName.exec(name) ?? []
    const built = await current()
    const found = built?.version === version ? built : await archive.read(version)
    return isExtra ? found?.extra : found?.script
  }

  void current()
  return {
    current,
    async find(name) {
      const file = await findFile(name)
      return file && { file, isImmutable: isVersioned(name) }
    },
    async close() {
      await loading
      await storing
    },
  }
}

/** Returns whether a file name has a version. */
export function isVersioned(name: string): boolean {
  return versionedName.test(name) && name !== 'tidemark.extra.js'
}
