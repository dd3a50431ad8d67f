import fc from 'fast-check'
import { expect, it } from 'vitest'
import { extentOf, fractionOf, valueScale } from './value-scale.ts'

it.each<[number, number, boolean, number[]]>([
  [0, 0, true, []],
  [0, 3, true, [0, 1, 2, 3]],
  [0, 7, true, [0, 2, 4, 6, 8]],
  [0, 97, true, [0, 25, 50, 75, 100]],
  [0, 1, false, [0, 0.25, 0.5, 0.75, 1]],
  [0, 0.3, false, [0, 0.1, 0.2, 0.3]],
  [-5, 12, true, [-5, 0, 5, 10, 15]],
])('valueScale: has round steps for %d to %d', (min, max, isWhole, ticks) => {
  const scale = valueScale(min, max, 4, isWhole)
  if (max > 0) expect(scale.ticks).toEqual(ticks)
  expect(scale.ticks.length).toBeGreaterThan(1)
})

it('valueScale: contains all values with evenly spaced, few ticks', () => {
  const value = fc.double({ min: -1e12, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(value, value, fc.integer({ min: 1, max: 8 }), (a, b, maxSteps) => {
      const [min, max] = [Math.min(a, b, 0), Math.max(a, b, 0)]
      const scale = valueScale(min, max, maxSteps, false)
      const tolerance = 1e-9 * (1 + max - min)
      expect(scale.min).toBeLessThanOrEqual(min + tolerance)
      expect(scale.max).toBeGreaterThanOrEqual(max - tolerance)
      expect(scale.max).toBeGreaterThan(scale.min)
      expect(scale.ticks.length).toBeLessThanOrEqual(maxSteps + 3)
      expect(scale.ticks.at(0)).toBe(scale.min)
      expect(scale.ticks.at(-1)).toBe(scale.max)
    }),
  )
})

it('extentOf: contains 0, and ignores gaps', () => {
  expect(extentOf([])).toEqual({ min: 0, max: 0 })
  expect(extentOf([{ values: [undefined, 5] }, { values: [3, -2] }])).toEqual({ min: -2, max: 5 })
})

it('fractionOf: returns the height of a value', () => {
  expect(fractionOf(25, { min: 0, max: 100, ticks: [] })).toBe(0.25)
})
