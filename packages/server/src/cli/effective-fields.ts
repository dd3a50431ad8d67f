import { inspect } from 'node:util'
import { isObject } from '@tidemark/protocol'
import { serveLeaves } from './load-config.ts'
import type { ServerSetup } from './prepare-server.ts'
import { previousSecretVariable, secretVariable } from './token-files.ts'

/** One field of a configuration with its value. */
export interface EffectiveField {
  readonly path: string
  /** Value as text. A secret is described by its length. */
  readonly value: string
  /** Name of the flag or variable, `file`, or `default`. */
  readonly source: string
}

/** Lists all fields with their values and sources. */
export function listFields(setup: ServerSetup): EffectiveField[] {
  const { loaded } = setup
  const fields = serveLeaves.map(({ path, info }): EffectiveField => {
    const source = loaded.sourceOf(path)
    if (source === 'default') {
      const value = info.isFunction ? 'none' : String(info.fallback ?? 'none')
      return { path, value, source }
    }
    const value = info.isSecret ? 'set' : show(valueAt(loaded.config, path))
    return { path, value, source: source === 'file' ? 'file' : loaded.nameOf(path) }
  })
  const secrets = describeSecrets(setup)
  return [...fields.filter(({ path }) => secrets.every(each => each.path !== path)), ...secrets]
}

/** Describes the secrets, keys and tokens, also those from files: number and lengths. */
function describeSecrets({ options, loaded }: ServerSetup): EffectiveField[] {
  const { nameOf, sourceOf, usesSecretVariable } = loaded
  const secrets = [options.access?.tokens?.secret ?? []].flat()
  const variables = secrets.length > 1 ? [secretVariable, previousSecretVariable] : [secretVariable]
  const secretSource = usesSecretVariable
    ? variables.join(', ')
    : nameOf('access.tokens.secretFile')
  const hasTokenFiles = sourceOf('prometheus.tokenFiles') !== 'default'
  const tokenSource = nameOf(hasTokenFiles ? 'prometheus.tokenFiles' : 'prometheus.tokens')
  const sites = options.sites?.entries() ?? []
  return [
    ...describeKeys('access.tokens.secret', secrets, secretSource),
    ...[...sites].flatMap(([index, site]) =>
      typeof site === 'string'
        ? []
        : describeKeys(`sites[${index}].writeKeys`, site.writeKeys, nameOf('sites')),
    ),
    ...describeKeys('prometheus.tokens', options.prometheus?.tokens, tokenSource),
  ]
}

function describeKeys(
  path: string,
  keys: readonly string[] | undefined,
  source: string,
): EffectiveField[] {
  return keys === undefined || keys.length === 0
    ? []
    : [{ path, value: describeLengths(keys), source }]
}

function describeLengths(keys: readonly unknown[]): string {
  const lengths = keys.map(key => `${Buffer.byteLength(String(key))} bytes`)
  return `${lengths.length} (${lengths.join(', ')})`
}

function show(value: unknown): string {
  return typeof value === 'string'
    ? value
    : inspect(withoutKeys(value), { depth: 5, breakLength: Infinity, maxArrayLength: 50 })
}

/** Replaces the write keys of sites by their number and lengths. */
function withoutKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutKeys)
  if (!isObject(value)) return value
  const { writeKeys } = value
  if (!Array.isArray(writeKeys)) return value
  return { ...value, writeKeys: describeLengths(writeKeys) }
}

function valueAt(tree: unknown, path: string): unknown {
  let value = tree
  for (const name of path.split('.')) value = isObject(value) ? value[name] : undefined
  return value
}
