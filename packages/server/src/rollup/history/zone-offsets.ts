const minuteMs = 60_000

/**
 * How often an offset is looked up to see whether it changed. No zone has changed it twice within six
 * days since 1970, nor will by the rules there are, so none comes and goes in between.
 */
const stepMs = 2 * 24 * 60 * minuteMs

/** How far ahead of UTC the clocks of a zone are at a time, in milliseconds. */
export type OffsetAt = (at: number) => number

/** A time that begins with a change of the offset and goes on to the next one. */
export interface OffsetPeriod {
  readonly from: number
  readonly offset: number
}

/**
 * Reads the offsets of a time zone from the platform. They are whole minutes, as they all have been
 * since 1972; Monrovia's, which until then was 44 minutes and 30 seconds behind, is rounded to 44.
 * @throws {TypeError} for a name that is not one of the IANA database
 */
export function createOffsetAt(zone: string): OffsetAt {
  if (zone === 'UTC') return () => 0
  const format = createFormat(zone)
  return at => {
    const minute = Math.floor(at / minuteMs) * minuteMs
    const match = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(format.format(minute))
    // Plain `GMT` is an offset of nothing.
    if (!match) return 0
    const [, sign, hours, minutes, seconds = 0] = match
    const length = Number(hours) * 60 + Number(minutes) + Math.floor(Number(seconds) / 60)
    return (sign === '-' ? -length : length) * minuteMs
  }
}

function createFormat(zone: string): Intl.DateTimeFormat {
  try {
    // A date has to be in it, and the year is the shortest one.
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      timeZoneName: 'longOffset',
      year: '2-digit',
    })
  } catch (error) {
    throw new TypeError(
      `There is no time zone ${JSON.stringify(zone)}. ` +
        'Take a name of the IANA database, such as "Europe/Berlin", or "UTC".',
      { cause: error },
    )
  }
}

/** The periods of `[from, to)`, in order; the first is cut at `from`. */
export function findPeriods(offsetAt: OffsetAt, from: number, to: number): OffsetPeriod[] {
  let last = { from, offset: offsetAt(from) }
  const periods = [last]
  for (let at = from; at < to; at += stepMs) {
    const next = Math.min(at + stepMs, to)
    const offset = offsetAt(next)
    while (last.offset !== offset) {
      const start = findChange(offsetAt, last.offset, Math.max(at, last.from), next)
      last = { from: start, offset: offsetAt(start) }
      periods.push(last)
    }
  }
  return periods
}

/** The first minute that has another offset, in `(from, to]`. */
function findChange(offsetAt: OffsetAt, offset: number, from: number, to: number): number {
  let same = from
  let other = to
  while (other - same > minuteMs) {
    const middle = same + Math.floor((other - same) / 2 / minuteMs) * minuteMs
    if (offsetAt(middle) === offset) same = middle
    else other = middle
  }
  return other
}
