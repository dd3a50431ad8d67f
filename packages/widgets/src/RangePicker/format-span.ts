import type { RangeSpan } from '../history/range-span.ts'
import { memoizeByLocale } from '../text/locale.ts'

const day = { day: 'numeric', month: 'short' } as const
const time = { ...day, hour: 'numeric', minute: '2-digit' } as const

const formats = memoizeByLocale(locale => ({
  days: new Intl.DateTimeFormat(locale, day),
  daysOfYear: new Intl.DateTimeFormat(locale, { ...day, year: 'numeric' }),
  times: new Intl.DateTimeFormat(locale, time),
  timesOfYear: new Intl.DateTimeFormat(locale, { ...time, year: 'numeric' }),
}))

/**
 * Formats a span, with the year unless it is the current one: `"Nov 25 – Dec 1"`. The last day of a span of days is
 * included.
 */
export function formatSpan({ from, to, isDays }: RangeSpan, now: number, locale: string): string {
  const isThisYear = new Date(from).getFullYear() === new Date(now).getFullYear()
  const { days, daysOfYear, times, timesOfYear } = formats(locale)
  const [dayFormat, timeFormat] = isThisYear ? [days, times] : [daysOfYear, timesOfYear]
  // A millisecond before midnight is the day before; a day of daylight saving can have 23 hours.
  if (isDays) return dayFormat.formatRange(from, Math.max(from, to - 1))
  return timeFormat.formatRange(from, Math.max(from, to))
}

/** Formats a day with its year: `"Dec 1, 2026"`. */
export function formatDate(at: number, locale: string): string {
  return formats(locale).daysOfYear.format(at)
}
