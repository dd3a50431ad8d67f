import { expect, it } from 'vitest'
import { toNumber, toTime } from './to-number.ts'

it.each<[unknown, number | undefined]>([
  [3, 3],
  [-0.5, -0.5],
  ['12.5', 12.5],
  [' 7 ', 7],
  [10n, 10],
  ['', undefined],
  ['  ', undefined],
  ['many', undefined],
  [null, undefined],
  [undefined, undefined],
  [Number.NaN, undefined],
  [Infinity, undefined],
  [true, undefined],
  [[5], undefined],
  [new Date(5), undefined],
])('toNumber: converts %o to %s', (value, expected) => {
  expect(toNumber(value)).toBe(expected)
})

it.each<[unknown, number | undefined]>([
  [5, 5],
  [new Date(7), 7],
  ['1970-01-01T00:00:01Z', 1000],
  ['1970-01-02', 86_400_000],
  [new Date(Number.NaN), undefined],
  ['12', undefined],
  ['March 3', undefined],
  [null, undefined],
])('toTime: converts %o to %s', (value, expected) => {
  expect(toTime(value)).toBe(expected)
})
