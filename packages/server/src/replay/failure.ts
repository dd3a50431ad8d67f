import { messageOf } from '../shared/error-message.ts'

/** Reason for which a replay ended before the end of the log. */
export interface ReplayFailure {
  /**
   * `unreachable`: the server did not respond at all. `refused`: the server will never accept these events, or is not
   * a Tidemark server. `log_unreadable`: the log cannot be opened or read further.
   */
  code: 'unreachable' | 'refused' | 'log_unreadable'
  /** Description for the user, in sentences. */
  message: string
}

/** Describes a refusal with the code and the detail that the server returned. */
export function toRefusal(url: URL, refused: { code: string; detail: string }): ReplayFailure {
  const message = `The server at ${url.origin} refused the page views (${refused.code}). ${refused.detail}`
  // `tidemark serve` mounts its API at /api.
  const isApiMissing = url.pathname === '/' && /^(http_404|not_found)$/.test(refused.code)
  return {
    code: 'refused',
    message: isApiMissing ? `${message} Did you mean ${url.origin}/api?` : message,
  }
}

export function toUnreachable(url: URL, error: Error): ReplayFailure {
  return {
    code: 'unreachable',
    message: `The server at ${url.origin} does not respond: ${messageOf(error)}.`,
  }
}
