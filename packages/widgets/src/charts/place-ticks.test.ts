import { expect, it } from 'vitest'
import { placeTicks } from './place-ticks.ts'

const layout = { count: 101, hasSlots: false }
const place = (indexes: number[], text = '10:00') =>
  placeTicks(
    indexes.map(index => ({ index, text })),
    layout,
    50,
  ).map(({ position, edge }) => [position, edge])

it('placeTicks: aligns labels at the ends of the axis', () => {
  expect(place([0, 50, 100])).toEqual([
    [0, 'start'],
    [0.5, undefined],
    [1, 'end'],
  ])
})

it('placeTicks: leaves out a label that would overlap the next one', () => {
  expect(place([50, 58, 88, 100])).toEqual([
    [0.58, undefined],
    [1, 'end'],
  ])
})
