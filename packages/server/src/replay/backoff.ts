import { replayLimits } from './limits.ts'

/**
 * How long to wait before the next attempt: full jitter over a span that doubles from attempt to attempt,
 * on top of what the server asked for.
 * @param attempt number of the attempt that failed, from 1
 * @param random in [0, 1)
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelayMs(
  attempt: number,
  retryAfter: string | undefined,
  random: number,
  now: number,
): number {
  const span = Math.min(replayLimits.retryMaxMs, replayLimits.retryBaseMs * 2 ** (attempt - 1))
  return parseRetryAfter(retryAfter, now) + random * span
}

/** Seconds or a date (RFC 9110, section 10.2.3) as milliseconds from now; 0 for anything else. */
function parseRetryAfter(text: string | undefined, now: number): number {
  if (text === undefined) return 0
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), replayLimits.maxRetryAfterMs)
}
