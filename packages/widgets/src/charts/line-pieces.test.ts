import { expect, it } from 'vitest'
import { linePieces } from './line-pieces.ts'

const draw = (values: (number | undefined)[], partial: number[] = []) => {
  const pieces = linePieces(
    values,
    index => index,
    index => partial.includes(index),
  )
  const text = (points: { x: number; y: number }[]) =>
    points.map(({ x, y }) => `${x}:${y}`).join(' ')
  return { solid: text(pieces.solid), dashed: text(pieces.dashed), dots: text(pieces.dots) }
}

it('linePieces: draws complete points as one solid line', () => {
  expect(draw([1, 2, 3])).toEqual({ solid: '0:1 1:2 2:3', dashed: '', dots: '' })
})

it('linePieces: interrupts the line at a gap, and draws lonely points as dots', () => {
  const { solid, dots } = draw([1, undefined, 3, undefined, 4, 5])
  expect(solid).toBe('0:1 1:NaN 2:3 3:NaN 4:4 5:5')
  expect(dots).toBe('0:1 2:3')
})

it('linePieces: draws the way to a partial last point as dashed', () => {
  const { solid, dashed } = draw([1, 2, 3], [2])
  expect(solid).toBe('0:1 1:2 2:NaN')
  expect(dashed).toBe('1:2 2:3 2:NaN')
})

it('linePieces: draws partial points at both ends, and consecutive ones', () => {
  expect(draw([1, 2, 3, 4], [0, 3]).dashed).toBe('0:1 1:2 1:NaN 2:3 3:4 3:NaN')
  expect(draw([1, 2, 3, 4], [2, 3]).dashed).toBe('1:2 2:3 3:4 3:NaN')
})

it('linePieces: draws nothing for no points', () => {
  expect(draw([])).toEqual({ solid: '', dashed: '', dots: '' })
  expect(draw([undefined])).toEqual({ solid: '0:NaN', dashed: '', dots: '' })
})
