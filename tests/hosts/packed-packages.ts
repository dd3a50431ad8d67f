import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import process from 'node:process'
import { pnpm, root, run } from '../../scripts/run.ts'

/*
 * The packages that a Vue app installs, built and packed as they would be published. Each one is unpacked into a folder
 * of its own, beside the packages that it declares and nothing else, so an undeclared import fails in every tool.
 */

export const packageNames = ['protocol', 'sdk', 'widgets'] as const
export type PackageName = (typeof packageNames)[number]

/** The parts of a manifest that decide which packages an install adds. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
}

/** Files outside `packages/` that affect the output of a build. */
const sharedFiles = ['LICENSE', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tsconfig.base.json']

const keepMs = 6 * 3_600_000
const cacheDir = join(tmpdir(), 'tidemark-packed')

let packed: Promise<string> | undefined

/**
 * Returns the folder of a packed package. The first call of a process builds all packages, unless another process has
 * built the same sources before.
 */
export async function packedPackage(name: PackageName): Promise<string> {
  packed ??= findOrBuild()
  return unpackedFolder(await packed, name)
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** Links an installed package of the workspace, or a packed package, into `node_modules` of a folder. */
export function linkPackage(target: string, folder: string, name: string): void {
  const link = join(folder, 'node_modules', name)
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(realpathSync(target), link, 'junction')
}

function unpackedFolder(folder: string, name: PackageName): string {
  return join(folder, name, 'node_modules/@tidemark', name)
}

async function findOrBuild(): Promise<string> {
  const files = sourceFiles()
  const folder = join(cacheDir, contentKey(files))
  if (existsSync(folder)) return folder
  mkdirSync(cacheDir, { recursive: true })
  removeOldBuilds()
  // Another process may build the same sources at the same time. The first one to finish provides the result.
  const workFolder = mkdtempSync(join(cacheDir, 'build-'))
  try {
    const result = await build(workFolder, files)
    renameSync(result, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(workFolder, { recursive: true, force: true })
  }
  return folder
}

/** Paths from the root of the workspace, sorted. */
function sourceFiles(): string[] {
  const isSource = (path: string): boolean =>
    !path.endsWith('.test.ts') && !path.split(sep).some(part => /^(node_modules|dist)$/.test(part))
  const files = packageNames.flatMap(name =>
    globSync(`packages/${name}/**`, { cwd: root, exclude: path => !isSource(path) }),
  )
  return [...sharedFiles, ...files.filter(isSource)]
    .filter(path => statSync(join(root, path)).isFile())
    .toSorted()
}

/** The root is part of the key, because a build links to the packages that are installed there. */
function contentKey(files: readonly string[]): string {
  const hash = createHash('sha256').update(root)
  for (const path of [...files, relative(root, import.meta.filename)]) {
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)))
  }
  return hash.digest('hex').slice(0, 16)
}

function removeOldBuilds(): void {
  for (const name of readdirSync(cacheDir)) {
    const path = join(cacheDir, name)
    if (Date.now() - statSync(path).mtimeMs > keepMs) rmSync(path, { recursive: true, force: true })
  }
}

/** Builds in a copy, because the folders `dist` of the workspace belong to `pnpm build`. */
async function build(workFolder: string, files: readonly string[]): Promise<string> {
  const workspace = join(workFolder, 'workspace')
  for (const path of files) cpSync(join(root, path), join(workspace, path))
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'), 'junction')
  for (const name of packageNames) copyInstalled(workspace, name)
  const result = join(workFolder, 'result')
  await Promise.all(packageNames.map(name => buildPackage(workspace, result, name)))
  for (const name of packageNames) linkDeclared(result, name)
  return result
}

/** Copies the links in `node_modules` of a package. Links to other packages of the workspace lead to their copies. */
function copyInstalled(workspace: string, name: PackageName): void {
  const installed = join('packages', name, 'node_modules')
  if (!existsSync(join(root, installed))) return
  cpSync(join(root, installed), join(workspace, installed), {
    recursive: true,
    verbatimSymlinks: true,
    filter: path => !relative(join(root, installed), path).startsWith('.'),
  })
}

/** Runs the build scripts of a package, packs it, and unpacks the tarball. */
async function buildPackage(workspace: string, result: string, name: PackageName): Promise<void> {
  const folder = join(workspace, 'packages', name)
  const { scripts = {}, version } = readManifest(folder)
  for (const script of [scripts['build'], scripts['build:modules']]) {
    for (const command of script?.split(' && ') ?? [])
      await expectSuccess(command.split(' '), folder)
  }
  await expectSuccess(pnpm('pack', '--pack-destination', workspace), folder)
  const target = unpackedFolder(result, name)
  mkdirSync(target, { recursive: true })
  const tarball = join(workspace, `tidemark-${name}-${version}.tgz`)
  await expectSuccess(['tar', '-xzf', tarball, '-C', target, '--strip-components', '1'], workspace)
}

async function expectSuccess(command: readonly string[], folder: string): Promise<void> {
  const { code, output } = await run(command, folder)
  if (code !== 0) throw new Error(`${command.join(' ')} in ${folder} failed:\n${output}`)
}

/** Links the declared dependencies of a packed package, its peers included, beside it. */
function linkDeclared(result: string, name: PackageName): void {
  const { dependencies, peerDependencies } = readManifest(unpackedFolder(result, name))
  for (const declared of Object.keys({ ...dependencies, ...peerDependencies })) {
    const inner = packageNames.find(each => declared === `@tidemark/${each}`)
    // A relative link stays valid when the folder gets its final name.
    if (inner) {
      const link = join(result, name, 'node_modules', declared)
      symlinkSync(relative(dirname(link), unpackedFolder(result, inner)), link, 'dir')
    } else {
      const installed = join(root, 'packages', name, 'node_modules', declared)
      linkPackage(installed, join(result, name), declared)
    }
  }
}

if (import.meta.main) {
  for (const name of packageNames) process.stdout.write(`${await packedPackage(name)}\n`)
}
