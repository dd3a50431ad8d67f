/** First line of a request, as the client sent it. */
export interface RequestLine {
  method: string
  /** Path and query, an absolute URL, `*`, or `host:port` (RFC 9112, section 3.2). */
  target: string
  /** `HTTP/1.1`; `undefined` for HTTP/0.9, which has no version in its request line. */
  protocol: string | undefined
}

/** One request in an access log. Escapes are decoded, and all text is well-formed Unicode. */
export interface LogEntry {
  /** Common Log Format ends after the size; Combined Log Format adds referrer and user agent. */
  format: 'common' | 'combined'
  /** IP address or host name of the client. */
  host: string
  /** Time of the request, in milliseconds since 1970; logs have a resolution of one second. */
  at: number
  /** `undefined` when the request was not HTTP: a port scan, a TLS handshake, a connection that timed out. */
  request: RequestLine | undefined
  /** Status of the response; 0 where the server wrote 000. */
  status: number
  /** Size of the response; `undefined` where the log has `-`. */
  bytes: number | undefined
  referrer: string | undefined
  userAgent: string | undefined
}

/** Reasons for which a line does not parse. A code never changes its meaning. */
export const lineErrors = {
  line_too_long: 'The line is longer than 64 KiB.',
  head_invalid: 'The line does not start with host, identity, user and [time].',
  time_invalid: 'The time is not a valid date in the form 17/May/2015:10:05:03 +0000.',
  request_invalid: 'The request is not in double quotes.',
  status_invalid: 'The request is not followed by a three-digit status and a size.',
  tail_invalid: 'The size is not followed by a referrer and a user agent, each in double quotes.',
} as const

export type LineError = keyof typeof lineErrors

export type ParsedLine = { ok: true; entry: LogEntry } | { ok: false; error: LineError }
