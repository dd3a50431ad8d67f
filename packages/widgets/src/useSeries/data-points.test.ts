import { expect, it } from 'vitest'
import { dataPoints } from './data-points.ts'

it('dataPoints: sorts by time, and reads dates, text and big integers', () => {
  const data = [
    { at: new Date(3000), value: 3n },
    { at: 1000, value: '1' },
    { at: '1970-01-01T00:00:02Z', value: 2, isPartial: true },
  ]
  expect(dataPoints(data, 10)).toEqual([
    { at: 1000, value: 1, isPartial: false },
    { at: 2000, value: 2, isPartial: true, partial: 'running' },
    { at: 3000, value: 3, isPartial: false },
  ])
})

it('dataPoints: has a gap for a missing number, and leaves out invalid times', () => {
  const data = [{ at: 1 }, { at: 2, value: null }, { at: 3, value: Number.NaN }, { at: 'soon' }]
  expect(dataPoints(data, 10).map(({ at, value }) => [at, value])).toEqual([
    [1, undefined],
    [2, undefined],
    [3, undefined],
  ])
})

it('dataPoints: keeps the last points', () => {
  const data = [3, 1, 2].map(at => ({ at, value: at }))
  expect(dataPoints(data, 2).map(({ at }) => at)).toEqual([2, 3])
})
