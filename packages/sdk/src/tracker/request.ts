import type { BatchVerdict } from '@tidemark/protocol'
import { parseRetryAfter } from '../shared/backoff.ts'
import type { Host, Timer } from './host.ts'
import { maxRetryAfterMs, requestTimeoutMs } from './limits.ts'

/** The result of one event and its reason. */
export type EventVerdict = readonly [result: 'accepted' | 'rejected' | 'dropped', reason: string]

/** The answer to a request. */
export interface Answer {
  /** HTTP status; 0 if there was no answer. */
  status: number
  /** Returns the verdict of the event at an index. It is missing if the server has not decided. */
  verdictOf?: (index: number) => EventVerdict
  /** Shortest delay of a retry, in milliseconds. */
  floorMs?: number
}

/** The parts of the tracker that requests need. */
export interface Poster {
  host: Host
  /** URL of the events endpoint: `https://stats.example.com/api/sites/my-site/events` */
  url: string
  /** Calls a function after a delay. Returns the timer. */
  later(delayMs: number, run: () => void): Timer
}

/**
 * Sends a body. The request starts synchronously. Returns `undefined` after a timeout, without a network, or if the
 * page's rules forbid the request.
 */
export async function post(
  { host, url }: Poster,
  body: string,
  keepalive: boolean,
): Promise<Answer | undefined> {
  let timeout: Timer | undefined
  try {
    const aborter = new host.AbortController()
    // A text body makes this a simple request without a preflight. That saves a round trip and works while the visitor
    // leaves the page.
    const response = host.fetch(url, {
      method: 'POST',
      body,
      keepalive,
      credentials: 'omit',
      priority: 'low',
      signal: aborter.signal,
    })
    return await Promise.race([
      // The body must be read to its end: until then Chrome counts the keepalive request as pending.
      // https://github.com/getsentry/sentry-javascript/issues/6049
      response.then(async answer => toAnswer(answer, await answer.text(), host.Date.now())),
      // In Firefox, a request that was under way when the page entered the back/forward cache never settles.
      new Promise<undefined>(resolve => {
        // It also ends a request of a tracker that was switched off meanwhile, so `later` does not fit.
        timeout = host.setTimeout(() => {
          aborter.abort()
          resolve(undefined)
        }, requestTimeoutMs)
      }),
    ])
  } catch {
    return undefined
  } finally {
    host.clearTimeout(timeout)
  }
}

function toAnswer({ status, headers, redirected }: Response, text: string, nowMs: number): Answer {
  if (status === 202) {
    const verdicts: EventVerdict[] = []
    // The answer of another server fails here, and the request is repeated.
    // oxlint-disable-next-line typescript/no-unsafe-assignment
    const { rejected }: BatchVerdict = JSON.parse(text)
    for (const { index, code } of rejected) verdicts[index] = ['rejected', code]
    return { status, verdictOf: index => verdicts[index] ?? ['accepted', ''] }
  }
  // A server between the browser and ours may answer anything, for a moment. Only our errors are a decision. A redirect
  // can turn the request into a `GET` of another address, which our server does not know.
  const isDecision =
    !redirected &&
    /^4(?!05|08|29)/.test(`${status}`) &&
    /problem\+json/.test(`${headers.get('Content-Type')}`)
  return {
    status,
    floorMs: parseRetryAfter(headers.get('Retry-After'), nowMs, maxRetryAfterMs),
    ...(isDecision && { verdictOf: () => ['dropped', `${status} ${text}`] }),
  }
}
