import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PartName, partNames } from './bucket/dimensions.ts'
import { decodeBreakdown, decodeTotals, defaultBucketBounds as bounds } from './bucket/parts.ts'
import { countEvent } from './bucket/totals.ts'
import { type EncodedPart, type OpenMinutes, createOpenMinutes } from './open-minutes.ts'
import { hash64 } from './sketch/hash.ts'
import { finish } from './steps.ts'
import { type Calendar, type Tier, type TieredPart, type Tiers, createTiers } from './tiers.ts'
import { createTimeZone } from './time-zone.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const start = Date.UTC(2026, 2, 10)

/** What a store does for tiers, and no more. */
function createKept(): {
  read(tier: Tier, part: PartName, from: number, to: number): EncodedPart[]
  settle(tiers: Tiers, now: number): TieredPart[]
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
    settle(tiers, now) {
      const settlement = tiers.settle(now)
      const parts = finish(settlement.parts)
      for (const row of parts) rows.set(`${row.tier} ${row.part} ${row.start}`, row)
      settlement.done()
      return parts
    },
  }
}

function setUp(calendar: Calendar = createTimeZone('UTC')) {
  const open = createOpenMinutes(bounds)
  const kept = createKept()
  return { open, kept, tiers: createTiers({ open, read: kept.read, calendar, bounds }) }
}

function view(open: OpenMinutes, at: number, path: string, visitor: string): void {
  const bucket = open.bucketAt(at)
  countEvent(bucket.totals, true, hash64(visitor))
  bucket.count('path', path, hash64(visitor))
}

function viewsOf(tiers: Tiers, tier: Tier, from: number, to: number): [number, number][] {
  return tiers
    .read(tier, 'totals', from, to)
    .map(each => [each.start, decodeTotals(each.bytes).pageViews])
}

/** Every part of every bucket of a tier, as text. */
function dump(tiers: Tiers, tier: Tier): string[] {
  return partNames.flatMap(part =>
    tiers
      .read(tier, part, 0, 9e15)
      .map(each => `${part} ${each.start} ${Buffer.from(each.bytes).toString('hex')}`),
  )
}

