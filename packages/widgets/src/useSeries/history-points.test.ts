import { expect, it } from 'vitest'
import type { Granularity, MetricsSeries } from '../fetchMetrics/metrics.ts'
import { alignPrevious, historyPoints } from './history-points.ts'

const hour = 3_600_000
const zero = {
  events: 0,
  pageViews: 0,
  visitors: 0,
  sessions: 0,
  bounces: 0,
  bounceRate: 0,
  botEvents: 0,
}

function series(granularity: Granularity, starts: number[], to: number): MetricsSeries {
  const buckets = starts.map((at, index) => ({ ...zero, at, pageViews: index + 1 }))
  return { from: starts[0] ?? 0, to, granularity, totals: zero, buckets }
}

const threeHours = series('hour', [10 * hour, 11 * hour, 12 * hour], 13 * hour)

it('historyPoints: marks the running bucket as partial', () => {
  expect(historyPoints(threeHours, 'pageViews', { fetchedAt: 12.5 * hour })).toEqual([
    { at: 10 * hour, value: 1, isPartial: false },
    { at: 11 * hour, value: 2, isPartial: false },
    { at: 12 * hour, value: 3, isPartial: true, partial: 'running' },
  ])
})

it('historyPoints: marks a bucket that begins before the requested start as partial', () => {
  const moments = { fetchedAt: 20 * hour, from: 10.25 * hour }
  const partial = historyPoints(threeHours, 'pageViews', moments).map(point => point.partial)
  expect(partial).toEqual(['start', undefined, undefined])
  const whole = historyPoints(threeHours, 'pageViews', { fetchedAt: 20 * hour, from: 10 * hour })
  expect(whole.some(({ isPartial }) => isPartial)).toBe(false)
})

it('historyPoints: has no value for buckets in the future', () => {
  const points = historyPoints(threeHours, 'pageViews', { fetchedAt: 10.5 * hour })
  expect(points.map(({ value }) => value)).toEqual([1, undefined, undefined])
})

it('historyPoints: has no value for buckets with damaged numbers', () => {
  const damaged = { ...threeHours, missing: [{ from: 11.5 * hour, to: 12 * hour }] }
  expect(historyPoints(damaged, 'pageViews', { fetchedAt: 20 * hour })).toEqual([
    { at: 10 * hour, value: 1, isPartial: false },
    { at: 11 * hour, value: undefined, isPartial: false, gap: 'unknown' },
    { at: 12 * hour, value: 3, isPartial: false },
  ])
})

it('historyPoints: is empty without buckets', () => {
  expect(historyPoints(series('day', [], 0), 'visitors', { fetchedAt: 5 })).toEqual([])
})

it('alignPrevious: aligns from the end when the clocks have changed', () => {
  const points = (...values: number[]) =>
    values.map((value, index) => ({ at: index, value, isPartial: false }))
  const valuesOf = (current: number[], previous: number[]) =>
    alignPrevious(points(...current), points(...previous)).map(point => point?.value)
  expect(valuesOf([1, 2, 3], [4, 5, 6])).toEqual([4, 5, 6])
  expect(valuesOf([1, 2, 3], [9, 4, 5, 6])).toEqual([4, 5, 6])
  expect(valuesOf([1, 2, 3], [5, 6])).toEqual([undefined, 5, 6])
  expect(valuesOf([], [5, 6])).toEqual([])
})

it('alignPrevious: shifts a range that was requested before the current one moved on', () => {
  const points = [0, 1, 2].map(at => ({ at, value: at, isPartial: false }))
  expect(alignPrevious(points, points, 1).map(point => point?.value)).toEqual([1, 2, undefined])
})
