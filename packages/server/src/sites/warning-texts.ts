import type { ErrorCode, EventCode } from '@tidemark/protocol'

/** Codes of refused requests. */
type RefusalKind = Extract<
  ErrorCode,
  | 'body_invalid'
  | 'batch_invalid'
  | 'body_too_large'
  | 'encoding_unsupported'
  | 'body_consumed'
  | 'origin_refused'
  | 'key_missing'
  | 'key_invalid'
  | 'rate_limited'
  | 'log_unavailable'
>

type RequestKind = RefusalKind | 'sender_unauthorized'

type CountedKind =
  | 'future_timestamp'
  | 'repeated'
  | 'unnumbered'
  | 'names_overflow'
  | 'tables_overflow'
  | 'address_unknown'
  | 'address_excluded'
  | 'host_unlisted'
  | 'http_client'

/** Kinds of warnings: codes of rejected events and of refused requests, and counted facts. */
export type IntakeWarningKind = EventCode | RequestKind | CountedKind

/** Sentences about one and about several events or requests, after their number, and the remedy. */
interface WarningText {
  readonly one: string
  readonly many: string
  readonly remedy: string
}

/** Describes events that were rejected, by the fault that one event and several have. */
function rejected(fault: string, remedy: string, faultOfMany: string = fault): WarningText {
  return {
    one: `event ${fault}, and was rejected.`,
    many: `events ${faultOfMany}, and were rejected.`,
    remedy,
  }
}

/** Describes requests that were refused as a whole. */
function refused(fault: string, remedy: string, faultOfMany: string = fault): WarningText {
  return {
    one: `request ${fault}, and was refused.`,
    many: `requests ${faultOfMany}, and were refused.`,
    remedy,
  }
}

const eventTexts: Readonly<Record<EventCode, WarningText>> = {
  event_invalid: rejected(
    'was not an object',
    'Send each event as a JSON object with a `name`.',
    'were not objects',
  ),
  name_invalid: rejected('had no valid name', 'Send `name` as a string of 1 to 200 characters.'),
  n_invalid: rejected(
    'had an invalid number',
    'Send `n` as a whole number from 1 to 2^53 - 1.',
    'had invalid numbers',
  ),
  timestamp_invalid: rejected(
    'had an invalid timestamp',
    'Send `timestamp` in milliseconds since 1970.',
    'had invalid timestamps',
  ),
  too_old: rejected(
    'was more than 48 hours old',
    'Send events within 48 hours, and check the clock of the sender.',
    'were more than 48 hours old',
  ),
  visitor_id_invalid: rejected(
    'had an invalid visitor ID',
    'Send `visitorId` as a string of 1 to 128 characters, or leave it out.',
    'had invalid visitor IDs',
  ),
  session_id_invalid: rejected(
    'had an invalid session ID',
    'Send `sessionId` as a string of 1 to 128 characters, or leave it out.',
    'had invalid session IDs',
  ),
  user_id_invalid: rejected(
    'had an invalid user ID',
    'Send `userId` as a string of 1 to 128 characters, or leave it out.',
    'had invalid user IDs',
  ),
  url_invalid: rejected(
    'had an invalid URL',
    'Send `url` as an absolute http(s) URL of at most 8,192 characters.',
    'had invalid URLs',
  ),
  referrer_invalid: rejected(
    'had an invalid referrer',
    'Send `referrer` as a string of at most 8,192 characters.',
    'had invalid referrers',
  ),
  title_invalid: rejected(
    'had an invalid title',
    'Send `title` as a string, or leave it out.',
    'had invalid titles',
  ),
  properties_invalid: rejected(
    'had invalid properties',
    'Send `properties` as a flat object of at most 50 entries.',
  ),
  user_agent_invalid: rejected(
    'described a visitor with an invalid user agent',
    'Send `userAgent` as a string of at most 1,000 characters.',
    'described visitors with invalid user agents',
  ),
  address_invalid: rejected(
    'described a visitor with an invalid address',
    'Send `address` as an IP address.',
    'described visitors with invalid addresses',
  ),
  country_invalid: rejected(
    'described a visitor with an invalid country',
    'Send `country` as a code of two letters.',
    'described visitors with invalid countries',
  ),
  value_invalid: rejected(
    'had an invalid value',
    'Send `value` as a finite number of magnitude at most 2^53.',
    'had invalid values',
  ),
}

