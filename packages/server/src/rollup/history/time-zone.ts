import { type OffsetAt, createOffsetAt, findPeriods } from './zone-offsets.ts'

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs

/** Length of a block. Each block caches the offset changes in it. */
const blockMs = 32 * dayMs

/** Extra time that is read around a block: longer than any day, also next to a skipped date. */
const marginMs = 4 * dayMs

/** Most cached blocks of a zone: 180 years. */
const maxBlocks = 2048

/**
 * Hours and days of a time zone, as UTC times in milliseconds since 1970. An hour lasts from one full hour of the
 * local clock to the next, and is cut where the clock changes. A day lasts from the first moment of a local date to
 * the first moment of the next. A day thus consists of whole hours, mostly 24, and every hour is in exactly one day,
 * also when clocks change or a date is skipped.
 */
export interface TimeZone {
  /** Returns the start of the hour that contains a time. */
  startOfHour(at: number): number
  /** Returns the end of that hour, which is the start of the next hour. */
  endOfHour(at: number): number
  /** Returns the start of the day that contains a time. */
  startOfDay(at: number): number
  /** Returns the end of that day, which is the start of the next day. */
  endOfDay(at: number): number
  /**
   * Returns the start of a local date, or of the next date if that one was skipped.
   * @param date days since 1970-01-01
   */
  startOfDate(date: number): number
  /** Returns the local date of the day that contains a time, in days since 1970-01-01. */
  dateOf(at: number): number
}

/** A period of constant offset. */
interface Period {
  readonly from: number
  readonly offset: number
  /**
   * The local date just before the period, in days since 1970, and the start of that day. When clocks go back over
   * midnight, the repeated end of the earlier date belongs to the later day.
   */
  readonly lastDate: number
  readonly lastDayStart: number
  next: Period | undefined
}

/**
 * Creates the calendar of a time zone.
 * @param name IANA name, such as `Europe/Berlin`. @default 'UTC'
 * @throws {TypeError} for a name that is not in the IANA database
 */
export function createTimeZone(name: string = 'UTC'): TimeZone {
  const offsetAt = createOffsetAt(name)
  const blocks = new Map<number, Period>()
  // Nearly all times are in the block of the previous time.
  let block: Period | undefined
  let blockIndex = NaN

  function firstPeriodOf(index: number): Period {
    const known = blocks.get(index)
    if (known) return known
    if (blocks.size >= maxBlocks) blocks.clear()
    const first = linkPeriods(
      offsetAt,
      index * blockMs - marginMs,
      (index + 1) * blockMs + marginMs,
    )
    blocks.set(index, first)
    return first
  }

  function periodAt(at: number): Period {
    const index = Math.floor(at / blockMs)
    if (!block || index !== blockIndex) {
      block = firstPeriodOf(index)
      blockIndex = index
    }
    let period = block
    while (period.next && period.next.from <= at) period = period.next
    return period
  }

  const localDate = (at: number): number => latestDate(periodAt(at), at)

  const zone: TimeZone = {
    startOfHour(at) {
      const period = periodAt(at)
      return Math.max(period.from, fullHourBefore(period, at))
    },
    endOfHour(at) {
      const period = periodAt(at)
      return Math.min(endOf(period), fullHourBefore(period, at) + hourMs)
    },
    startOfDay: at => dayStartIn(periodAt(at), at),
    endOfDay(at) {
      let period = periodAt(at)
      const date = latestDate(period, at) + 1
      while (period.next && firstMoment(period, date) >= period.next.from) period = period.next
      return firstMoment(period, date)
    },
    startOfDate(date) {
      // Noon in UTC is within that date or an adjacent one.
      let at = zone.startOfDay(date * dayMs + dayMs / 2)
      while (localDate(at) > date) at = zone.startOfDay(at - 1)
      while (localDate(at) < date) at = zone.endOfDay(at)
      return at
    },
    dateOf: localDate,
  }
  return zone
}

function linkPeriods(offsetAt: OffsetAt, from: number, to: number): Period {
  const [start, ...changes] = findPeriods(offsetAt, from, to)
  if (!start) throw new RangeError(`The range from ${from} to ${to} has no offset.`)
  const first: Period = { ...start, lastDate: -Infinity, lastDayStart: -Infinity, next: undefined }
  let last = first
  for (const change of changes) {
    const before = change.from - 1
    last.next = {
      ...change,
      lastDate: latestDate(last, before),
      lastDayStart: dayStartIn(last, before),
      next: undefined,
    }
    last = last.next
  }
  return first
}

function endOf({ next }: Period): number {
  return next?.from ?? Infinity
}

/** Returns the last full hour of the local clock up to a time, as if the period had begun earlier. */
function fullHourBefore({ offset }: Period, at: number): number {
  return Math.floor((at + offset) / hourMs) * hourMs - offset
}

/** Returns the local date at a time, in days since 1970. */
function dateOf({ offset }: Period, at: number): number {
  return Math.floor((at + offset) / dayMs)
}

/** Returns the latest local date up to a time. */
function latestDate(period: Period, at: number): number {
  return Math.max(period.lastDate, dateOf(period, at))
}

/** Returns the first moment of a new date in a period, as if the period had no end. */
function firstMoment({ from, offset }: Period, date: number): number {
  return Math.max(from, date * dayMs - offset)
}

/** Returns the start of the day that contains a time of the period. */
function dayStartIn(period: Period, at: number): number {
  const date = dateOf(period, at)
  return date <= period.lastDate ? period.lastDayStart : firstMoment(period, date)
}
