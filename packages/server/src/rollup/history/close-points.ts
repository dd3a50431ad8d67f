import { type Calendar, type Tier, startOfSpan } from './tier.ts'

/** Times before which all hours and days are closed: stored as buckets that were merged from finer ones. */
export interface ClosedBefore {
  hour: number
  day: number
}

/** The close points of a site. They never move back. */
export interface ClosePoints {
  readonly current: ClosedBefore
  /** Returns the close points for a checkpoint. A day closes with its last hour. */
  next(now: number): ClosedBefore
  set(next: ClosedBefore): void
  /**
   * Returns the start of the stored bucket that contains a time: the start of its span, or the last close point up to
   * that time if that is later. They differ only where the time zone has changed since. A bucket then lies on one side
   * of the close point, so buckets of the new zone replace none of the old zone.
   */
  startOfStored(tier: Tier, at: number): number
}

/** Time between the end of an hour and its close, for events in transit, in milliseconds. */
const closeDelayMs = 2 * 60_000

export function createClosePoints(
  calendar: Calendar,
  restored: ClosedBefore = { hour: 0, day: 0 },
): ClosePoints {
  let current = restored

  return {
    get current() {
      return current
    },
    next(now) {
      const hour = Math.max(current.hour, calendar.startOfHour(now - closeDelayMs))
      return { hour, day: Math.max(current.day, calendar.startOfDay(hour)) }
    },
    set(next) {
      current = next
    },
    startOfStored(tier, at) {
      const start = startOfSpan(tier, at, calendar)
      if (tier === 'minute') return start
      // A day closes with its last hour, so its close point is never later.
      const { hour, day } = current
      if (tier === 'hour' && hour <= at) return Math.max(start, hour)
      return day <= at ? Math.max(start, day) : start
    },
  }
}
