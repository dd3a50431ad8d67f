import { dirname, resolve } from 'node:path'
import { isObject } from '@tidemark/protocol'
import { findProblems } from '../options/find-problems.ts'
import { type Leaf, leavesOf } from '../options/leaves.ts'
import { serveSchema } from '../options/schema.ts'
import type { ServeConfig } from '../options/serve-config.ts'
import { readEnvironment } from './config-environment.ts'
import { readConfigFile } from './config-file.ts'
import { type FlagValue, flagOf } from './flag-values.ts'
import { secretVariable } from './token-files.ts'

/** Origin of a value, from the highest precedence to the lowest. */
export type Source = 'flag' | 'variable' | 'file' | 'default'

/** The configuration of `serve` from all its sources. */
export interface LoadedConfig {
  readonly config: ServeConfig
  /** Path of the configuration file; `undefined` without one. */
  readonly file: string | undefined
  /** Whether the secret of tokens is in the environment. */
  readonly usesSecretVariable: boolean
  /** Mistakes, each with its source. `config` lacks the invalid values, so that the others can be checked. */
  readonly problems: readonly string[]
  /** Returns whether a field, or a field of this group, had an invalid value. */
  isInvalid(path: string): boolean
  /** Returns the origin of a field. */
  sourceOf(path: string): Source
  /** Returns the name of a field where it was given, for messages: `--time-zone`, `PORT`, `tidemark.config.ts: port`. */
  nameOf(path: string): string
}

export interface LoadOptions {
  /** Values of flags by path of their field. */
  flags: ReadonlyMap<string, FlagValue>
  /** File of `--config`. */
  file: string | undefined
  env: Readonly<Record<string, string | undefined>>
  cwd: string
}

/** All fields of a configuration. */
export const serveLeaves: readonly Leaf[] = leavesOf(serveSchema)

/** Fields of the key that verifies tokens. They come from one source, as a secret and a public key exclude each other. */
const keyPaths = ['access.tokens.secretFile', 'access.tokens.publicKeyFile']

/** Reads flags, environment and file, in this precedence. Returns all mistakes, each with its source. */
export async function loadConfig(
  options: LoadOptions,
): Promise<LoadedConfig | { readonly problems: readonly string[] }> {
  const file = await readConfigFile(options.file, options.cwd)
  if (file && 'failure' in file) return { problems: [file.failure] }
  const environment = readEnvironment(options.env, serveLeaves)
  const inFile = file ? findProblems(serveSchema, withInfinity(file.value)) : []
  const problems = [
    ...inFile.map(({ path, message }) => [file?.label, path, message].filter(Boolean).join(': ')),
    ...environment.problems.map(({ path, message }) => `${path}: ${message}`),
  ]
  const values = new Map<string, { value: unknown; source: Source }>()
  const baseDir = file && dirname(file.path)
  for (const { path, info } of serveLeaves) {
    const flag = options.flags.get(path)
    const variable = environment.values.get(path)
    const value = valueAt(withInfinity(file?.value), path)
    if (flag !== undefined) values.set(path, { value: flag.value, source: 'flag' })
    else if (variable !== undefined) values.set(path, { value: variable, source: 'variable' })
    else if (value !== undefined) {
      const resolved = path === 'sites' ? resolveKeyFiles(baseDir, value) : value
      values.set(path, {
        value: info.isPath ? resolveIn(baseDir, value) : resolved,
        source: 'file',
      })
    }
  }
  const invalid = new Set<string>()
  for (const { path, schema } of serveLeaves) {
    const given = values.get(path)
    const mistakes = given ? findProblems(schema, given.value, path) : []
    if (!given || mistakes.length === 0) continue
    invalid.add(path)
    // Flags that exclude each other, such as two goals of one name. The other sources are checked above.
    if (given.source === 'flag') {
      problems.push(...mistakes.map(each => `${flagOf(path) ?? path}: ${each.message}`))
    }
    const valid = path === 'sites' ? keepValidSites(given.value) : undefined
    if (valid === undefined) values.delete(path)
    else values.set(path, { ...given, value: valid })
  }
  const usesSecretVariable = keepOneKey(values, options.env[secretVariable] !== undefined)
  const sourceOf = (path: string): Source => values.get(path)?.source ?? 'default'
  const label = file?.label ?? ''
  function nameOf(path: string): string {
    const source = sourceOf(path)
    if (source === 'file') return `${label}: ${path}`
    const variable = serveLeaves.find(leaf => leaf.path === path)?.variable
    return (source === 'variable' ? variable : flagOf(path)) ?? path
  }
  const isInvalid = (path: string): boolean =>
    [...invalid].some(each => each === path || each.startsWith(`${path}.`))
  const config = toTree(values)
  if (!isServeConfig(config)) {
    const mistakes = findProblems(serveSchema, config)
    const named = mistakes.map(({ path, message }) => `${nameOf(path)}: ${message}`)
    return { problems: [...problems, ...named.filter(each => !problems.includes(each))] }
  }
  const found = { problems, isInvalid, sourceOf, nameOf }
  return { config, file: file?.path, usesSecretVariable, ...found }
}

