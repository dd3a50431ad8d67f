import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Totals, countEvent, createTotals } from '../bucket/totals.ts'
import { createMinuteSeries } from './minute-series.ts'
import { hash64 } from '../sketch/hash.ts'

const start = 1_700_000_040_000
const minuteMs = 60_000

/** Minutes that can be counted in, and a log of what was read of them. */
function setUp() {
  const minutes = new Map<number, Totals>()
  let reads: [number, number][] = []
  const series = createMinuteSeries((from, to) => {
    reads.push([from, to])
    return [...minutes]
      .filter(([at]) => at >= from && at < to)
      .toSorted(([a], [b]) => a - b)
      .map(([at, totals]) => ({ start: at, totals }))
  })
  return {
    series,
    /** Counts without saying so, as it was before a start. */
    count(at: number, isPageView = true, visitor = 'v'): void {
      const minute = Math.floor(at / minuteMs) * minuteMs
      const totals = minutes.get(minute) ?? createTotals()
      minutes.set(minute, totals)
      countEvent(totals, isPageView, hash64(visitor))
    },
    takeReads(): [number, number][] {
      const taken = reads
      reads = []
      return taken
    },
  }
}

describe('the last hour by minutes', () => {
  it('is read as a whole once, by whoever looks first', () => {
    const { series, count, takeReads } = setUp()
    count(start - 60 * minuteMs)
    count(start - 59 * minuteMs)
    count(start, false, 'w')
    series.advance(start + 5000)
    expect(takeReads()).toEqual([])
    expect(series.rows()).toEqual([
      { at: start - 59 * minuteMs, events: 1, pageViews: 1, visitors: 1 },
      { at: start, events: 1, pageViews: 0, visitors: 1 },
    ])
    expect(takeReads()).toEqual([[start - 59 * minuteMs, start + minuteMs]])
  })

  it('reads a minute again only when something happened in it, and then once', () => {
    const { series, count, takeReads } = setUp()
    series.advance(start)
    series.rows()
    takeReads()
    for (const at of [start + 1, start + 2, start - 7 * minuteMs + 5]) {
      count(at)
      series.invalidate(at)
    }
    expect(series.rows()).toEqual([
      { at: start - 7 * minuteMs, events: 1, pageViews: 1, visitors: 1 },
      { at: start, events: 2, pageViews: 2, visitors: 1 },
    ])
    expect(takeReads().toSorted(([a], [b]) => a - b)).toEqual([
      [start - 7 * minuteMs, start - 6 * minuteMs],
      [start, start + minuteMs],
    ])
    series.advance(start + minuteMs)
    series.rows()
    expect(takeReads()).toEqual([])
  })

  it('is the same array until a minute is over or something happens', () => {
    const { series, count } = setUp()
    series.advance(start)
    count(start)
    series.invalidate(start)
    const rows = series.rows()
    series.advance(start + minuteMs - 1)
    series.invalidate(start - 60 * minuteMs)
    expect(series.rows()).toBe(rows)
    series.invalidate(start)
    expect(series.rows()).not.toBe(rows)
    const again = series.rows()
    series.advance(start + minuteMs)
    expect(series.rows()).not.toBe(again)
  })

  it('loses a minute when it is an hour old, and reads none that is', () => {
    const { series, count, takeReads } = setUp()
    series.advance(start)
    count(start)
    series.invalidate(start)
    series.rows()
    series.advance(start + 60 * minuteMs - 1)
    expect(series.rows().map(({ at }) => at)).toEqual([start])
    series.advance(start + 60 * minuteMs)
    expect(series.rows()).toEqual([])
    takeReads()
    series.invalidate(start + minuteMs - 1)
    expect(series.rows()).toEqual([])
    expect(takeReads()).toEqual([])
  })

  it('takes a late event in the oldest minute that it shows', () => {
    const { series, count } = setUp()
    series.advance(start)
    series.rows()
    count(start - 59 * minuteMs)
    series.invalidate(start - 59 * minuteMs)
    expect(series.rows().map(({ at }) => at)).toEqual([start - 59 * minuteMs])
  })

  it('is what a plain model shows, whenever somebody looks', () => {
    const step = fc.record({
      afterMs: fc.oneof(fc.nat(1000), fc.nat(10 * minuteMs)),
      ageMs: fc.oneof(fc.nat(1000), fc.nat(70 * minuteMs)),
      looks: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step), steps => {
        const { series, count } = setUp()
        const all: number[] = []
        let now = start
        for (const { afterMs, ageMs, looks } of steps) {
          now += afterMs
          const at = now - ageMs
          all.push(at)
          series.advance(now)
          count(at)
          series.invalidate(at)
          if (!looks) continue
          const minute = Math.floor(now / minuteMs) * minuteMs
          const counts = Map.groupBy(all, each => Math.floor(each / minuteMs) * minuteMs)
          const expected = [...counts]
            .filter(([each]) => each > minute - 60 * minuteMs)
            .toSorted(([a], [b]) => a - b)
          expect(series.rows().map(row => [row.at, row.events])).toEqual(
            expected.map(([each, events]) => [each, events.length]),
          )
        }
      }),
    )
  })
})
