export type ErrorCode =
  | 'body_invalid'
  | 'batch_invalid'
  | 'body_too_large'
  | 'encoding_unsupported'
  | 'site_unknown'
  | 'not_found'
  | 'method_not_allowed'
  | 'selection_invalid'
  | 'cursor_invalid'
  | 'cursor_gone'
  | 'query_invalid'
  | 'token_missing'
  | 'token_invalid'
  | 'token_expired'
  | 'token_insufficient'
  | 'refused'
  | 'origin_refused'
  | 'upgrade_required'
  | 'too_busy'
  | 'log_unavailable'
  | 'internal'

export interface ErrorInfo {
  readonly status: number
  readonly title: string
  readonly remedy: string
}

/**
 * What each error answer means and what to do about it. A code never changes its meaning; errors
 * travel as `application/problem+json` (RFC 9457) with `code` beside the standard members.
 */
export const errors: Readonly<Record<ErrorCode, ErrorInfo>> = {
  body_invalid: {
    status: 400,
    title: 'The body is not a JSON object with an event or a list of events.',
    remedy: 'Send {"events": [...]} or one event, as JSON in UTF-8.',
  },
  batch_invalid: {
    status: 400,
    title: '`client`, `sentAt` or `automated` of the batch is not what it must be.',
    remedy:
      'Send `client` as text of 1 to 128 characters, `sentAt` as milliseconds since 1970, `automated` as a boolean.',
  },
  body_too_large: {
    status: 413,
    title: 'The body has too many bytes or too many events.',
    remedy: 'Split the batch; the limits are 512 KiB and 1,000 events.',
  },
  encoding_unsupported: {
    status: 415,
    title: 'The body is compressed.',
    remedy: 'Send it without Content-Encoding.',
  },
  site_unknown: {
    status: 404,
    title: 'There is no such site here.',
    remedy:
      'Check `data-site`, `siteId` or `--site` against the sites in the configuration of the server.',
  },
  not_found: {
    status: 404,
    title: 'Nothing is served at this address.',
    remedy: 'See docs/protocol.md for the addresses.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This address does not take this method.',
    remedy: 'See the Allow header.',
  },
  selection_invalid: {
    status: 400,
    title: '`channels` or `minutes` names something that cannot be read.',
    remedy: 'Name channels from the list in docs/protocol.md, and minutes of 1, 5, 15, 30 or 60.',
  },
  cursor_invalid: {
    status: 400,
    title: '`since` is not a cursor.',
    remedy: 'Send a cursor exactly as the server gave it, or read `realtime` to begin anew.',
  },
  cursor_gone: {
    status: 410,
    title: 'The frames after this cursor cannot be replayed.',
    remedy: 'Read a snapshot and go on from its cursor; `reason` says why.',
  },
  query_invalid: {
    status: 400,
    title: 'A parameter of the query is not what it must be.',
    remedy: 'See docs/protocol.md for the parameters.',
  },
  token_missing: {
    status: 401,
    title: 'This site is read with a token, and there is none.',
    remedy:
      'Send it as `Authorization: Bearer …`, or to a WebSocket as the subprotocol `tidemark.token.…`.',
  },
  token_invalid: {
    status: 401,
    title: 'The token is not one of this server, or not good yet.',
    remedy: 'Ask whoever makes the tokens for one that this server takes; see docs/server.md.',
  },
  token_expired: {
    status: 401,
    title: 'The token has expired.',
    remedy: 'Get a fresh one and come back.',
  },
  token_insufficient: {
    status: 403,
    title: 'The token is good, but not for this.',
    remedy: 'Ask whoever makes the tokens for one that names this site and this scope.',
  },
  refused: {
    status: 403,
    title: 'This reader or sender may not do this here.',
    remedy: 'Ask whoever runs the server: its `authorize` says who may.',
  },
  origin_refused: {
    status: 403,
    title: 'Pages of this origin may not read here.',
    remedy: 'Ask whoever runs the server to list the origin among those that may.',
  },
  upgrade_required: {
    status: 426,
    title: 'This address speaks WebSocket only.',
    remedy: 'Connect with the subprotocol tidemark.v1.',
  },
  too_busy: {
    status: 429,
    title: 'The server is at one of its limits.',
    remedy: 'Wait as long as Retry-After says.',
  },
  log_unavailable: {
    status: 503,
    title: 'The log cannot be written, so nothing was accepted.',
    remedy: 'Send the same batch again after Retry-After; check disk space on the server.',
  },
  internal: {
    status: 500,
    title: 'The server made a mistake.',
    remedy: 'Try again; if it happens again, the log of the server says more.',
  },
}

/** The body of every error answer. */
export interface Problem {
  /** Always `about:blank`: `code` says which error it is. */
  type: string
  status: number
  code: ErrorCode
  title: string
  /** What was wrong with this request in particular, and what to do. */
  detail: string
  /** With `cursor_gone` only. */
  reason?: ResetReason
}

/** Why one event of a batch was turned away. */
export const eventErrors = {
  event_invalid: 'It is not an object.',
  name_invalid: '`name` is missing, is not text, or is longer than 200 characters.',
  n_invalid: '`n` is not a whole number of at least 1.',
  timestamp_invalid: '`timestamp` is not a time in milliseconds since 1970, before the year 10000.',
  too_old: 'It happened more than 48 hours before it arrived.',
  visitor_id_invalid: '`visitorId` is not text of 1 to 128 characters.',
  session_id_invalid: '`sessionId` is not text of 1 to 128 characters.',
  user_id_invalid: '`userId` is not text of 1 to 128 characters.',
  url_invalid: '`url` is not an absolute http or https address of at most 8,192 characters.',
  referrer_invalid: '`referrer` is not text of at most 8,192 characters.',
  title_invalid: '`title` is not text.',
  properties_invalid:
    '`properties` is not a flat object of at most 50 texts, finite numbers and booleans.',
  value_invalid: '`value` is not a finite number of magnitude at most 2^53.',
} as const

export type EventCode = keyof typeof eventErrors

/**
 * Why a reader has to start again from a snapshot: the cursor is of another `epoch` of the server, its
 * frames are no longer kept (`expired`), or it is ahead of the server (`future`).
 */
export type ResetReason = 'epoch' | 'expired' | 'future'

/** WebSocket close codes of ours (RFC 6455 leaves 4000–4999 to applications). */
export const closeCodes = {
  /** A message could not be read: not JSON, or not an object with a `type`. */
  badMessage: 4400,
  /** The token has expired, or was never good: get a fresh one and come back. */
  tokenExpired: 4401,
  /** Refused: coming back will not help. */
  refused: 4403,
  /** The reader did not answer heartbeats. */
  silent: 4408,
  /** The reader has to take a snapshot. */
  resync: 4409,
  /** The reader takes frames more slowly than they are made. */
  tooSlow: 4413,
  /** Too many messages or connections: come back later. */
  backOff: 4429,
  /** The server is going away: come back, spread over time. */
  draining: 4503,
} as const
