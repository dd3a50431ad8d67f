import { replayLimits } from './limits.ts'

/**
 * Returns the delay before the next attempt, in milliseconds: full jitter over a span that doubles with each attempt,
 * plus the server's Retry-After.
 * @param attempt number of the failed attempt, from 1
 * @param random in [0, 1)
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelayMs(
  attempt: number,
  retryAfter: string | undefined,
  random: number,
  now: number,
): number {
  const spanMs = Math.min(replayLimits.retryMaxMs, replayLimits.retryBaseMs * 2 ** (attempt - 1))
  return parseRetryAfter(retryAfter, now) + random * spanMs
}

/** Parses Retry-After, in seconds or as a date (RFC 9110, section 10.2.3), to milliseconds; 0 for any other text. */
function parseRetryAfter(text: string | undefined, now: number): number {
  if (text === undefined) return 0
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), replayLimits.maxRetryAfterMs)
}
