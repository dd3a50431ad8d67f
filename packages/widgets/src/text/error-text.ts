import { type ErrorCode, errors } from '@tidemark/protocol'
import type { LiveError } from '@tidemark/sdk/live'

/** Where the words of the protocol speak to whoever sends requests, and not to who looks at a widget. */
const words: Partial<Record<LiveError['code'], string>> = {
  network: 'The server does not answer. Trying again.',
  answer_invalid: 'What answers at this address is not a Tidemark server.',
  refused: 'The server does not let this page read these numbers.',
  too_busy: 'The server is busy. Trying again.',
  internal: 'The server made a mistake. Trying again.',
}

/** What to tell a reader of the dashboard about an error, in a sentence or two. */
export function errorText({ code, message }: LiveError): string {
  const text = words[code]
  if (text !== undefined) return text
  return isErrorCode(code) ? errors[code].title : message
}

/** Whether this is a code of the server's; a newer server may have more than we know. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errors, code)
}