/** Removes the fields of a key that a source with more precedence replaces. Returns whether it is in the environment. */
function keepOneKey(
  values: Map<string, { value: unknown; source: Source }>,
  hasSecretVariable: boolean,
): boolean {
  const sources: readonly Source[] = ['flag', 'variable', 'file']
  const winner = sources.find(
    source =>
      (source === 'variable' && hasSecretVariable) ||
      keyPaths.some(path => values.get(path)?.source === source),
  )
  for (const path of keyPaths) {
    if (values.get(path)?.source !== winner) values.delete(path)
  }
  const algorithm = values.get('access.tokens.algorithm')
  const isOlder = algorithm?.source === 'file' && winner !== 'file'
  if (isOlder && !values.has('access.tokens.publicKeyFile')) {
    values.delete('access.tokens.algorithm')
  }
  return winner === 'variable' && !keyPaths.some(path => values.has(path))
}

function isServeConfig(value: unknown): value is ServeConfig {
  return findProblems(serveSchema, value).length === 0
}

function resolveIn(directory: string | undefined, value: unknown): unknown {
  if (directory === undefined) return value
  if (Array.isArray(value)) return value.map(each => resolveIn(directory, each))
  return typeof value === 'string' ? resolve(directory, value) : value
}

/** Resolves the paths in the options of sites. */
function resolveKeyFiles(directory: string | undefined, sites: unknown): unknown {
  if (!Array.isArray(sites)) return sites
  return sites.map((site: unknown) => {
    if (!isObject(site) || site['writeKeyFiles'] === undefined) return site
    return { ...site, writeKeyFiles: resolveIn(directory, site['writeKeyFiles']) }
  })
}

const noFigures: [string, unknown] = ['public', { channels: [] }]

/** Returns sites without their invalid fields. An invalid ID is replaced, as messages name sites by their index. */
function keepValidSites(sites: unknown): unknown {
  if (!Array.isArray(sites) || sites.length === 0) return undefined
  const ids = new Set<unknown>()
  return sites.map((site: unknown, index) => {
    const fields = Object.entries(isObject(site) ? site : { id: site })
    const isValid = ([name, value]: [string, unknown]): boolean =>
      isServeConfig({ sites: [{ id: 'site', [name]: value }] })
    const { id, ...rest } = Object.fromEntries(
      // A site whose public figures are invalid has some: it is not open by mistake.
      fields
        .map(each => (each[0] === 'public' && !isValid(each) ? noFigures : each))
        .filter(isValid),
    )
    const isNew = id !== undefined && !ids.has(id)
    ids.add(id)
    return { ...rest, id: isNew ? id : `invalid-${index}` }
  })
}

function valueAt(tree: unknown, path: string): unknown {
  let value = tree
  for (const name of path.split('.')) value = isObject(value) ? value[name] : undefined
  return value
}

/** Replaces the text 'forever', as JSON has no infinity. */
function withInfinity(tree: unknown): unknown {
  if (!isObject(tree) || !isObject(tree['history']) || !isObject(tree['history']['retentionMs'])) {
    return tree
  }
  const retentionMs = Object.fromEntries(
    Object.entries(tree['history']['retentionMs']).map(([tier, ms]) => [tier, toMs(ms)]),
  )
  return { ...tree, history: { ...tree['history'], retentionMs } }
}

const toMs = (ms: unknown): unknown => (ms === 'forever' ? Infinity : ms)

function toTree(values: ReadonlyMap<string, { value: unknown }>): Record<string, unknown> {
  const tree: Record<string, unknown> = {}
  for (const [path, { value }] of values) {
    const names = path.split('.')
    const last = names.pop() ?? ''
    let group = tree
    for (const name of names) {
      const next = group[name]
      const inner: Record<string, unknown> = isObject(next) ? next : {}
      group[name] = inner
      group = inner
    }
    group[last] = value
  }
  return tree
}
