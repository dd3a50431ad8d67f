import { memoizeByLocale } from '../text/locale.ts'

/** The narrow form suits only some languages: in German a minute is `1 m`, as a meter, in French `-1 min`. */
const relative = memoizeByLocale(locale => {
  const style = /^(en|ja)\b/.test(locale) ? 'narrow' : 'short'
  return new Intl.RelativeTimeFormat(locale, { style, numeric: 'auto' })
})
const absolute = memoizeByLocale(
  locale => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }),
)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/**
 * Formats an age: `"now"`, `"15s ago"`, `"3m ago"`, ... A negative age, from a wrong clock, is `"now"`.
 *
 * @param stepSeconds rounds seconds down to a multiple, so that a list of ages changes less often
 */
export function formatAge(ageMs: number, locale: string, stepSeconds = 1): string {
  const format = relative(locale)
  if (!(ageMs > 0)) return format.format(0, 'second')
  if (ageMs >= dayMs) return format.format(-Math.floor(ageMs / dayMs), 'day')
  if (ageMs >= hourMs) return format.format(-Math.floor(ageMs / hourMs), 'hour')
  if (ageMs >= minuteMs) return format.format(-Math.floor(ageMs / minuteMs), 'minute')
  const seconds = Math.floor(ageMs / 1000 / stepSeconds) * stepSeconds
  // `-0` would be formatted as "0s ago" instead of "now".
  return format.format(seconds === 0 ? 0 : -seconds, 'second')
}

/** The latest time that a `Date` can hold; formatting a later one throws. */
const maxTime = 8.64e15

export function isTime(time: number): boolean {
  return Math.abs(time) <= maxTime
}

/** Formats date and time in the reader's time zone; empty for a time that `Date` cannot hold. */
export function formatMoment(time: number, locale: string): string {
  return isTime(time) ? absolute(locale).format(time) : ''
}
