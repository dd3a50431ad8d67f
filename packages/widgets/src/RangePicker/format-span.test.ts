import { afterAll, expect, it, vi } from 'vitest'
import { formatSpan } from './format-span.ts'

vi.stubEnv('TZ', 'Europe/Berlin')
afterAll(() => void vi.unstubAllEnvs())

const now = Date.parse('2026-12-01T12:34+01:00')

function format(from: string, to: string, locale: string, isDays = true): string {
  const span = { from: Date.parse(from), to: Date.parse(to), isDays }
  return formatSpan(span, now, locale).replaceAll(/[\u2009\u202f]/g, ' ')
}

it('formatSpan: includes the last day', () => {
  expect(format('2026-11-25T00:00+01:00', '2026-12-02T00:00+01:00', 'en')).toBe('Nov 25 – Dec 1')
  expect(format('2026-11-30T00:00+01:00', '2026-12-01T00:00+01:00', 'en')).toBe('Nov 30')
  expect(format('2026-11-25T00:00+01:00', '2026-12-02T00:00+01:00', 'de')).toBe(
    '25. Nov. – 1. Dez.',
  )
})

it('formatSpan: adds the year of another year', () => {
  expect(format('2025-12-02T00:00+01:00', '2026-12-02T00:00+01:00', 'en')).toBe(
    'Dec 2, 2025 – Dec 1, 2026',
  )
})

it('formatSpan: adds the time of day to a span that is not of days', () => {
  const [from, to] = ['2026-12-01T10:30+01:00', '2026-12-01T11:30+01:00']
  expect(format(from, to, 'en', false)).toBe('Dec 1, 10:30 – 11:30 AM')
})
