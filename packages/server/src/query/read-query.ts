import { dimensions } from '../rollup/bucket/dimensions.ts'
import { type Tier, endOfSpan, startOfSpan } from '../rollup/history/tier.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'

export type Granularity = 'second' | Tier
export type BreakdownDimension = (typeof dimensions)[number] | 'value'

export interface MetricsQuery {
  /** Start of the first bucket, in milliseconds since 1970. */
  from: number
  /** End of the last bucket. */
  to: number
  granularity: Granularity
  by: BreakdownDimension | undefined
  /** Rows in one list before the rest. */
  limit: number
  /** The range before, if it is wanted too. */
  previous: PreviousRange | undefined
}

/** A range of the same length before another. */
export interface PreviousRange {
  from: number
  to: number
  /** The finest by which all of it is kept. */
  granularity: Granularity
}

/** What there is to be asked for. */
export interface Kept {
  /** Where hours and days begin. */
  zone: TimeZone
  /** Milliseconds since 1970. */
  now: number
  /** From when on there are buckets: earlier ones have been forgotten. */
  keptFrom: Readonly<Record<Granularity, number>>
}

/** Buckets in one answer, by granularity: as many as are kept of seconds and minutes unless somebody wants more. */
const maxBuckets: Readonly<Record<Granularity, number>> = {
  second: 600,
  minute: 2880,
  hour: 2208,
  day: 3660,
}
const granularities: readonly Granularity[] = ['second', 'minute', 'hour', 'day']
const breakdowns: readonly BreakdownDimension[] = [...dimensions, 'value']
const maxRows = 1000
const parameters = ['from', 'to', 'granularity', 'by', 'limit', 'compare']

const secondMs = 1000
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** The query, or one sentence that says what is wrong with it and what would do. */
export function readQuery(query: URLSearchParams, kept: Kept): MetricsQuery | string {
  const names = [...query.keys()]
  const unknown = names.find(name => !parameters.includes(name))
  if (unknown !== undefined) return `There is no such parameter. There are ${listOf(parameters)}.`
  const twice = parameters.find(name => query.getAll(name).length > 1)
  if (twice !== undefined) return `\`${twice}\` is there more than once.`
  const granularity = granularities.find(each => each === (query.get('granularity') ?? 'minute'))
  if (!granularity) return `\`granularity\` takes ${listOf(granularities)}.`
  const by = breakdowns.find(each => each === query.get('by'))
  if (query.has('by') && !by) return `\`by\` takes ${listOf(breakdowns)}.`
  if (granularity === 'second' && by) return '`by` takes nothing with seconds. Take minutes.'
  const limit = readWhole(query.get('limit')) ?? maxRows
  if (!(limit >= 1 && limit <= maxRows)) {
    return `\`limit\` takes 1 to ${maxRows}.`
  }
  if (query.has('limit') && (!by || by === 'value'))
    return '`limit` goes with `by`, but for `value`: it is how many rows there are at most.'
  const compare = query.get('compare')
  if (compare !== null && compare !== 'previous') return '`compare` takes `previous`.'
  const said = readSaid(query, kept.zone)
  if (typeof said === 'string') return said
  if ((said.from ?? -Infinity) >= (said.to ?? endOf(granularity, kept.now, kept.zone))) {
    return said.to === undefined
      ? 'Without `to` the range ends with the bucket that runs, and `from` is after that.'
      : '`to` has to be after `from`.'
  }
  const ranges = (each: Granularity): Ranges | string => toRanges(said, each, compare, kept)
  const read = ranges(granularity)
  if (typeof read !== 'string') return { ...read, granularity, by, limit }
  const would = widerThan(granularity).find(each => typeof ranges(each) !== 'string')
  return would ? `${read} \`granularity=${would}\` would do.` : read
}

/** What is said of a range, in milliseconds since 1970. */
interface Said {
  from: number | undefined
  to: number | undefined
}

function readSaid(query: URLSearchParams, zone: TimeZone): Said | string {
  const said = { from: readTime(query.get('from'), zone), to: readTime(query.get('to'), zone) }
  const wrong = (['from', 'to'] as const).find(name => Number.isNaN(said[name]))
  if (!wrong) return said
  const hint = query.get(wrong)?.includes(' ') ? ' A `+` has to be written `%2B`.' : ''
  return `\`${wrong}\` takes milliseconds since 1970, or ISO 8601: a day, or a time with its zone.${hint}`
}

type Ranges = Pick<MetricsQuery, 'from' | 'to' | 'previous'>

