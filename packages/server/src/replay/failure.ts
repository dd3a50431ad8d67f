/** Why a replay ended before the end of the log. */
export interface ReplayFailure {
  /**
   * `unreachable`: nothing ever answered. `refused`: the server answered that it will never take these
   * events, or is no Tidemark server. `log_unreadable`: the log cannot be opened or read on.
   */
  code: 'unreachable' | 'refused' | 'log_unreadable'
  /** What happened and what to do, in sentences for the person who started the replay. */
  message: string
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
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
