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

function all(count: ReturnType<typeof createSlidingCount>): number[] {
  return windowMinutes.map(minutes => count.within(minutes))
}

describe('a sliding count', () => {
  it('counts one that happens now in every window', () => {
    const count = setUp()
    expect(count.isEmpty()).toBe(true)
    count.add(start)
    expect(all(count)).toEqual([1, 1, 1, 1, 1])
    expect(count.isEmpty()).toBe(false)
  })

  it.each(windowMinutes)(
    'lets it go from %i minutes with the second that is past them',
    minutes => {
      const count = setUp()
      count.add(start + 999)
      count.advance(start + minutes * 60_000 - 1)
      expect(count.within(minutes)).toBe(1)
      count.advance(start + minutes * 60_000)
      expect(count.within(minutes)).toBe(0)
    },
  )

  it('takes one that comes late into the windows that still reach it', () => {
    const count = setUp()
    count.add(start - 10 * 60_000)
    expect(all(count)).toEqual([0, 0, 1, 1, 1])
    count.advance(start + 5 * 60_000)
    expect(all(count)).toEqual([0, 0, 0, 1, 1])
  })

  it('takes none that is older than all windows, nor one of a later second', () => {
    const count = setUp()
    count.add(start - hourMs)
    count.add(start + secondMs)
    expect(count.isEmpty()).toBe(true)
    count.add(start - hourMs + secondMs)
    expect(all(count)).toEqual([0, 0, 0, 0, 1])
  })

  it('is empty again after the longest window, and can be used again', () => {
    const count = setUp()
    count.add(start)
    count.advance(start + hourMs)
    expect(count.isEmpty()).toBe(true)
    count.add(start + hourMs)
    expect(all(count)).toEqual([1, 1, 1, 1, 1])
  })
})

it('is what a plain list says, after idle days, late ones, and time that stands still or goes back', () => {
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
    fc.property(steps, every => {
      const count = setUp()
      const happened: number[] = []
      let now = start
      const secondOf = (at: number): number => Math.floor(at / secondMs)
      for (const { advanceMs, ages } of every) {
        count.advance(now + advanceMs)
        now = Math.max(now, now + advanceMs)
        for (const age of ages) {
          const at = now - age
          count.add(at)
          if (secondOf(at) <= secondOf(now)) happened.push(at)
        }
        for (const minutes of windowMinutes) {
          const known = happened.filter(at => secondOf(now) - secondOf(at) < minutes * 60)
          expect(count.within(minutes)).toBe(known.length)
        }
        expect(count.isEmpty()).toBe(count.within(60) === 0)
      }
    }),
    { numRuns: 300 },
  )
})
