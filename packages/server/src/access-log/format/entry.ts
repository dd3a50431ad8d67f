/** First line of a request, as the client sent it. */
export interface RequestLine {
  method: string
  /** Path and query, an absolute URL, `*`, or `host:port` (RFC 9112, section 3.2). */
  target: string
  /** `HTTP/1.1`; `undefined` where the log has none, and for HTTP/0.9. */
  protocol: string | undefined
}

/** One request in an access log. Escapes are decoded, and all text is well-formed Unicode. */
export interface LogEntry {
  /**
   * Client: its IP address as in RFC 5952, or its host name in lower case. `undefined` when the log does not say it:
   * `-`, `unknown` or a Unix socket.
   */
  client: string | undefined
  /** Host of the site, in lower case and without port; `undefined` when the log has none. */
  siteHost: string | undefined
  /** Time of the request, in milliseconds since 1970. Most logs have a resolution of one second. */
  at: number
  /** `undefined` when the request was not HTTP: a port scan, a TLS handshake, a connection that timed out. */
  request: RequestLine | undefined
  /** Status of the response; 0 where the server wrote 000 or `-`. */
  status: number
  /** Size of the response; `undefined` where the log has none. */
  bytes: number | undefined
  /** Whether the log has a field for the referrer. Only then an absent referrer means a direct visit. */
  hasReferrer: boolean
  referrer: string | undefined
  userAgent: string | undefined
}

/** Reasons for which a line does not parse. A code never changes its meaning. */
export const lineErrors = {
  line_too_long: 'The line is longer than 64 KiB.',
  nul_bytes: 'The line has NUL bytes, as after a log was truncated while the server wrote to it.',
  prefix_missing: 'The line does not start with the prefix of the collector.',
  head_invalid: 'The fields before the time are not those of the format.',
  client_invalid: 'The client is neither an IP address nor -.',
  time_invalid: 'The time is not valid, or not in the form of the format.',
  request_invalid: 'The request is not in its place.',
  status_invalid: 'The status or the size is not a number.',
  tail_invalid: 'The fields after the status are not those of the format.',
  json_invalid: 'The line is not a JSON object of the format.',
  fields_unknown: 'No #Fields line before this line names its fields.',
} as const

export type LineError = keyof typeof lineErrors

/** Result for one line. A `directive` is a line without a request, such as `#Fields:` in a W3C log. */
export type ParsedLine =
  { ok: true; entry: LogEntry } | { ok: false; error: LineError | 'directive' }

export function failure(error: LineError | 'directive'): ParsedLine {
  return { ok: false, error }
}

/** Parses the lines of one log, in order. */
export interface LineParser {
  parse(line: string): ParsedLine
}

export interface ParserOptions {
  /**
   * Addresses and CIDR blocks of the proxies in front of the server. They decide which of the forwarded addresses is
   * the client's; see `createClientReader`. @default none
   */
  trustedProxies?: readonly string[]
}

/** Format of an access log. */
export interface LogFormat {
  /** Name of a preset, or the text of a declared format. */
  readonly name: string
  /** Returns a parser for one log. Parsers of W3C formats remember the last `#Fields` line. */
  createParser(options?: ParserOptions): LineParser
}
