import type { LiveError } from '@tidemark/sdk/live'

/** Why dashboard data could not be had: `code` says what happened, `message` says it in a sentence. */
export class DashboardError extends Error implements LiveError {
  override readonly name = 'DashboardError'
  readonly code: LiveError['code']
  /** Status of the server's answer; `undefined` when there was none. */
  readonly status: number | undefined

  constructor(code: LiveError['code'], message: string, status?: number, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.status = status
  }
}
