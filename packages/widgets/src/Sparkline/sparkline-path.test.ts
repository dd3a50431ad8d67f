import { expect, it } from 'vitest'
import { sparklinePaths } from './sparkline-path.ts'

it('sparklinePaths: spans the box from zero to the largest value', () => {
  expect(sparklinePaths([0, 5, 10])).toEqual({
    line: 'M0 100L50 50L100 0',
    area: 'M0 100L50 50L100 0L100 100L0 100Z',
  })
})

it('sparklinePaths: interrupts the line at a gap', () => {
  expect(sparklinePaths([4, 4, undefined, Number.NaN, 2, 4]).line).toBe('M0 0L20 0M80 50L100 0')
})

it('sparklinePaths: draws a point without neighbors', () => {
  expect(sparklinePaths([1, undefined, 1])).toEqual({ line: 'M0 0h0M100 0h0', area: '' })
  expect(sparklinePaths([3]).line).toBe('M0 0h0')
})

it('sparklinePaths: draws zeros at the bottom, and negative values below zero', () => {
  expect(sparklinePaths([0, 0]).line).toBe('M0 100L100 100')
  expect(sparklinePaths([-1, 1]).area).toBe('M0 100L100 0L100 50L0 50Z')
})

it('sparklinePaths: is empty without values, and bounded with many', () => {
  expect(sparklinePaths([])).toEqual({ line: '', area: '' })
  expect(sparklinePaths([undefined]).line).toBe('')
  const { line } = sparklinePaths(Array.from({ length: 10_000 }, (_, index) => index))
  expect(line.split('L').length).toBe(600)
})
