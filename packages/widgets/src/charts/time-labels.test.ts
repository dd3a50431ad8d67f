import { expect, it } from 'vitest'
import type { Granularity } from '../fetchMetrics/metrics.ts'
import { timeLabels } from './time-labels.ts'
import { zoneOffset } from './time-zone.ts'

const hourMs = 3_600_000
/** Some versions of ICU write a narrow space before AM. */
const plain = (text: string) => text.replaceAll('\u202f', ' ')

it.each<[Granularity, string, string, string]>([
  ['second', '2026-11-24T10:05:09Z', '10:05:09 AM', '10:05:09 AM'],
  ['minute', '2026-11-24T10:05Z', '10:05 AM', 'Tue, Nov 24, 10:05 AM'],
  ['minute', '2026-11-24T00:00Z', 'Nov 24', 'Tue, Nov 24, 12:00 AM'],
  ['hour', '2026-11-24T10:00Z', '10:00 AM', 'Tue, Nov 24, 10:00 AM'],
  ['day', '2026-11-24', 'Nov 24', 'Tue, Nov 24, 2026'],
])('timeLabels: writes a %s', (granularity, at, tick, full) => {
  const labels = timeLabels(granularity, 'en', () => 0, hourMs)
  expect(plain(labels.tick(Date.parse(at)))).toBe(tick)
  expect(plain(labels.full(Date.parse(at)))).toBe(full)
})

it('timeLabels: uses the language and the zone', () => {
  const labels = timeLabels('minute', 'de', zoneOffset('Asia/Kolkata'), hourMs)
  expect(labels.tick(Date.parse('2026-11-24T10:05Z'))).toBe('15:35')
  expect(labels.full(Date.parse('2026-11-24T10:05Z'))).toBe('Di., 24. Nov., 15:35')
  const arabic = timeLabels('minute', 'ar-EG', () => 0, hourMs)
  expect(arabic.tick(Date.parse('2026-11-24T10:05Z'))).toContain('١٠:٠٥')
})

it('timeLabels: names month and year in a long range', () => {
  const labels = timeLabels('day', 'en', () => 0, 365 * 24 * hourMs)
  expect(labels.tick(Date.parse('2026-03-01'))).toBe('Mar 2026')
  expect(labels.tick(Date.parse('2026-03-02'))).toBe('Mar 2')
})
