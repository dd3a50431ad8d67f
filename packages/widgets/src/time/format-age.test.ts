import { expect, it } from 'vitest'
import { formatAge, formatMoment } from './format-age.ts'

it.each([
  [-5000, 'now'],
  [Number.NaN, 'now'],
  [0, 'now'],
  [999, 'now'],
  [1000, '1s ago'],
  [59_999, '59s ago'],
  [60_000, '1m ago'],
  [3_599_999, '59m ago'],
  [3_600_000, '1h ago'],
  [172_800_000, '2d ago'],
])('formatAge: formats %d ms as %j', (ageMs, text) => {
  expect(formatAge(ageMs, 'en')).toBe(text)
})

it('formatAge: rounds seconds down to steps', () => {
  expect([4999, 5000, 14_999].map(ageMs => formatAge(ageMs, 'en', 5))).toEqual([
    'now',
    '5s ago',
    '10s ago',
  ])
})

it('formatAge: uses the language of the locale', () => {
  expect(formatAge(0, 'de')).toBe('jetzt')
  expect(formatAge(60_000, 'de')).toBe('vor 1 Min.')
  expect(formatAge(60_000, 'fr')).toBe('il y a 1\u00a0min')
})

it('formatMoment: returns an empty string for an invalid time', () => {
  expect(formatMoment(1e300, 'en')).toBe('')
  expect(formatMoment(0, 'en')).toContain('1970')
})
