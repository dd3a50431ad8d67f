import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RollupBounds, type Tally, defaultBounds } from './bounds.ts'
import { createMinutes } from './minutes.ts'

const minuteMs = 60_000
const start = 1_700_000_040_000

function setUp(bounds: Partial<RollupBounds> = {}) {
  const turnedAway: Tally = new Map()
  return { minutes: createMinutes({ ...defaultBounds, ...bounds }, turnedAway), turnedAway }
}

describe('minutes', () => {
  it('count each event in the minute in which it happened', () => {
    const { minutes } = setUp()
    minutes.add('page_view', '/a', start)
    minutes.add('page_view', '/a', start + minuteMs - 1)
    minutes.add('sign_up', '/a', start + 1)
    minutes.add('page_view', '/b', start + minuteMs)
    expect(minutes.get(start + 5)).toEqual({
      at: start,
      events: 3,
      pageViews: 2,
      paths: { counts: new Map([['/a', 2]]), other: 0 },
      names: {
        counts: new Map([
          ['page_view', 2],
          ['sign_up', 1],
        ]),
        other: 0,
      },
    })
    expect(minutes.get(start + minuteMs)?.events).toBe(1)
    expect(minutes.get(start - 1)).toBeUndefined()
  })

  it('count a page view without a page under `(none)`', () => {
    const { minutes } = setUp()
    minutes.add('page_view', undefined, start)
    expect(minutes.get(start)?.paths.counts).toEqual(new Map([['(none)', 1]]))
  })

  it.each(['__proto__', 'constructor', 'toString'])('count %s as any other name', name => {
    const { minutes } = setUp()
    minutes.add(name, undefined, start)
    minutes.add(name, undefined, start)
    minutes.add('page_view', name, start)
    expect(minutes.get(start)?.names.counts.get(name)).toBe(2)
    expect(minutes.get(start)?.paths.counts).toEqual(new Map([[name, 1]]))
  })

  it('forget a minute exactly when it is older than the retention, and take nothing into it', () => {
    const { minutes } = setUp()
    minutes.add('x', undefined, start)
    minutes.advance(start + defaultBounds.retentionMs + minuteMs - 1)
    expect(minutes.get(start)?.events).toBe(1)
    minutes.add('x', undefined, start)
    expect(minutes.get(start)?.events).toBe(2)
    minutes.advance(start + defaultBounds.retentionMs + minuteMs)
    expect(minutes.get(start)).toBeUndefined()
    minutes.add('x', undefined, start)
    expect(minutes.get(start)).toBeUndefined()
    minutes.advance(start)
    minutes.add('x', undefined, start)
    expect(minutes.get(start)).toBeUndefined()
  })

  it('keep names up to a bound in each minute, count the rest together, and say so', () => {
    const { minutes, turnedAway } = setUp({ maxNamesPerMinute: 2 })
    for (const path of ['/a', '/b', '/c', '/d', '/a']) minutes.add('page_view', path, start)
    minutes.add('page_view', '/z', start + minuteMs)
    expect(minutes.get(start)?.paths).toEqual({
      counts: new Map([
        ['/a', 2],
        ['/b', 1],
      ]),
      other: 2,
    })
    expect(minutes.get(start)?.pageViews).toBe(5)
    expect(minutes.get(start + minuteMs)?.paths.other).toBe(0)
    expect(turnedAway).toEqual(new Map([['names', 2]]))
  })
})

it('always sum exactly, whatever is named', () => {
  const events = fc.array(
    fc.record({
      name: fc.oneof(fc.constant('page_view'), fc.string({ maxLength: 2 })),
      path: fc.option(fc.string({ maxLength: 2 }), { nil: undefined }),
      minute: fc.nat(3),
    }),
  )
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 5 }), (all, maxNamesPerMinute) => {
      const { minutes } = setUp({ maxNamesPerMinute })
      for (const { name, path, minute } of all) minutes.add(name, path, start + minute * minuteMs)
      const sum = (counts: Map<string, number>): number =>
        [...counts.values()].reduce((a, b) => a + b, 0)
      for (let minute = 0; minute <= 3; minute++) {
        const bucket = minutes.get(start + minute * minuteMs)
        const own = all.filter(event => event.minute === minute)
        const views = own.filter(event => event.name === 'page_view').length
        expect(bucket?.events ?? 0).toBe(own.length)
        expect(bucket?.pageViews ?? 0).toBe(views)
        if (!bucket) continue
        expect(sum(bucket.names.counts) + bucket.names.other).toBe(own.length)
        expect(sum(bucket.paths.counts) + bucket.paths.other).toBe(views)
        expect(bucket.names.counts.size).toBeLessThanOrEqual(maxNamesPerMinute)
        expect(bucket.paths.counts.size).toBeLessThanOrEqual(maxNamesPerMinute)
      }
    }),
  )
})
