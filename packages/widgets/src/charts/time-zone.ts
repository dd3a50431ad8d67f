/** Returns the offset of a time zone from UTC at a time, both in milliseconds. */
export type ZoneOffset = (at: number) => number

/** More hours than a chart of hours has; the cache is cleared when it is full. */
const maxCachedHours = 5000
const quarterMs = 900_000
const dayMs = 86_400_000

/**
 * Returns the offset of a zone.
 * @param timeZone IANA name; without a name, or with an invalid one, the zone of the reader
 */
export function zoneOffset(timeZone: string | undefined): ZoneOffset {
  const format = timeZone === undefined ? undefined : clockFormat(timeZone)
  if (!format) return at => -new Date(at).getTimezoneOffset() * 60_000
  const cache = new Map<number, number>()
  return at => {
    // Clocks change at quarters of an hour.
    const quarter = Math.floor(at / quarterMs)
    const cached = cache.get(quarter)
    if (cached !== undefined) return cached
    if (cache.size >= maxCachedHours) cache.clear()
    const offset = wallTime(format, quarter * quarterMs) - quarter * quarterMs
    cache.set(quarter, offset)
    return offset
  }
}

export function isTimeZone(timeZone: string): boolean {
  return clockFormat(timeZone) !== undefined
}

function clockFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return undefined
  }
}

/** Returns the time that a clock of the zone shows, as if it were UTC. */
function wallTime(format: Intl.DateTimeFormat, at: number): number {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
  return Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
}

/**
 * Returns the offset of the zone in which days start at these times. The server's days begin at its midnight, which is
 * another time, or another date, for the reader. Offsets from -10:45 to +13 hours are recognized.
 */
export function offsetOfDays(starts: readonly number[]): ZoneOffset {
  const offsets = new Map<number, number>()
  for (const at of starts) offsets.set(at, offsetOfMidnight(at))
  const usual = offsetOfMidnight(starts[0] ?? 0)
  return at => offsets.get(at) ?? usual
}

function offsetOfMidnight(at: number): number {
  const past = ((at % dayMs) + dayMs) % dayMs
  return past < 11 * 3_600_000 ? 0 - past : dayMs - past
}
