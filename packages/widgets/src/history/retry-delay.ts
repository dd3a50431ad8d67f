import type { TokenSource } from '@tidemark/sdk/live'
import type { TidemarkError } from '../request/tidemark-error.ts'

/** Upper bound of the jitter, in milliseconds. */
const maxBackoffMs = 5 * 60_000

/** Errors that the same request gets again. */
const permanentCodes: readonly TidemarkError['code'][] = [
  'query_invalid',
  'query_too_large',
  'token_insufficient',
  'selection_forbidden',
  'refused',
  'origin_refused',
]
/** Errors that a fresh token can end. */
const tokenCodes: readonly TidemarkError['code'][] = [
  'token_missing',
  'token_invalid',
  'token_expired',
]

/**
 * Returns the delay before the next attempt after an error: the interval or `Retry-After`, plus a random part that
 * doubles with each failure, so that pages that failed together do not retry together.
 *
 * @param failures consecutive failures, from 1
 * @param random in [0, 1)
 * @returns milliseconds; `undefined` if another attempt would fail too
 */
export function toRetryDelayMs(
  error: TidemarkError,
  token: TokenSource | undefined,
  { failures, intervalMs, random }: { failures: number; intervalMs: number; random: number },
): number | undefined {
  if (permanentCodes.includes(error.code)) return undefined
  if (tokenCodes.includes(error.code) && typeof token !== 'function') return undefined
  const jitterMs = random * Math.min(maxBackoffMs, intervalMs * 2 ** (failures - 1))
  return Math.max(intervalMs, error.retryAfterMs ?? 0) + jitterMs
}
