import { expect, it } from 'vitest'
import { keepTimeZone, takeTimeZone, TimeZoneMismatchError } from './time-zone-setting.ts'
import { createMemoryLog } from '../log/memory.ts'

it('is UTC at first, and then the last one that a server was given', () => {
  const { settings } = createMemoryLog({ now: 0 })
  expect(takeTimeZone(settings, undefined)).toBe('UTC')
  expect(takeTimeZone(settings, 'Asia/Kathmandu')).toBe('Asia/Kathmandu')
  expect(takeTimeZone(settings, undefined)).toBe('Asia/Kathmandu')
  expect(takeTimeZone(settings, 'UTC')).toBe('UTC')
})

it('is not changed by who only adds to the history, and is taken from there', () => {
  const { settings } = createMemoryLog({ now: 0 })
  expect(keepTimeZone(settings, 'Asia/Kathmandu')).toBe('Asia/Kathmandu')
  expect(keepTimeZone(settings, undefined)).toBe('Asia/Kathmandu')
  expect(keepTimeZone(settings, 'Asia/Kathmandu')).toBe('Asia/Kathmandu')
  expect(() => keepTimeZone(settings, 'UTC')).toThrow(TimeZoneMismatchError)
  expect(takeTimeZone(settings, undefined)).toBe('Asia/Kathmandu')
})
