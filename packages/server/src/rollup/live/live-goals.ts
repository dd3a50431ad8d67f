import type { GoalRow, WindowMinutes } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { type SlidingCount, createSlidingCount } from './sliding-count.ts'

/** Conversions and converted visitors of each goal, in sliding windows. */
export interface LiveGoals {
  /**
   * Counts that a visitor reached a goal. Returns `false` when the goal already had `maxVisitors` visitors, so that the
   * visitor with the earliest time was evicted.
   */
  add(goal: string, visitor: string, at: number): boolean
  advance(now: number): void
  /** Returns the goals by count, then by name. Returns the same array until a count may have changed. */
  within(minutes: WindowMinutes): GoalRow[]
  write(writer: ByteWriter): void
  /** Restores the bytes of `write`, and the time at which they were written. */
  read(reader: ByteReader): void
}

interface Goal {
  /** Each time that the goal was reached. */
  readonly times: SlidingCount
  /** Each visitor once, at the latest time. */
  readonly latestTimes: SlidingCount
  /** Latest time of each visitor, roughly in ascending order. */
  readonly visitors: Map<string, number>
}

/** Length of the longest window, in milliseconds. */
const longestMs = 60 * 60_000

export function createLiveGoals(maxVisitors: number): LiveGoals {
  const goals = new Map<string, Goal>()
  /** Cached results of `within`. Every possible change of a count clears them. */
  const rows = new Map<WindowMinutes, GoalRow[]>()
  let now = 0

  function goalOf(name: string): Goal {
    const existing = goals.get(name)
    if (existing) return existing
    const goal = {
      times: createSlidingCount(),
      latestTimes: createSlidingCount(),
      visitors: new Map(),
    }
    goal.times.advance(now)
    goal.latestTimes.advance(now)
    goals.set(name, goal)
    return goal
  }

  /** Evicts the first visitor if the goal is full. Returns whether there was room before. */
  function evictWhenFull({ visitors, latestTimes }: Goal): boolean {
    if (visitors.size < maxVisitors) return true
    for (const [visitor, at] of visitors) {
      visitors.delete(visitor)
      latestTimes.remove(at)
      return false
    }
    return true
  }

  function expireVisitors({ visitors }: Goal): void {
    for (const [visitor, at] of visitors) {
      if (at + longestMs > now) return
      visitors.delete(visitor)
    }
  }

  return {
    add(name, visitor, at) {
      if (at + longestMs <= now) return true
      const goal = goalOf(name)
      rows.clear()
      goal.times.add(at)
      const latest = goal.visitors.get(visitor)
      if (latest !== undefined && latest >= at) return true
      const hadRoom = latest !== undefined || evictWhenFull(goal)
      if (latest !== undefined) goal.latestTimes.remove(latest)
      goal.visitors.delete(visitor)
      goal.visitors.set(visitor, at)
      goal.latestTimes.add(at)
      return hadRoom
    },
    advance(time) {
      if (Math.floor(time / 1000) !== Math.floor(now / 1000)) rows.clear()
      now = time
      for (const [name, goal] of goals) {
        goal.times.advance(time)
        goal.latestTimes.advance(time)
        expireVisitors(goal)
        if (goal.times.isEmpty()) goals.delete(name)
      }
    },
    within(minutes) {
      const cached = rows.get(minutes)
      if (cached) return cached
      const current = toRows(goals, minutes)
      rows.set(minutes, current)
      return current
    },
    write(writer) {
      writer.uint(now)
      writer.uint(goals.size)
      for (const [name, { times, latestTimes, visitors }] of goals) {
        writer.text(name)
        times.write(writer)
        latestTimes.write(writer)
        writer.uint(visitors.size)
        for (const [visitor, at] of visitors) {
          writer.text(visitor)
          writer.uint(at)
        }
      }
    },
    read(reader) {
      now = reader.uint()
      for (let goalsLeft = reader.uint(); goalsLeft > 0; goalsLeft--) {
        const goal = goalOf(reader.text())
        goal.times.read(reader)
        goal.latestTimes.read(reader)
        for (let visitorsLeft = reader.uint(); visitorsLeft > 0; visitorsLeft--) {
          goal.visitors.set(reader.text(), reader.uint())
        }
      }
      rows.clear()
    },
  }
}

function toRows(goals: ReadonlyMap<string, Goal>, minutes: WindowMinutes): GoalRow[] {
  return [...goals]
    .map(([goal, { times, latestTimes }]) => ({
      goal,
      count: times.within(minutes),
      visitors: latestTimes.within(minutes),
    }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count || (a.goal < b.goal ? -1 : 1))
}
