import { type ExportFormat, exportFormats } from './export.ts'
import { type Granularity, endOfBucket, granularities, sameOrCoarser } from './granularity.ts'
import {
  type Availability,
  type BreakdownDimension,
  type BucketRows,
  type QueryFailure,
  type AnswerView,
  type QueryResult,
  breakdownDimensions,
  finestOf,
  fullView,
} from './metrics-query.ts'
import { parseTime } from './parse-time.ts'
import {
  compareInExport,
  emptyRange,
  fromInFuture,
  invalidLimit,
  invalidTime,
  limitWithoutRows,
  propertyProblem,
  referrerWithoutPages,
  rowWithLimit,
  rowWithoutBy,
  tooFineForBreakdown,
  tooManyBucketRows,
  repeatedParameter,
  unknownParameter,
  unknownValue,
} from './query-messages.ts'
import type { PropertyQuery } from './property-rows.ts'
import { type RequestedRange, resolveRange } from './resolve-range.ts'

/** Parameters in the order in which they are checked. */
const parameters = [
  ...[
    'from',
    'to',
    'granularity',
    'by',
    'referrer',
    'name',
    'property',
    'limit',
    'bucketLimit',
    'row',
    'compare',
  ],
  'format',
]
const maxRows = 1000
/** Most rows in all buckets of one answer, without the rows for the rest. */
const maxBucketRows = 50_000
const defaultGranularity: Granularity = 'minute'

/** The parameters that do not depend on the stored history. */
interface ParsedOptions {
  granularity: Granularity
  by: BreakdownDimension | undefined
  referrer: string | undefined
  properties: PropertyQuery
  limit: number
  bucketRows: BucketRows | undefined
  hasPrevious: boolean
}

/**
 * Parses the parameters of `GET metrics`. The message of a failure names the invalid value and a valid one.
 * @param view parts of the answer that the reader may read
 */
export function parseMetricsQuery(
  params: URLSearchParams,
  availability: Availability,
  view: AnswerView = fullView,
): QueryResult {
  const names = checkNames(params)
  if (names) return names
  const parsed = parseOptions(params)
  if (!parsed.ok) return parsed
  const { hasPrevious, ...options } = parsed.options
  const { granularity, bucketRows } = options
  const requested = parseRange(params, granularity, availability)
  if (!requested.ok) return requested
  const range = { ...requested.range, hasPrevious }
  const resolved = resolveRange(range, granularity, availability)
  if (!resolved.ok) return fail(resolved.message)
  const buckets = countBuckets(resolved.range, granularity, availability)
  if (bucketRows?.kind === 'largest' && bucketRows.limit * buckets > maxBucketRows) {
    const message = tooManyBucketRows(bucketRows.limit, buckets, maxBucketRows)
    return { ok: false, code: 'query_too_large', message }
  }
  return { ok: true, query: { ...resolved.range, ...options, view } }
}

/** Parses the format of the answer. Parameters that the format excludes make it invalid. */
export function parseFormat(
  params: URLSearchParams,
): { ok: true; format: ExportFormat | 'json' } | QueryFailure {
  const text = params.get('format') ?? 'json'
  const known = ['json', ...exportFormats] as const
  const format = known.find(each => each === text)
  if (!format) return fail(unknownValue('format', text, known))
  if (format !== 'json' && params.has('compare')) return fail(compareInExport(format))
  return { ok: true, format }
}

function checkNames(params: URLSearchParams): QueryFailure | undefined {
  const unknown = [...params.keys()].find(name => !parameters.includes(name))
  if (unknown !== undefined) return fail(unknownParameter(unknown, parameters))
  const repeated = parameters.find(name => params.getAll(name).length > 1)
  return repeated === undefined ? undefined : fail(repeatedParameter(repeated))
}

