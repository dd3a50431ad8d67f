import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../../scripts/run.ts'

/*
 * The packages that an install of the published packages adds.
 */

export interface Dependency {
  readonly name: string
  /** SPDX identifier from its manifest. */
  readonly license: string
  /** Folders of `packages/` that declare it, in alphabetical order; none for a dependency of a dependency. */
  readonly usedBy: readonly string[]
  /** Names of its scripts that run when it is installed. */
  readonly scripts: readonly string[]
}

interface Manifest {
  readonly name: string
  readonly license?: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

const publishedFolders = ['protocol', 'sdk', 'server', 'widgets'] as const

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** Finds an installed package as Node does: in the `node_modules` of a folder or of one above it. */
function findInstalled(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name)
    if (existsSync(path)) return realpathSync(path)
    if (folder === dirname(folder)) throw new Error(`${name} is not installed for ${from}.`)
  }
}

/** Returns the folders of the packages that an install adds for a package of another project. */
function requiredBy(folder: string): string[] {
  const { dependencies, peerDependencies, peerDependenciesMeta = {} } = readManifest(folder)
  const peers = Object.keys(peerDependencies ?? {})
  const required = peers.filter(name => !peerDependenciesMeta[name]?.optional)
  return [...Object.keys(dependencies ?? {}), ...required]
    .filter(name => !name.startsWith('@tidemark/'))
    .map(name => findInstalled(name, folder))
}

/** Reads the dependencies that published packages declare, and the dependencies of those. */
export function readDependencies(): { direct: Dependency[]; indirect: Dependency[] } {
  const users = new Map<string, string[]>()
  for (const name of publishedFolders) {
    for (const installed of requiredBy(join(root, 'packages', name))) {
      users.set(installed, [...(users.get(installed) ?? []), name])
    }
  }
  const all = new Set(users.keys())
  // The set grows while it is read.
  for (const installed of all) for (const each of requiredBy(installed)) all.add(each)
  const toDependency = (folder: string): Dependency => {
    const { name, license = 'unknown', scripts = {} } = readManifest(folder)
    const installScripts = Object.keys(scripts).filter(each => /^(?:pre|post)?install$/.test(each))
    return { name, license, usedBy: users.get(folder) ?? [], scripts: installScripts }
  }
  const byName = (a: Dependency, b: Dependency): number => (a.name < b.name ? -1 : 1)
  const dependencies = [...all].map(toDependency).toSorted(byName)
  return {
    direct: dependencies.filter(({ usedBy }) => usedBy.length > 0),
    indirect: dependencies.filter(({ usedBy }) => usedBy.length === 0),
  }
}
