import { type GoalRow, windowMinutes } from '@tidemark/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { type LiveGoals, createLiveGoals } from './live-goals.ts'

const start = 1_700_000_040_000
const minuteMs = 60_000
const hourMs = 60 * minuteMs

function createStarted(maxVisitors = 100): LiveGoals {
  const goals = createLiveGoals(maxVisitors)
  goals.advance(start)
  return goals
}

function bytesOf(goals: LiveGoals): Uint8Array {
  const writer = createByteWriter()
  goals.write(writer)
  return writer.finish()
}

/** Writes goals and reads the bytes into new ones. */
function restart(goals: LiveGoals, maxVisitors = 100): LiveGoals {
  const restored = createLiveGoals(maxVisitors)
  restored.read(createByteReader(bytesOf(goals)))
  return restored
}

interface Reached {
  goal: string
  visitor: string
  at: number
}

/** Counts the rows from all events. */
function rowsOf(all: readonly Reached[], now: number, minutes: number): GoalRow[] {
  const recent = all.filter(
    ({ at }) => Math.floor(now / 1000) - Math.floor(at / 1000) < minutes * 60,
  )
  return [...Map.groupBy(recent, ({ goal }) => goal)]
    .map(([goal, times]) => {
      const visitors = new Set(times.map(({ visitor }) => visitor))
      return { goal, count: times.length, visitors: visitors.size }
    })
    .toSorted((a, b) => b.count - a.count || (a.goal < b.goal ? -1 : 1))
}

describe('LiveGoals', () => {
  it('agree with a simple model in every window, for events in any order and after any restart', () => {
    const reached = fc.record({
      goal: fc.constantFrom('Joined', 'Paid', '__proto__'),
      visitor: fc.constantFrom('a', 'b', 'c'),
      ageMs: fc.oneof(fc.nat(3000), fc.nat(3_700_000), fc.integer({ min: 3_598_000, max: hourMs })),
    })
    const step = fc.oneof(
      { weight: 4, arbitrary: reached },
      { weight: 2, arbitrary: fc.nat(1_000_000) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        let goals = createStarted()
        const all: Reached[] = []
        let now = start
        for (const each of steps) {
          if (each === 'restart') {
            goals = restart(goals)
          } else if (typeof each === 'number') {
            goals.advance((now += each))
          } else {
            const { goal, visitor, ageMs } = each
            all.push({ goal, visitor, at: now - ageMs })
            expect(goals.add(goal, visitor, now - ageMs)).toBe(true)
          }
          for (const minutes of windowMinutes) {
            expect(goals.within(minutes)).toEqual(rowsOf(all, now, minutes))
          }
        }
      }),
    )
  })

  it('count a visitor in the windows that contain the latest time', () => {
    const goals = createStarted()
    goals.add('Joined', 'a', start)
    goals.advance(start + 4 * minuteMs)
    goals.add('Joined', 'a', start + 4 * minuteMs)
    expect(goals.within(1)).toEqual([{ goal: 'Joined', count: 1, visitors: 1 }])
    expect(goals.within(5)).toEqual([{ goal: 'Joined', count: 2, visitors: 1 }])
    goals.advance(start + 5 * minuteMs)
    expect(goals.within(1)).toEqual([])
    expect(goals.within(5)).toEqual([{ goal: 'Joined', count: 1, visitors: 1 }])
  })

  it('keep the latest time of a visitor when an earlier event arrives late', () => {
    const goals = createStarted()
    goals.add('Joined', 'a', start)
    goals.add('Joined', 'a', start - 10 * minuteMs)
    expect(goals.within(1)).toEqual([{ goal: 'Joined', count: 1, visitors: 1 }])
    expect(goals.within(15)).toEqual([{ goal: 'Joined', count: 2, visitors: 1 }])
  })

  it('return the same array until a count may have changed', () => {
    const goals = createStarted()
    goals.add('Joined', 'a', start)
    const rows = goals.within(5)
    goals.advance(start + 999)
    expect(goals.within(5)).toBe(rows)
    goals.add('Joined', 'a', start - hourMs)
    expect(goals.within(5)).toBe(rows)
    goals.advance(start + 1000)
    const later = goals.within(5)
    expect(later).not.toBe(rows)
    expect(later).toEqual(rows)
    goals.add('Joined', 'a', start)
    expect(goals.within(5)).toEqual([{ goal: 'Joined', count: 2, visitors: 1 }])
  })
})

it('LiveGoals: encode to the same bytes an hour later as if the goals had never been reached', () => {
  const later = start + hourMs
  const [goals, fresh] = [createStarted(), createStarted()]
  goals.add('Joined', 'a', start)
  goals.add('Paid', 'a', start)
  for (const each of [goals, fresh]) {
    each.advance(start + 1000)
    each.add('Paid', 'b', start + 1000)
    each.advance(later)
  }
  expect(bytesOf(goals)).toEqual(bytesOf(fresh))
})

describe('LiveGoals: maxVisitors', () => {
  it('evicts the visitor with the earliest time, reports the eviction, and still counts each time', () => {
    const goals = createStarted(2)
    expect(goals.add('Joined', 'a', start)).toBe(true)
    expect(goals.add('Joined', 'b', start)).toBe(true)
    expect(goals.add('Joined', 'a', start + 1)).toBe(true)
    expect(goals.add('Joined', 'c', start + 1)).toBe(false)
    expect(goals.within(5)).toEqual([{ goal: 'Joined', count: 4, visitors: 2 }])
    // `b` was evicted; `a` and `c` are still remembered.
    expect(goals.add('Joined', 'a', start + 2)).toBe(true)
    expect(goals.add('Joined', 'c', start + 2)).toBe(true)
    expect(goals.add('Joined', 'b', start + 2)).toBe(false)
    expect(goals.within(5)).toEqual([{ goal: 'Joined', count: 7, visitors: 2 }])
  })

  it('applies to each goal separately', () => {
    const goals = createStarted(1)
    expect(goals.add('Joined', 'a', start)).toBe(true)
    expect(goals.add('Paid', 'b', start)).toBe(true)
  })

  it('expires visitors after an hour, which makes room while others still count', () => {
    const goals = createStarted(2)
    goals.add('Joined', 'a', start)
    goals.advance(start + 30 * minuteMs)
    goals.add('Joined', 'b', start + 30 * minuteMs)
    goals.advance(start + hourMs - 1)
    const full = restart(goals, 2)
    expect(full.add('Joined', 'c', start + hourMs - 1)).toBe(false)
    goals.advance(start + hourMs)
    expect(goals.add('Joined', 'c', start + hourMs)).toBe(true)
    expect(goals.within(60)).toEqual([{ goal: 'Joined', count: 2, visitors: 2 }])
  })

  it('never shows more visitors than maxVisitors, or a negative number', () => {
    const reached = fc.record({
      visitor: fc.constantFrom('a', 'b', 'c', 'd'),
      ageMs: fc.nat(3_700_000),
      afterMs: fc.nat(600_000),
    })
    fc.assert(
      fc.property(fc.array(reached), all => {
        const goals = createStarted(2)
        let now = start
        for (const { visitor, ageMs, afterMs } of all) {
          goals.advance((now += afterMs))
          goals.add('Joined', visitor, now - ageMs)
          for (const minutes of windowMinutes) {
            for (const { count, visitors } of goals.within(minutes)) {
              expect(visitors).toBeGreaterThanOrEqual(0)
              expect(visitors).toBeLessThanOrEqual(Math.min(2, count))
            }
          }
        }
      }),
    )
  })
})
