import { memoizeByLocale } from '../text/locale.ts'

const units = memoizeByLocale(locale => ({
  second: new Intl.NumberFormat(locale, { style: 'unit', unit: 'second' }),
  minute: new Intl.NumberFormat(locale, { style: 'unit', unit: 'minute' }),
}))

/** Formats a time to wait, rounded up to seconds, or to minutes from 100 seconds: `5 sec`, `2 min`. */
export function formatWait(waitMs: number, locale: string): string {
  const seconds = Math.ceil(waitMs / 1000)
  const { second, minute } = units(locale)
  return seconds < 100 ? second.format(seconds) : minute.format(Math.ceil(seconds / 60))
}
