import { isObject } from './json.ts'

/** Codes of error answers. A code never changes its meaning. */
export const errorCodes = [
  'body_invalid',
  'batch_invalid',
  'event_rejected',
  'body_too_large',
  'encoding_unsupported',
  'site_unknown',
  'not_found',
  'method_not_allowed',
  'selection_invalid',
  'cursor_invalid',
  'cursor_gone',
  'query_invalid',
  'query_too_large',
  'token_missing',
  'token_invalid',
  'token_expired',
  'token_insufficient',
  'key_missing',
  'key_invalid',
  'selection_forbidden',
  'refused',
  'origin_refused',
  'metrics_refused',
  'host_refused',
  'upgrade_required',
  'too_busy',
  'rate_limited',
  'log_unavailable',
  'not_ready',
  'authorize_timeout',
  'body_consumed',
  'internal',
] as const

export type ErrorCode = (typeof errorCodes)[number]

export interface ErrorInfo {
  readonly status: number
  readonly title: string
  readonly remedy: string
}

/**
 * Status, title and remedy of every error. A code never changes its meaning. Errors are sent as
 * `application/problem+json` (RFC 9457), with `code` beside the standard members.
 */
export const errors: Readonly<Record<ErrorCode, ErrorInfo>> = {
  body_invalid: {
    status: 400,
    title: 'The body is not one event or a batch of events in JSON.',
    remedy: 'Send {"events": [...]} or one event, as a JSON object in UTF-8.',
  },
  batch_invalid: {
    status: 400,
    title: 'The batch has an invalid `client`, `sentAt` or `automated`.',
    remedy:
      'Send `client` as a string of 1 to 128 characters, `sentAt` in milliseconds since 1970 and `automated` as a boolean.',
  },
  event_rejected: {
    status: 400,
    title: 'The event has a missing or invalid field.',
    remedy: 'Correct the field; the event was not stored.',
  },
  body_too_large: {
    status: 413,
    title: 'The body exceeds 512 KiB or 1,000 events.',
    remedy: 'Split it into smaller batches.',
  },
  encoding_unsupported: {
    status: 415,
    title: 'The body is compressed.',
    remedy: 'Send it without a Content-Encoding header.',
  },
  site_unknown: {
    status: 404,
    title: 'This server has no such site.',
    remedy:
      'Compare the site ID (`data-site` or `siteId`) with the sites of the server (`--site` or `sites`).',
  },
  not_found: {
    status: 404,
    title: 'Nothing exists at this address.',
    remedy: 'See docs/http-api.md for the endpoints.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This endpoint does not support the request method.',
    remedy: 'Use a method from the Allow header.',
  },
  selection_invalid: {
    status: 400,
    title: '`channels`, `minutes`, `path` or `property` has an invalid value.',
    remedy:
      'Use channel names from docs/http-api.md, 1, 2, 5, 10, 15, 20, 30, 45 or 60 as the value of `minutes`, a path such as `/boots` as the value of `path`, and a property such as `purchase.plan` as the value of `property`.',
  },
  cursor_invalid: {
    status: 400,
    title: '`since` is not a cursor.',
    remedy: 'Send a cursor exactly as the server sent it, or read `realtime` to start again.',
  },
  cursor_gone: {
    status: 410,
    title: 'The server cannot replay the frames after this cursor.',
    remedy: 'Read a snapshot and continue from its cursor; `reason` holds the cause.',
  },
  query_invalid: {
    status: 400,
    title: 'A query parameter is unknown, repeated or invalid.',
    remedy: 'See docs/http-api.md for the parameters.',
  },
  query_too_large: {
    status: 400,
    title: 'The answer to the query would be too large.',
    remedy: 'Choose fewer rows, a coarser granularity or a shorter range.',
  },
  token_missing: {
    status: 401,
    title: 'The server requires a token, and the request has none.',
    remedy:
      'Send a token as `Authorization: Bearer …`, or to a WebSocket as the subprotocol `tidemark.token.…`.',
  },
  token_invalid: {
    status: 401,
    title: 'The token is invalid or not valid yet.',
    remedy: 'Use a token that this server accepts; see docs/server.md.',
  },
  token_expired: {
    status: 401,
    title: 'The token has expired.',
    remedy: 'Get a new token and try again.',
  },
  token_insufficient: {
    status: 403,
    title: 'The token does not allow this action on this site.',
    remedy: 'Use a token that names this site and this scope.',
  },
  key_missing: {
    status: 401,
    title:
      'The site requires a write key from senders that are not pages, and the request has none.',
    remedy: 'Send a key from `writeKeys` of the site as `Authorization: Bearer …`.',
  },
  key_invalid: {
    status: 401,
    title: 'The write key is not one of this site.',
    remedy: 'Send a key from `writeKeys` of the site; no event was accepted.',
  },
  selection_forbidden: {
    status: 403,
    title: 'This reader may not read all of the requested figures.',
    remedy:
      'Request only the channels and pages that are allowed, or use a token that allows more.',
  },
  refused: {
    status: 403,
    title: 'The server refused access to this site.',
    remedy: 'Ask the operator of the server: its `authorize` function refused the request.',
  },
  origin_refused: {
    status: 403,
    title: 'Pages of this origin have no access.',
    remedy:
      'Ask the operator of the server to add the origin: to `allowedOrigins` for reading, to `writeOrigins` of the site for sending.',
  },
  host_refused: {
    status: 421,
    title: 'The server does not answer requests for this host.',
    remedy: 'Use an address of the server, or ask its operator to add the name to `hostNames`.',
  },
  metrics_refused: {
    status: 403,
    title: 'The server shows its metrics to programs on its own machine only.',
    remedy:
      'Start the server with --prometheus-token-file, and send the token as `Authorization: Bearer …`.',
  },
  upgrade_required: {
    status: 426,
    title: 'This endpoint accepts WebSocket connections only.',
    remedy: 'Connect with a WebSocket and the subprotocol tidemark.v1.',
  },
  too_busy: {
    status: 429,
    title: 'The server has reached one of its limits.',
    remedy: 'Wait for the time in Retry-After, then try again.',
  },
  rate_limited: {
    status: 429,
    title: 'The sender exceeds a rate limit of the server.',
    remedy: 'Wait for the time in Retry-After, then try again.',
  },
  log_unavailable: {
    status: 503,
    title: 'The server cannot write its log; no event was accepted.',
    remedy: 'Send the same batch again after Retry-After; check disk space on the server.',
  },
  not_ready: {
    status: 503,
    title: 'The server is not ready.',
    remedy: 'Wait, or see the error output of the server.',
  },
  authorize_timeout: {
    status: 503,
    title: 'The server could not decide in time whether to allow the request.',
    remedy: 'Try again after Retry-After; the `authorize` function of the server did not answer.',
  },
  body_consumed: {
    status: 500,
    title: 'The program around the server has read the body of the request.',
    remedy: 'Mount Tidemark before body parsers, or pass a request whose body has not been read.',
  },
  internal: {
    status: 500,
    title: 'An internal error occurred on the server.',
    remedy: 'Try again; if the error persists, read the error output of the server.',
  },
}

