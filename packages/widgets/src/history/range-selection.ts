import type { MetricsTime } from '../fetchMetrics/fetchMetrics.ts'
import type { Granularity } from '../fetchMetrics/metrics.ts'
import { TidemarkError } from '../request/tidemark-error.ts'

/** Length of a range that ends now: `'60m'` minutes, `'24h'` hours, `'7d'` days or `'12mo'` months. */
export type RangeLength = `${number}${'m' | 'h' | 'd' | 'mo'}`

/**
 * A selected time range. It either moves with time, or has a fixed start and end:
 * - `{ last: '7d' }`: a number of minutes, hours, days or months up to now, the current one included
 * - `{ day: 'today' }`, `{ day: 'yesterday' }`: a day of the viewer's time zone, by hours
 * - `{ from, to }`: as in `fetchMetrics`; `to` is exclusive, and a date such as `2026-11-22` is the start of that day
 *   in the server's time zone
 */
export type RangeSelection =
  | { readonly last: RangeLength }
  | { readonly day: 'today' | 'yesterday' }
  | { readonly from: MetricsTime; readonly to: MetricsTime }

/** A range as `fetchMetrics` takes it. Without `to` it ends with the current bucket. */
export interface ResolvedRange {
  from: number | string
  to?: number | string
  granularity: Granularity
}

export type LengthUnit = 'm' | 'h' | 'd' | 'mo'

const units: readonly LengthUnit[] = ['mo', 'm', 'h', 'd']

/**
 * Splits a length: `'7d'` → `{ count: 7, unit: 'd' }`.
 * @throws {TidemarkError} `query_invalid` for another text, or a count below 1
 */
export function parseLength(length: string): { count: number; unit: LengthUnit } {
  const [, digits, suffix] = /^(\d{1,4})(m|h|d|mo)$/.exec(length) ?? []
  const unit = units.find(each => each === suffix)
  if (unit && Number(digits) > 0) return { count: Number(digits), unit }
  throw invalidRange(`'${length}' is not a length; for example '60m', '24h', '7d' or '12mo'`)
}

/**
 * Returns a time in milliseconds since 1970. A date counts as midnight of the viewer's time zone.
 * @throws {TidemarkError} `query_invalid` for a text that is not a time
 */
export function toMilliseconds(time: MetricsTime): number {
  // A text of date and time without a zone is local time; so is a date here, although `Date` reads it as UTC.
  const text = typeof time === 'string' && isDateOnly(time) ? `${time}T00:00` : time
  const at = new Date(text).getTime()
  if (!Number.isNaN(at)) return at
  throw invalidRange(`'${String(time)}' is not a time; for example '2026-11-22'`)
}

/** Whether a time is a date without a time of day, such as `2026-11-22`. */
export function isDateOnly(time: MetricsTime): time is string {
  return typeof time === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(time)
}

/** Returns the date of a time in the viewer's time zone: `2026-11-22`. */
export function toDateText(time: number | Date): string {
  const date = new Date(time)
  const [month, day] = [date.getMonth() + 1, date.getDate()].map(part => `${part}`.padStart(2, '0'))
  return `${`${date.getFullYear()}`.padStart(4, '0')}-${month}-${day}`
}

/** Returns the start of a day of the viewer's time zone. @param days days after the day of `time` */
export function startOfLocalDay(time: number, days = 0): number {
  const date = new Date(time)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime()
}

function invalidRange(problem: string): TidemarkError {
  return new TidemarkError('query_invalid', `range: ${problem}.`)
}
