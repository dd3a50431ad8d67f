import { IsArray, IsUnion } from 'typebox'
import { type Problem, findProblems } from '../options/find-problems.ts'
import type { Leaf } from '../options/leaves.ts'
import { suggestName } from '../shared/suggest-name.ts'
import { parseGoal } from './arguments.ts'
import { previousSecretVariable, secretVariable } from './token-files.ts'

export interface EnvironmentValues {
  /** Values by path of their field. */
  readonly values: ReadonlyMap<string, unknown>
  /** Mistakes; `path` is the name of the variable. */
  readonly problems: readonly Problem[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Kubernetes sets variables like these for a service with the name `tidemark`. */
const ofKubernetes = /^TIDEMARK_(?:SERVICE|PORT)(?:_|$)/

/** Reads the variables of all fields. An empty variable counts as not set. */
export function readEnvironment(env: Environment, leaves: readonly Leaf[]): EnvironmentValues {
  const values = new Map<string, unknown>()
  const problems: Problem[] = []
  const known = [secretVariable, previousSecretVariable]
  for (const leaf of leaves) {
    const { path, schema, variable } = leaf
    if (variable === undefined) continue
    known.push(variable)
    const text = env[variable]
    if (text === undefined || text === '') continue
    const value = toValue(leaf, text)
    // The message begins with the name of the variable, and with the item of a list if there is one.
    problems.push(...findProblems(schema, value, variable))
    values.set(path, value)
  }
  for (const name of Object.keys(env)) {
    if (!name.startsWith('TIDEMARK_') || known.includes(name) || ofKubernetes.test(name)) continue
    const similar = suggestName(name, known)
    const remedy = similar === undefined ? 'See docs/configuration.md.' : `Did you mean ${similar}?`
    problems.push({ path: name, message: `unknown variable. ${remedy}` })
  }
  return { values, problems }
}

/** Converts the text of a variable: a list is separated by commas or in JSON, an object in JSON, a number is decimal. */
function toValue({ path, schema }: Leaf, text: string): unknown {
  if (isJson(text) && (IsArray(schema) || IsUnion(schema))) return parseJson(text)
  if (IsArray(schema)) return toList(path, text)
  if (path.startsWith('history.retentionMs.') && text === 'forever') return Infinity
  const isNumeric = /^-?\d+(?:\.\d+)?$/.test(text)
  return isNumeric ? Number(text) : text
}

function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text)
}

/** Parses JSON; the schema reports text that is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function toList(path: string, text: string): unknown {
  const items = text.split(',').map(item => item.trim())
  return path === 'goals' ? items.map(toGoal) : items
}

/** Parses a goal like the flag does; the schema reports an invalid one. */
function toGoal(text: string): unknown {
  try {
    return parseGoal(text)
  } catch {
    return text
  }
}
