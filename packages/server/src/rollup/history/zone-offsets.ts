const minuteMs = 60_000

/**
 * Distance between lookups of an offset when searching for changes. Since 1970 no zone has changed its offset twice
 * within six days, and no current rule does, so the search misses no change.
 */
const stepMs = 2 * 24 * 60 * minuteMs

/** Returns the offset of a zone from UTC at a time, in milliseconds; positive east of Greenwich. */
export type OffsetAt = (at: number) => number

/** A period of constant offset, from `from` to the start of the next period. */
export interface OffsetPeriod {
  readonly from: number
  readonly offset: number
}

/**
 * Creates a function that reads the offsets of a time zone from the platform's IANA database. Offsets are whole
 * minutes. All zones have had whole minutes since 1972; Monrovia's earlier offset of -44:30 is rounded to -44:00.
 * @throws {TypeError} for a name that is not in the IANA database
 */
export function createOffsetAt(zone: string): OffsetAt {
  if (zone === 'UTC') return () => 0
  const format = createFormat(zone)
  return at => {
    const minute = Math.floor(at / minuteMs) * minuteMs
    const match = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(format.format(minute))
    // Plain `GMT` is offset 0.
    if (!match) return 0
    const [, sign, hours, minutes, seconds = 0] = match
    const length = Number(hours) * 60 + Number(minutes) + Math.floor(Number(seconds) / 60)
    return (sign === '-' ? -length : length) * minuteMs
  }
}

function createFormat(zone: string): Intl.DateTimeFormat {
  try {
    // The format needs a date field; the year is the shortest.
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      timeZoneName: 'longOffset',
      year: '2-digit',
    })
  } catch (error) {
    throw new TypeError(
      `${JSON.stringify(zone)} is not an IANA time zone; for example "Europe/Berlin" or "UTC".`,
      { cause: error },
    )
  }
}

/** Returns the periods of `[from, to)`, in order. The first one starts at `from`. */
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

/** Returns the first minute with another offset in `(from, to]`, by bisection. */
function findChange(offsetAt: OffsetAt, offset: number, from: number, to: number): number {
  let before = from
  let after = to
  while (after - before > minuteMs) {
    const middle = before + Math.floor((after - before) / 2 / minuteMs) * minuteMs
    if (offsetAt(middle) === offset) before = middle
    else after = middle
  }
  return after
}
