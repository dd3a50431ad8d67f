import type { SeriesRow } from '@tidemark/protocol'
import type { BucketTotals } from '../history/stored-totals.ts'
import { startOfMinute } from '../history/open-minutes.ts'

const minuteMs = 60_000
/** Minutes that the live series shows, the present one among them. */
const seriesMinutes = 60

/** The last hour by minutes, as it is live; a minute is read again only when something happened in it. */
export interface MinuteSeries {
  /** Says that something happened in the minute that holds a time. */
  invalidate(at: number): void
  advance(now: number): void
  /** The minutes of the last hour in which something happened. The same array until that changes. */
  rows(): readonly SeriesRow[]
}

const none: readonly SeriesRow[] = []

/** @param read reads the totals of the minutes of `[from, to)` in which something happened, in order */
export function createMinuteSeries(
  read: (from: number, to: number) => readonly BucketTotals[],
): MinuteSeries {
  const known = new Map<number, SeriesRow>()
  const touched = new Set<number>()
  let rows: readonly SeriesRow[] | undefined
  let last = -Infinity
  let isRead = false
  let lastTouched: number | undefined

  const first = (): number => last - (seriesMinutes - 1) * minuteMs

  function take(minutes: readonly BucketTotals[]): void {
    for (const minute of minutes) {
      const row = toRow(minute)
      // A minute may hold bots, or the move of a session's beginning, and nothing to show.
      if (row.events > 0) known.set(row.at, row)
    }
  }

  function refresh(): SeriesRow[] {
    // What was kept before a start is asked for by whoever looks first.
    if (!isRead) take(read(first(), last + minuteMs))
    else for (const start of touched) take(read(start, start + minuteMs))
    isRead = true
    touched.clear()
    lastTouched = undefined
    for (const start of known.keys()) if (start < first()) known.delete(start)
    return [...known.values()].toSorted((a, b) => a.at - b.at)
  }

  return {
    invalidate(at) {
      const start = startOfMinute(at)
      if (start === lastTouched || start < first()) return
      lastTouched = start
      touched.add(start)
      rows = undefined
    },
    advance(now) {
      const minute = startOfMinute(now)
      if (minute === last) return
      last = minute
      rows = undefined
    },
    rows() {
      // There is no last hour before there is a time.
      if (last === -Infinity) return none
      rows ??= refresh()
      return rows
    },
  }
}

function toRow({ start, totals }: BucketTotals): SeriesRow {
  const { events, pageViews, visitors } = totals
  return { at: start, events, pageViews, visitors: visitors.count() }
}