/** The range, widened to whole buckets, and the one before it where that is to be compared; or why they cannot be told. */
function toRanges(
  said: Said,
  granularity: Granularity,
  compare: string | null,
  kept: Kept,
): Ranges | string {
  const { zone, now } = kept
  const to = said.to ?? endOf(granularity, now, zone)
  const from = said.from ?? defaultFrom(granularity, to, kept)
  const range = { from: startOf(granularity, from, zone), to: endOf(granularity, to - 1, zone) }
  const missing = explainMissing(granularity, range, kept)
  if (missing !== undefined) return missing
  const previous = compare === null ? undefined : toPrevious(range, granularity, kept)
  return typeof previous === 'string' ? previous : { ...range, previous }
}

/** Where a range without `from` begins: with the first bucket that is kept, if it is shorter then. */
function defaultFrom(granularity: Granularity, to: number, kept: Kept): number {
  const { zone } = kept
  // Where clocks were changed in between, the same length is an hour off a bucket's beginning.
  const middle = to - defaultRangeMs[granularity] + bucketMs[granularity] / 2
  const from = startOf(granularity, middle, zone)
  const first = firstStart(granularity, kept)
  return from < first && first < to ? first : from
}

/** The range before one, or why it cannot be told. */
function toPrevious(
  { from, to }: { from: number; to: number },
  granularity: Granularity,
  { zone, keptFrom }: Kept,
): PreviousRange | string {
  // Where clocks were changed in between, the same length is an hour off a day's beginning.
  const middle = from - (to - from) + (endOf(granularity, from, zone) - from) / 2
  const start = startOf(granularity, middle, zone)
  const begins = (each: Granularity, at: number): boolean => startOf(each, at, zone) === at
  const found = widerThan(granularity).find(
    each => start >= keptFrom[each] && begins(each, start) && begins(each, from),
  )
  if (found) return { from: start, to: from, granularity: found }
  return `The range before is not kept by ${granularity}s any more.`
}

/** Without `from`, and so without `to` up to now. */
const defaultRangeMs: Readonly<Record<Granularity, number>> = {
  second: 60 * secondMs,
  minute: 60 * minuteMs,
  hour: 24 * 60 * minuteMs,
  day: 30 * 24 * 60 * minuteMs,
}

/** How long a bucket usually is; where clocks are changed one is shorter or longer. */
const bucketMs: Readonly<Record<Granularity, number>> = {
  second: secondMs,
  minute: minuteMs,
  hour: 60 * minuteMs,
  day: 24 * 60 * minuteMs,
}

/** Why a range of whole buckets cannot be told. */
function explainMissing(
  granularity: Granularity,
  { from, to }: { from: number; to: number },
  kept: Kept,
): string | undefined {
  if ((to - from) / bucketMs[granularity] > maxBuckets[granularity]) {
    return `A range by ${granularity}s has at most ${maxBuckets[granularity]}.`
  }
  if (from >= kept.keptFrom[granularity]) return undefined
  return `By ${granularity}s nothing is kept from before ${toIso(firstStart(granularity, kept))}.`
}

/** The start of the first bucket of which all is kept. */
function firstStart(granularity: Granularity, { zone, keptFrom }: Kept): number {
  const from = keptFrom[granularity]
  return from === -Infinity ? from : endOf(granularity, from - 1, zone)
}

/** A granularity and those that are coarser, the finest first. */
function widerThan(granularity: Granularity): readonly Granularity[] {
  return granularities.slice(granularities.indexOf(granularity))
}

function toIso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

export function startOf(granularity: Granularity, at: number, zone: TimeZone): number {
  if (granularity === 'second') return Math.floor(at / secondMs) * secondMs
  return startOfSpan(granularity, at, zone)
}

/** The end of the bucket that holds a time. */
export function endOf(granularity: Granularity, at: number, zone: TimeZone): number {
  if (granularity === 'second') return startOf(granularity, at, zone) + secondMs
  return endOfSpan(granularity, at, zone)
}

/** A day where the site is, or a time that says its zone: `Date.parse` takes it for the server's own, and prose for dates. */
const isoTime = /^(\d{4})-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** Milliseconds since 1970; `undefined` for nothing, NaN for what is no time. */
function readTime(text: string | null, zone: TimeZone): number | undefined {
  if (text === null) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const [, year, month, day, time] = isoTime.exec(text) ?? []
  const midnight = Date.parse(`${year}-${month}-${day}T00:00Z`)
  // `Date` takes 30 February for 2 March, and month 13 for January.
  const date = new Date(midnight)
  const isDate = date.getUTCDate() === Number(day) && date.getUTCMonth() + 1 === Number(month)
  if (!isDate) return Number.NaN
  return time === undefined ? zone.startOfDate(midnight / dayMs) : Date.parse(text)
}

/** A whole number in digits; `undefined` for nothing, NaN for anything else. */
function readWhole(text: string | null): number | undefined {
  if (text === null) return undefined
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
}

function listOf(names: readonly string[]): string {
  return names.map(name => `\`${name}\``).join(', ')
}
