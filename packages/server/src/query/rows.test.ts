import { describe, expect, it } from 'vitest'
import { createBreakdown } from '../rollup/bucket/breakdown.ts'
import { createTotals } from '../rollup/bucket/totals.ts'
import { createValues } from '../rollup/bucket/values.ts'
import { hash64 } from '../rollup/sketch/hash.ts'
import { toMetricsRows, toMetricsTotals, toValueRows } from './rows.ts'

/** Creates a breakdown of page views by path. Each path has one visitor. */
function viewsOf(counts: readonly (readonly [path: string, views: number])[], maxRows = 10) {
  const breakdown = createBreakdown(maxRows)
  for (const [path, views] of counts) {
    for (let each = 0; each < views; each++) breakdown.add(path, hash64(path))
  }
  return breakdown
}

describe('toMetricsRows', () => {
  const counts = viewsOf([
    ['/b', 1],
    ['/c', 3],
    ['/a', 1],
  ])

  it('returns all rows when there are as many as the limit', () => {
    expect(toMetricsRows('path', counts, 3)).toEqual([
      { path: '/c', pageViews: 3, visitors: 1 },
      { path: '/a', pageViews: 1, visitors: 1 },
      { path: '/b', pageViews: 1, visitors: 1 },
    ])
  })

  it('combines rows beyond the limit, and counts each of their visitors once', () => {
    expect(toMetricsRows('path', counts, 1)).toEqual([
      { path: '/c', pageViews: 3, visitors: 1 },
      { path: '(other)', pageViews: 2, visitors: 2, rest: true },
    ])
  })

  it('includes rows beyond the table bound in the rest', () => {
    const bounded = viewsOf(
      [
        ['/a', 2],
        ['/b', 1],
        ['/c', 1],
        ['/d', 1],
      ],
      2,
    )
    expect(toMetricsRows('path', bounded, 1)).toEqual([
      { path: '/a', pageViews: 2, visitors: 1 },
      { path: '(other)', pageViews: 3, visitors: 3, rest: true },
    ])
  })

  it('distinguishes the rest from a path named `(other)`', () => {
    const named = viewsOf([
      ['(other)', 2],
      ['/a', 1],
    ])
    expect(toMetricsRows('path', named, 1)).toEqual([
      { path: '(other)', pageViews: 2, visitors: 1 },
      { path: '(other)', pageViews: 1, visitors: 1, rest: true },
    ])
  })

  it('does not change the table', () => {
    const before = toMetricsRows('path', counts, 3)
    toMetricsRows('path', counts, 1)
    expect(toMetricsRows('path', counts, 3)).toEqual(before)
    expect(counts.other.count).toBe(0)
  })
})

describe('toMetricsTotals', () => {
  it('returns the bounce rate', () => {
    const totals = Object.assign(createTotals(), { events: 5, sessions: 4, bounces: 1 })
    expect(toMetricsTotals(totals)).toEqual({
      events: 5,
      pageViews: 0,
      visitors: 0,
      sessions: 4,
      bounces: 1,
      bounceRate: 0.25,
      botEvents: 0,
    })
  })

  it.each([
    [0, 0],
    [-1, -1],
  ])('returns the bounce rate 0 for %i sessions', (sessions, bounces) => {
    const totals = Object.assign(createTotals(), { sessions, bounces })
    expect(toMetricsTotals(totals).bounceRate).toBe(0)
  })
})

describe('toValueRows', () => {
  it('returns summaries by name, with events per second', () => {
    const values = createValues(10)
    for (const name of ['order', 'load', 'order', 'Zoom']) values.add(name, 2, 0)
    expect(toValueRows(values, 500).map(({ name, count, rate }) => [name, count, rate])).toEqual([
      ['Zoom', 1, 2],
      ['load', 1, 2],
      ['order', 2, 4],
    ])
  })
})
