import type { BatchVerdict } from '@tidemark/protocol'
import { parseRetryAfter } from '../shared/backoff.ts'
import type { Host, Timer } from './host.ts'
import { maxRetryAfterMs, requestTimeoutMs } from './limits.ts'

export type EventResult = 'accepted' | 'rejected' | 'dropped'

/** The answer to a request. It is empty if there was none. */
export type Answer = [
  /** HTTP status. */
  status?: number,
  /** Shortest delay of a retry, in milliseconds. */
  floorMs?: number,
  /** Returns the result of the event at an index. It is missing if the server has not decided. */
  resultOf?: ((index: number) => EventResult) | false,
  text?: string,
]

/** Calls a function after a delay, and never throws. */
export type Later = (run: () => void, delayMs: number) => Timer

/**
 * Sends a body. The request starts synchronously. There is no answer after a timeout, without a network, or if the
 * page's rules forbid the request.
 * @param url URL of the events endpoint: `https://stats.example.com/api/sites/my-site/events`
 */
export async function post(
  host: Host,
  url: string,
  body: string,
  keepalive: boolean,
): Promise<Answer> {
  try {
    // A text body makes this a simple request without a preflight. That saves a round trip and works while the
    // visitor leaves the page.
    const response = await host.fetch(url, {
      method: 'POST',
      body,
      keepalive,
      credentials: 'omit',
      priority: 'low',
      signal: host.AbortSignal.timeout?.(requestTimeoutMs) ?? null,
    })
    // The body must be read to its end: until then Chrome counts the keepalive request as pending.
    // https://github.com/getsentry/sentry-javascript/issues/6049
    const text = await response.text()
    const { status, headers, redirected } = response
    const floorMs = parseRetryAfter(headers.get('Retry-After'), host.Date.now(), maxRetryAfterMs)
    if (status === 202) {
      // The answer of another server fails here, and the request is repeated.
      // oxlint-disable-next-line typescript/no-unsafe-assignment
      const { rejected }: BatchVerdict = JSON.parse(text)
      const indexes = rejected.map(({ index }) => index)
      return [status, 0, index => (indexes.includes(index) ? 'rejected' : 'accepted'), text]
    }
    // A server between the browser and ours may answer anything, for a moment. Only our errors are a decision. A redirect
    // can turn the request into a `GET` of another address, which our server does not know.
    const isDecision =
      !redirected &&
      /^4(?!05|08|29)/.test(`${status}`) &&
      /problem\+json/.test(`${headers.get('Content-Type')}`)
    return [status, floorMs, isDecision && (() => 'dropped'), text]
  } catch {
    return []
  }
}
