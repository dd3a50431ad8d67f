import { maxRetryAfterMs, retryBaseMs, retryMaxMs } from './limits.ts'

/**
 * How long to wait after a failure, in milliseconds: full jitter over a time that doubles with each
 * failure in a row, on top of what the server asked for, so that pages that were turned away together
 * do not come back together.
 *
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param failures failures in a row, from 1
 * @param floorMs what `Retry-After` said
 * @param random in [0, 1)
 */
export function toRetryDelayMs(failures: number, floorMs: number, random: number): number {
  return floorMs + random * Math.min(retryMaxMs, retryBaseMs * 2 ** (failures - 1))
}

/**
 * `Retry-After` in milliseconds from now, and 0 when there is none that can be read: seconds, or a
 * date (RFC 9110, section 10.2.3).
 */
export function parseRetryAfter(header: string | null, nowMs: number): number {
  const delayMs = Number(header) * 1000 || Date.parse(header ?? '') - nowMs
  return Math.min(maxRetryAfterMs, Math.max(0, delayMs || 0))
}
