import { memoizeLast } from '../../shared/memoize-last.ts'

const pattern =
  /^(\d{2}\/[A-Z][a-z]{2}\/(?:19|[2-9]\d)\d{2}):([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60) ([+-](?:[01]\d|2[0-3])[0-5]\d)$/

const months = 'JanFebMarAprMayJunJulAugSepOctNovDec'

/**
 * Parses the time of a log line, such as `17/May/2015:10:05:03 +0200`, to milliseconds since 1970. A leap second
 * (`:60`) counts as the first second of the next minute. Returns `undefined` for any other text and for invalid dates.
 */
export function parseLogTime(text: string): number | undefined {
  const match = pattern.exec(text)
  if (!match) return undefined
  const [, date = '', hour, minute, second, zone = ''] = match
  const midnight = midnightOf(date)
  if (midnight === undefined) return undefined
  const minutes = Number(hour) * 60 + Number(minute) - zoneMinutes(zone)
  return midnight + minutes * 60_000 + Number(second) * 1000
}

/** Returns the start of a day in UTC. Memoized, because consecutive lines mostly have the same day and zone. */
const midnightOf = memoizeLast((date: string): number | undefined =>
  startOfDate(date.slice(7), monthOfName(date.slice(3, 6)), date.slice(0, 2)),
)

/** Returns the number of a month from 1; `undefined` for any other text than `Jan` to `Dec`. */
export function monthOfName(name: string): number | undefined {
  const index = months.indexOf(name)
  return name.length === 3 && index % 3 === 0 ? index / 3 + 1 : undefined
}

/** Returns the start of a day in UTC; `undefined` for a date that does not exist. */
export function startOfDate(
  year: string | number,
  month: string | number | undefined,
  day: string | number,
): number | undefined {
  const index = Number(month) - 1
  const midnight = Date.UTC(Number(year), index, Number(day))
  return new Date(midnight).getUTCMonth() === index ? midnight : undefined
}

/** Returns the offset of a zone in minutes: `+0200`, `-05:30` or `Z`. */
export const zoneMinutes: (zone: string) => number = memoizeLast((zone: string): number => {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  if (zone.length < 5) return 0
  return zone.startsWith('-') ? -minutes : minutes
})
