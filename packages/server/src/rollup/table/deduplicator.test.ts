import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type OverflowCounts, defaultBounds } from '../bounds.ts'
import { type Hash, hash64 } from '../sketch/hash.ts'
import { type DeduplicatorBounds, type Deduplicator, createDeduplicator } from './deduplicator.ts'
import type { StoredSegment } from './segment.ts'

const start = 1_700_000_000_000
const { dedupeWindowMs } = defaultBounds

function setUp(bounds: Partial<DeduplicatorBounds> = {}, stored: Iterable<StoredSegment> = []) {
  const overflow: OverflowCounts = new Map()
  const deduplicator = createDeduplicator({ ...defaultBounds, ...bounds }, overflow, { stored })
  const accept = (client: string, n: number, now = start): boolean =>
    deduplicator.accept(hash64(client), n, now)
  return { deduplicator, overflow, accept }
}

/** A model with plain sets. */
function createModel(
  bounds: DeduplicatorBounds,
  overflow: OverflowCounts,
): Pick<Deduplicator, 'accept'> {
  const windows = new Map<number, { upTo: number; beyond: Set<number>; seenAt: number }>()

  function add(window: { upTo: number; beyond: Set<number> }, n: number): void {
    if (n === window.upTo + 1) window.upTo = n
    else window.beyond.add(n)
    if (window.beyond.size > bounds.maxClientHoles) {
      window.upTo = Math.min(...window.beyond) - 1
      overflow.set('client_holes', (overflow.get('client_holes') ?? 0) + 1)
    }
    while (window.beyond.delete(window.upTo + 1)) window.upTo++
  }

  return {
    accept({ low }, n, now) {
      let window = windows.get(low)
      if (!window || window.seenAt + bounds.dedupeWindowMs <= now) {
        window = { upTo: 0, beyond: new Set(), seenAt: now }
        windows.set(low, window)
      }
      window.seenAt = now
      if (n <= window.upTo || window.beyond.has(n)) return false
      add(window, n)
      return true
    },
  }
}

const sent = fc.array(
  fc.record({
    client: fc.integer({ min: 1, max: 40 }),
    n: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 1, max: 20 }) },
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 200 }) },
      { weight: 1, arbitrary: fc.maxSafeNat().map(n => n + (n < 2 ** 53 - 1 ? 1 : 0)) },
    ),
    after: fc.oneof(
      { weight: 20, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.nat({ max: dedupeWindowMs }) },
    ),
    isCheckpoint: fc.nat({ max: 20 }).map(n => n === 0),
  }),
  { maxLength: 300, size: 'max' },
)

const toHash = (client: number): Hash => ({ high: 0, low: client })

