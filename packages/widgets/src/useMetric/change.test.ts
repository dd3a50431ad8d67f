import { expect, it } from 'vitest'
import { changeOf, trendOf } from './change.ts'

it.each([
  [12, 10, 0.2, 'up'],
  [8, 10, -0.2, 'down'],
  [1000, 1001, -1 / 1001, 'stable'],
  [10, 10, 0, 'stable'],
  [0, 0, 0, 'stable'],
  [5, 0, undefined, 'up'],
  [-5, -10, 0.5, 'up'],
  [undefined, 1, undefined, undefined],
  [1, undefined, undefined, undefined],
])('changeOf: compares %s with %s', (value, previous, change, trend) => {
  expect(changeOf(value, previous)).toBe(change)
  expect(trendOf(value, previous)).toBe(trend)
})
