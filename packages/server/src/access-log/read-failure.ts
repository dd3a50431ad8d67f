import { messageOf } from '../shared/error-message.ts'

/** A log is in a compression that this program does not read. */
export class UnsupportedCompressionError extends Error {
  override name = 'UnsupportedCompressionError'

  constructor(compression: string, program: string) {
    super(
      `it is compressed with ${compression}. Unpack it, for example: ${program} FILE | tidemark import - --site SITE`,
    )
  }
}

const messages: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'the file does not exist.'],
  ['EISDIR', 'it is a directory.'],
  ['EACCES', 'this user has no permission to read it.'],
  ['Z_BUF_ERROR', 'the gzip data is truncated. The lines before that point were processed.'],
  ['Z_DATA_ERROR', 'the gzip data is corrupt. The lines before that point were processed.'],
])

/** Returns the reason for which an access log cannot be opened or read further, for use after "Cannot read FILE: ". */
export function describeReadFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return messages.get(code) ?? messageOf(error)
}
