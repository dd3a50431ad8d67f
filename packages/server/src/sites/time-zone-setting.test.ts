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
