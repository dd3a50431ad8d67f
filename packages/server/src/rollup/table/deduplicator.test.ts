import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type OverflowCounts, defaultBounds } from '../bounds.ts'
import { type Hash, hash64 } from '../sketch/hash.ts'
import { type DeduplicatorBounds, type Deduplicator, createDeduplicator } from './deduplicator.ts'
import { addToSequenceSet } from './sequence-set.ts'
import { type StoredSegment, createSegmentTable } from './segments.ts'

const start = 1_700_000_000_000
const { dedupeWindowMs } = defaultBounds

function setUp(bounds: Partial<DeduplicatorBounds> = {}, stored: Iterable<StoredSegment> = []) {
  const overflow: OverflowCounts = new Map()
  const once = createDeduplicator({ ...defaultBounds, ...bounds }, overflow, { stored })
  const take = (client: string, n: number, now = start): boolean =>
    once.accept(hash64(client), n, now)
  return { once, overflow, take }
}

/** The same in plain sets. */
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

describe('an event', () => {
  it('is new once, however often it is sent again', () => {
    const { take } = setUp()
    expect([take('a', 1), take('a', 1), take('a', 1)]).toEqual([true, false, false])
  })

  it('is new in any order, with holes that are never filled', () => {
    const { take } = setUp()
    const numbers = [9, 2, 70, 7, 2, 1, 9, 3, 70, 69]
    expect(numbers.map(n => take('a', n))).toEqual([
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

  it('is told from one with the same number of another client', () => {
    const { take } = setUp()
    const names = ['a', 'b', '__proto__', 'constructor', '1', '']
    expect(names.map(name => take(name, 1))).toEqual(names.map(() => true))
    expect(names.map(name => take(name, 1))).toEqual(names.map(() => false))
  })

  it('may have the largest number there is', () => {
    const { take } = setUp()
    expect(take('a', Number.MAX_SAFE_INTEGER)).toBe(true)
    expect(take('a', Number.MAX_SAFE_INTEGER)).toBe(false)
    expect(take('a', 1)).toBe(true)
    expect(take('a', Number.MAX_SAFE_INTEGER - 1)).toBe(true)
    expect(take('a', Number.MAX_SAFE_INTEGER)).toBe(false)
  })

  it('is new exactly when plain sets say so, as time goes on', () => {
    fc.assert(
      fc.property(sent, fc.integer({ min: 1, max: 40 }), (all, maxClientHoles) => {
        const bounds = { ...defaultBounds, maxClientHoles }
        const { once, overflow } = setUp(bounds)
        const modelTurnedAway: OverflowCounts = new Map()
        const model = createModel(bounds, modelTurnedAway)
        let now = start
        const taken = all.map(({ client, n, after }) => {
          now += after
          once.advance(now)
          return [once, model].map(each => each.accept(toHash(client), n, now))
        })
        expect(taken.map(([isNew]) => isNew)).toEqual(taken.map(([, isNew]) => isNew))
        expect(overflow).toEqual(modelTurnedAway)
      }),
    )
  })

  it('is as new after restarts, of which there is no trace', () => {
    fc.assert(
      fc.property(
        sent,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 50 }),
        (all, maxClientHoles, maxClients) => {
          const bounds = { maxClientHoles, maxClients }
          const { once } = setUp(bounds)
          let { once: restarted } = setUp(bounds)
          let now = start
          const taken = all.map(({ client, n, after, isCheckpoint }) => {
            now += after
            if (isCheckpoint) restarted = setUp(bounds, restarted.encode()).once
            return [once, restarted].map(each => {
              each.advance(now)
              return each.accept(toHash(client), n, now)
            })
          })
          expect(taken.map(([isNew]) => isNew)).toEqual(taken.map(([, isNew]) => isNew))
          expect(restarted.encode()).toEqual(once.encode())
        },
      ),
      { numRuns: 200 },
    )
  })
})

it('says of batches that are re-cut, re-sent and reordered what a plain set says', () => {
  const batches = fc.array(
    fc.record({ from: fc.integer({ min: 1, max: 120 }), count: fc.integer({ min: 1, max: 40 }) }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(batches, all => {
      const { take } = setUp()
      const seen = new Set<number>()
      for (const { from, count } of all) {
        const sentNow = Array.from({ length: count }, (_, at) => from + at)
        expect(sentNow.filter(n => take('a', n))).toEqual(sentNow.filter(n => !seen.has(n)))
        for (const n of sentNow) seen.add(n)
      }
    }),
  )
})

describe('the bounds', () => {
  it('forget the client that was quiet the longest, and count that', () => {
    const { take, overflow } = setUp({ maxClients: 2 })
    take('a', 1, start)
    take('b', 1, start + 1)
    take('a', 2, start + 2)
    take('c', 1, start + 3)
    expect(overflow).toEqual(new Map([['clients', 1]]))
    expect(take('a', 1, start + 4)).toBe(false)
    expect(take('c', 1, start + 5)).toBe(false)
    expect(take('b', 1, start + 6)).toBe(true)
  })

  it('count every client that they forget', () => {
    const { once, overflow } = setUp({ maxClients: 1000 })
    for (let client = 0; client < 5000; client++) once.accept(toHash(client), 1, start)
    expect(once.clientCount()).toBeLessThanOrEqual(1000)
    expect(overflow).toEqual(new Map([['clients', 5000 - once.clientCount()]]))
  })

  it('give up the oldest holes of a client, and count that', () => {
    const { take, overflow } = setUp({ maxClientHoles: 3 })
    expect([2, 4, 6].map(n => take('a', n))).toEqual([true, true, true])
    expect(overflow.size).toBe(0)
    expect(take('a', 8)).toBe(true)
    expect(overflow).toEqual(new Map([['client_holes', 1]]))
    expect([1, 2, 3, 4, 5].map(n => take('a', n))).toEqual([false, false, true, false, true])
  })

  it('do not touch a client that misses nothing, however much it sends', () => {
    const { take, overflow } = setUp({ maxClientHoles: 3 })
    for (const n of [2, 1, 4, 3, 5, 7, 6, 8, 9, 10, 11, 12]) expect(take('a', n)).toBe(true)
    expect(overflow.size).toBe(0)
  })

  it('do not count as lost what fills a hole', () => {
    const { take, overflow } = setUp({ maxClientHoles: 3 })
    for (const n of [3, 5, 7, 1, 2]) expect(take('a', n)).toBe(true)
    expect(overflow.size).toBe(0)
  })

  it('never let an event count twice, however many holes there are', () => {
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
        const { once, overflow } = setUp(bounds)
        const seen = new Set<string>()
        const wrong: number[] = []
        for (const { client, n } of all) {
          const isNew = once.accept(toHash(client), n, start)
          const wasSeen = seen.has(`${client} ${n}`)
          seen.add(`${client} ${n}`)
          if (isNew ? wasSeen : !wasSeen && !overflow.has('client_holes')) wrong.push(n)
        }
        expect(wrong).toEqual([])
      }),
    )
  })

  it('hold for the holes of all clients together', () => {
    const { once, overflow } = setUp({ maxListedNumbers: 1000 })
    let taken = 0
    for (let n = 1; n <= 100; n++) {
      for (let client = 0; client < 100; client++) {
        if (once.accept(toHash(client), n * 100, start)) taken++
      }
    }
    expect(taken).toBe(10_000)
    const bytes = once.encode().reduce((sum, segment) => sum + (segment.bytes?.length ?? 0), 0)
    expect(bytes).toBeLessThan(100 * 32 + 1000 * 8 + 1000)
    expect(overflow.get('client_holes')).toBe(10_000 - 500)
  })

  it('forget a client exactly when none of its events may come any more', () => {
    const { once, take } = setUp()
    take('a', 1, start)
    take('b', 1, start + 1)
    take('b', 50, start + 1)
    once.advance(start + dedupeWindowMs - 1)
    expect(take('a', 1, start + dedupeWindowMs - 1)).toBe(false)
    once.advance(start + dedupeWindowMs + 1)
    expect(take('b', 1, start + dedupeWindowMs + 1)).toBe(true)
    expect(take('b', 50, start + dedupeWindowMs + 1)).toBe(true)
    expect(take('a', 1, start + dedupeWindowMs + 1)).toBe(false)
  })

  it('keep nothing of clients that are gone', () => {
    const { once } = setUp()
    for (let client = 0; client < 3000; client++) {
      once.accept(toHash(client), 100, start + client)
    }
    once.advance(start + dedupeWindowMs + 3000)
    expect(once.clientCount()).toBe(0)
    expect(once.encode()).toEqual([])
  })
})

