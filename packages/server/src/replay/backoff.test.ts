import { describe, expect, it } from 'vitest'
import { retryDelayMs } from './backoff.ts'
import { replayLimits } from './limits.ts'

const { retryBaseMs, retryMaxMs, maxRetryAfterMs } = replayLimits
const now = Date.UTC(2026, 0, 1)

describe('retryDelayMs', () => {
  it('spreads delays over a span that doubles with each attempt, up to a limit', () => {
    const almostOne = 1 - Number.EPSILON
    expect(retryDelayMs(1, undefined, 0, now)).toBe(0)
    expect(retryDelayMs(1, undefined, almostOne, now)).toBeCloseTo(retryBaseMs)
    expect(retryDelayMs(3, undefined, 0.5, now)).toBe(2 * retryBaseMs)
    expect(retryDelayMs(50, undefined, almostOne, now)).toBeCloseTo(retryMaxMs)
  })

  it.each([
    ['7', 7000],
    [new Date(now + 3000).toUTCString(), 3000],
    [new Date(now - 3000).toUTCString(), 0],
    ['99999999999999999999', maxRetryAfterMs],
    ['-1', 0],
    ['soon', 0],
  ])('adds Retry-After %j, up to a limit', (text, expected) => {
    expect(retryDelayMs(1, text, 0, now)).toBe(expected)
    expect(retryDelayMs(1, text, 0.5, now)).toBe(expected + retryBaseMs / 2)
  })
})
