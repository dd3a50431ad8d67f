import type { LiveError } from '@tidemark/sdk/live'

/** Texts for viewers of a dashboard; the server's texts address developers. */
const widgetTexts: Partial<Record<LiveError['code'], string>> = {
  network: 'The server does not answer. Trying again.',
  answer_invalid: 'This address is not a Tidemark server.',
  token_unavailable: 'The page could not get an access token. Trying again.',
  token_missing: 'You do not have access to these numbers.',
  token_invalid: 'You do not have access to these numbers.',
  token_expired: 'Your access has expired. Reload the page.',
  token_insufficient: 'You do not have access to these numbers.',
  origin_refused: 'The server does not allow this page to show these numbers.',
  refused: 'You do not have access to these numbers.',
  site_unknown: 'This site does not exist on the server.',
  not_found: 'This address is not a Tidemark server.',
  too_busy: 'The server is busy. Trying again.',
  internal: 'The server has an internal error. Trying again.',
}

/** Returns the text that a widget shows for an error: its own text, else the message of the error. */
export function errorText({ code, message }: LiveError): string {
  return widgetTexts[code] ?? message
}