describe('the history of a site', () => {
  it('has a minute at once, and the hour and day that it is in', () => {
    const { open, tiers } = setUp()
    view(open, start + 61_000, '/a', 'v')
    view(open, start + 62_000, '/b', 'v')
    expect(viewsOf(tiers, 'minute', 0, 9e15)).toEqual([[start + minuteMs, 2]])
    expect(viewsOf(tiers, 'hour', 0, 9e15)).toEqual([[start, 2]])
    expect(viewsOf(tiers, 'day', 0, 9e15)).toEqual([[start, 2]])
  })

  it('puts a late event where it belongs, in tiers that were long closed too', () => {
    const { open, kept, tiers } = setUp()
    view(open, start, '/a', 'v')
    kept.settle(tiers, start + 2 * dayMs)
    expect(tiers.closedUpTo).toEqual({ hour: start + 2 * dayMs - hourMs, day: start + dayMs })
    view(open, start + 1000, '/b', 'w')
    for (let round = 0; round < 2; round++) {
      for (const tier of ['minute', 'hour', 'day'] as const) {
        expect(viewsOf(tiers, tier, 0, 9e15)).toEqual([[start, 2]])
      }
      kept.settle(tiers, start + 2 * dayMs)
    }
  })

  it('is read in ranges that end before their end', () => {
    const { open, kept, tiers } = setUp()
    for (const minute of [0, 1, 2, 60, 61, 120]) view(open, start + minute * minuteMs, '/', 'v')
    const check = (): void => {
      expect(viewsOf(tiers, 'minute', start + minuteMs, start + 60 * minuteMs)).toHaveLength(2)
      expect(viewsOf(tiers, 'hour', start + hourMs, start + 2 * hourMs)).toEqual([
        [start + hourMs, 2],
      ])
      expect(viewsOf(tiers, 'day', start + dayMs, start + 2 * dayMs)).toEqual([])
    }
    check()
    kept.settle(tiers, start + 2 * hourMs)
    check()
    kept.settle(tiers, start + 3 * dayMs)
    check()
  })

  it('has an hour closed two minutes after its end, and a day with its last hour, and never opens them', () => {
    const { open, kept, tiers } = setUp()
    view(open, start + 23 * hourMs, '/', 'v')
    const midnight = start + dayMs
    kept.settle(tiers, midnight + 2 * minuteMs - 1)
    expect(tiers.closedUpTo).toEqual({ hour: midnight - hourMs, day: start })
    kept.settle(tiers, midnight + 2 * minuteMs)
    expect(tiers.closedUpTo).toEqual({ hour: midnight, day: midnight })
    kept.settle(tiers, start)
    expect(tiers.closedUpTo).toEqual({ hour: midnight, day: midnight })
  })

  it('keeps what changed, hours and days once they are over, and both again when that changes', () => {
    const { open, kept, tiers } = setUp()
    const settled = (now: number): string[] => {
      const keeps = kept.settle(tiers, now).filter(({ part }) => part === 'totals')
      return keeps.map(each => `${each.tier} ${(each.start - start) / minuteMs}`)
    }
    view(open, start, '/', 'v')
    expect(settled(start + minuteMs)).toEqual(['minute 0'])
    // Nothing is closed yet, and from here on all before is.
    expect(settled(start + hourMs + 2 * minuteMs)).toEqual(['hour 0'])
    // The first minute of an hour that is open is no change to one that is closed.
    view(open, start + hourMs, '/', 'v')
    expect(settled(start + hourMs + 3 * minuteMs)).toEqual(['minute 60'])
    view(open, start + 59 * minuteMs, '/', 'v')
    expect(settled(start + hourMs + 4 * minuteMs)).toEqual(['minute 59', 'hour 0'])
    expect(settled(start + dayMs + 2 * minuteMs)).toEqual(['hour 60', 'day 0'])
    view(open, start + dayMs, '/', 'v')
    expect(settled(start + dayMs + 3 * minuteMs)).toEqual(['minute 1440'])
    view(open, start + 60 * minuteMs, '/', 'v')
    expect(settled(start + dayMs + 4 * minuteMs)).toEqual(['minute 60', 'hour 60', 'day 0'])
    expect(settled(start + dayMs + 5 * minuteMs)).toEqual([])
  })

  it('cuts hours and days in the time zone of the site', () => {
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

  it('is the same byte for byte, however events are ordered and whenever it is kept', () => {
    const event = fc.record({
      at: fc.integer({ min: 0, max: 3 * dayMs }),
      path: fc.constantFrom('/', '/a', '/b'),
      visitor: fc.integer({ min: 0, max: 20 }).map(String),
    })
    const step = fc.oneof(
      { weight: 5, arbitrary: event },
      { weight: 1, arbitrary: fc.constant('settle' as const) },
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
            if (each === 'settle') one.kept.settle(one.tiers, (now += 7 * hourMs))
            else view(one.open, start + each.at, each.path, each.visitor)
          }
          const events = steps.filter(each => each !== 'settle')
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

  it('keeps the sums of a breakdown exact where it has no room for every name', () => {
    const open = createOpenMinutes({ ...bounds, maxBreakdownRows: 3 })
    const kept = createKept()
    const calendar = createTimeZone('UTC')
    const small = { ...bounds, maxBreakdownRows: 3 }
    const tiers = createTiers({ open, read: kept.read, calendar, bounds: small })
    let views = 0
    for (let minute = 0; minute < 90; minute++) {
      for (let path = 0; path <= minute % 7; path++, views++) {
        view(open, start + minute * minuteMs, `/${(path * minute) % 11}`, `v${views}`)
      }
      if (minute % 20 === 0) kept.settle(tiers, start + minute * minuteMs)
    }
    for (const tier of ['hour', 'day'] as const) {
      const rows = tiers.read(tier, 'path', 0, 9e15).map(each => decodeBreakdown(each.bytes, small))
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