/** What earlier versions have stored: rows with `upTo` as a float. */
function storeWide(events: readonly { client: number; n: number }[]): StoredSegment[] {
  const table = createSegmentTable({
    shape: { floats: 1, words: 1 },
    maxRows: 1000,
    onEvicted: () => undefined,
  })
  for (const { client, n } of events) {
    const known = table.find(toHash(client))
    const row = known < 0 ? table.insert(toHash(client), start) : known
    const bits = table.word(row, 0) & ~1
    const more = addToSequenceSet({ upTo: table.float(row, 0), bits, runs: table.list(row) }, n)
    if (!more) continue
    table.setFloat(row, 0, more.upTo)
    table.setWord(row, 0, more.bits | (more.runs.length > 0 ? 1 : 0))
    table.setList(row, more.runs)
  }
  return table.encode()
}

describe('what an earlier version has stored', () => {
  it('is what it would be now, and is stored anew', () => {
    fc.assert(
      fc.property(sent, all => {
        const { once } = setUp()
        for (const { client, n } of all) once.accept(toHash(client), n, start)
        const { once: later } = setUp({}, storeWide(all))
        expect(later.encode()).toEqual(once.encode())
        expect(later.drainDirty()).toEqual(once.drainDirty())
        expect(later.drainDirty()).toEqual([])
      }),
    )
  })

  it('may have numbers that no 32 bits hold', () => {
    const table = createSegmentTable({
      shape: { floats: 1, words: 1 },
      maxRows: 1000,
      onEvicted: () => undefined,
    })
    const large = 2 ** 40
    table.setFloat(table.insert(hash64('a'), start), 0, large)
    const { take } = setUp({}, table.encode())
    expect([1, large, large + 1, large + 1].map(n => take('a', n))).toEqual([
      false,
      false,
      true,
      false,
    ])
  })
})

describe.each([2 ** 32 - 3, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 50])(
  'a client whose numbers are all counted to %d',
  upTo => {
    /** By giving up the holes before it. */
    function setUpAt() {
      const bounds = { maxClientHoles: 1 }
      const { once, take } = setUp(bounds)
      for (const n of [upTo - 2, upTo, upTo - 1]) take('a', n)
      return { take, restart: () => setUp(bounds, once.encode()).take }
    }

    it('has those after it counted once each, in order and with holes, also after a restart', () => {
      for (const isRestarted of [false, true]) {
        const { take, restart } = setUpAt()
        const next = isRestarted ? restart() : take
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
