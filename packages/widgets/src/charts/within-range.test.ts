import { expect, it } from 'vitest'
import { withinRange } from './within-range.ts'

const points = [10, 20, 30].map(at => ({ at, value: at, isPartial: false }))
const previous = [1, 2, 3].map(at => ({ at, value: at, isPartial: false }))

it('withinRange: keeps the points of a fixed range, and those of the earlier range beside them', () => {
  const shown = withinRange(points, previous, { from: 20, to: 30 })
  expect(shown.points.map(({ at }) => at)).toEqual([20])
  expect(shown.comparison?.map(point => point?.at)).toEqual([2])
})

it('withinRange: keeps all points without a range, and for one that moves with time', () => {
  expect(withinRange(points, undefined, undefined)).toEqual({ points, comparison: undefined })
  expect(withinRange(points, previous, { last: '7d' }).points).toBe(points)
})
