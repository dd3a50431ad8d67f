import fc from 'fast-check'
import { LRUCache } from 'lru-cache'
import { describe, expect, it } from 'vitest'
import { type PartName, partNames } from '../bucket/dimensions.ts'
import {
  type BucketBounds,
  decodeBreakdown,
  decodeTotals,
  defaultBucketBounds as bounds,
  encodeTotals,
} from '../bucket/parts.ts'
import { countEvent } from '../bucket/totals.ts'
import { type ClosePoints, createClosePoints } from './close-points.ts'
import { type EncodedPart, type OpenBuckets, createOpenBuckets } from './open-buckets.ts'
import { hash64 } from '../sketch/hash.ts'
import { runToCompletion } from '../../shared/cooperative-task.ts'
import type { Calendar, Tier } from './tier.ts'
import type { TieredPart } from './tier-checkpoint.ts'
import { type Tiers, type TiersOptions, createTiers } from './tiers.ts'
import { createTimeZone } from './time-zone.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const start = Date.UTC(2026, 2, 10)

/** Creates a store with the two operations that tiers need. */
function createStore(): {
  read(tier: Tier, part: PartName, from: number, to: number): EncodedPart[]
  checkpoint(tiers: Tiers, now: number): TieredPart[]
} {
  const rows = new Map<string, EncodedPart>()
  return {
    read: (tier, part, from, to) =>
      [...rows]
        .filter(
          ([key, row]) => key.startsWith(`${tier} ${part} `) && row.start >= from && row.start < to,
        )
        .map(([, row]) => row)
        .toSorted((a, b) => a.start - b.start),
    checkpoint(tiers, now) {
      const pending = tiers.prepareCheckpoint(now)
      const parts = runToCompletion(pending.parts)
      for (const row of parts) rows.set(`${row.tier} ${row.part} ${row.start}`, row)
      pending.markStored()
      return parts
    },
  }
}

function createOpenTiers(closePoints: ClosePoints, of: BucketBounds) {
  return {
    minute: createOpenBuckets({ bounds: of, overflow: new Map() }),
    hour: createOpenBuckets({
      bounds: of,
      overflow: new Map(),
      tier: 'hour',
      startOf: at => closePoints.startOfStored('hour', at),
    }),
  }
}

function setUp(calendar: Calendar = createTimeZone('UTC'), options: Partial<TiersOptions> = {}) {
  const closePoints = options.closePoints ?? createClosePoints(calendar)
  const open = createOpenTiers(closePoints, bounds)
  const store = createStore()
  return {
    open: open.minute,
    openHours: open.hour,
    store,
    tiers: createTiers({
      open,
      closePoints,
      readStored: store.read,
      calendar,
      bounds,
      cache: new Map(),
      ...options,
    }),
  }
}

function view(open: OpenBuckets, at: number, path: string, visitor: string): void {
  const bucket = open.bucketAt(at)
  countEvent(bucket.totals, true, hash64(visitor))
  bucket.tableOf('path').add(path, hash64(visitor))
}

function viewsOf(tiers: Tiers, tier: Tier, from: number, to: number): [number, number][] {
  return runToCompletion(tiers.read(tier, 'totals', from, to)).map(each => [
    each.start,
    decodeTotals(each.bytes).pageViews,
  ])
}

/** Returns the totals of a tier as text: from `totals`, and from the encoded parts. */
function totalsOf(tiers: Tiers, tier: Tier, from: number, to: number): [string[], string[]] {
  const toText = (at: number, bytes: Uint8Array): string =>
    `${at} ${Buffer.from(bytes).toString('hex')}`
  return [
    tiers.totals(tier, from, to).map(each => toText(each.start, encodeTotals(each.totals))),
    runToCompletion(tiers.read(tier, 'totals', from, to)).map(each =>
      toText(each.start, each.bytes),
    ),
  ]
}

/** Returns the page views of a range from as few buckets as possible. */
function rangeViews(tiers: Tiers, tier: Tier, from: number, to: number): number {
  const range = { from, to }
  return [...tiers.eachOfRange(tier, 'totals', range, () => -Infinity)].reduce(
    (sum, { bytes }) => sum + decodeTotals(bytes).pageViews,
    0,
  )
}

/** Returns the buckets of a part that starts at hours, as text. */
function termsOf(tiers: Tiers, tier: Tier): string[] {
  return runToCompletion(tiers.read(tier, 'term', 0, 9e15)).map(
    each => `${each.start} ${Buffer.from(each.bytes).toString('hex')}`,
  )
}

