import { clampMs, createBackoff } from '../../shared/backoff.ts'
import { maxRetryAfterMs } from '../request.ts'
import type { LivePlatform } from '../types.ts'

/** A connection that lasts this long after it was verified resets the backoff. */
const stableAfterMs = 30_000
const backoffBaseMs = 1000
const backoffMaxMs = 30_000

/** Decides when a transport may connect again. */
export interface ReconnectPolicy {
  /** Time that `nextDelayMs` returned last, in milliseconds since 1970; `undefined` before the first attempt. */
  readonly retryAt: number | undefined
  /** Returns the delay before the next attempt. The first attempt follows a successful poll and has no delay. */
  nextDelayMs(): number
  /** Records the shortest delay that the server requests, in milliseconds, for the next attempt. */
  setRetryAfter(ms: unknown): void
  connectionVerified(): void
  /** Records the end of a connection and returns the requested delay, in milliseconds; 0 for none. */
  connectionClosed(): number
}

export function createReconnectPolicy({
  now,
  random,
}: Pick<LivePlatform, 'now' | 'random'>): ReconnectPolicy {
  const backoff = createBackoff({ baseMs: backoffBaseMs, maxMs: backoffMaxMs, random })
  let isFirst = true
  let retryAfterMs = 0
  let verifiedAt: number | undefined
  let retryAt: number | undefined

  return {
    get retryAt() {
      return retryAt
    },
    nextDelayMs() {
      const delayMs = isFirst ? 0 : backoff.next(retryAfterMs)
      isFirst = false
      retryAfterMs = 0
      retryAt = now() + delayMs
      return delayMs
    },
    setRetryAfter(ms) {
      retryAfterMs = clampMs(ms, maxRetryAfterMs)
    },
    connectionVerified() {
      verifiedAt = now()
    },
    connectionClosed() {
      if (verifiedAt !== undefined && now() >= verifiedAt + stableAfterMs) backoff.reset()
      verifiedAt = undefined
      return retryAfterMs
    },
  }
}
