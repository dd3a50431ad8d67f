import type { Granularity } from '../fetchMetrics/metrics.ts'
import { memoizeByLocale } from '../text/locale.ts'
import type { ZoneOffset } from './time-zone.ts'

/** Texts of times on an axis, in a tooltip and in a table. */
export interface TimeLabels {
  /** Short text below the axis: `10:05`, or `Nov 24` at midnight. */
  tick(at: number): string
  /** Complete text: `Tue, Nov 24, 10:05 AM`. */
  full(at: number): string
}

type Options = Readonly<Intl.DateTimeFormatOptions>

const clock: Options = { hour: 'numeric', minute: '2-digit' }
const date: Options = { month: 'short', day: 'numeric' }

const tickOptions: Readonly<Record<Granularity, Options>> = {
  second: { ...clock, second: '2-digit' },
  minute: clock,
  hour: clock,
  day: date,
}

const fullOptions: Readonly<Record<Granularity, Options>> = {
  second: { ...clock, second: '2-digit' },
  minute: { weekday: 'short', ...date, ...clock },
  hour: { weekday: 'short', ...date, ...clock },
  day: { weekday: 'short', ...date, year: 'numeric' },
}

const monthOptions: Options = { month: 'short', year: 'numeric' }

const formats = memoizeByLocale(locale => {
  const byOptions = new Map<Options, Intl.DateTimeFormat>()
  return (options: Options): Intl.DateTimeFormat => {
    const existing = byOptions.get(options)
    if (existing) return existing
    // Times are shifted by the offset of their zone, and then written as UTC.
    const created = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' })
    byOptions.set(options, created)
    return created
  }
})

const dayMs = 86_400_000
/** From this length on, labels at the start of a month show month and year. */
const longSpanMs = 180 * dayMs

/** @param spanMs length of the range, in milliseconds */
export function timeLabels(
  granularity: Granularity,
  locale: string,
  offset: ZoneOffset,
  spanMs: number,
): TimeLabels {
  const format = formats(locale)
  return {
    tick(at) {
      const wall = at + offset(at)
      const isMidnight = wall % dayMs === 0
      if (granularity === 'day' && spanMs >= longSpanMs && new Date(wall).getUTCDate() === 1)
        return format(monthOptions).format(wall)
      return format(isMidnight ? date : tickOptions[granularity]).format(wall)
    },
    full: at => format(fullOptions[granularity]).format(at + offset(at)),
  }
}
