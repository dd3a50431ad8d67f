import { LogUnavailableError } from '../log/log.ts'
import { messageOf, toReadFailure } from '../replay/failure.ts'

/** Why an import ended before the end of the log. What was kept until then is not counted again. */
export interface ImportFailure {
  /**
   * `log_unreadable`: the access log cannot be read on. `log_changed`: it begins as one that was imported, and
   * goes on otherwise. `data_unavailable`: the data directory cannot be written.
   */
  code: 'log_unreadable' | 'log_changed' | 'data_unavailable'
  /** What happened, in sentences for the person who started the import. */
  message: string
}

/** The log begins as one that was imported, and differs from it later. */
export class LogChangedError extends Error {
  override name = 'LogChangedError'

  constructor(lines: number) {
    super(
      `It begins as a log that was imported, and is another one within the first ${lines} lines. ` +
        'Which of them were counted cannot be told, so nothing was imported.',
    )
  }
}

/** Of gzip it is said what became of the lines before. */
const gzipErrors: ReadonlyMap<unknown, string> = new Map([
  ['Z_BUF_ERROR', 'its gzip ends before it is complete. What came before was imported.'],
  ['Z_DATA_ERROR', 'its gzip is damaged. What came before was imported.'],
])

export function toImportFailure(error: unknown): ImportFailure {
  if (error instanceof LogChangedError) return { code: 'log_changed', message: error.message }
  if (error instanceof LogUnavailableError) {
    const why = error.cause === undefined ? '' : `: ${messageOf(error.cause)}`
    return { code: 'data_unavailable', message: `${error.message}${why}.` }
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const gzip = gzipErrors.get(code)
  return gzip === undefined
    ? { code: 'log_unreadable', message: toReadFailure(error).message }
    : { code: 'log_unreadable', message: gzip }
}