/** Body of every error response. */
export interface Problem {
  /** Always `about:blank`: `code` identifies the error. */
  type: string
  status: number
  code: ErrorCode
  title: string
  /** Cause in this request, and its remedy. */
  detail: string
  /** Present only with `cursor_gone`. */
  reason?: ResetReason
  /** ID of the request, also in `X-Request-Id` and in the log of the server. Present with a status of 500 or more. */
  requestId?: string
}

/**
 * Returns whether a body is an error of a Tidemark server. It checks the shape instead of the code: a reader needs no
 * list of the codes, and a newer server may have more.
 */
export function isProblem(body: unknown): body is Problem {
  if (!isObject(body)) return false
  return ['code', 'title', 'detail'].every(field => typeof body[field] === 'string')
}

/** Reasons for the rejection of one event of a batch, by code. */
export const eventErrors = {
  event_invalid: 'The event is not an object.',
  name_invalid: '`name` is not a string of 1 to 200 characters.',
  n_invalid: '`n` is not a whole number from 1 to 2^53 - 1.',
  timestamp_invalid: '`timestamp` is not a time from 1970 to 9999, in milliseconds.',
  too_old: 'The event happened more than 48 hours before it arrived.',
  visitor_id_invalid: '`visitorId` is not a string of 1 to 128 characters.',
  session_id_invalid: '`sessionId` is not a string of 1 to 128 characters.',
  user_id_invalid: '`userId` is not a string of 1 to 128 characters.',
  url_invalid: '`url` is not an absolute http(s) URL within 8,192 characters.',
  referrer_invalid: '`referrer` is not a string of at most 8,192 characters.',
  title_invalid: '`title` is not a string.',
  properties_invalid: '`properties` is not a flat object of at most 50 valid entries.',
  user_agent_invalid: '`userAgent` is not a string of at most 1,000 characters.',
  address_invalid: '`address` is not an IP address.',
  country_invalid: '`country` is not a code of two letters.',
  value_invalid: '`value` is not a finite number of magnitude at most 2^53.',
} as const

export type EventCode = keyof typeof eventErrors

/**
 * Reason for which a reader needs a new snapshot.
 *
 * - `epoch`: the cursor belongs to another start of the server;
 * - `expired`: the frames after the cursor are no longer stored;
 * - `future`: the cursor is ahead of the server.
 */
export type ResetReason = 'epoch' | 'expired' | 'future'

/** WebSocket close codes of this protocol (RFC 6455 leaves 4000–4999 to applications). */
export const closeCodes = {
  /** A message was not a JSON object with a `type`. */
  badMessage: 4400,
  /** The token has expired or is invalid: reconnect with a new one. */
  tokenExpired: 4401,
  /** Access is refused, for example because a new token does not allow the subscription: do not reconnect. */
  refused: 4403,
  /** The reader did not answer pings. */
  silent: 4408,
  /** The reader needs a snapshot. The server does not send it yet. */
  resync: 4409,
  /** The reader receives frames more slowly than the server makes them. */
  tooSlow: 4413,
  /** Too many messages: reconnect later. */
  backOff: 4429,
  /** The server closes, or the lifetime of the connection is over: reconnect after `retry`. */
  draining: 4503,
} as const
