const pattern =
  /^(\d{2})\/([A-Z][a-z]{2})\/((?:19|[2-9]\d)\d{2}):([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60) ([+-])([01]\d|2[0-3])([0-5]\d)$/

const months = 'JanFebMarAprMayJunJulAugSepOctNovDec'

/**
 * Reads the time of a log line: `17/May/2015:10:05:03 +0200` → milliseconds since 1970.
 * A leap second (`:60`) is the first second of the next minute. `undefined` for anything else, and for
 * days that no month has.
 */
export function parseLogTime(text: string): number | undefined {
  const match = pattern.exec(text)
  if (!match) return undefined
  const [, day, monthName = '', year, hour, minute, second, sign, zoneHours, zoneMinutes] = match
  const monthAt = months.indexOf(monthName)
  if (monthAt % 3 !== 0) return undefined
  const month = monthAt / 3
  const midnight = Date.UTC(Number(year), month, Number(day))
  if (new Date(midnight).getUTCMonth() !== month) return undefined
  const offsetMinutes = Number(zoneHours) * 60 + Number(zoneMinutes)
  const minutes = Number(hour) * 60 + Number(minute) - Number(`${sign}1`) * offsetMinutes
  return midnight + minutes * 60_000 + Number(second) * 1000
}
