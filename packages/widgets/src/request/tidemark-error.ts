import type { LiveError } from '@tidemark/sdk/live'

/**
 * Error of `fetchSnapshot`, `fetchMetrics` and `fetchDashboardData`. `code` is stable: a code of the
 * server, or `network`, `answer_invalid` or `token_unavailable`. `message` explains it in a sentence.
 */
export class TidemarkError extends Error implements LiveError {
  override readonly name = 'TidemarkError'
  readonly code: LiveError['code']
  /** HTTP status of the response; `undefined` when there was none. */
  readonly status: number | undefined

  constructor(
    code: LiveError['code'],
    message: string,
    options: { status?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.status = options.status
  }
}
