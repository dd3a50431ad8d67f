import type { TimeZone } from '../rollup/history/time-zone.ts'

const dayMs = 24 * 60 * 60_000

/**
 * A date, or a time with a UTC offset. `Date.parse` accepts more than that: it reads a time without an offset in the
 * time zone of the process, and prose as a date.
 */
const isoTime = /^(\d{4})-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

/**
 * Parses milliseconds since 1970, an ISO 8601 date, or an ISO 8601 time with a UTC offset. A date is the start of
 * that day in the time zone.
 * @returns milliseconds since 1970, or `undefined` for any other text
 */
export function parseTime(text: string, zone: TimeZone): number | undefined {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const [, year, month, day, time] = isoTime.exec(text) ?? []
  const midnight = Date.parse(`${year}-${month}-${day}T00:00Z`)
  // `Date` reads 30 February as 2 March, and month 13 as January.
  const date = new Date(midnight)
  const isDate = date.getUTCDate() === Number(day) && date.getUTCMonth() + 1 === Number(month)
  if (!isDate) return undefined
  if (time === undefined) return zone.startOfDate(midnight / dayMs)
  const parsed = Date.parse(text)
  return Number.isNaN(parsed) ? undefined : parsed
}
