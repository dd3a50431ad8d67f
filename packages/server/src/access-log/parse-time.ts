import { memoizeLast } from '../shared/memoize-last.ts'

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
const midnightOf = memoizeLast((date: string): number | undefined => {
  const monthIndex = months.indexOf(date.slice(3, 6))
  if (monthIndex % 3 !== 0) return undefined
  const month = monthIndex / 3
  const midnight = Date.UTC(Number(date.slice(7)), month, Number(date.slice(0, 2)))
  return new Date(midnight).getUTCMonth() === month ? midnight : undefined
})

const zoneMinutes = memoizeLast((zone: string): number => {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3))
  return zone.startsWith('-') ? -minutes : minutes
})
