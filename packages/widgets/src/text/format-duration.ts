import { memoizeByLocale } from './locale.ts'

const units = ['hour', 'minute', 'second'] as const
type Unit = (typeof units)[number]

/** The narrow form suits only some languages: in German an hour is `1h` beside `5 Min.`, in Japanese a minute is `1m`. */
const formats = memoizeByLocale(locale => {
  const unitDisplay = /^(de|ja)\b/.test(locale) ? 'short' : 'narrow'
  const formatOf = (unit: Unit): Intl.NumberFormat =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay })
  return {
    hour: formatOf('hour'),
    minute: formatOf('minute'),
    second: formatOf('second'),
    list: new Intl.ListFormat(locale, { type: 'unit', style: 'narrow' }),
  }
})

/**
 * Formats a duration with its two largest units: `134_000` → `"2m 14s"`, `41_000` → `"41s"`.
 * @param durationMs a negative one counts as 0
 */
export function formatDuration(durationMs: number, locale: string): string {
  const seconds = Math.round(Math.max(0, durationMs) / 1000)
  const { list, ...unitFormats } = formats(locale)
  const amounts = {
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
  }
  const first = units.findIndex(unit => amounts[unit] > 0)
  const shown = first < 0 ? (['second'] as const) : units.slice(first, first + 2)
  return list.format(shown.map(unit => unitFormats[unit].format(amounts[unit])))
}
