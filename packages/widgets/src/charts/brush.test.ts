import { expect, it } from 'vitest'
import { indexAt, movedIndex, positionOf, rangeOf, spanBetween, spanEdges } from './brush.ts'

const line = { count: 5, hasSlots: false }
const bars = { count: 4, hasSlots: true }

it('positionOf: places points of a line from edge to edge, and bars in slots', () => {
  expect([0, 2, 4].map(index => positionOf(index, line))).toEqual([0, 0.5, 1])
  expect([0, 3].map(index => positionOf(index, bars))).toEqual([0.125, 0.875])
  expect(positionOf(0, { count: 1, hasSlots: false })).toBe(0.5)
})

it('indexAt: finds the nearest point, also outside of the chart', () => {
  expect([-3, 0.1, 0.4, 0.99, 7].map(position => indexAt(position, line))).toEqual([0, 0, 2, 4, 4])
  expect([0, 0.24, 0.26, 1].map(position => indexAt(position, bars))).toEqual([0, 0, 1, 3])
})

it('indexAt: inverts positionOf', () => {
  for (const layout of [line, bars, { count: 3600, hasSlots: true }]) {
    for (let index = 0; index < layout.count; index += 1)
      expect(indexAt(positionOf(index, layout), layout)).toBe(index)
  }
})

it('indexAt: finds the nearest of unevenly spaced points', () => {
  const uneven = { count: 3, hasSlots: false, positions: [0, 0.9, 1] }
  expect(positionOf(1, uneven)).toBe(0.9)
  expect([0.3, 0.5, 0.97].map(position => indexAt(position, uneven))).toEqual([0, 1, 2])
})

it('spanEdges: includes whole bars', () => {
  expect(spanEdges({ first: 1, last: 2 }, bars)).toEqual([0.25, 0.75])
  expect(spanEdges({ first: 1, last: 2 }, line)).toEqual([0.25, 0.5])
})

it('rangeOf: reaches from the first bucket to the end of the last one', () => {
  const starts = [0, 10, 20, 35]
  expect(rangeOf(spanBetween(2, 1), starts, 10)).toEqual({ from: 10, to: 35 })
  expect(rangeOf({ first: 3, last: 3 }, starts, 10)).toEqual({ from: 35, to: 45 })
  expect(rangeOf({ first: 3, last: 4 }, starts, 10)).toBeUndefined()
})

it.each([
  ['ArrowRight', false, 6],
  ['ArrowLeft', false, 4],
  ['ArrowRight', true, 4],
  ['ArrowLeft', true, 6],
  ['ArrowUp', true, 6],
  ['ArrowDown', true, 4],
  ['PageUp', false, 15],
  ['PageDown', false, 0],
  ['Home', false, 0],
  ['End', false, 99],
  ['Tab', false, undefined],
  ['constructor', false, undefined],
])('movedIndex: moves with %s (right-to-left: %s)', (key, isRightToLeft, expected) => {
  expect(movedIndex(key, 5, 100, isRightToLeft)).toBe(expected)
})
