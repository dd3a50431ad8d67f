import { readFile } from 'node:fs/promises'

/** Files of the tracker that `@tidemark/sdk` builds. */
export type BuiltFile = 'tidemark.js' | 'tidemark.extra.js' | `${ScriptName}.map`

type ScriptName = 'tidemark.js' | 'tidemark.extra.js'

/** Reads a file of the tracker. Rejects when it has not been built. */
export type ReadBuiltFile = (name: BuiltFile) => Promise<string>

/** Reads a file that `@tidemark/sdk` has built. */
export const readBuiltFile: ReadBuiltFile = async name => {
  const script = import.meta.resolve('@tidemark/sdk/tidemark.js')
  return readFile(new URL(name, script), 'utf8')
}
