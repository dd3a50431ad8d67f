/** A format string that does not describe the requests of a log. */
export class FormatError extends Error {
  override name = 'FormatError'

  /** @param reason completes "The format … cannot be used: " */
  constructor(format: string, reason: string) {
    super(`The format ${JSON.stringify(format)} cannot be used: ${reason}.`)
  }
}
