import { expect, it } from 'vitest'
import { seriesColor, withAlpha } from './palette.ts'

it.each([
  ['#0a7582', 0.5, '#0a758280'],
  ['rgb(10, 117, 130)', 0.25, 'rgba(10, 117, 130, 0.25)'],
  ['rgb(10 117 130)', 0.25, 'rgba(10, 117, 130, 0.25)'],
  ['oklch(0.5 0.1 200)', 0.5, 'color-mix(in srgb, oklch(0.5 0.1 200) 50%, transparent)'],
])('withAlpha: makes %s transparent', (color, alpha, expected) => {
  expect(withAlpha(color, alpha)).toBe(expected)
})

it('seriesColor: repeats the colors', () => {
  const palette = { surface: '', line: '', quiet: '', series: ['red', 'green'] }
  expect([0, 1, 2].map(index => seriesColor(palette, index))).toEqual(['red', 'green', 'red'])
})
