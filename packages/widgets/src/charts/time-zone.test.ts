import { expect, it } from 'vitest'
import { isTimeZone, offsetOfDays, zoneOffset } from './time-zone.ts'

const hourMs = 3_600_000

it('zoneOffset: follows the zone, also when its clocks change', () => {
  const offset = zoneOffset('Europe/Berlin')
  expect(offset(Date.UTC(2026, 0, 1)) / hourMs).toBe(1)
  expect(offset(Date.UTC(2026, 2, 29, 0, 59)) / hourMs).toBe(1)
  expect(offset(Date.UTC(2026, 2, 29, 1)) / hourMs).toBe(2)
  expect(zoneOffset('Asia/Kolkata')(0) / hourMs).toBe(5.5)
  expect(zoneOffset('America/St_Johns')(Date.UTC(2026, 0, 1)) / hourMs).toBe(-3.5)
})

it('zoneOffset: is that of the reader without a valid zone', () => {
  const at = Date.UTC(2026, 6, 1)
  const readers = -new Date(at).getTimezoneOffset() * 60_000
  expect(zoneOffset(undefined)(at)).toBe(readers)
  expect(zoneOffset('Mars/Base')(at)).toBe(readers)
  expect(isTimeZone('Mars/Base')).toBe(false)
  expect(isTimeZone('Asia/Tokyo')).toBe(true)
})

it.each(['Pacific/Honolulu', 'America/New_York', 'UTC', 'Asia/Kolkata', 'Pacific/Auckland'])(
  'offsetOfDays: finds the offset of %s from the starts of days, also when clocks change',
  timeZone => {
    const offset = zoneOffset(timeZone)
    for (let day = 0; day < 365; day += 1) {
      const midnight = Date.UTC(2026, 0, 1 + day)
      const start = midnight - offset(midnight - offset(midnight))
      const next = midnight + 24 * hourMs - offset(midnight + 24 * hourMs - offset(midnight))
      expect(offsetOfDays([start, next])(start)).toBe(offset(start))
    }
  },
)

it('offsetOfDays: needs no days', () => {
  expect(offsetOfDays([])(5)).toBe(0)
})
