import { describe, expect, it } from 'vitest'
import { clampMs, createBackoff, parseRetryAfter, toBackoffMs } from './backoff.ts'
import { createSeededRandom } from '../live/testing/random.ts'

const almostOne = 1 - Number.EPSILON

describe('toBackoffMs', () => {
  it('doubles the upper bound with each failure', () => {
    const delays = [1, 2, 3, 4].map(failures => toBackoffMs(failures, 1000, 60_000, 0.5))

    expect(delays).toEqual([500, 1000, 2000, 4000])
  })

  it('returns delays from 0 up to the longest delay', () => {
    expect(toBackoffMs(1, 1000, 60_000, 0)).toBe(0)
    expect(toBackoffMs(10_000, 1000, 60_000, 0.5)).toBe(30_000)
    expect(toBackoffMs(10_000, 1000, 60_000, almostOne)).toBeCloseTo(60_000)
  })
})

describe('createBackoff', () => {
  it('doubles the upper bound with each failure, up to the longest delay', () => {
    const backoff = createBackoff({ baseMs: 1000, maxMs: 60_000, random: () => almostOne })
    const delays = Array.from({ length: 9 }, () => backoff.next())

    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
  })

  it('spreads delays evenly between 0 and the upper bound', () => {
    const backoff = createBackoff({ baseMs: 1000, maxMs: 1000, random: createSeededRandom() })
    const delays = Array.from({ length: 10_000 }, () => backoff.next())
    const tenths = Array.from({ length: 10 }, (_, tenth) =>
      delays.filter(delayMs => Math.min(9, Math.floor(delayMs / 100)) === tenth),
    )

    for (const tenth of tenths) expect(tenth.length).toBeGreaterThan(850)
    for (const tenth of tenths) expect(tenth.length).toBeLessThan(1150)
  })

  it('starts again from the first delay after a reset', () => {
    const backoff = createBackoff({ baseMs: 1000, maxMs: 60_000, random: () => almostOne })
    for (let failures = 0; failures < 5; failures++) backoff.next()
    backoff.reset()

    expect(backoff.next()).toBe(1000)
  })

  it('adds the jitter to the shortest delay', () => {
    const shortest = createBackoff({ baseMs: 1000, maxMs: 60_000, random: () => 0 })
    const longest = createBackoff({ baseMs: 1000, maxMs: 60_000, random: () => almostOne })

    expect(shortest.next(90_000)).toBe(90_000)
    expect(longest.next(90_000)).toBe(91_000)
  })

  it('stays finite after thousands of failures', () => {
    const backoff = createBackoff({ baseMs: 5000, maxMs: 60_000, random: () => almostOne })
    for (let failures = 0; failures < 5000; failures++) backoff.next()

    expect(backoff.next()).toBe(60_000)
  })
})

describe('parseRetryAfter', () => {
  const now = Date.UTC(2026, 2, 10, 12)
  const maxMs = 600_000

  it.each([
    ['a missing header', null, 0],
    ['seconds', '120', 120_000],
    ['seconds between spaces', ' 7 ', 7000],
    ['zero seconds', '0', 0],
    ['a date', 'Tue, 10 Mar 2026 12:01:30 GMT', 90_000],
    ['a date in the past', 'Tue, 10 Mar 2026 11:00:00 GMT', 0],
    ['the first date of Unix time', 'Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['a delay longer than the maximum', '86400', maxMs],
    ['a date a year ahead', 'Wed, 10 Mar 2027 12:00:00 GMT', maxMs],
    ['the last date with four digits', 'Fri, 31 Dec 9999 23:59:59 GMT', maxMs],
    ['a number too large for a double', '9'.repeat(400), maxMs],
    ['a number with an exponent', '1e300', maxMs],
    ['Infinity', 'Infinity', maxMs],
    ['NaN', 'NaN', 0],
    ['text', 'soon', 0],
    ['empty text', '', 0],
    ['a negative number', '-5', 0],
  ])('reads %s', (_, header, delayMs) => {
    expect(parseRetryAfter(header, now, maxMs)).toBe(delayMs)
  })
})

describe('clampMs', () => {
  it.each([
    ['a duration within the bounds', 500, 500],
    ['a duration above the maximum', 5000, 1000],
    ['a negative number', -1, 0],
    ['NaN', Number.NaN, 0],
    ['a string', '500', 0],
    ['undefined', undefined, 0],
  ])('clamps %s', (_, ms, clampedMs) => {
    expect(clampMs(ms, 1000)).toBe(clampedMs)
  })
})
