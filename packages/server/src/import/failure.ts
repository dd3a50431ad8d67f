import { describeReadFailure } from '../access-log/read-failure.ts'
import { LogUnavailableError } from '../log/log.ts'
import { messageOf } from '../shared/error-message.ts'

/** Reason for which an import ended before the end of the log. A new import skips the lines that were committed. */
export interface ImportFailure {
  /**
   * `log_unreadable`: the access log cannot be read further. `log_changed`: the access log starts like an imported log
   * and differs later. `data_unavailable`: the data directory cannot be written.
   */
  code: 'log_unreadable' | 'log_changed' | 'data_unavailable'
  /** Description for the user, in sentences. */
  message: string
}

/** The access log starts like an imported log, and differs within the imported lines. */
export class LogChangedError extends Error {
  override name = 'LogChangedError'

  constructor(lines: number) {
    super(
      `the log starts like an imported log, but its first ${lines} lines are not the same. ` +
        'Nothing was imported, because the lines that are already counted cannot be determined.',
    )
  }
}

export function toImportFailure(error: unknown): ImportFailure {
  if (error instanceof LogChangedError) return { code: 'log_changed', message: error.message }
  if (error instanceof LogUnavailableError) {
    const reason = error.cause === undefined ? '' : `: ${messageOf(error.cause)}`
    return { code: 'data_unavailable', message: `${error.message}${reason}.` }
  }
  return { code: 'log_unreadable', message: describeReadFailure(error) }
}
