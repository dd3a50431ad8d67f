import { expect, it } from 'vitest'
import { scaleTop } from './scale.ts'

it.each([
  [0, 5],
  [5, 5],
  [6, 10],
  [38, 40],
  [41, 50],
  [51, 75],
  [76, 100],
  [412, 500],
  [12_345, 15_000],
])('fits %i under %i', (value, top) => {
  expect(scaleTop(value)).toBe(top)
})

it('has five whole steps under every top', () => {
  for (let value = 0; value < 5000; value += 7) {
    expect(scaleTop(value)).toBeGreaterThanOrEqual(value)
    expect(scaleTop(value) % 5).toBe(0)
  }
})
