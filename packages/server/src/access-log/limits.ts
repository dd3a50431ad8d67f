/** Every bound of reading an access log. */
export const accessLogLimits = {
  /**
   * A longer line is counted as one that does not parse, and is never held: 64 KiB. A server's own
   * limits on the request line and on a header (8 KiB each) leave room for every byte escaped.
   */
  maxLineBytes: 65_536,
} as const
