import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { gzipSync } from 'node:zlib'
import { type InlineConfig, type Plugin, type Rolldown, build } from 'vite'
import budgets from './sizes.json' with { type: 'json' }
import { root } from './run.ts'

/**
 * Compares the browser packages with `sizes.json`, in bytes of gzip. Fails for an entry that exceeds its
 * budget or has none. Each entry is bundled with its imports, except peer dependencies and chunks loaded
 * on demand, and minified. Nothing is written to disk.
 *
 * A budget named `package { name }` is for an app that imports only this name from the published package.
 * It fails when the import includes code that a bundler cannot remove, such as a call at module level
 * without a PURE annotation.
 */

// Vue's compiler reads it when it loads, and Vite sets it later. Templates of a development build are larger.
process.env['NODE_ENV'] = 'production'
const { default: vue } = await import('@vitejs/plugin-vue')

const browserPackages = ['protocol', 'sdk', 'widgets']

const budgetByName: ReadonlyMap<string, number> = new Map(Object.entries(budgets))

interface Manifest {
  name: string
  exports: Record<string, string>
  peerDependencies?: Record<string, string>
}

interface Entry {
  /** Specifier, such as `@tidemark/sdk/live`; with the imported name for a single import. */
  readonly name: string
  /** Folder of the package. */
  readonly folder: string
  /** Path of the entry file, relative to the folder. */
  readonly file: string
  readonly peers: readonly string[]
  /** Imported name, for a single import. */
  readonly importedName?: string
}

/** Returns the public entries of a package, and the single imports that have a budget. */
function entriesOf(folder: string): Entry[] {
  const path = join(root, 'packages', folder)
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest
  const peers = Object.keys(manifest.peerDependencies ?? {})
  const entries = Object.entries(manifest.exports).map(([subpath, file]): Entry => ({
    name: manifest.name + subpath.slice(1),
    folder: path,
    file,
    peers,
  }))
  const singleImports = [...budgetByName.keys()].flatMap((name): Entry[] => {
    const [, specifier, importedName] = /^(\S+) \{ (\w+) \}$/.exec(name) ?? []
    if (specifier !== manifest.name || importedName === undefined) return []
    return [{ name, folder: path, file: './dist/index.js', peers, importedName }]
  })
  return [...entries, ...singleImports]
}

/** Bundles an entry and returns its code. */
async function bundle(entry: Entry): Promise<string> {
  const { folder, file, importedName } = entry
  if (importedName !== undefined) return bundleImport(entry, importedName)
  if (file.endsWith('.css')) return bundleStyle(folder, basename(file))
  // A built file comes from the configuration of its package.
  const config = file.startsWith('./dist/')
    ? libraryConfig(folder, basename(file))
    : appConfig(entry, join(folder, file))
  return textOf(withoutOnDemand(await outputsOf(config)))
}

/** Returns a style sheet of the published package, with its imports. */
async function bundleStyle(folder: string, fileName: string): Promise<string> {
  const outputs = await outputsOf(libraryConfig(folder))
  return textOf(outputs.filter(output => output.fileName === fileName))
}

/** Builds the package as published, and bundles an app that imports one name from it. */
async function bundleImport(entry: Entry, importedName: string): Promise<string> {
  const path = join(entry.folder, entry.file)
  const modules = new Map([['app.js', `export { ${importedName} } from ${JSON.stringify(path)}`]])
  for (const output of await outputsOf(libraryConfig(entry.folder))) {
    if (output.type === 'chunk') modules.set(join(dirname(path), output.fileName), output.code)
  }
  if (!modules.has(path)) throw new Error(`The build of ${entry.folder} has no ${entry.file}.`)
  const inMemory: Plugin = {
    name: 'in-memory',
    enforce: 'pre',
    resolveId(id, importer) {
      const resolved = importer && id.startsWith('.') ? join(dirname(importer), id) : id
      // As `sideEffects` in package.json declares.
      return modules.has(resolved) ? { id: resolved, moduleSideEffects: false } : undefined
    },
    load: id => modules.get(id),
  }
  return textOf(withoutOnDemand(await outputsOf(appConfig(entry, 'app.js', [inMemory]))))
}

/** Leaves out the chunks that only `import()` loads. */
function withoutOnDemand(outputs: readonly Output[]): Output[] {
  const chunks = new Map(outputs.map(output => [output.fileName, output]))
  const loaded = new Set<string>()
  const load = (fileName: string): void => {
    const chunk = chunks.get(fileName)
    if (loaded.has(fileName) || chunk?.type !== 'chunk') return
    loaded.add(fileName)
    for (const imported of chunk.imports) load(imported)
  }
  for (const output of outputs) if (output.type === 'chunk' && output.isEntry) load(output.fileName)
  return outputs.filter(output => output.type === 'asset' || loaded.has(output.fileName))
}

/** The module that the tracker's script loads on demand has a configuration of its own. */
function libraryConfig(folder: string, fileName = ''): InlineConfig {
  const name = fileName === 'tidemark.extra.js' ? 'vite.extra.config.ts' : 'vite.config.ts'
  const configFile = join(folder, name)
  return { root: folder, configFile, logLevel: 'error', build: { write: false } }
}

/** Replaces Vite's loader of on-demand chunks with their styles: it belongs to the app, which has it once. */
const withoutChunkLoader: Plugin = {
  name: 'without-chunk-loader',
  enforce: 'pre',
  load: id =>
    id.endsWith('vite/preload-helper.js')
      ? 'export const __vitePreload = load => load()'
      : undefined,
}

function appConfig({ folder, peers }: Entry, input: string, plugins: Plugin[] = []): InlineConfig {
  return {
    root: folder,
    logLevel: 'error',
    configFile: false,
    plugins: [...plugins, withoutChunkLoader, vue()],
    // Vite's library mode does not remove white space; the app's bundler does that.
    build: {
      write: false,
      modulePreload: false,
      // Keeps the exports, but lets chunks on demand import from the entry, as in an app.
      rolldownOptions: { input, external: [...peers], preserveEntrySignatures: 'allow-extension' },
    },
  }
}

type Output = Rolldown.OutputChunk | Rolldown.OutputAsset

async function outputsOf(config: InlineConfig): Promise<Output[]> {
  const built = await build(config)
  const results = 'output' in built ? [built] : Array.isArray(built) ? built : []
  return results.flatMap(({ output }): Output[] => output)
}

function textOf(outputs: readonly Output[]): string {
  return outputs.map(textOfOutput).join('')
}

function textOfOutput(output: Output): string {
  if (output.type === 'chunk') return output.code
  if (output.fileName.endsWith('.map')) return ''
  const { source } = output
  return typeof source === 'string' ? source : Buffer.from(source).toString('latin1')
}

/** Prints the size of an entry and reports whether it is within its budget. */
async function measure(entry: Entry): Promise<boolean> {
  const text = await bundle(entry)
  const gzip = gzipSync(text, { level: 9 }).length
  const budget = budgetByName.get(entry.name)
  const fits = budget !== undefined && gzip <= budget
  const verdict = budget === undefined ? 'no budget in sizes.json' : `of ${budget}`
  const columns = [entry.name.padEnd(42), `${Buffer.byteLength(text)} raw`.padStart(12)]
  console.log(...columns, `${gzip} gzip`.padStart(12), verdict, fits ? '' : 'TOO BIG')
  return fits
}

const results: boolean[] = []
for (const entry of browserPackages.flatMap(entriesOf)) results.push(await measure(entry))
process.exitCode = results.every(Boolean) ? 0 : 1
