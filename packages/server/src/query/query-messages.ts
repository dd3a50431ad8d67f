import { suggestName } from '../shared/suggest-name.ts'
import type { Granularity } from './granularity.ts'
import { breakdownDimensions } from './metrics-query.ts'

/*
 * The messages for an invalid query. Each names the parameter, the value and a valid alternative.
 */

/** A longer value is cut in a message. */
const maxValueLength = 60

/** A reason why a range has no answer. Times are in milliseconds since 1970. */
export type RangeProblem =
  | { kind: 'too-many-buckets'; granularity: Granularity; buckets: number; maxBuckets: number }
  | { kind: 'expired'; granularity: Granularity; from: number; availableFrom: number }
  | { kind: 'previous-expired'; granularity: Granularity; from: number }

export function unknownParameter(name: string, known: readonly string[]): string {
  return `${quote(name)} is not a parameter${remedyOfName(name, known)}`
}

export function repeatedParameter(name: string): string {
  return `${name}: given more than once; give it once.`
}

export function unknownValue(name: string, value: string, known: readonly string[]): string {
  return `${name}: ${quote(value)} is not supported${remedyOfName(value, known)}`
}

/** Ends the sentence about an unknown name: with the most similar name, or with all of them. */
function remedyOfName(name: string, known: readonly string[]): string {
  const similar = suggestName(name, known)
  return similar === undefined ? `; use ${listOf(known)}.` : `. Did you mean '${similar}'?`
}

/** @param working granularities that work, the finest first */
export function tooFineForBreakdown(
  by: string,
  granularity: Granularity,
  working: readonly Granularity[],
): string {
  const remedy = working.map(each => `granularity=${each}`).join(' or ')
  return `by: ${quote(by)} does not work with granularity=${granularity}; use ${remedy}.`
}

export function compareInExport(format: string): string {
  return `compare: does not work with format=${format}; export the previous range with 'from' and 'to'.`
}

export function invalidLimit(name: string, value: string, maxRows: number): string {
  return `${name}: ${quote(value)} is not a whole number from 1 to ${maxRows}.`
}

export function limitWithoutRows(name: string, value: string): string {
  const dimensions = breakdownDimensions.filter(by => by !== 'value')
  return `${name}: ${quote(value)} needs a list of rows; add by=${dimensions[0]}, or another of ${listOf(dimensions)}.`
}

export function rowWithoutBy(row: string): string {
  return `row: ${quote(row)} needs the dimension of the name; add by=${breakdownDimensions[0]}, or another of ${listOf(breakdownDimensions)}.`
}

export function rowWithLimit(row: string): string {
  return `row: ${quote(row)} does not work with bucketLimit; leave out one of them.`
}

export function tooManyBucketRows(limit: number, buckets: number, maxRows: number): string {
  const fitting = Math.floor(maxRows / buckets)
  return (
    `bucketLimit: ${limit} rows in each of ${buckets} buckets are ${limit * buckets} rows, and the limit is ${maxRows}; ` +
    `use bucketLimit=${fitting}, a coarser granularity or a shorter range, or 'row' for the series of one row.`
  )
}

/** @param maxBytes largest answer, in bytes */
export function answerTooLarge(maxBytes: number, hasBucketRows: boolean): string {
  const remedy = hasBucketRows
    ? "use a lower 'bucketLimit', a coarser granularity or a shorter range"
    : "use a lower 'limit', a coarser granularity or a shorter range"
  return `The answer exceeds ${maxBytes} bytes; ${remedy}.`
}

export function invalidTime(name: string, value: string): string {
  // A plus sign in a URL's query means a space.
  const hint = value.includes(' ') ? ' Write a plus sign as %2B in a URL.' : ''
  return (
    `${name}: ${quote(value)} is not a time; use milliseconds since 1970, a date such as '2026-03-10', ` +
    `or an ISO 8601 time with its UTC offset such as '2026-03-10T12:00Z'.${hint}`
  )
}

/** Returns the problem of `name` and `property`, if there is any. */
export function propertyProblem(
  by: string | undefined,
  { name, property }: { name: string | undefined; property: string | undefined },
): string | undefined {
  const [parameter, value] = property === undefined ? ['name', name] : ['property', property]
  if (value === undefined) return undefined
  if (by !== 'property') {
    return `${parameter}: ${quote(value)} selects a property of an event; add by=property, or leave '${parameter}' out.`
  }
  return property !== undefined && name === undefined
    ? `property: ${quote(property)} needs the name of its event; add name=purchase, for example.`
    : undefined
}

export function referrerWithoutPages(value: string): string {
  return `referrer: ${quote(value)} selects the pages of one source; add by=referringPage, or leave 'referrer' out.`
}

export function emptyRange(from: string, to: string): string {
  return `to: ${quote(to)} is not after from: ${quote(from)}; give a later 'to'.`
}

export function fromInFuture(from: string, granularity: Granularity): string {
  return `from: ${quote(from)} is after the current ${granularity}, where the range ends by default; give a later 'to' as well.`
}

/** @param alternative a granularity in which the same range has an answer */
export function rangeMessage(problem: RangeProblem, alternative: Granularity | undefined): string {
  const remedy = alternative ? `use granularity=${alternative}` : remedyOf(problem)
  return `${describeRange(problem)}; ${remedy}.`
}

function describeRange(problem: RangeProblem): string {
  const { granularity } = problem
  switch (problem.kind) {
    case 'too-many-buckets':
      return `granularity: the range has ${problem.buckets} ${granularity}s, and the limit is ${problem.maxBuckets}`
    case 'expired':
      return `from: ${toIso(problem.from)} is before ${toIso(problem.availableFrom)}, where the stored ${granularity}s begin`
    case 'previous-expired':
      return `compare: the ${granularity}s of the previous range, from ${toIso(problem.from)}, are no longer stored`
  }
}

function remedyOf(problem: RangeProblem): string {
  switch (problem.kind) {
    case 'too-many-buckets':
      return 'choose a shorter range'
    case 'expired':
      return "give a later 'from'"
    case 'previous-expired':
      return "leave out 'compare', or choose a shorter or later range"
  }
}

function quote(value: string): string {
  return value.length > maxValueLength
    ? `'${value.slice(0, maxValueLength).toWellFormed()}…'`
    : `'${value}'`
}

function listOf(names: readonly string[]): string {
  return names.map(name => `'${name}'`).join(', ')
}

function toIso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
