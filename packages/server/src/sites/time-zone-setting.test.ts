import { expect, it } from 'vitest'
import { storeTimeZone, resolveTimeZone, TimeZoneMismatchError } from './time-zone-setting.ts'
import { createMemoryLog } from '../log/memory.ts'

it('is UTC at first, and then the last one that a server was given', () => {
  const { settings } = createMemoryLog({ now: 0 })
  expect(resolveTimeZone(settings, undefined)).toBe('UTC')
  expect(resolveTimeZone(settings, 'Asia/Kathmandu')).toBe('Asia/Kathmandu')
  expect(resolveTimeZone(settings, undefined)).toBe('Asia/Kathmandu')
  expect(resolveTimeZone(settings, 'UTC')).toBe('UTC')
})

it('is not changed by who only adds to the history, and is taken from there', () => {
  const { settings } = createMemoryLog({ now: 0 })
  expect(storeTimeZone(settings, 'Asia/Kathmandu')).toBe('Asia/Kathmandu')
  expect(storeTimeZone(settings, undefined)).toBe('Asia/Kathmandu')
  expect(storeTimeZone(settings, 'Asia/Kathmandu')).toBe('Asia/Kathmandu')
  expect(() => storeTimeZone(settings, 'UTC')).toThrow(TimeZoneMismatchError)
  expect(resolveTimeZone(settings, undefined)).toBe('Asia/Kathmandu')
})
