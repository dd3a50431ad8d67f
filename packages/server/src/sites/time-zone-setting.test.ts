import { expect, it } from 'vitest'
import { createMemoryLog } from '../log/memory.ts'
import {
  TimeZoneMismatchError,
  resolveImportTimeZone,
  resolveTimeZone,
} from './time-zone-setting.ts'

it('resolveTimeZone: returns the option, then the stored time zone, then UTC', () => {
  const { settings } = createMemoryLog({ now: 0 })
  expect(resolveTimeZone(settings, undefined)).toBe('UTC')
  expect(resolveTimeZone(settings, 'Asia/Kathmandu')).toBe('Asia/Kathmandu')
  expect(resolveTimeZone(settings, undefined)).toBe('Asia/Kathmandu')
  expect(resolveTimeZone(settings, 'UTC')).toBe('UTC')
})

it('resolveImportTimeZone: returns the stored time zone or the requested one, and stores neither', () => {
  const { settings } = createMemoryLog({ now: 0 })
  expect(resolveImportTimeZone(settings, undefined)).toBe('UTC')
  expect(resolveImportTimeZone(settings, 'Asia/Kathmandu')).toBe('Asia/Kathmandu')
  resolveTimeZone(settings, 'Asia/Kathmandu')
  expect(resolveImportTimeZone(settings, undefined)).toBe('Asia/Kathmandu')
  expect(resolveImportTimeZone(settings, 'Asia/Kathmandu')).toBe('Asia/Kathmandu')
  expect(() => resolveImportTimeZone(settings, 'UTC')).toThrow(TimeZoneMismatchError)
  expect(resolveTimeZone(settings, undefined)).toBe('Asia/Kathmandu')
})

// Links of the IANA database, file `backward`.
it.each([
  ['Asia/Calcutta', 'Asia/Kolkata'],
  ['Etc/UTC', 'UTC'],
  ['UTC', 'Etc/UCT'],
  ['Etc/Zulu', 'Etc/UTC'],
  ['Europe/Kiev', 'Europe/Kyiv'],
  ['US/Pacific', 'America/Los_Angeles'],
  ['Asia/Katmandu', 'Asia/Kathmandu'],
  ['Asia/Saigon', 'Asia/Ho_Chi_Minh'],
  ['America/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ['europe/berlin', 'Europe/Berlin'],
])('resolveTimeZone: keeps the stored name %s when %s is requested', (stored, requested) => {
  const { settings } = createMemoryLog({ now: 0 })
  resolveTimeZone(settings, stored)
  expect(resolveImportTimeZone(settings, requested)).toBe(stored)
  expect(resolveTimeZone(settings, requested)).toBe(stored)
  expect(resolveTimeZone(settings, undefined)).toBe(stored)
})

it('resolveTimeZone: stores another time zone, and the name of none', () => {
  const { settings } = createMemoryLog({ now: 0 })
  resolveTimeZone(settings, 'Asia/Kolkata')
  expect(resolveTimeZone(settings, 'Asia/Kathmandu')).toBe('Asia/Kathmandu')
  expect(resolveTimeZone(settings, 'Mars/Base')).toBe('Mars/Base')
})
