/** The first line of a request, as the client sent it. */
export interface RequestLine {
  method: string
  /** Path and query, an absolute address, `*`, or `host:port`, by RFC 9112, section 3.2. */
  target: string
  /** `HTTP/1.1`; `undefined` for HTTP/0.9, whose requests do not say. */
  protocol: string | undefined
}

/** One request in an access log. Escapes are undone, and all text is well-formed. */
export interface LogEntry {
  /** Common Log Format ends after the size; Combined adds referrer and user agent. */
  format: 'common' | 'combined'
  /** Address or name of the client. */
  host: string
  /** When the request came, in milliseconds since 1970; logs have whole seconds. */
  at: number
  /** `undefined` when it was not HTTP: a port scan, a TLS handshake, a connection that timed out. */
  request: RequestLine | undefined
  /** Status of the answer; 0 where the server wrote 000. */
  status: number
  /** Size of the answer; `undefined` where the log has `-`. */
  bytes: number | undefined
  referrer: string | undefined
  userAgent: string | undefined
}

/** Why a line did not parse. A code never changes its meaning. */
export const lineErrors = {
  line_too_long: 'It is longer than 64 KiB.',
  head_invalid: 'It does not begin with host, identity, user and [time].',
  time_invalid: 'Its time is not a moment like 17/May/2015:10:05:03 +0000.',
  request_invalid: 'Its request is not in double quotes.',
  status_invalid: 'After the request there is no status of three digits and no size.',
  tail_invalid: 'After the size there are not a referrer and a user agent, each in double quotes.',
} as const

export type LineError = keyof typeof lineErrors

export type ParsedLine = { ok: true; entry: LogEntry } | { ok: false; error: LineError }
