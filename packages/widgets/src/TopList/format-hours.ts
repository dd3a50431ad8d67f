import { memoizeByLocale } from '../text/locale.ts'

const format = memoizeByLocale(
  locale => new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }),
)

/** Formats a range of hours in the reader's time zone: `"1:00 – 3:00 PM"`. */
export function formatHours({ from, to }: { from: number; to: number }, locale: string): string {
  return format(locale).formatRange(from, to)
}
