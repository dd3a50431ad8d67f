import { mkdir, mkdtemp, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { run } from '../../scripts/run.ts'
import peers from './peers.json' with { type: 'json' }
import type { Tracker, TrackerScript } from './tracker.ts'

/** The JavaScript of a tracker, ready to be served. */
export interface BuiltTracker {
  readonly tracker: Tracker
  readonly version: string
  /** Name of the file that the page loads. */
  readonly entry: string
  /** Contents of the files by name: the entry and the chunks that it may load. */
  readonly files: ReadonlyMap<string, Buffer>
  /** Folder of files that the tracker may load from its server. */
  readonly packageFolder: string
}

/**
 * Installs the npm packages of trackers in a new folder, with pinned versions and without install scripts. The package
 * of a tag gets no dependencies: its tracker is one file, but the package may be a whole server.
 * @throws {Error} with the output of npm or tar when the installation fails
 */
export async function installPeers(trackers: readonly Tracker[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-trackers-'))
  const namesOf = (kind: TrackerScript['kind']): Set<string> =>
    new Set(
      trackers.flatMap(({ script, packageName }) =>
        packageName && script.kind === kind ? [packageName] : [],
      ),
    )
  const dependencies = Object.fromEntries(
    [...namesOf('module')].map(name => [name, versions.get(name)]),
  )
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
  await perform('npm install --ignore-scripts --no-audit --no-fund', folder)
  for (const name of namesOf('tag')) {
    await perform(`npm pack ${name}@${versions.get(name)}`, folder)
    await perform(`tar -xzf ${name}-${versions.get(name)}.tgz`, folder)
    await mkdir(join(folder, 'node_modules'), { recursive: true })
    await rename(join(folder, 'package'), join(folder, 'node_modules', name))
  }
  return folder
}

const versions = new Map(Object.entries(peers))

async function perform(command: string, folder: string): Promise<void> {
  const { code, output } = await run(command.split(' '), folder)
  if (code !== 0) throw new Error(`'${command}' failed:\n${output}`)
}

/** @param folder folder of the installed packages */
export async function buildTracker(tracker: Tracker, folder: string): Promise<BuiltTracker> {
  const { script, packageName } = tracker
  const packageFolder = packageName
    ? join(folder, 'node_modules', packageName)
    : join(import.meta.dirname, '../../packages/sdk')
  const version = await readVersion(packageFolder)
  if (script.kind === 'tag' && !script.isSource) {
    const entry = 'tracker.js'
    const files = new Map([[entry, await readFile(resolve(folder, script.path))]])
    return { tracker, version, entry, files, packageFolder }
  }
  const source = join(folder, `entry-${tracker.name.replaceAll(/\W+/g, '-')}`)
  await mkdir(source)
  const input = join(source, 'tracker.js')
  await writeFile(
    input,
    script.kind === 'tag' ? `import ${JSON.stringify(join(folder, script.path))}` : script.entry,
  )
  const files = await bundle(input, source, script.kind === 'tag' ? 'iife' : 'es')
  return { tracker, version, entry: 'tracker.js', files, packageFolder }
}

async function readVersion(packageFolder: string): Promise<string> {
  const path = join(packageFolder, 'package.json')
  const manifest: unknown = JSON.parse(await readFile(path, 'utf8'))
  const hasVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  if (!hasVersion) throw new Error(`${path} has no version.`)
  return String(manifest.version)
}

/** Bundles a module with Terser, which also minifies Tidemark's own tracker. */
async function bundle(
  input: string,
  source: string,
  format: 'iife' | 'es',
): Promise<Map<string, Buffer>> {
  const outDir = join(source, 'dist')
  await build({
    root: source,
    configFile: false,
    logLevel: 'error',
    base: './',
    build: {
      outDir,
      target: 'es2022',
      minify: 'terser',
      modulePreload: false,
      rolldownOptions: {
        input,
        output: { format, entryFileNames: 'tracker.js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })
  const names = await readdir(outDir)
  const contents = names.map(
    async name => [name, await readFile(join(outDir, name))] satisfies [string, Buffer],
  )
  return new Map(await Promise.all(contents))
}
