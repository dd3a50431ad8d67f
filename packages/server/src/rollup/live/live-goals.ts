import type { GoalRow, WindowMinutes } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { type SlidingCount, createSlidingCount } from './sliding-count.ts'

/**
 * How often each goal was reached in the last minutes and by how many visitors, each window sliding by
 * whole seconds.
 */
export interface LiveGoals {
  /** Whether the visitor is remembered; the bound forgets who reached the goal longest ago. */
  add(goal: string, visitor: string, at: number): boolean
  advance(now: number): void
  /** Most first, ties by name. The same array until a count may have changed. */
  within(minutes: WindowMinutes): GoalRow[]
  write(writer: ByteWriter): void
  /** Takes in what another has written, at the time that it was at. */
  read(reader: ByteReader): void
}

interface Goal {
  readonly times: SlidingCount
  /** Each visitor once, when they reached it last. */
  readonly lastTimes: SlidingCount
  /** Nearly in the order of these times. */
  readonly visitors: Map<string, number>
}

const longestMs = 60 * 60_000

export function createLiveGoals(maxVisitors: number): LiveGoals {
  const goals = new Map<string, Goal>()
  // Emptied by whatever may change a count.
  const rows = new Map<WindowMinutes, GoalRow[]>()
  let now = 0

  function goalOf(name: string): Goal {
    const known = goals.get(name)
    if (known) return known
    const goal = {
      times: createSlidingCount(),
      lastTimes: createSlidingCount(),
      visitors: new Map(),
    }
    goal.times.advance(now)
    goal.lastTimes.advance(now)
    goals.set(name, goal)
    return goal
  }

  function makeRoom({ visitors, lastTimes }: Goal): boolean {
    if (visitors.size < maxVisitors) return true
    for (const [oldest, at] of visitors) {
      visitors.delete(oldest)
      lastTimes.remove(at)
      return false
    }
    return true
  }

  function forget({ visitors }: Goal): void {
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
      const last = goal.visitors.get(visitor)
      if (last !== undefined && last >= at) return true
      const hadRoom = last !== undefined || makeRoom(goal)
      if (last !== undefined) goal.lastTimes.remove(last)
      goal.visitors.delete(visitor)
      goal.visitors.set(visitor, at)
      goal.lastTimes.add(at)
      return hadRoom
    },
    advance(time) {
      if (Math.floor(time / 1000) !== Math.floor(now / 1000)) rows.clear()
      now = time
      for (const [name, goal] of goals) {
        goal.times.advance(time)
        goal.lastTimes.advance(time)
        forget(goal)
        if (goal.times.isEmpty()) goals.delete(name)
      }
    },
    within(minutes) {
      const known = rows.get(minutes)
      if (known) return known
      const counted = [...goals]
        .map(([goal, { times, lastTimes }]) => ({
          goal,
          count: times.within(minutes),
          visitors: lastTimes.within(minutes),
        }))
        .filter(({ count }) => count > 0)
        .toSorted((a, b) => b.count - a.count || (a.goal < b.goal ? -1 : 1))
      rows.set(minutes, counted)
      return counted
    },
    write(writer) {
      writer.uint(now)
      writer.uint(goals.size)
      for (const [name, { times, lastTimes, visitors }] of goals) {
        writer.text(name)
        times.write(writer)
        lastTimes.write(writer)
        writer.uint(visitors.size)
        for (const [visitor, at] of visitors) {
          writer.text(visitor)
          writer.uint(at)
        }
      }
    },
    read(reader) {
      now = reader.uint()
      for (let left = reader.uint(); left > 0; left--) {
        const goal = goalOf(reader.text())
        goal.times.read(reader)
        goal.lastTimes.read(reader)
        for (let more = reader.uint(); more > 0; more--) {
          goal.visitors.set(reader.text(), reader.uint())
        }
      }
      rows.clear()
    },
  }
}