describe('Deduplicator', () => {
  it('accepts a number once', () => {
    const { accept } = setUp()
    expect([accept('a', 1), accept('a', 1), accept('a', 1)]).toEqual([true, false, false])
  })

  it('accepts numbers in any order, with gaps that are never filled', () => {
    const { accept } = setUp()
    const numbers = [9, 2, 70, 7, 2, 1, 9, 3, 70, 69]
    expect(numbers.map(n => accept('a', n))).toEqual([
      true,
      true,
      true,
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ])
  })

  it('distinguishes equal numbers of different clients', () => {
    const { accept } = setUp()
    const names = ['a', 'b', '__proto__', 'constructor', '1', '']
    expect(names.map(name => accept(name, 1))).toEqual(names.map(() => true))
    expect(names.map(name => accept(name, 1))).toEqual(names.map(() => false))
  })

  it('accepts the largest safe integer', () => {
    const { accept } = setUp()
    expect(accept('a', Number.MAX_SAFE_INTEGER)).toBe(true)
    expect(accept('a', Number.MAX_SAFE_INTEGER)).toBe(false)
    expect(accept('a', 1)).toBe(true)
    expect(accept('a', Number.MAX_SAFE_INTEGER - 1)).toBe(true)
    expect(accept('a', Number.MAX_SAFE_INTEGER)).toBe(false)
  })

  it('accepts the same numbers as plain sets as time passes', () => {
    fc.assert(
      fc.property(sent, fc.integer({ min: 1, max: 40 }), (all, maxClientHoles) => {
        const bounds = { ...defaultBounds, maxClientHoles }
        const { deduplicator, overflow } = setUp(bounds)
        const modelOverflow: OverflowCounts = new Map()
        const model = createModel(bounds, modelOverflow)
        let now = start
        const accepted = all.map(({ client, n, after }) => {
          now += after
          deduplicator.advance(now)
          return [deduplicator, model].map(each => each.accept(toHash(client), n, now))
        })
        expect(accepted.map(([isNew]) => isNew)).toEqual(accepted.map(([, isNew]) => isNew))
        expect(overflow).toEqual(modelOverflow)
      }),
    )
  })

  it('accepts the same numbers after restarts, with the same bytes', () => {
    fc.assert(
      fc.property(
        sent,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 50 }),
        (all, maxClientHoles, maxClients) => {
          const bounds = { maxClientHoles, maxClients }
          const { deduplicator } = setUp(bounds)
          let { deduplicator: restarted } = setUp(bounds)
          let now = start
          const accepted = all.map(({ client, n, after, isCheckpoint }) => {
            now += after
            if (isCheckpoint) restarted = setUp(bounds, restarted.encode()).deduplicator
            return [deduplicator, restarted].map(each => {
              each.advance(now)
              return each.accept(toHash(client), n, now)
            })
          })
          expect(accepted.map(([isNew]) => isNew)).toEqual(accepted.map(([, isNew]) => isNew))
          expect(restarted.encode()).toEqual(deduplicator.encode())
        },
      ),
      { numRuns: 200 },
    )
  })
})

