import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Totals, countEvent, createTotals } from '../bucket/totals.ts'
import { createMinuteSeries } from './minute-series.ts'
import { hash64 } from '../sketch/hash.ts'

const start = 1_700_000_040_000
const minuteMs = 60_000

/** Creates a series over a map of minutes, and records each read of the map. */
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
    /** Counts an event without invalidating its minute. */
    count(at: number, isPageView = true, visitor = 'v'): void {
      const minute = Math.floor(at / minuteMs) * minuteMs
      const totals = minutes.get(minute) ?? createTotals()
      minutes.set(minute, totals)
      countEvent(totals, isPageView, hash64(visitor))
    },
    drainReads(): [number, number][] {
      const drained = reads
      reads = []
      return drained
    },
  }
}

describe('MinuteSeries', () => {
  it('loads the whole hour once, on the first read', () => {
    const { series, count, drainReads } = setUp()
    count(start - 60 * minuteMs)
    count(start - 59 * minuteMs)
    count(start, false, 'w')
    series.advance(start + 5000)
    expect(drainReads()).toEqual([])
    expect(series.rows()).toEqual([
      { at: start - 59 * minuteMs, events: 1, pageViews: 1, visitors: 1 },
      { at: start, events: 1, pageViews: 0, visitors: 1 },
    ])
    expect(drainReads()).toEqual([[start - 59 * minuteMs, start + minuteMs]])
  })

  it('reads a minute again only after a change, and then once', () => {
    const { series, count, drainReads } = setUp()
    series.advance(start)
    series.rows()
    drainReads()
    for (const at of [start + 1, start + 2, start - 7 * minuteMs + 5]) {
      count(at)
      series.invalidate(at)
    }
    expect(series.rows()).toEqual([
      { at: start - 7 * minuteMs, events: 1, pageViews: 1, visitors: 1 },
      { at: start, events: 2, pageViews: 2, visitors: 1 },
    ])
    expect(drainReads().toSorted(([a], [b]) => a - b)).toEqual([
      [start - 7 * minuteMs, start - 6 * minuteMs],
      [start, start + minuteMs],
    ])
    series.advance(start + minuteMs)
    series.rows()
    expect(drainReads()).toEqual([])
  })

  it('returns the same array until the next minute starts or a minute changes', () => {
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
    const updated = series.rows()
    series.advance(start + minuteMs)
    expect(series.rows()).not.toBe(updated)
  })

  it('drops a minute after an hour, and does not read it again', () => {
    const { series, count, drainReads } = setUp()
    series.advance(start)
    count(start)
    series.invalidate(start)
    series.rows()
    series.advance(start + 60 * minuteMs - 1)
    expect(series.rows().map(({ at }) => at)).toEqual([start])
    series.advance(start + 60 * minuteMs)
    expect(series.rows()).toEqual([])
    drainReads()
    series.invalidate(start + minuteMs - 1)
    expect(series.rows()).toEqual([])
    expect(drainReads()).toEqual([])
  })

  it('shows a late event in its oldest minute', () => {
    const { series, count } = setUp()
    series.advance(start)
    series.rows()
    count(start - 59 * minuteMs)
    series.invalidate(start - 59 * minuteMs)
    expect(series.rows().map(({ at }) => at)).toEqual([start - 59 * minuteMs])
  })

  it('agrees with a simple model at any time of reading', () => {
    const step = fc.record({
      afterMs: fc.oneof(fc.nat(1000), fc.nat(10 * minuteMs)),
      ageMs: fc.oneof(fc.nat(1000), fc.nat(70 * minuteMs)),
      reads: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step), steps => {
        const { series, count } = setUp()
        const all: number[] = []
        let now = start
        for (const { afterMs, ageMs, reads } of steps) {
          now += afterMs
          const at = now - ageMs
          all.push(at)
          series.advance(now)
          count(at)
          series.invalidate(at)
          if (!reads) continue
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
