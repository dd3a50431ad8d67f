export interface BackoffOptions {
  /** The first wait is at most this. */
  baseMs: number
  /** No wait is longer than this, but for a longer floor. */
  maxMs: number
  random: () => number
}

/** Waits between tries: exponential, with full jitter, so that readers who fell together rise apart. */
export interface Backoff {
  /** How long to wait before the next try, in milliseconds; never less than what the server asked for. */
  next(floorMs?: number): number
  /** A try went well. */
  reset(): void
}

/**
 * Full jitter: a random wait between nothing and the exponential bound.
 * M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function createBackoff({ baseMs, maxMs, random }: BackoffOptions): Backoff {
  let tries = 0
  return {
    next(floorMs = 0) {
      const bound = Math.min(maxMs, baseMs * 2 ** tries)
      tries++
      return floorMs + Math.round(random() * bound)
    },
    reset() {
      tries = 0
    },
  }
}

/** However long a server asks to stay away, it is not for longer than ten minutes. */
export const maxRetryAfterMs = 600_000

/**
 * A `Retry-After` header in milliseconds from now: seconds or a date (RFC 9110, section 10.2.3), at
 * most ten minutes; 0 when there is none or it cannot be read.
 */
export function parseRetryAfter(header: string | null, now: number): number {
  if (header === null) return 0
  const waitMs = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now
  return clampMs(waitMs, maxRetryAfterMs)
}

/** Milliseconds as another machine gave them: between 0 and `maxMs`, and 0 for what is no number at all. */
export function clampMs(ms: unknown, maxMs: number): number {
  return typeof ms === 'number' && ms > 0 ? Math.min(ms, maxMs) : 0
}
