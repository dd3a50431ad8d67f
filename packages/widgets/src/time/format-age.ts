import { byLocale } from '../text/locale.ts'

const relative = byLocale(
  locale => new Intl.RelativeTimeFormat(locale, { style: 'narrow', numeric: 'auto' }),
)
const absolute = byLocale(
  locale => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }),
)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/**
 * How long ago something was: `"now"`, `"15s ago"`, `"3m ago"`, ... What lies ahead, by a clock that is
 * off, is `"now"`.
 *
 * @param ageMs in milliseconds
 * @param stepSeconds seconds are counted in steps of so many, so that a list of them stays calm
 */
export function formatAge(ageMs: number, locale: string, stepSeconds = 1): string {
  const format = relative(locale)
  if (!(ageMs > 0)) return format.format(0, 'second')
  if (ageMs >= dayMs) return format.format(-Math.floor(ageMs / dayMs), 'day')
  if (ageMs >= hourMs) return format.format(-Math.floor(ageMs / hourMs), 'hour')
  if (ageMs >= minuteMs) return format.format(-Math.floor(ageMs / minuteMs), 'minute')
  const seconds = Math.floor(ageMs / 1000 / stepSeconds) * stepSeconds
  // `-0` would be written as "0s ago" and not as "now".
  return format.format(seconds === 0 ? 0 : -seconds, 'second')
}

/** The latest time that a `Date` can hold; beyond it, it throws when it is written out. */
const maxTime = 8.64e15

export function isTime(time: number): boolean {
  return Math.abs(time) <= maxTime
}

/** Date and time in full, in the reader's time zone. */
export function formatMoment(time: number, locale: string): string {
  return isTime(time) ? absolute(locale).format(time) : ''
}
