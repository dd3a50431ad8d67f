import { describe, expect, it } from 'vitest'
import { retryDelayMs } from './backoff.ts'
import { replayLimits } from './limits.ts'

const { retryBaseMs, retryMaxMs, maxRetryAfterMs } = replayLimits
const now = Date.UTC(2026, 0, 1)

describe('retryDelayMs', () => {
  it('spreads over a span that doubles from attempt to attempt, up to a bound', () => {
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
  ])('waits at least as long as Retry-After %j says, within a bound', (text, expected) => {
    expect(retryDelayMs(1, text, 0, now)).toBe(expected)
    expect(retryDelayMs(1, text, 0.5, now)).toBe(expected + retryBaseMs / 2)
  })
})
