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
  return [...fields, ...describeSecrets(setup)]
}

/** Describes the secrets of tokens: number and lengths. */
function describeSecrets({ options, loaded }: ServerSetup): EffectiveField[] {
  const secret = options.access?.tokens?.secret
  if (secret === undefined) return []
  const lengths = [secret].flat().map(each => `${Buffer.byteLength(each)} bytes`)
  return [
    {
      path: 'access.tokens.secret',
      value: `${lengths.length} (${lengths.join(', ')})`,
      source: loaded.usesSecretVariable
        ? `${secretVariable}${lengths.length > 1 ? `, ${previousSecretVariable}` : ''}`
        : loaded.nameOf('access.tokens.secretFile'),
    },
  ]
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
  const lengths = writeKeys.map(key => `${Buffer.byteLength(String(key))} bytes`)
  return { ...value, writeKeys: `${lengths.length} (${lengths.join(', ')})` }
}

function valueAt(tree: unknown, path: string): unknown {
  let value = tree
  for (const name of path.split('.')) value = isObject(value) ? value[name] : undefined
  return value
}
