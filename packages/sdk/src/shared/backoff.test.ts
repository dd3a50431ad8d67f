import { describe, expect, it } from 'vitest'
import { createBackoff, parseRetryAfter } from './backoff.ts'
import { createSeededRandom } from '../live/testing/random.ts'

const almostOne = 1 - Number.EPSILON

describe('a backoff', () => {
  it('doubles its bound with each try, up to its longest wait', () => {
    const backoff = createBackoff({ baseMs: 1000, maxMs: 60_000, random: () => almostOne })
    const waits = Array.from({ length: 9 }, () => backoff.next())

    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
  })

  it('waits for anything between nothing and its bound, evenly', () => {
    const backoff = createBackoff({ baseMs: 1000, maxMs: 1000, random: createSeededRandom() })
    const waits = Array.from({ length: 10_000 }, () => backoff.next())
    const tenths = Array.from({ length: 10 }, (_, tenth) =>
      waits.filter(wait => Math.min(9, Math.floor(wait / 100)) === tenth),
    )

    for (const tenth of tenths) expect(tenth.length).toBeGreaterThan(850)
    for (const tenth of tenths) expect(tenth.length).toBeLessThan(1150)
  })

  it('begins anew after a try that went well', () => {
    const backoff = createBackoff({ baseMs: 1000, maxMs: 60_000, random: () => almostOne })
    for (let tries = 0; tries < 5; tries++) backoff.next()
    backoff.reset()

    expect(backoff.next()).toBe(1000)
  })

  it('is never faster than the floor, and still spread above it', () => {
    const soonest = createBackoff({ baseMs: 1000, maxMs: 60_000, random: () => 0 })
    const latest = createBackoff({ baseMs: 1000, maxMs: 60_000, random: () => almostOne })

    expect(soonest.next(90_000)).toBe(90_000)
    expect(latest.next(90_000)).toBe(91_000)
  })

  it('stays finite after any number of tries', () => {
    const backoff = createBackoff({ baseMs: 5000, maxMs: 60_000, random: () => almostOne })
    for (let tries = 0; tries < 5000; tries++) backoff.next()

    expect(backoff.next()).toBe(60_000)
  })
})

describe('Retry-After', () => {
  const now = Date.UTC(2026, 2, 10, 12)

  it.each([
    ['nothing', null, 0],
    ['seconds', '120', 120_000],
    ['seconds with spaces around', ' 7 ', 7000],
    ['no seconds', '0', 0],
    ['a date', 'Tue, 10 Mar 2026 12:01:30 GMT', 90_000],
    ['a date that has passed', 'Tue, 10 Mar 2026 11:00:00 GMT', 0],
    ['more than ten minutes', '86400', 600_000],
    ['a date a year ahead', 'Wed, 10 Mar 2027 12:00:00 GMT', 600_000],
    ['more digits than a number holds', '9'.repeat(400), 600_000],
    ['text', 'soon', 0],
    ['an empty text', '', 0],
    ['a negative number', '-5', 0],
  ])('of %s is read in milliseconds', (_, header, waitMs) => {
    expect(parseRetryAfter(header, now)).toBe(waitMs)
  })
})