function sumOfRows(bytes: Uint8Array): number {
  const { rows, other } = runToCompletion(decodeBreakdown(bytes, bounds))
  return [...rows.values()].reduce((sum, { count }) => sum + count, other.count)
}

/** Returns every part of every bucket of a tier as text. */
function dump(tiers: Tiers, tier: Tier): string[] {
  return partNames.flatMap(part =>
    runToCompletion(tiers.read(tier, part, 0, 9e15)).map(
      each => `${part} ${each.start} ${Buffer.from(each.bytes).toString('hex')}`,
    ),
  )
}

describe('Tiers', () => {
  it('return an open minute at once, also in its hour and day', () => {
    const { open, tiers } = setUp()
    view(open, start + 61_000, '/a', 'v')
    view(open, start + 62_000, '/b', 'v')
    expect(viewsOf(tiers, 'minute', 0, 9e15)).toEqual([[start + minuteMs, 2]])
    expect(viewsOf(tiers, 'hour', 0, 9e15)).toEqual([[start, 2]])
    expect(viewsOf(tiers, 'day', 0, 9e15)).toEqual([[start, 2]])
  })

  it('count a late event in its minute, and in closed hours and days', () => {
    const { open, store, tiers } = setUp()
    view(open, start, '/a', 'v')
    store.checkpoint(tiers, start + 2 * dayMs)
    expect(tiers.closedBefore).toEqual({ hour: start + 2 * dayMs - hourMs, day: start + dayMs })
    view(open, start + 1000, '/b', 'w')
    for (let round = 0; round < 2; round++) {
      for (const tier of ['minute', 'hour', 'day'] as const) {
        expect(viewsOf(tiers, tier, 0, 9e15)).toEqual([[start, 2]])
      }
      store.checkpoint(tiers, start + 2 * dayMs)
    }
  })

  it('store a part that starts at hours as changes of hours, and merge it to days', () => {
    const step = fc.oneof(
      fc.record({ ago: fc.nat(30 * hourMs), name: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.constantFrom('checkpoint' as const, 'fail' as const),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        const zone = createTimeZone('Asia/Kathmandu')
        const { openHours, store, tiers } = setUp(zone)
        const oracle = setUp(zone)
        let now = start + 2 * dayMs
        for (const each of steps) {
          if (each === 'checkpoint') store.checkpoint(tiers, (now += hourMs))
          else if (each === 'fail') runToCompletion(tiers.prepareCheckpoint((now += hourMs)).parts)
          else {
            for (const open of [openHours, oracle.openHours]) {
              open
                .bucketAt(now - each.ago)
                .tableOf('term')
                .add(each.name, hash64(each.name))
            }
          }
          expect(termsOf(tiers, 'minute')).toEqual([])
          for (const tier of ['hour', 'day'] as const) {
            expect(termsOf(tiers, tier)).toEqual(termsOf(oracle.tiers, tier))
          }
          const range = { from: start, to: zone.endOfDay(now) }
          const parts = [...tiers.eachOfRange('hour', 'term', range, () => -Infinity)]
          const counts = parts.map(({ bytes }) => sumOfRows(bytes))
          const expected = [...oracle.tiers.eachOfRange('hour', 'term', range, () => -Infinity)]
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(
            expected.reduce((sum, { bytes }) => sum + sumOfRows(bytes), 0),
          )
        }
      }),
      { numRuns: 60 },
    )
  })

  it('are read in half-open ranges', () => {
    const { open, store, tiers } = setUp()
    for (const minute of [0, 1, 2, 60, 61, 120]) view(open, start + minute * minuteMs, '/', 'v')
    const check = (): void => {
      expect(viewsOf(tiers, 'minute', start + minuteMs, start + 60 * minuteMs)).toHaveLength(2)
      expect(viewsOf(tiers, 'hour', start + hourMs, start + 2 * hourMs)).toEqual([
        [start + hourMs, 2],
      ])
      expect(viewsOf(tiers, 'day', start + dayMs, start + 2 * dayMs)).toEqual([])
    }
    check()
    store.checkpoint(tiers, start + 2 * hourMs)
    check()
    store.checkpoint(tiers, start + 3 * dayMs)
    check()
  })

  it('close an hour two minutes after its end and a day with its last hour, and never reopen them', () => {
    const { open, store, tiers } = setUp()
    view(open, start + 23 * hourMs, '/', 'v')
    const midnight = start + dayMs
    store.checkpoint(tiers, midnight + 2 * minuteMs - 1)
    expect(tiers.closedBefore).toEqual({ hour: midnight - hourMs, day: start })
    store.checkpoint(tiers, midnight + 2 * minuteMs)
    expect(tiers.closedBefore).toEqual({ hour: midnight, day: midnight })
    store.checkpoint(tiers, start)
    expect(tiers.closedBefore).toEqual({ hour: midnight, day: midnight })
  })

  it('write changed minutes, hours and days that are over, and closed ones that change', () => {
    const { open, store, tiers } = setUp()
    const written = (now: number): string[] => {
      const totals = store.checkpoint(tiers, now).filter(({ part }) => part === 'totals')
      return totals.map(each => `${each.tier} ${(each.start - start) / minuteMs}`)
    }
    view(open, start, '/', 'v')
    expect(written(start + minuteMs)).toEqual(['minute 0'])
    // The first close point closes all earlier hours.
    expect(written(start + hourMs + 2 * minuteMs)).toEqual(['hour 0'])
    // A minute of an open hour changes no closed hour.
    view(open, start + hourMs, '/', 'v')
    expect(written(start + hourMs + 3 * minuteMs)).toEqual(['minute 60'])
    view(open, start + 59 * minuteMs, '/', 'v')
    expect(written(start + hourMs + 4 * minuteMs)).toEqual(['minute 59', 'hour 0'])
    expect(written(start + dayMs + 2 * minuteMs)).toEqual(['hour 60', 'day 0'])
    view(open, start + dayMs, '/', 'v')
    expect(written(start + dayMs + 3 * minuteMs)).toEqual(['minute 1440'])
    view(open, start + 60 * minuteMs, '/', 'v')
    expect(written(start + dayMs + 4 * minuteMs)).toEqual(['minute 60', 'hour 60', 'day 0'])
    expect(written(start + dayMs + 5 * minuteMs)).toEqual([])
  })

  it('split hours and days in the time zone of the site', () => {
    const { open, tiers } = setUp(createTimeZone('Asia/Kathmandu'))
    view(open, Date.UTC(2026, 2, 10, 18, 14), '/', 'v')
    view(open, Date.UTC(2026, 2, 10, 18, 15), '/', 'v')
    expect(viewsOf(tiers, 'hour', 0, 9e15)).toEqual([
      [Date.UTC(2026, 2, 10, 17, 15), 1],
      [Date.UTC(2026, 2, 10, 18, 15), 1],
    ])
    expect(viewsOf(tiers, 'day', 0, 9e15)).toEqual([
      [Date.UTC(2026, 2, 9, 18, 15), 1],
      [Date.UTC(2026, 2, 10, 18, 15), 1],
    ])
  })

  it('have the same bytes for any order of events and any checkpoints', () => {
    const event = fc.record({
      at: fc.integer({ min: 0, max: 3 * dayMs }),
      path: fc.constantFrom('/', '/a', '/b'),
      visitor: fc.integer({ min: 0, max: 20 }).map(String),
    })
    const step = fc.oneof(
      { weight: 5, arbitrary: event },
      { weight: 1, arbitrary: fc.constant('checkpoint' as const) },
    )
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.infiniteStream(fc.nat()),
        (steps, order) => {
          const one = setUp(createTimeZone('Australia/Lord_Howe'))
          const other = setUp(createTimeZone('Australia/Lord_Howe'))
          let now = start
          for (const each of steps) {
            if (each === 'checkpoint') one.store.checkpoint(one.tiers, (now += 7 * hourMs))
            else view(one.open, start + each.at, each.path, each.visitor)
          }
          const events = steps.filter(each => each !== 'checkpoint')
          const shuffled = events
            .map(each => ({ each, key: order.next().value ?? 0 }))
            .toSorted((a, b) => a.key - b.key)
          for (const { each } of shuffled)
            view(other.open, start + each.at, each.path, each.visitor)
          for (const tier of ['minute', 'hour', 'day'] as const) {
            expect(dump(one.tiers, tier)).toEqual(dump(other.tiers, tier))
          }
        },
      ),
    )
  })

  it('lose and repeat no event when the time zone changes, also late events', () => {
    const zones = ['UTC', 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe'] as const
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ ago: fc.oneof(fc.nat(2 * hourMs), fc.nat(47 * hourMs)) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ passes: fc.oneof(fc.nat(hourMs), fc.nat(20 * hourMs)) }),
      },
      { weight: 2, arbitrary: fc.constantFrom(...zones) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const { store, ...first } = setUp()
        let { open, tiers } = first
        let now = start
        let views = 0
        for (const each of steps) {
          if (typeof each === 'string') {
            store.checkpoint(tiers, now)
            const { closedBefore } = tiers
            ;({ open, tiers } = setUp(createTimeZone(each), {
              readStored: store.read,
              closePoints: createClosePoints(createTimeZone(each), closedBefore),
              now,
            }))
          } else if ('ago' in each) view(open, now - each.ago, '/', `v${views++}`)
          else store.checkpoint(tiers, (now += each.passes))
          for (const tier of ['minute', 'hour', 'day'] as const) {
            const rows = viewsOf(tiers, tier, 0, 9e15)
            expect([tier, rows.reduce((sum, [, count]) => sum + count, 0)]).toEqual([tier, views])
            expect(rangeViews(tiers, tier, start - 3 * dayMs, now + 1)).toBe(views)
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('keep the sums of a breakdown exact when it overflows', () => {
    const small = { ...bounds, maxBreakdownRows: 3 }
    const store = createStore()
    const calendar = createTimeZone('UTC')
    const closePoints = createClosePoints(calendar)
    const openTiers = createOpenTiers(closePoints, small)
    const open = openTiers.minute
    const tiers = createTiers({
      ...{ open: openTiers, closePoints, readStored: store.read, calendar, bounds: small },
    })
    let views = 0
    for (let minute = 0; minute < 90; minute++) {
      for (let path = 0; path <= minute % 7; path++, views++) {
        view(open, start + minute * minuteMs, `/${(path * minute) % 11}`, `v${views}`)
      }
      if (minute % 20 === 0) store.checkpoint(tiers, start + minute * minuteMs)
    }
    for (const tier of ['hour', 'day'] as const) {
      const parts = runToCompletion(tiers.read(tier, 'path', 0, 9e15))
      const rows = parts.map(each => runToCompletion(decodeBreakdown(each.bytes, small)))
      let sum = 0
      for (const { rows: named, other } of rows) {
        expect(named.size).toBeLessThanOrEqual(3)
        sum += other.count
        for (const { count } of named.values()) sum += count
      }
      expect(sum).toBe(views)
    }
  })
})

describe('Tiers: totals', () => {
  const tierNames = ['minute', 'hour', 'day'] as const
  const end = start + 3 * dayMs

  it('equal the encoded parts after any reads, checkpoints and changes', () => {
    const event = fc.record({
      ago: fc.integer({ min: 0, max: 30 * hourMs }),
      visitor: fc.integer({ min: 0, max: 500 }).map(String),
    })
    const step = fc.oneof(
      { weight: 4, arbitrary: event },
      { weight: 1, arbitrary: fc.constantFrom('checkpoint' as const, 'fail' as const) },
      { weight: 2, arbitrary: fc.constant('read' as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const { open, store, tiers } = setUp(createTimeZone('Australia/Lord_Howe'))
        let now = start + dayMs
        for (const each of [...steps, 'read' as const]) {
          if (each === 'checkpoint') store.checkpoint(tiers, (now += hourMs))
          else if (each === 'fail') runToCompletion(tiers.prepareCheckpoint((now += hourMs)).parts)
          else if (each !== 'read') view(open, now - each.ago, '/', each.visitor)
          else {
            for (const tier of tierNames) {
              const [totals, encoded] = totalsOf(tiers, tier, start - dayMs, now + 1)
              expect(totals).toEqual(encoded)
              expect(rangeViews(tiers, tier, now - 20 * hourMs, now)).toBe(
                viewsOf(tiers, tier, now - 20 * hourMs, now).reduce((sum, [, n]) => sum + n, 0),
              )
            }
          }
        }
      }),
    )
  })

  it('are read from the store once, also for empty spans, and again after a change', () => {
    const reads: string[] = []
    const { open, store, tiers } = setUp(undefined, {
      readStored: (tier, part, from, to) => {
        reads.push(`${tier} ${part} ${(from - start) / minuteMs} ${(to - start) / minuteMs}`)
        return store.read(tier, part, from, to)
      },
    })
    for (const minute of [0, 2, 4]) view(open, start + minute * minuteMs, '/', 'v')
    store.checkpoint(tiers, start + 5 * minuteMs)
    const hour = (): number[] =>
      tiers.totals('minute', start, start + hourMs).map(({ totals }) => totals.pageViews)
    reads.length = 0
    expect([hour(), hour()]).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ])
    // No stored bucket is later than the last stored minute.
    expect(reads).toEqual(['minute totals 0 5'])
    view(open, start + 2 * minuteMs, '/', 'v')
    expect([hour(), reads.length]).toEqual([[1, 2, 1], 1])
    store.checkpoint(tiers, start + 6 * minuteMs)
    reads.length = 0
    expect([hour(), hour()]).toEqual([
      [1, 2, 1],
      [1, 2, 1],
    ])
    expect(reads).toEqual(['minute totals 2 3'])
  })

  it('do not change after they were returned', () => {
    const { open, store, tiers } = setUp()
    view(open, start, '/', 'v')
    const before = tiers.totals('minute', start, end)
    view(open, start, '/', 'w')
    const then = tiers.totals('hour', start, end)
    store.checkpoint(tiers, start + minuteMs)
    const after = tiers.totals('minute', start, end)
    view(open, start, '/', 'x')
    store.checkpoint(tiers, start + 2 * minuteMs)
    const all = [before, then, after, tiers.totals('day', start, end)].map(
      ([first]) => first?.totals,
    )
    expect(all.map(totals => totals?.pageViews)).toEqual([1, 2, 2, 3])
    expect(all.map(totals => totals?.visitors.count())).toEqual([1, 2, 2, 3])
  })

  it('of two sites with one cache are separate', () => {
    const cache = new Map()
    const [one, other] = ['one', 'other'].map(site => setUp(undefined, { cache, site }))
    if (!one || !other) return
    view(one.open, start, '/', 'v')
    one.store.checkpoint(one.tiers, start + minuteMs)
    other.store.checkpoint(other.tiers, start + minuteMs)
    expect(one.tiers.totals('minute', start, end)).toHaveLength(1)
    expect(other.tiers.totals('minute', start, end)).toEqual([])
  })

  it('include buckets that were closed in another time zone', () => {
    const before = setUp(createTimeZone('Asia/Kathmandu'))
    for (const hour of [0, 5, 30]) view(before.open, start + hour * hourMs, '/', 'v')
    before.store.checkpoint(before.tiers, end)
    const { closedBefore } = before.tiers
    const { tiers } = setUp(createTimeZone('America/New_York'), {
      readStored: before.store.read,
      ...{
        closePoints: createClosePoints(createTimeZone('America/New_York'), closedBefore),
        now: end,
      },
    })
    for (let round = 0; round < 2; round++) {
      for (const tier of tierNames) {
        const [totals, encoded] = totalsOf(tiers, tier, start - 2 * dayMs, end)
        expect(totals.length).toBeGreaterThan(0)
        // Minutes are equal in all zones. Two old hours may be in one new hour, but none is missing.
        const views = tiers.totals(tier, start - 2 * dayMs, end).map(each => each.totals.pageViews)
        expect(views.reduce((sum, each) => sum + each, 0)).toBe(3)
        expect(encoded.length).toBeGreaterThan(0)
      }
    }
  })

  it('are complete when they exceed the cache', () => {
    const { open, store, tiers } = setUp(undefined, { cache: new LRUCache({ max: 100 }) })
    for (let minute = 0; minute < 1500; minute++) view(open, start + minute * minuteMs, '/', 'v')
    store.checkpoint(tiers, start + 1500 * minuteMs)
    for (let round = 0; round < 2; round++) {
      expect(tiers.totals('minute', start, end)).toHaveLength(1500)
    }
  })

  it('of ten years by days do not enumerate minutes', () => {
    const { open, store, tiers } = setUp()
    const before = performance.now()
    for (let round = 0; round < 20; round++) tiers.totals('day', 0, start + 3650 * dayMs)
    view(open, start, '/', 'v')
    store.checkpoint(tiers, start + minuteMs)
    for (let round = 0; round < 20; round++) {
      expect(tiers.totals('day', start, start + 3650 * dayMs)).toHaveLength(1)
    }
    // Each read takes seconds when it enumerates minutes.
    expect(performance.now() - before).toBeLessThan(5000)
  })
})