function parseOptions(
  params: URLSearchParams,
): { ok: true; options: ParsedOptions } | QueryFailure {
  const byText = params.get('by')
  const by = breakdownDimensions.find(each => each === byText)
  if (byText !== null && !by) return fail(unknownValue('by', byText, breakdownDimensions))
  const finest = by && finestOf(by)
  const granularityText = params.get('granularity') ?? finest ?? defaultGranularity
  const granularity = granularities.find(each => each === granularityText)
  if (!granularity) return fail(unknownValue('granularity', granularityText, granularities))
  if (by && finest && !sameOrCoarser(finest).includes(granularity)) {
    return fail(tooFineForBreakdown(by, granularity, sameOrCoarser(finest)))
  }
  const referrer = params.get('referrer') ?? undefined
  if (referrer !== undefined && by !== 'referringPage') return fail(referrerWithoutPages(referrer))
  const properties = {
    name: params.get('name') ?? undefined,
    property: params.get('property') ?? undefined,
  }
  const problem = propertyProblem(by, properties)
  if (problem !== undefined) return fail(problem)
  const limits = parseLimits(params, by)
  if (!limits.ok) return limits
  const compare = params.get('compare')
  if (compare !== null && compare !== 'previous') {
    return fail(unknownValue('compare', compare, ['previous']))
  }
  const { limit, bucketRows } = limits
  return {
    ok: true,
    options: {
      ...{ granularity, by, referrer, properties, limit, bucketRows },
      hasPrevious: compare !== null,
    },
  }
}

/** Parses the numbers of rows in the range and in each bucket. */
function parseLimits(
  params: URLSearchParams,
  by: BreakdownDimension | undefined,
): { ok: true; limit: number; bucketRows: BucketRows | undefined } | QueryFailure {
  const names = ['limit', 'bucketLimit'] as const
  for (const name of names) {
    const text = params.get(name)
    if (text === null) continue
    const limit = parseDigits(text)
    if (!(limit >= 1 && limit <= maxRows)) return fail(invalidLimit(name, text, maxRows))
    if (!by || by === 'value') return fail(limitWithoutRows(name, text))
  }
  const [limit, bucketLimit] = names.map(name => params.get(name))
  const row = params.get('row')
  if (row !== null && !by) return fail(rowWithoutBy(row))
  if (row !== null && bucketLimit) return fail(rowWithLimit(row))
  const largest = bucketLimit
    ? ({ kind: 'largest', limit: Number(bucketLimit) } as const)
    : undefined
  const bucketRows = row === null ? largest : ({ kind: 'one', name: row } as const)
  return { ok: true, limit: limit ? Number(limit) : maxRows, bucketRows }
}

function countBuckets(
  { from, to }: { from: number; to: number },
  granularity: Granularity,
  { zone }: Availability,
): number {
  let count = 0
  for (let at = from; at < to; at = endOfBucket(granularity, at, zone)) count++
  return count
}

function parseRange(
  params: URLSearchParams,
  granularity: Granularity,
  { zone, now }: Availability,
): { ok: true; range: Pick<RequestedRange, 'from' | 'to'> } | QueryFailure {
  const fromText = params.get('from')
  const toText = params.get('to')
  const from = fromText === null ? undefined : parseTime(fromText, zone)
  const to = toText === null ? undefined : parseTime(toText, zone)
  if (fromText !== null && from === undefined) return fail(invalidTime('from', fromText))
  if (toText !== null && to === undefined) return fail(invalidTime('to', toText))
  const end = to ?? endOfBucket(granularity, now, zone)
  if (fromText !== null && from !== undefined && from >= end) {
    return fail(
      toText === null ? fromInFuture(fromText, granularity) : emptyRange(fromText, toText),
    )
  }
  return { ok: true, range: { from, to } }
}

/** Returns the number that a text of decimal digits stands for, NaN for any other text. */
function parseDigits(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
}

function fail(message: string): QueryFailure {
  return { ok: false, code: 'query_invalid', message }
}
