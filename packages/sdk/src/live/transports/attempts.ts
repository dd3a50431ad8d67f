import { clampMs, createBackoff, maxRetryAfterMs } from '../../shared/backoff.ts'
import type { Platform } from '../types.ts'

/** A connection that held for this long after it was proved was a good one, and the next try may come soon. */
const lastingMs = 30_000
const backoffBaseMs = 1000
const backoffMaxMs = 30_000

/** When a road is tried again. */
export interface Attempts {
  /** How long to wait before the next try. The very first one is not held up: a poll has just been answered. */
  nextDelayMs(): number
  /** The server has said how long to stay away, in milliseconds; the next wait is no shorter. */
  stayAway(ms: unknown): void
  /** The connection has proved itself. */
  proved(): void
  /** It has ended. Gives back how long to stay away, in milliseconds; 0 when nobody has said. */
  ended(): number
}

export function createAttempts({ now, random }: Pick<Platform, 'now' | 'random'>): Attempts {
  const backoff = createBackoff({ baseMs: backoffBaseMs, maxMs: backoffMaxMs, random })
  let isFirst = true
  let floorMs = 0
  let provedAt: number | undefined

  return {
    nextDelayMs() {
      const delayMs = isFirst ? 0 : backoff.next(floorMs)
      isFirst = false
      floorMs = 0
      return delayMs
    },
    stayAway(ms) {
      floorMs = clampMs(ms, maxRetryAfterMs)
    },
    proved() {
      provedAt = now()
    },
    ended() {
      if (provedAt !== undefined && now() >= provedAt + lastingMs) backoff.reset()
      provedAt = undefined
      return floorMs
    },
  }
}
