/** Why a replay ended before the end of the log. */
export interface ReplayFailure {
  /**
   * `unreachable`: nothing ever answered. `refused`: the server answered that it will never take these
   * events, or is no Tidemark server. `log_unreadable`: the log cannot be opened or read on.
   */
  code: 'unreachable' | 'refused' | 'log_unreadable'
  /** What happened, in sentences for the person who started the replay. */
  message: string
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Of a host whose every address refuses, Node says the code and nothing else.
  return error.message || ('code' in error ? String(error.code) : error.name)
}

/** The server will not take any of these page views, as it said itself. */
export function toRefusal(url: URL, refused: { code: string; detail: string }): ReplayFailure {
  const message = `The server at ${url.origin} does not take these page views (${refused.code}). ${refused.detail}`
  // `serve` has its API there.
  const isApiMissing = url.pathname === '/' && /^(http_404|not_found)$/.test(refused.code)
  return {
    code: 'refused',
    message: isApiMissing ? `${message} Did you mean ${url.origin}/api?` : message,
  }
}

export function toUnreachable(url: URL, error: Error): ReplayFailure {
  return {
    code: 'unreachable',
    message: `No server answers at ${url.origin}: ${messageOf(error)}.`,
  }
}

const readErrors: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file.'],
  ['EISDIR', 'it is a directory.'],
  ['EACCES', 'this user may not read it.'],
  ['Z_BUF_ERROR', 'its gzip ends before it is complete. What came before was sent.'],
  ['Z_DATA_ERROR', 'its gzip is damaged. What came before was sent.'],
])

/** What ended the reading of a log. */
export function toReadFailure(error: unknown): ReplayFailure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return { code: 'log_unreadable', message: readErrors.get(code) ?? messageOf(error) }
}
