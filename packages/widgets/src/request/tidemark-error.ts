import type { LiveError } from '@tidemark/sdk/live'

export interface TidemarkErrorOptions {
  /** HTTP status of the response. */
  status?: number
  /** `Retry-After` of the response, in milliseconds. */
  retryAfterMs?: number
  cause?: unknown
}

/**
 * Error of `fetchSnapshot`, `fetchMetrics`, `fetchDashboardData` and `useHistory`. `code` is stable: a code of the
 * server, or `network`, `answer_invalid` or `token_unavailable`. `message` explains it in a sentence.
 */
export class TidemarkError extends Error implements LiveError {
  override readonly name = 'TidemarkError'
  readonly code: LiveError['code']
  /** HTTP status of the response; `undefined` when there was none. */
  readonly status: number | undefined
  /** `Retry-After` of the response, in milliseconds; `undefined` without the header. */
  readonly retryAfterMs: number | undefined

  constructor(code: LiveError['code'], message: string, options: TidemarkErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.status = options.status
    this.retryAfterMs = options.retryAfterMs
  }
}
