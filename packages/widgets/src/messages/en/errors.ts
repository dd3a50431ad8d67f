/** Texts for viewers of a dashboard, by error code; the server's texts address developers. */
export const errorTexts = {
  network: 'The server does not answer. Trying again.',
  answer_invalid: 'This address is not a Tidemark server.',
  token_unavailable: 'The page could not get an access token. Trying again.',
  token_missing: 'You do not have access to these numbers.',
  token_invalid: 'You do not have access to these numbers.',
  token_expired: 'Your access has expired. Reload the page.',
  token_insufficient: 'You do not have access to these numbers.',
  selection_forbidden: 'You do not have access to these numbers.',
  origin_refused: 'The server does not allow this page to show these numbers.',
  refused: 'You do not have access to these numbers.',
  site_unknown: 'This site does not exist on the server.',
  not_found: 'This address is not a Tidemark server.',
  query_invalid: 'The server does not understand this request.',
  too_busy: 'The server is busy. Trying again.',
  internal: 'The server has an internal error. Trying again.',
  /** Any other code. */
  other: 'The numbers cannot be loaded ({code}).',
} as const
