import { type ErrorCode, errors } from '@tidemark/protocol'
import type { LiveError } from '@tidemark/sdk/live'

/** Texts for people who look at a dashboard; the protocol's own texts address API clients. */
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
  too_busy: 'The server is busy. Trying again.',
  internal: 'The server has an internal error. Trying again.',
}

/** Returns the text that a widget shows for an error, in one or two sentences. */
export function errorText({ code, message }: LiveError): string {
  const text = widgetTexts[code]
  if (text !== undefined) return text
  return isErrorCode(code) ? errors[code].title : message
}

/** Reports whether a code is a known code of the server; a newer server may have more. */
function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errors, code)
}
