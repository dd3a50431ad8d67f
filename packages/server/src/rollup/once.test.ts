import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RollupBounds, type Tally, defaultBounds } from './bounds.ts'
import { createOnce } from './once.ts'

const start = 1_700_000_000_000

function setUp(bounds: Partial<RollupBounds> = {}) {
  const turnedAway: Tally = new Map()
  const once = createOnce({ ...defaultBounds, ...bounds }, turnedAway)
  return { once, turnedAway, take: (client: string, n: number) => once.take(client, n, start) }
}

describe('an event', () => {
  it('is new once, however often it is sent again', () => {
    const { take } = setUp()
    expect([take('a', 1), take('a', 1), take('a', 1)]).toEqual([true, false, false])
  })

  it('is new in any order, with holes that are never filled', () => {
    const { take } = setUp()
    expect([9, 2, 7, 2, 1, 9, 3].map(n => take('a', n))).toEqual([
      true,
      true,
      true,
      false,
      true,
      false,
      true,
    ])
  })

  it('is told from one with the same number of another client', () => {
    const { take } = setUp()
    const names = ['a', 'b', '__proto__', 'constructor', '1']
    expect(names.map(name => take(name, 1))).toEqual(names.map(() => true))
    expect(names.map(name => take(name, 1))).toEqual(names.map(() => false))
  })

  it('may have the largest number there is', () => {
    const { take } = setUp()
    expect(take('a', Number.MAX_SAFE_INTEGER)).toBe(true)
    expect(take('a', Number.MAX_SAFE_INTEGER)).toBe(false)
    expect(take('a', 1)).toBe(true)
  })
})

it('says of any sequence of numbers what a plain set says', () => {
  const sent = fc.array(
    fc.tuple(fc.constantFrom('a', 'b', '__proto__'), fc.integer({ min: 1, max: 40 })),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(sent, all => {
      const { take, turnedAway } = setUp()
      const seen = new Set<string>()
      for (const [client, n] of all) {
        expect(take(client, n)).toBe(!seen.has(`${client} ${n}`))
        seen.add(`${client} ${n}`)
      }
      expect(turnedAway.size).toBe(0)
    }),
    { numRuns: 200 },
  )
})

it('says of batches that are re-cut, re-sent and reordered what a plain set says', () => {
  const batches = fc.array(
    fc.record({ from: fc.integer({ min: 1, max: 60 }), count: fc.integer({ min: 1, max: 20 }) }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(batches, all => {
      const { take } = setUp()
      const seen = new Set<number>()
      for (const { from, count } of all) {
        for (let n = from; n < from + count; n++) {
          expect(take('a', n)).toBe(!seen.has(n))
          seen.add(n)
        }
      }
    }),
  )
})

describe('the bounds', () => {
  it('forget the client that was quiet the longest, and count that', () => {
    const { take, turnedAway } = setUp({ maxClients: 2 })
    take('a', 1)
    take('b', 1)
    take('a', 2)
    take('c', 1)
    expect(turnedAway).toEqual(new Map([['clients', 1]]))
    expect(take('a', 1)).toBe(false)
    expect(take('c', 1)).toBe(false)
    expect(take('b', 1)).toBe(true)
  })

  it('give up the oldest holes of a client, and count that', () => {
    const { take, turnedAway } = setUp({ maxClientHoles: 3 })
    expect([2, 4, 6].map(n => take('a', n))).toEqual([true, true, true])
    expect(turnedAway.size).toBe(0)
    expect(take('a', 8)).toBe(true)
    expect(turnedAway).toEqual(new Map([['client_holes', 1]]))
    expect([1, 2, 3, 4, 5].map(n => take('a', n))).toEqual([false, false, true, false, true])
  })

  it('do not touch a client that misses nothing, however much it sends', () => {
    const { take, turnedAway } = setUp({ maxClientHoles: 3 })
    for (const n of [2, 1, 4, 3, 5, 7, 6, 8, 9, 10, 11, 12]) expect(take('a', n)).toBe(true)
    expect(turnedAway.size).toBe(0)
  })

  it('never let an event count twice, however many holes there are', () => {
    const numbers = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 120 })
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 8 }), (all, maxClientHoles) => {
        const { take, turnedAway } = setUp({ maxClientHoles })
        const seen = new Set<number>()
        for (const n of all) {
          const isNew = take('a', n)
          if (isNew) expect(seen.has(n)).toBe(false)
          else expect(seen.has(n) || turnedAway.has('client_holes')).toBe(true)
          seen.add(n)
        }
      }),
    )
  })

  it('forget a client exactly when none of its events may come any more', () => {
    const { once } = setUp()
    once.take('a', 1, start)
    once.take('b', 1, start + 1)
    once.advance(start + defaultBounds.retentionMs - 1)
    expect(once.take('a', 1, start + defaultBounds.retentionMs - 1)).toBe(false)
    once.advance(start + defaultBounds.retentionMs + 1)
    expect(once.take('b', 1, start + defaultBounds.retentionMs + 1)).toBe(true)
    expect(once.take('a', 1, start + defaultBounds.retentionMs + 1)).toBe(false)
  })
})
