import { memoizeByLocale } from './locale.ts'

const units = ['hour', 'minute', 'second'] as const
type Unit = (typeof units)[number]

/** Symbols of the units that may be used with those of the SI. */
const symbols: Readonly<Record<Unit, string>> = { hour: 'h', minute: 'min', second: 's' }

/**
 * The narrow form suits most languages. In Japanese a minute is then `1m`, and in German `1 Min.`, which is too long for
 * a card.
 */
const formats = memoizeByLocale(locale => {
  const numbers = new Intl.NumberFormat(locale)
  const unitDisplay = /^ja\b/.test(locale) ? 'short' : 'narrow'
  const formatOf = (unit: Unit): ((amount: number) => string) => {
    if (/^de\b/.test(locale)) return amount => `${numbers.format(amount)}\u00a0${symbols[unit]}`
    const format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay })
    return amount => format.format(amount)
  }
  const list = new Intl.ListFormat(locale, { type: 'unit', style: 'narrow' })
  return {
    ...{ hour: formatOf('hour'), minute: formatOf('minute'), second: formatOf('second') },
    join: (parts: string[]) => (/^de\b/.test(locale) ? parts.join(' ') : list.format(parts)),
  }
})

/**
 * Formats a duration with its two largest units: `134_000` → `"2m 14s"`, `41_000` → `"41s"`.
 * @param durationMs a negative one counts as 0
 */
export function formatDuration(durationMs: number, locale: string): string {
  const seconds = Math.round(Math.max(0, durationMs) / 1000)
  const { join, ...unitFormats } = formats(locale)
  const amounts = {
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
  }
  const first = units.findIndex(unit => amounts[unit] > 0)
  const shown = first < 0 ? (['second'] as const) : units.slice(first, first + 2)
  return join(shown.map(unit => unitFormats[unit](amounts[unit])))
}
