import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ifExists } from './if-exists.ts'
import { type ScriptVersion, createScriptVersion, versionFormat } from './script-version.ts'

/** Versions that stay in the archive, the current one included. */
export const maxVersions = 20

/** Versions of the tracker that a server has served, as files in its data directory. */
export interface ScriptArchive {
  /**
   * Stores a version as the latest one, and removes the versions beyond the last 20. Rejects when the directory cannot
   * be written.
   */
  store(version: ScriptVersion): Promise<void>
  /** Reads a version. Returns `undefined` for one that is missing or damaged. Rejects if the file cannot be read. */
  read(version: string): Promise<ScriptVersion | undefined>
}

/** Archive of a server without a data directory. */
export const noArchive: ScriptArchive = {
  store: () => Promise.resolve(),
  read: () => Promise.resolve(undefined),
}

/** @param directory directory of the archive, created when it is missing */
export function createScriptArchive(directory: string, now: () => number): ScriptArchive {
  const pathOf = (name: string): string => join(directory, name)
  /** Versions read so far. Versions leave the archive only at a start, so it is as small as the archive. */
  const versions = new Map<string, ScriptVersion>()

  async function write(name: string, text: string): Promise<void> {
    // A reader never sees an incomplete file.
    await writeFile(pathOf(`${name}.new`), text)
    await rename(pathOf(`${name}.new`), pathOf(name))
  }

  async function trim(): Promise<void> {
    const names = (await readdir(directory)).filter(name => versionFormat.test(name.slice(0, -3)))
    const files = await Promise.all(
      names.map(async name => ({ name, at: (await stat(pathOf(name))).mtimeMs })),
    )
    for (const { name } of files.toSorted((a, b) => b.at - a.at).slice(maxVersions)) {
      await rm(pathOf(name), { force: true })
      await rm(pathOf(extraNameOf(name.slice(0, -3))), { force: true })
    }
  }

  return {
    async store({ version, script, extra }) {
      await mkdir(directory, { recursive: true })
      // The script is written last: a version with a script is complete.
      if (extra) await write(extraNameOf(version), extra.text)
      await write(nameOf(version), script.text)
      const at = now() / 1000
      await utimes(pathOf(nameOf(version)), at, at)
      await trim()
    },
    async read(version) {
      if (!versionFormat.test(version)) return undefined
      const known = versions.get(version)
      if (known) return known
      const script = await readIfExists(pathOf(nameOf(version)))
      if (script === undefined) return undefined
      const found = createScriptVersion(script, await readIfExists(pathOf(extraNameOf(version))))
      if (found.version !== version) return undefined
      versions.set(version, found)
      return found
    },
  }
}

const nameOf = (version: string): string => `${version}.js`
const extraNameOf = (version: string): string => `${version}.extra.js`

function readIfExists(path: string): Promise<string | undefined> {
  return ifExists(readFile(path, 'utf8'))
}
