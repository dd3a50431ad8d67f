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
])('scaleTop: scales %i to %i', (value, top) => {
  expect(scaleTop(value)).toBe(top)
})

it('scaleTop: returns a maximum that divides into five whole steps', () => {
  for (let value = 0; value < 5000; value += 7) {
    expect(scaleTop(value)).toBeGreaterThanOrEqual(value)
    expect(scaleTop(value) % 5).toBe(0)
  }
})
