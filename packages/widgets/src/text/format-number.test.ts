import { expect, it } from 'vitest'
import { formatChange, formatCount, formatShare, toGlyphs } from './format-number.ts'

it('formatCount: formats numbers for the locale', () => {
  expect(formatCount(1_234_567, 'en')).toBe('1,234,567')
  expect(formatCount(1_234_567, 'de')).toBe('1.234.567')
})

it.each([
  [0, '0%'],
  [0.001, '<1%'],
  [0.005, '1%'],
  [0.418, '42%'],
  [1, '100%'],
])('formatShare: formats %d as %j', (share, text) => {
  expect(formatShare(share, 'en')).toBe(text)
})

it('toGlyphs: splits a number, with keys that count from the right', () => {
  expect(toGlyphs('1,204', 'en')).toEqual([
    { key: '5', text: '1', digit: 1 },
    { key: '4', text: ',', digit: undefined },
    { key: '3', text: '2', digit: 2 },
    { key: '2', text: '0', digit: 0 },
    { key: '1', text: '4', digit: 4 },
  ])
})

it('toGlyphs: recognizes the digits of other scripts', () => {
  expect(toGlyphs('٤٢', 'ar-EG').map(glyph => glyph.digit)).toEqual([4, 2])
})

it.each([
  [0.254, 'en', '25%'],
  [9.99, 'en', '999%'],
  [1980, 'en', '>999%'],
  [0.5, 'de', '50\u00a0%'],
])('formatChange: formats %d in %s', (change, locale, text) => {
  expect(formatChange(change, locale)).toBe(text)
})
