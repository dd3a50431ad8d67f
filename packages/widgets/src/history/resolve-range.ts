import type { Granularity, MetricsSeries } from '../fetchMetrics/metrics.ts'
import {
  type LengthUnit,
  type RangeSelection,
  type ResolvedRange,
  isDateOnly,
  parseLength,
  startOfLocalDay,
  toDateText,
  toMilliseconds,
} from './range-selection.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Usual length of a bucket; a day of a daylight saving change differs. */
export const bucketMs: Readonly<Record<Granularity, number>> = {
  second: 1000,
  minute: minuteMs,
  hour: hourMs,
  day: dayMs,
}

/** Every time zone's hours and days start at a multiple of this. */
const zoneStepMs = 15 * minuteMs

/**
 * Granularities by range: the longest range that is drawn with it, and the age of the oldest bucket that a server with
 * default retention stores. The two days have an hour more for a daylight saving change.
 */
const granularityLimits: readonly { granularity: Granularity; lengthMs: number; ageMs: number }[] =
  [
    { granularity: 'second', lengthMs: 10 * minuteMs, ageMs: 10 * minuteMs },
    { granularity: 'minute', lengthMs: 6 * hourMs, ageMs: 48 * hourMs },
    { granularity: 'hour', lengthMs: 49 * hourMs, ageMs: 90 * dayMs },
  ]

/**
 * Resolves a selection to the range to request now. A moving range starts at a multiple of its step, so that widgets
 * and repeated requests share one URL; the server widens it to complete buckets of its own time zone.
 *
 * @param now milliseconds since 1970
 * @param granularity length of a bucket. @default seconds to 10 minutes, minutes to 6 hours, hours to 2 days, else days
 * @throws {TidemarkError} `query_invalid` for an invalid length or time
 */
export function resolveRange(
  selection: RangeSelection,
  now: number,
  granularity?: Granularity,
): ResolvedRange {
  if ('last' in selection) return resolveLast(parseLength(selection.last), now, granularity)
  if ('day' in selection) return resolveDay(selection.day, now, granularity)
  const { from, to } = selection
  const span = { from: toMilliseconds(from), to: toMilliseconds(to) }
  const whole = isDateOnly(from) && isDateOnly(to) ? 'hour' : 'second'
  return {
    from: isDateOnly(from) ? from : span.from,
    to: isDateOnly(to) ? to : span.to,
    granularity: granularity ?? usualGranularity(span.from, span.to, now, whole),
  }
}

const unitMs: Readonly<Record<Exclude<LengthUnit, 'mo'>, number>> = {
  m: minuteMs,
  h: hourMs,
  d: dayMs,
}

function resolveLast(
  { count, unit }: ReturnType<typeof parseLength>,
  now: number,
  requested: Granularity | undefined,
): ResolvedRange {
  if (unit === 'mo') return { from: monthsBefore(now, count), granularity: requested ?? 'day' }
  const lengthMs = count * unitMs[unit]
  const granularity = requested ?? usualGranularity(now - lengthMs, now, now)
  const step = bucketMs[granularity]
  // The current bucket is the last one of the range, so the first one starts a bucket later than `now - lengthMs`.
  const from = floorTo(now, Math.min(step, zoneStepMs)) - Math.max(lengthMs - step, 0)
  return { from, granularity }
}

/** Returns the date of the day after the same day some months before. */
export function monthsBefore(now: number, months: number): string {
  const today = new Date(now)
  const first = new Date(today.getFullYear(), today.getMonth() - months, 1)
  const lastDate = new Date(first.getFullYear(), first.getMonth() + 1, 0).getDate()
  return toDateText(first.setDate(Math.min(today.getDate(), lastDate) + 1))
}

function resolveDay(
  day: 'today' | 'yesterday',
  now: number,
  granularity: Granularity = 'hour',
): ResolvedRange {
  const midnight = startOfLocalDay(now)
  if (day === 'today') return { from: midnight, granularity }
  return { from: startOfLocalDay(now, -1), to: midnight, granularity }
}

function usualGranularity(
  from: number,
  to: number,
  now: number,
  finest: Granularity = 'second',
): Granularity {
  const fits = granularityLimits.find(
    each =>
      bucketMs[each.granularity] >= bucketMs[finest] &&
      to - from <= each.lengthMs &&
      from >= now - each.ageMs,
  )
  return fits?.granularity ?? 'day'
}

function floorTo(time: number, step: number): number {
  return Math.floor(time / step) * step
}

/**
 * Returns the range of the same length before a received range, for a second query such as a comparison line.
 * @param range a response of `fetchMetrics`
 */
export function previousRange({
  from,
  to,
  granularity,
}: Pick<MetricsSeries, 'from' | 'to' | 'granularity'>): Required<ResolvedRange> {
  // After a daylight saving change the same length is an hour off a day's start. The middle of the bucket is not.
  return { from: from - (to - from) + bucketMs[granularity] / 2, to: from, granularity }
}
