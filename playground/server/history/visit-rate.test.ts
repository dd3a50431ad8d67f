import { expect, it } from 'vitest'
import { visitsPerHour } from './visit-rate.ts'

const hourMs = 3_600_000
const end = Date.UTC(2026, 2, 10, 12)
const span = { start: end - 30 * 24 * hourMs, end }

it('visitsPerHour: grows, is higher in the afternoon than at night, and lower on weekends', () => {
  const at = (day: number, hour: number): number =>
    visitsPerHour(Date.UTC(2026, 2, day, hour), span)
  expect(at(9, 15)).toBeGreaterThan(at(2, 15) * 1.2)
  expect(at(9, 15)).toBeGreaterThan(at(9, 3) * 2)
  // March 7 is a Saturday.
  expect(at(7, 15)).toBeLessThan(at(6, 15))
})

it('visitsPerHour: approaches the rate of the live simulation in the last hours', () => {
  expect(visitsPerHour(end, span)).toBe(260)
  const rates = [5, 4, 3, 2, 1, 0].map(hours => visitsPerHour(end - hours * hourMs, span))
  expect(rates).toEqual(rates.toSorted((a, b) => a - b))
})
