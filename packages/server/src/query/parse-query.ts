import { type Granularity, endOfBucket, granularities } from './granularity.ts'
import {
  type Availability,
  type BreakdownDimension,
  type QueryResult,
  breakdownDimensions,
} from './metrics-query.ts'
import { parseTime } from './parse-time.ts'
import {
  breakdownOfSeconds,
  emptyRange,
  fromInFuture,
  invalidLimit,
  invalidTime,
  limitWithoutRows,
  repeatedParameter,
  unknownParameter,
  unknownValue,
} from './query-messages.ts'
import { type RequestedRange, resolveRange } from './resolve-range.ts'

/** Parameters in the order in which they are checked. */
const parameters = ['from', 'to', 'granularity', 'by', 'limit', 'compare']
const maxRows = 1000
const defaultGranularity: Granularity = 'minute'

interface Failure {
  ok: false
  message: string
}

/** The parameters that do not depend on the stored history. */
interface ParsedOptions {
  granularity: Granularity
  by: BreakdownDimension | undefined
  limit: number
  hasPrevious: boolean
}

/** Parses the parameters of `GET metrics`. The message of a failure names the invalid value and a valid one. */
export function parseMetricsQuery(
  params: URLSearchParams,
  availability: Availability,
): QueryResult {
  const names = checkNames(params)
  if (names) return names
  const parsed = parseOptions(params)
  if (!parsed.ok) return parsed
  const { granularity, by, limit, hasPrevious } = parsed.options
  const requested = parseRange(params, granularity, availability)
  if (!requested.ok) return requested
  const range = { ...requested.range, hasPrevious }
  const resolved = resolveRange(range, granularity, availability)
  if (!resolved.ok) return resolved
  return { ok: true, query: { ...resolved.range, granularity, by, limit } }
}

function checkNames(params: URLSearchParams): Failure | undefined {
  const unknown = [...params.keys()].find(name => !parameters.includes(name))
  if (unknown !== undefined) return fail(unknownParameter(unknown, parameters))
  const repeated = parameters.find(name => params.getAll(name).length > 1)
  return repeated === undefined ? undefined : fail(repeatedParameter(repeated))
}

function parseOptions(params: URLSearchParams): { ok: true; options: ParsedOptions } | Failure {
  const granularityText = params.get('granularity') ?? defaultGranularity
  const granularity = granularities.find(each => each === granularityText)
  if (!granularity) return fail(unknownValue('granularity', granularityText, granularities))
  const byText = params.get('by')
  const by = breakdownDimensions.find(each => each === byText)
  if (byText !== null && !by) return fail(unknownValue('by', byText, breakdownDimensions))
  if (granularity === 'second' && by) return fail(breakdownOfSeconds(by))
  const limitText = params.get('limit')
  const limit = limitText === null ? maxRows : parseDigits(limitText)
  if (!(limit >= 1 && limit <= maxRows)) return fail(invalidLimit(limitText ?? '', maxRows))
  if (limitText !== null && (!by || by === 'value')) return fail(limitWithoutRows(limitText))
  const compare = params.get('compare')
  if (compare !== null && compare !== 'previous') {
    return fail(unknownValue('compare', compare, ['previous']))
  }
  return { ok: true, options: { granularity, by, limit, hasPrevious: compare !== null } }
}

function parseRange(
  params: URLSearchParams,
  granularity: Granularity,
  { zone, now }: Availability,
): { ok: true; range: Pick<RequestedRange, 'from' | 'to'> } | Failure {
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

function fail(message: string): Failure {
  return { ok: false, message }
}
