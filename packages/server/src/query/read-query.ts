import { dimensions } from '../rollup/bucket/dimensions.ts'
import { type Tier, endOfSpan, startOfSpan } from '../rollup/tier.ts'
import type { TimeZone } from '../rollup/time-zone.ts'

export type Granularity = 'second' | Tier
export type Breakdown = (typeof dimensions)[number] | 'value'

export interface MetricsQuery {
  /** Start of the first bucket, in milliseconds since 1970. */
  from: number
  /** End of the last bucket. */
  to: number
  granularity: Granularity
  by: Breakdown | undefined
  /** Rows in one list before the rest. */
  limit: number
  /** Whether the range before is wanted too. */
  compare: boolean
}

/** Buckets in one answer, by granularity: as many as there are of seconds and minutes. */
const maxBuckets: Readonly<Record<Granularity, number>> = {
  second: 600,
  minute: 2880,
  hour: 2208,
  day: 3660,
}
const granularities: readonly Granularity[] = ['second', 'minute', 'hour', 'day']
const breakdowns: readonly Breakdown[] = [...dimensions, 'value']
const maxRows = 1000
const parameters = ['from', 'to', 'granularity', 'by', 'limit', 'compare']

const secondMs = 1000
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** The query, or one sentence that says what is wrong with it and what would do. */
export function readQuery(
  query: URLSearchParams,
  zone: TimeZone,
  now: number,
): MetricsQuery | string {
  const unknown = [...query.keys()].find(name => !parameters.includes(name))
  if (unknown !== undefined) return `There is no such parameter. There are ${listOf(parameters)}.`
  const granularity = granularities.find(each => each === (query.get('granularity') ?? 'minute'))
  if (!granularity) return `\`granularity\` takes ${listOf(granularities)}.`
  const by = breakdowns.find(each => each === query.get('by'))
  if (query.has('by') && !by) return `\`by\` takes ${listOf(breakdowns)}.`
  if (granularity === 'second' && by) return '`by` takes nothing with seconds. Take minutes.'
  const limit = readWhole(query.get('limit')) ?? maxRows
  if (!(limit >= 1 && limit <= maxRows)) {
    return `\`limit\` takes 1 to ${maxRows}.`
  }
  if (query.has('limit') && !by)
    return '`limit` goes with `by`: it is how many rows there are at most.'
  const compare = query.get('compare')
  if (compare !== null && compare !== 'previous') return '`compare` takes `previous`.'
  const range = readRange(query, granularity, zone, now)
  return typeof range === 'string'
    ? range
    : { ...range, granularity, by, limit, compare: compare === 'previous' }
}

/** The range, widened to whole buckets. */
function readRange(
  query: URLSearchParams,
  granularity: Granularity,
  zone: TimeZone,
  now: number,
): { from: number; to: number } | string {
  const length = defaultRangeMs[granularity]
  const to = readTime(query.get('to'), zone) ?? endOf(granularity, now, zone)
  // Where clocks were changed in between, the same length is an hour off a bucket's beginning.
  const from =
    readTime(query.get('from'), zone) ??
    startOf(granularity, to - length + bucketMs[granularity] / 2, zone)
  if (Number.isNaN(from) || Number.isNaN(to)) {
    return '`from` and `to` take milliseconds since 1970, or ISO 8601: a day, or a time with its zone.'
  }
  if (to <= from) {
    return query.has('to')
      ? '`to` has to be after `from`.'
      : 'Without `to` the range ends with the bucket that runs, and `from` is after that.'
  }
  const range = { from: startOf(granularity, from, zone), to: endOf(granularity, to - 1, zone) }
  return tooLong(granularity, range.from, range.to) ?? range
}

/** Without `from`, and so without `to` up to now. */
const defaultRangeMs: Readonly<Record<Granularity, number>> = {
  second: 60 * secondMs,
  minute: 60 * minuteMs,
  hour: 24 * 60 * minuteMs,
  day: 30 * 24 * 60 * minuteMs,
}

/** The shortest that a bucket usually is. */
const bucketMs: Readonly<Record<Granularity, number>> = {
  second: secondMs,
  minute: minuteMs,
  hour: 60 * minuteMs,
  day: 24 * 60 * minuteMs,
}

function tooLong(granularity: Granularity, from: number, to: number): string | undefined {
  const fits = (each: Granularity): boolean => (to - from) / bucketMs[each] <= maxBuckets[each]
  if (fits(granularity)) return undefined
  const wider = granularities.slice(granularities.indexOf(granularity)).find(fits)
  const most = `A range by ${granularity}s has at most ${maxBuckets[granularity]}.`
  return wider ? `${most} \`granularity=${wider}\` would do.` : most
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
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day))
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