it('Deduplicator: accepts the same numbers as a plain set when batches are resent and split differently', () => {
  const batches = fc.array(
    fc.record({ from: fc.integer({ min: 1, max: 120 }), count: fc.integer({ min: 1, max: 40 }) }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(batches, all => {
      const { accept } = setUp()
      const seen = new Set<number>()
      for (const { from, count } of all) {
        const batch = Array.from({ length: count }, (_, index) => from + index)
        expect(batch.filter(n => accept('a', n))).toEqual(batch.filter(n => !seen.has(n)))
        for (const n of batch) seen.add(n)
      }
    }),
  )
})

describe('Deduplicator: bounds', () => {
  it('evicts the client that was silent the longest, and counts it', () => {
    const { accept, overflow } = setUp({ maxClients: 2 })
    accept('a', 1, start)
    accept('b', 1, start + 1)
    accept('a', 2, start + 2)
    accept('c', 1, start + 3)
    expect(overflow).toEqual(new Map([['clients', 1]]))
    expect(accept('a', 1, start + 4)).toBe(false)
    expect(accept('c', 1, start + 5)).toBe(false)
    expect(accept('b', 1, start + 6)).toBe(true)
  })

  it('counts every evicted client', () => {
    const { deduplicator, overflow } = setUp({ maxClients: 1000 })
    for (let client = 0; client < 5000; client++) deduplicator.accept(toHash(client), 1, start)
    expect(deduplicator.clientCount()).toBeLessThanOrEqual(1000)
    expect(overflow).toEqual(new Map([['clients', 5000 - deduplicator.clientCount()]]))
  })

  it('abandons the oldest gaps of a client, and counts that', () => {
    const { accept, overflow } = setUp({ maxClientHoles: 3 })
    expect([2, 4, 6].map(n => accept('a', n))).toEqual([true, true, true])
    expect(overflow.size).toBe(0)
    expect(accept('a', 8)).toBe(true)
    expect(overflow).toEqual(new Map([['client_holes', 1]]))
    expect([1, 2, 3, 4, 5].map(n => accept('a', n))).toEqual([false, false, true, false, true])
  })

  it('do not affect a client whose gaps are soon filled', () => {
    const { accept, overflow } = setUp({ maxClientHoles: 3 })
    for (const n of [2, 1, 4, 3, 5, 7, 6, 8, 9, 10, 11, 12]) expect(accept('a', n)).toBe(true)
    expect(overflow.size).toBe(0)
  })

  it('count nothing when numbers fill their gaps', () => {
    const { accept, overflow } = setUp({ maxClientHoles: 3 })
    for (const n of [3, 5, 7, 1, 2]) expect(accept('a', n)).toBe(true)
    expect(overflow.size).toBe(0)
  })

  it('never accept a number twice, however many gaps there are', () => {
    const numbers = fc.array(
      fc.record({
        client: fc.integer({ min: 1, max: 5 }),
        n: fc.integer({ min: 1, max: 300 }),
      }),
      { maxLength: 300, size: 'max' },
    )
    const limits = fc.record({
      maxClientHoles: fc.integer({ min: 1, max: 8 }),
      maxListedNumbers: fc.integer({ min: 1, max: 20 }),
    })
    fc.assert(
      fc.property(numbers, limits, (all, bounds) => {
        const { deduplicator, overflow } = setUp(bounds)
        const seen = new Set<string>()
        const wrong: number[] = []
        for (const { client, n } of all) {
          const isNew = deduplicator.accept(toHash(client), n, start)
          const wasSeen = seen.has(`${client} ${n}`)
          seen.add(`${client} ${n}`)
          if (isNew ? wasSeen : !wasSeen && !overflow.has('client_holes')) wrong.push(n)
        }
        expect(wrong).toEqual([])
      }),
    )
  })

  it('limit the gaps of all clients together', () => {
    const { deduplicator, overflow } = setUp({ maxListedNumbers: 1000 })
    let accepted = 0
    for (let n = 1; n <= 100; n++) {
      for (let client = 0; client < 100; client++) {
        if (deduplicator.accept(toHash(client), n * 100, start)) accepted++
      }
    }
    expect(accepted).toBe(10_000)
    const bytes = deduplicator
      .encode()
      .reduce((sum, segment) => sum + (segment.bytes?.length ?? 0), 0)
    expect(bytes).toBeLessThan(100 * 32 + 1000 * 8 + 1000)
    expect(overflow.get('client_holes')).toBe(10_000 - 500)
  })

  it('expires a client exactly after the dedupe window', () => {
    const { deduplicator, accept } = setUp()
    accept('a', 1, start)
    accept('b', 1, start + 1)
    accept('b', 50, start + 1)
    deduplicator.advance(start + dedupeWindowMs - 1)
    expect(accept('a', 1, start + dedupeWindowMs - 1)).toBe(false)
    deduplicator.advance(start + dedupeWindowMs + 1)
    expect(accept('b', 1, start + dedupeWindowMs + 1)).toBe(true)
    expect(accept('b', 50, start + dedupeWindowMs + 1)).toBe(true)
    expect(accept('a', 1, start + dedupeWindowMs + 1)).toBe(false)
  })

  it('stores nothing of expired clients', () => {
    const { deduplicator } = setUp()
    for (let client = 0; client < 3000; client++) {
      deduplicator.accept(toHash(client), 100, start + client)
    }
    deduplicator.advance(start + dedupeWindowMs + 3000)
    expect(deduplicator.clientCount()).toBe(0)
    expect(deduplicator.encode()).toEqual([])
  })
})

describe.each([2 ** 32 - 3, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 50])(
  'Deduplicator: a client whose numbers are all recorded to %d',
  upTo => {
    /** Reaches `upTo` by abandoning the gaps before it. */
    function setUpAt() {
      const bounds = { maxClientHoles: 1 }
      const { deduplicator, accept } = setUp(bounds)
      for (const n of [upTo - 2, upTo, upTo - 1]) accept('a', n)
      return { accept, restart: () => setUp(bounds, deduplicator.encode()).accept }
    }

    it('has each later number accepted deduplicator, in order and with gaps, also after a restart', () => {
      for (const isRestarted of [false, true]) {
        const { accept, restart } = setUpAt()
        const next = isRestarted ? restart() : accept
        const steps = [0, 1, 2, 2, 3, 5, 4, 5, 4, 40, 40, 6]
        const seen = new Set([0])
        for (const step of steps) {
          expect(next('a', upTo + step)).toBe(!seen.has(step))
          seen.add(step)
        }
      }
    })
  },
)
