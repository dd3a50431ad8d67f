export const accessLogLimits = {
  /**
   * Longest line, in bytes: 64 KiB. A longer line is reported as `line_too_long` and not buffered. The limits of
   * servers on the request line and on a header (8 KiB each) leave room for every byte escaped.
   */
  maxLineBytes: 65_536,
  /** Unparsed lines that the counts list with their reason. */
  maxListedErrors: 5,
  /** Characters of an unparsed line that the counts list. */
  maxExcerptLength: 100,
  /** Hosts that are counted by name. */
  maxHosts: 1000,
  /** Hosts that the counts list. */
  maxListedHosts: 10,
} as const