const requestTexts: Readonly<Record<RequestKind, WarningText>> = {
  body_invalid: refused(
    'had a body that was neither one event nor a batch in JSON',
    'Send `{"events": [...]}` or one event, as a JSON object in UTF-8.',
    'had bodies that were neither one event nor a batch in JSON',
  ),
  batch_invalid: refused(
    'had an invalid `client`, `sentAt` or `automated`',
    'See the errors of the API for the form of a batch.',
  ),
  body_too_large: refused(
    'exceeded 512 KiB or 1,000 events',
    'Split the events into smaller batches.',
  ),
  encoding_unsupported: refused(
    'had a compressed body',
    'Send bodies without a Content-Encoding header.',
    'had compressed bodies',
  ),
  body_consumed: refused(
    'arrived without a body, because the program around the server had read it',
    'Mount Tidemark before body parsers.',
  ),
  origin_refused: refused(
    'came from a page of an origin that may not send events',
    'If the page is yours, add its origin to `writeOrigins` of the site.',
    'came from pages of origins that may not send events',
  ),
  key_missing: refused(
    'had no write key',
    'Send a key from `writeKeys` of the site as `Authorization: Bearer KEY`.',
  ),
  key_invalid: refused(
    'had a wrong write key',
    'Check the key of the sender against `writeKeys` of the site.',
    'had wrong write keys',
  ),
  sender_unauthorized: refused(
    'had no token that may send events',
    'Check the token of the sender: its scope, its site and its expiry.',
  ),
  rate_limited: refused(
    'exceeded a rate',
    'If the sender is yours, raise `rates`, or give it a write key. `limited` of `limits` names the rate.',
  ),
  log_unavailable: refused(
    'found the log unavailable',
    'Check disk space and data files of the server. Trackers send the events again.',
  ),
}

const countedTexts: Readonly<Record<CountedKind, WarningText>> = {
  future_timestamp: {
    one: 'event had a future timestamp, clamped to the arrival time.',
    many: 'events had future timestamps, clamped to the arrival time.',
    remedy: 'Check the clock of the sender, or send `sentAt` with each batch.',
  },
  repeated: {
    one: 'event arrived again, and was counted once.',
    many: 'events arrived again, and were counted once.',
    remedy:
      'Retries do this, and nothing is lost. If the number grows fast, check `n` of the sender.',
  },
  unnumbered: {
    one: 'event had no `client` or no `n`, so a repetition counts twice.',
    many: 'events had no `client` or no `n`, so repetitions count twice.',
    remedy: 'Send `client` with each batch and `n` with each event, as the tracker does.',
  },
  names_overflow: {
    one: 'event had a name beyond a limit: it counts in `(other)`, or its value is not aggregated.',
    many: 'events had names beyond a limit: they count in `(other)`, or their values are not aggregated.',
    remedy: 'Use fewer different names: no IDs in event names and URLs. `limits` names the limit.',
  },
  tables_overflow: {
    one: 'visitor, client or session exceeded a limit of the site.',
    many: 'visitors, clients or sessions exceeded a limit of the site.',
    remedy: 'Look for senders that create new IDs all the time. `limits` names the limit.',
  },
  address_excluded: {
    one: 'event came from an excluded address, and was not counted.',
    many: 'events came from excluded addresses, and were not counted.',
    remedy: 'Nothing, if these are your own visits. Otherwise change `exclude.addresses`.',
  },
  host_unlisted: {
    one: 'event came from a page of a host that `hostNames` of the site does not list, and was not counted.',
    many: 'events came from pages of hosts that `hostNames` of the site does not list, and were not counted.',
    remedy:
      'If the host is yours, add it to `hostNames`. Otherwise nothing: copies of the site elsewhere do this.',
  },
  address_unknown: {
    one: 'request had an unknown address: all visitors without an ID and with one user agent count as one.',
    many: 'requests had unknown addresses: all visitors without an ID and with one user agent count as one.',
    remedy: 'Pass the address with each request: `tidemark.fetch(request, { address })`.',
  },
  http_client: {
    one: 'event came from an HTTP client without naming its visitor, and counts only as a bot event.',
    many: 'events came from HTTP clients without naming their visitors, and count only as bot events.',
    remedy:
      'If the sender is yours, send a `visitorId` with each event, or use a write key of the site.',
  },
}

const texts: Readonly<Record<IntakeWarningKind, WarningText>> = {
  ...eventTexts,
  ...requestTexts,
  ...countedTexts,
}

export const intakeWarningKinds: readonly IntakeWarningKind[] =
  Object.keys(texts).filter(isIntakeWarningKind)

export function isIntakeWarningKind(kind: string): kind is IntakeWarningKind {
  return Object.hasOwn(texts, kind)
}

/** Describes a warning in words, without anything of an event or a sender. */
export function describeWarning(
  kind: IntakeWarningKind,
  count: number,
): { readonly text: string; readonly remedy: string } {
  const { one, many, remedy }: WarningText = texts[kind]
  return { text: `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`, remedy }
}
