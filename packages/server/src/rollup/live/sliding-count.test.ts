import { windowMinutes } from '@tidemark/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSlidingCount } from './sliding-count.ts'

const start = 1_700_000_040_000
const secondMs = 1000
const hourMs = 3_600_000

function setUp() {
  const count = createSlidingCount()
  count.advance(start)
  return count
}

function allWindows(count: ReturnType<typeof createSlidingCount>): number[] {
  return windowMinutes.map(minutes => count.within(minutes))
}

describe('SlidingCount', () => {
  it('counts a current event in every window', () => {
    const count = setUp()
    expect(count.isEmpty()).toBe(true)
    count.add(start)
    expect(allWindows(count)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1])
    expect(count.isEmpty()).toBe(false)
  })

  it.each(windowMinutes)(
    'drops an event from the window of %i minutes at the first second beyond it',
    minutes => {
      const count = setUp()
      count.add(start + 999)
      count.advance(start + minutes * 60_000 - 1)
      expect(count.within(minutes)).toBe(1)
      count.advance(start + minutes * 60_000)
      expect(count.within(minutes)).toBe(0)
    },
  )

  it('counts a late event in the windows that contain its time', () => {
    const count = setUp()
    count.add(start - 10 * 60_000)
    expect(allWindows(count)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1])
    count.advance(start + 5 * 60_000)
    expect(allWindows(count)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1])
  })

  it('ignores an event older than all windows, and an event of a later second', () => {
    const count = setUp()
    count.add(start - hourMs)
    count.add(start + secondMs)
    expect(count.isEmpty()).toBe(true)
    count.add(start - hourMs + secondMs)
    expect(allWindows(count)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1])
  })

  it('is empty after the longest window, and counts new events then', () => {
    const count = setUp()
    count.add(start)
    count.advance(start + hourMs)
    expect(count.isEmpty()).toBe(true)
    count.add(start + hourMs)
    expect(allWindows(count)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1])
  })
})

it('SlidingCount: agrees with a list of times, after idle days, late events, and time that stands still or goes back', () => {
  const steps = fc.array(
    fc.record({
      advanceMs: fc.oneof(
        fc.constantFrom(0, 1, 999, 1000, 59_000, 60_000, hourMs - 1000, hourMs, 4096 * 1000),
        fc.constantFrom(-1, -5000, -hourMs, 48 * hourMs),
        fc.nat(120_000),
      ),
      ages: fc.array(
        fc.oneof(fc.constantFrom(0, 59_999, 60_000, hourMs - 1, hourMs, -1500), fc.nat(2 * hourMs)),
        { maxLength: 4 },
      ),
    }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(steps, all => {
      const count = setUp()
      const times: number[] = []
      let now = start
      const secondOf = (at: number): number => Math.floor(at / secondMs)
      for (const { advanceMs, ages } of all) {
        count.advance(now + advanceMs)
        now = Math.max(now, now + advanceMs)
        for (const age of ages) {
          const at = now - age
          count.add(at)
          if (secondOf(at) <= secondOf(now)) times.push(at)
        }
        for (const minutes of windowMinutes) {
          const recent = times.filter(at => secondOf(now) - secondOf(at) < minutes * 60)
          expect(count.within(minutes)).toBe(recent.length)
        }
        expect(count.isEmpty()).toBe(count.within(60) === 0)
      }
    }),
    { numRuns: 300 },
  )
})
