/**
 * Returns a random retry delay between 0 and an upper bound that doubles with each failure (full jitter), so that
 * clients that failed together do not retry together.
 *
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param failures consecutive failures, from 1
 * @param baseMs upper bound of the first delay
 * @param maxMs upper bound of every delay
 * @param random in [0, 1)
 */
export function toBackoffMs(
  failures: number,
  baseMs: number,
  maxMs: number,
  random: number,
): number {
  return random * Math.min(maxMs, baseMs * 2 ** (failures - 1))
}

export interface BackoffOptions {
  /** Upper bound of the first delay, in milliseconds. */
  baseMs: number
  /** Upper bound of every delay, in milliseconds. */
  maxMs: number
  /** In [0, 1). */
  random: () => number
}

/** Computes retry delays and counts consecutive failures. */
export interface Backoff {
  /**
   * Counts a failure and returns the delay before the next attempt, in milliseconds.
   * @param floorMs shortest delay, for example from `Retry-After`; the jitter is added to it
   */
  next(floorMs?: number): number
  /** Resets the failure count after a success. */
  reset(): void
}

export function createBackoff({ baseMs, maxMs, random }: BackoffOptions): Backoff {
  let failures = 0
  return {
    next: (floorMs = 0) => floorMs + Math.round(toBackoffMs(++failures, baseMs, maxMs, random())),
    reset() {
      failures = 0
    },
  }
}

/**
 * Parses a `Retry-After` header: seconds or a date (RFC 9110, section 10.2.3).
 * @returns milliseconds from `nowMs`, at most `maxMs`; 0 for a missing, invalid or past value
 */
export function parseRetryAfter(header: string | null, nowMs: number, maxMs: number): number {
  const delayMs = Number(header) * 1000 || Date.parse(header ?? '') - nowMs
  return Math.min(maxMs, Math.max(0, delayMs || 0))
}

/** Clamps an untrusted duration to 0…`maxMs`; returns 0 for any value that is not a positive number. */
export function clampMs(ms: unknown, maxMs: number): number {
  return typeof ms === 'number' && ms > 0 ? Math.min(ms, maxMs) : 0
}
