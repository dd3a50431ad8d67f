import type { SeriesRow } from '@tidemark/protocol'
import { startOfMinute } from '../history/open-buckets.ts'
import type { BucketTotals } from '../history/stored-totals.ts'

const minuteMs = 60_000
/** Minutes in the live series, including the current one. */
const seriesMinutes = 60

/** Live series of the last hour by minute. Only minutes that have changed are read again. */
export interface MinuteSeries {
  /** Reports that the minute that contains `at` has changed. */
  invalidate(at: number): void
  advance(now: number): void
  /** Returns the minutes of the last hour that have events. Returns the same array until a row may have changed. */
  rows(): readonly SeriesRow[]
}

const emptyRows: readonly SeriesRow[] = []

/** @param read reads the totals of all non-empty minutes that start in `[from, to)`, in order */
export function createMinuteSeries(
  read: (from: number, to: number) => readonly BucketTotals[],
): MinuteSeries {
  const rowsByMinute = new Map<number, SeriesRow>()
  const changed = new Set<number>()
  let rows: readonly SeriesRow[] | undefined
  let currentMinute = -Infinity
  let hasRead = false
  let lastChanged: number | undefined

  const firstMinute = (): number => currentMinute - (seriesMinutes - 1) * minuteMs

  function store(minutes: readonly BucketTotals[]): void {
    for (const minute of minutes) {
      const row = toRow(minute)
      // A minute can consist of bot events or of a session that moved to another start. It has no row then.
      if (row.events > 0) rowsByMinute.set(row.at, row)
    }
  }

  function refresh(): SeriesRow[] {
    // The first read loads the whole hour, which includes minutes that were stored before a restart.
    if (!hasRead) store(read(firstMinute(), currentMinute + minuteMs))
    else for (const start of changed) store(read(start, start + minuteMs))
    hasRead = true
    changed.clear()
    lastChanged = undefined
    for (const start of rowsByMinute.keys()) if (start < firstMinute()) rowsByMinute.delete(start)
    return [...rowsByMinute.values()].toSorted((a, b) => a.at - b.at)
  }

  return {
    invalidate(at) {
      const start = startOfMinute(at)
      if (start === lastChanged || start < firstMinute()) return
      lastChanged = start
      changed.add(start)
      rows = undefined
    },
    advance(now) {
      const minute = startOfMinute(now)
      if (minute === currentMinute) return
      currentMinute = minute
      rows = undefined
    },
    rows() {
      // Before the first `advance` there is no last hour.
      if (currentMinute === -Infinity) return emptyRows
      rows ??= refresh()
      return rows
    },
  }
}

function toRow({ start, totals }: BucketTotals): SeriesRow {
  const { events, pageViews, visitors } = totals
  return { at: start, events, pageViews, visitors: visitors.count() }
}
