import vue from '@vitejs/plugin-vue'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { gzipSync } from 'node:zlib'
import { type InlineConfig, type Rolldown, build } from 'vite'
import budgets from './sizes.json' with { type: 'json' }
import { root } from './run.ts'

/**
 * Fails when a public entry of a browser package is bigger than `sizes.json` allows, in bytes of gzip,
 * or has no budget there. An entry is measured as a page would load it: bundled with all that it
 * imports but its peers, and minified. Nothing is written.
 */

const browserPackages = ['protocol', 'sdk', 'widgets']

interface Manifest {
  name: string
  exports: Record<string, string>
  peerDependencies?: Record<string, string>
}

interface Entry {
  /** As it is imported: `@tidemark/sdk/live`. */
  readonly name: string
  readonly folder: string
  /** From the package's folder. */
  readonly file: string
  readonly peers: readonly string[]
}

function entriesOf(folder: string): Entry[] {
  const path = join(root, 'packages', folder)
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest
  return Object.entries(manifest.exports).map(([subpath, file]) => ({
    name: manifest.name + subpath.slice(1),
    folder: path,
    file,
    peers: Object.keys(manifest.peerDependencies ?? {}),
  }))
}

/** An entry that is a built file comes from the package's own configuration, another one from ours. */
function configOf({ folder, file, peers }: Entry): InlineConfig {
  const common: InlineConfig = { root: folder, logLevel: 'error' }
  if (file.startsWith('./dist/')) return { ...common, build: { write: false } }
  return {
    ...common,
    configFile: false,
    plugins: [vue()],
    // Not Vite's library mode, which leaves white space in for the user's bundler to take out.
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: {
        input: join(folder, file),
        external: [...peers],
        preserveEntrySignatures: 'strict',
      },
    },
  }
}

/** What a page would load for it, as one text. */
async function bundle(entry: Entry): Promise<string> {
  const { folder, file } = entry
  if (file.endsWith('.css')) return readFileSync(join(folder, file), 'utf8')
  const built = await build(configOf(entry))
  const outputs = 'output' in built ? [built] : Array.isArray(built) ? built : []
  return outputs
    .flatMap(({ output }) => output)
    .map(textOf)
    .join('')
}

function textOf(part: Rolldown.OutputChunk | Rolldown.OutputAsset): string {
  if (part.type === 'chunk') return part.code
  if (part.fileName.endsWith('.map')) return ''
  return typeof part.source === 'string' ? part.source : Buffer.from(part.source).toString('latin1')
}

async function measure(entry: Entry): Promise<boolean> {
  const text = await bundle(entry)
  const gzip = gzipSync(text, { level: 9 }).length
  const budget = new Map(Object.entries(budgets)).get(entry.name)
  const fits = budget !== undefined && gzip <= budget
  const verdict = budget === undefined ? 'no budget in sizes.json' : `of ${budget}`
  const columns = [entry.name.padEnd(28), `${Buffer.byteLength(text)} raw`.padStart(12)]
  console.log(...columns, `${gzip} gzip`.padStart(12), verdict, fits ? '' : 'TOO BIG')
  return fits
}

const fits: boolean[] = []
for (const entry of browserPackages.flatMap(entriesOf)) fits.push(await measure(entry))
process.exitCode = fits.every(Boolean) ? 0 : 1
