import { inspect } from 'node:util'
import { isObject } from '@tidemark/protocol'
import { IsArray, IsObject, IsOptional, IsUnion, type TObject, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { infoOf } from './field.ts'
import { suggestName } from '../shared/suggest-name.ts'

/** One mistake in a configuration. */
export interface Problem {
  /** Path of the field, such as `sites[0].goals`; empty for the whole configuration. */
  readonly path: string
  /** Sentences with the value and the remedy. */
  readonly message: string
}

/** Finds all mistakes in a configuration, or in the value of one of its fields. */
export function findProblems(schema: TSchema, value: unknown, path: string = ''): Problem[] {
  if (IsObject(schema)) return findInObject(schema, value, path)
  if (IsUnion(schema)) {
    const branch =
      schema.anyOf.find(each => branchFits(each, value)) ??
      schema.anyOf.find(each => checkerOf(each)(value))
    if (branch) return findProblems(branch, value, path)
  }
  if (IsArray(schema) && Array.isArray(value)) {
    const inItems = value.flatMap((item, index) =>
      findProblems(schema.items, item, `${path}[${index}]`),
    )
    // The check of the list itself takes items of any type, so that no mistake hides another.
    if (inItems.length > 0) return [...inItems, ...findInValue(schema, value, path)]
  }
  if (!checkerOf(schema)(value)) {
    const message = `${show(schema, value)} is not ${infoOf(schema).expected}.`
    return [{ path, message: describeQuoted(schema, value) ?? message }]
  }
  return findInValue(schema, value, path)
}

/** Returns whether a branch of a union, a list or an object, has the type of a value. */
function branchFits(schema: TSchema, value: unknown): boolean {
  return (IsArray(schema) && Array.isArray(value)) || (IsObject(schema) && isObject(value))
}

function findInObject(schema: TObject, value: unknown, path: string): Problem[] {
  if (!isObject(value)) return [{ path, message: `${show(schema, value)} is not an object.` }]
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  const fields = Object.entries(schema.properties)
  const problems: Problem[] = []
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(schema.properties, name)) continue
    problems.push({
      path: at(name),
      message: describeUnknown(name, Object.keys(schema.properties)),
    })
  }
  for (const [name, each] of fields) {
    if (value[name] === undefined && IsOptional(each)) continue
    problems.push(...findProblems(each, value[name], at(name)))
  }
  return problems.length > 0 ? problems : findInValue(schema, value, path)
}

/** Finds a mistake in a value of the right type. */
function findInValue(schema: TSchema, value: unknown, path: string): Problem[] {
  const message = infoOf(schema).problemOf?.(value)
  return message === undefined ? [] : [{ path, message: describeQuoted(schema, value) ?? message }]
}

/** Describes a number or a boolean that is a string by mistake; `undefined` for any other mistake. */
function describeQuoted(schema: TSchema, value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?|true|false)$/.test(value))
    return undefined
  const meant: unknown = JSON.parse(value)
  if (!checkerOf(schema)(meant) || infoOf(schema).problemOf?.(meant) !== undefined) return undefined
  return `${show(schema, value)} is a string. Write ${value} without quotes.`
}

/** Most names in the message about an unknown one. */
const maxNames = 20

function describeUnknown(name: string, known: readonly string[]): string {
  const similar = suggestName(name, known)
  if (similar !== undefined) return `unknown option. Did you mean '${similar}'?`
  const more = known.length > maxNames ? ', …' : ''
  return `unknown option. Known are ${known.slice(0, maxNames).join(', ')}${more}.`
}

/** Longest text of a value in a message, in characters. */
const maxShownLength = 200

function show(schema: TSchema, value: unknown): string {
  if (infoOf(schema).isSecret && value !== undefined) return 'the value'
  const text = inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: maxShownLength })
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text
}

const checkers = new WeakMap<TSchema, (value: unknown) => boolean>()

/** Returns the compiled check of a schema. Compiled once, as tests and reloads check often. */
function checkerOf(schema: TSchema): (value: unknown) => boolean {
  const known = checkers.get(schema)
  if (known) return known
  const compiled = Compile(schema)
  const checker = (value: unknown): boolean => compiled.Check(value)
  checkers.set(schema, checker)
  return checker
}
