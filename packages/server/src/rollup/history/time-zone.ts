import { type OffsetAt, createOffsetAt, findPeriods } from './zone-offsets.ts'

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs

/** Times are looked up by blocks of this length, which have their changes of offset ready. */
const blockMs = 32 * dayMs

/** What is looked at around a block: longer than any day, also one that is next to a date left out. */
const marginMs = 4 * dayMs

/** Blocks that a zone remembers: 180 years. */
const maxBlocks = 2048

/**
 * The hours and days of a time zone, as the UTC times in milliseconds at which they start and end. An
 * hour goes from one full hour of the local clock to the next and is cut where the clock is changed. A
 * day goes from the first moment of a local date to that of the next, so it is made of whole hours:
 * mostly 24 of them, and none is missing or in two days when clocks change or a date is left out.
 */
export interface TimeZone {
  /** Start of the hour that holds a time. */
  startOfHour(at: number): number
  /** End of the hour that holds a time, which is the start of the next one. */
  endOfHour(at: number): number
  /** Start of the day that holds a time. */
  startOfDay(at: number): number
  /** End of the day that holds a time, which is the start of the next one. */
  endOfDay(at: number): number
  /**
   * When a local date begins, or the next one where that date was left out.
   * @param date as days since 1970-01-01
   */
  startOfDate(date: number): number
}

/** A time without a change of offset. */
interface Period {
  readonly from: number
  readonly offset: number
  /**
   * The day that was going on before it, as a number counted from 1970, and when it started. Clocks that
   * go back over midnight show that date's end a second time, and it still is the later day.
   */
  readonly lastDate: number
  readonly lastDay: number
  next: Period | undefined
}

/**
 * @param name of the IANA database, such as `Europe/Berlin`
 * @throws {TypeError} for a name that is not one
 */
export function createTimeZone(name: string = 'UTC'): TimeZone {
  const offsetAt = createOffsetAt(name)
  const blocks = new Map<number, Period>()
  // Nearly all times are in the block of the one before.
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
      return Math.max(period.from, fullHourOf(period, at))
    },
    endOfHour(at) {
      const period = periodAt(at)
      return Math.min(endOf(period), fullHourOf(period, at) + hourMs)
    },
    startOfDay: at => dayIn(periodAt(at), at),
    endOfDay(at) {
      let period = periodAt(at)
      const date = latestDate(period, at) + 1
      while (period.next && firstMoment(period, date) >= period.next.from) period = period.next
      return firstMoment(period, date)
    },
    startOfDate(date) {
      // Noon in UTC is in that date, or in one beside it.
      let at = zone.startOfDay(date * dayMs + dayMs / 2)
      while (localDate(at) > date) at = zone.startOfDay(at - 1)
      while (localDate(at) < date) at = zone.endOfDay(at)
      return at
    },
  }
  return zone
}

function linkPeriods(offsetAt: OffsetAt, from: number, to: number): Period {
  const [start, ...changes] = findPeriods(offsetAt, from, to)
  if (!start) throw new RangeError('There is no time to look at.')
  const first: Period = { ...start, lastDate: -Infinity, lastDay: -Infinity, next: undefined }
  let last = first
  for (const change of changes) {
    const before = change.from - 1
    last.next = {
      ...change,
      lastDate: latestDate(last, before),
      lastDay: dayIn(last, before),
      next: undefined,
    }
    last = last.next
  }
  return first
}

function endOf({ next }: Period): number {
  return next?.from ?? Infinity
}

/** When the local clock last showed a full hour, also if it was changed since. */
function fullHourOf({ offset }: Period, at: number): number {
  return Math.floor((at + offset) / hourMs) * hourMs - offset
}

/** The local date at a time, as days since 1970. */
function dateOf({ offset }: Period, at: number): number {
  return Math.floor((at + offset) / dayMs)
}

/** The latest local date that there was up to a time. */
function latestDate(period: Period, at: number): number {
  return Math.max(period.lastDate, dateOf(period, at))
}

/** When a date that has not been before first is in a period, or would be if it went on. */
function firstMoment({ from, offset }: Period, date: number): number {
  return Math.max(from, date * dayMs - offset)
}

function dayIn(period: Period, at: number): number {
  const date = dateOf(period, at)
  return date <= period.lastDate ? period.lastDay : firstMoment(period, date)
}
