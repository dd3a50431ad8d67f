import {
  type EventRow,
  type FeedEntry,
  type GoalRow,
  type ValueRow,
  type WindowMinutes,
  eventNames,
  isMeasurement,
} from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { type OverflowCounts, type RollupBounds, countOverflow } from '../bounds.ts'
import type { SiteEvent } from '../event.ts'
import { createFeed } from './feed.ts'
import { createLiveCounts } from './live-counts.ts'
import { createLiveGoals } from './live-goals.ts'
import { createLiveValues } from './live-values.ts'
import { memoizeRowsByWindow } from './memoize-rows.ts'
import { createSlidingCount } from './sliding-count.ts'

/** Live figures of the last hour. Each list is the same array until a row of it may have changed. */
export interface LiveRows {
  pageViews(minutes: WindowMinutes): number
  /** Events by name without measurements, most frequent first. */
  events(minutes: WindowMinutes): EventRow[]
  /** Goals reached, most frequent first. */
  goals(minutes: WindowMinutes): GoalRow[]
  /** Aggregates of event values in the last 1, 5 and 60 seconds, by event name. */
  values(): ValueRow[]
  /** The latest events, newest first. */
  recentEvents(): readonly FeedEntry[]
}

/** Counts events in sliding windows and keeps the latest ones for the feed. */
export interface LiveState {
  readonly rows: LiveRows
  /**
   * Counts an event group, a number of events that differ only in page and value.
   * @param event first event of the group
   * @param times number of events in the group
   */
  countGroup(event: SiteEvent, times: number): void
  /** Aggregates the value of one event, if the event has a value. */
  addValue(event: SiteEvent): void
  /**
   * Adds events of one log record to the feed.
   * @param offset offset of the record in the log; it becomes part of each entry's id
   */
  addToFeed(offset: number, events: readonly SiteEvent[]): void
  /** Slides all windows to the time `now`. */
  advance(now: number): void
  /** Returns whether no window contains an event, so that advancing the time changes no row. */
  isEmpty(): boolean
  write(writer: ByteWriter): void
  /** Restores the bytes of `write` into an empty state. */
  read(reader: ByteReader): void
}

export function createLiveState(bounds: RollupBounds, overflow: OverflowCounts): LiveState {
  const feed = createFeed(bounds.maxFeedEntries)
  const pageViews = createSlidingCount()
  const names = createLiveCounts(bounds.maxLiveNames, bounds.maxListRows, isMeasurement)
  const goals = createLiveGoals(bounds.maxGoalVisitors)
  const values = createLiveValues(bounds.maxValueNames)
  const parts = [feed, pageViews, names, goals, values]

  return {
    rows: {
      pageViews: pageViews.within,
      events: memoizeRowsByWindow(names.within, ({ name, count }) => ({ name, count })),
      goals: goals.within,
      values: values.rows,
      recentEvents: feed.entries,
    },
    countGroup(event, times) {
      const { name, at, sender } = event
      if (!names.add(name, at, times)) countOverflow(overflow, 'live_names', times)
      for (const goal of event.goals) {
        if (!goals.add(goal, sender.visitor, at)) countOverflow(overflow, 'goal_visitors')
      }
      if (name === eventNames.pageView) pageViews.add(at, times)
    },
    addValue({ name, value, at }) {
      if (value !== undefined) values.add(name, value, at)
    },
    addToFeed: feed.add,
    advance(now) {
      pageViews.advance(now)
      names.advance(now)
      goals.advance(now)
      values.advance(now)
    },
    isEmpty: names.isEmpty,
    write(writer) {
      for (const part of parts) part.write(writer)
    },
    read(reader) {
      for (const part of parts) part.read(reader)
    },
  }
}
