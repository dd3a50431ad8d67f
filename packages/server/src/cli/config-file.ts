import { existsSync, readFileSync } from 'node:fs'
import { extname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isObject } from '@tidemark/protocol'
import { messageOf } from '../shared/error-message.ts'

/** A configuration file that has been read. */
export interface ConfigFile {
  readonly path: string
  /** Path for messages, relative to the working directory. */
  readonly label: string
  readonly value: unknown
}

/** Names of the file in the working directory. */
export const configFileNames: readonly string[] = ['tidemark.config.ts', 'tidemark.config.json']

let loads = 0

/**
 * Reads the configuration file that `--config` names, or the one in the working directory.
 * @returns `undefined` when there is none
 */
export async function readConfigFile(
  named: string | undefined,
  cwd: string,
): Promise<ConfigFile | { readonly failure: string } | undefined> {
  const found = configFileNames.filter(name => existsSync(join(cwd, name)))
  if (named === undefined && found.length > 1) {
    return { failure: `${found.join(' and ')} both exist. Remove one, or name one with --config.` }
  }
  const name = named ?? found[0]
  if (name === undefined) return undefined
  const path = resolve(cwd, name)
  const label = relative(cwd, path)
  if (!existsSync(path)) return { failure: `--config: ${name} does not exist.` }
  try {
    const value = extname(path) === '.json' ? parseJson(path) : await importDefault(path)
    return { path, label, value }
  } catch (error) {
    return { failure: `${label}: ${messageOf(error)}${remedyOf(error)}` }
  }
}

function parseJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** Imports a file anew each time, as it may have changed. Modules that the file imports stay loaded. */
async function importDefault(path: string): Promise<unknown> {
  const { href } = pathToFileURL(path)
  const module: unknown = await import(/* @vite-ignore */ `${href}?load=${++loads}`)
  const value = isObject(module) ? module['default'] : undefined
  if (value !== undefined) return value
  throw new TypeError('the file has no default export. Write `export default { … }`.')
}

function remedyOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return '. Install the package beside the file, or leave `defineConfig` out: `export default { … }`.'
  }
  return code === 'ERR_UNKNOWN_FILE_EXTENSION' ? '. Use Node 24, or tidemark.config.json.' : ''
}
