import { byteLength } from './queued-event.ts'
import { parseRetryAfter } from '../shared/backoff.ts'
import { isObject } from '../shared/is-object.ts'
import { keepaliveBudgetBytes, maxRetryAfterMs, requestTimeoutMs } from './limits.ts'
import type { TrackerPlatform } from './platform.ts'

/** The method of a request. `fetch` ends with the page; `keepalive` and `beacon` outlive it. A beacon has no answer. */
export type SendMethod = 'fetch' | 'keepalive' | 'beacon'

/** The result of one event and its reason. */
export type EventVerdict = readonly [result: 'accepted' | 'rejected' | 'dropped', reason: string]

/** The result of sending a batch. */
export type Outcome =
  /** The server has decided. `verdictOf` returns the verdict of the event at an index. */
  | { kind: 'decided'; verdictOf(index: number): EventVerdict }
  /** The batch is too large. A smaller one may be accepted. */
  | { kind: 'too_large' }
  /** There is no answer, or one that allows a retry after at least `floorMs`. */
  | { kind: 'failed'; floorMs: number }
  /** The browser accepted a beacon. The server's decision is unknown. */
  | { kind: 'unknown' }

/** Sends request bodies to the server. */
export interface Transport {
  /** Remaining keepalive budget, in bytes. */
  room(): number
  /** Sends one body. The request starts synchronously; the promise never rejects. */
  send(body: string, method: SendMethod): Promise<Outcome>
}

/**
 * Creates a transport for one site.
 * @param url URL of the events endpoint: `https://stats.example.com/api/sites/my-site/events`
 */
export function createTransport(platform: TrackerPlatform, url: string): Transport {
  let keepaliveBytes = 0

  return {
    room: () => keepaliveBudgetBytes - keepaliveBytes,
    async send(body, method) {
      const reserved = method === 'keepalive' ? byteLength(body) : 0
      const aborter = new AbortController()
      const cancelTimeout = platform.after(requestTimeoutMs, () => aborter.abort())
      keepaliveBytes += reserved
      try {
        if (method === 'beacon') {
          if (platform.sendBeacon(url, body)) return { kind: 'unknown' }
        } else {
          // A text body makes this a simple request without a preflight. That saves a round trip and works while
          // the visitor leaves the page.
          const response = await platform.fetch(url, {
            method: 'POST',
            body,
            keepalive: method === 'keepalive',
            credentials: 'omit',
            priority: 'low',
            signal: aborter.signal,
          })
          // The body must be read to its end: until then Chrome counts the keepalive request as pending.
          // https://github.com/getsentry/sentry-javascript/issues/6049
          return toOutcome(response, await response.text(), platform.now())
        }
      } catch {
        // No network, a timeout, a content security policy, or a replaced `fetch`.
      } finally {
        keepaliveBytes -= reserved
        cancelTimeout()
      }
      return { kind: 'failed', floorMs: 0 }
    },
  }
}

function toOutcome({ status, headers }: Response, text: string, nowMs: number): Outcome {
  if (status === 413) return { kind: 'too_large' }
  const rejections = status === 202 && parseRejections(text)
  if (rejections) {
    return { kind: 'decided', verdictOf: index => rejections.get(index) ?? ['accepted', ''] }
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return { kind: 'decided', verdictOf: () => ['dropped', `${status} ${text}`] }
  }
  // The rest is a 408, a 429, a 5xx, or a success of another server, such as a captive portal.
  const floorMs = parseRetryAfter(headers.get('Retry-After'), nowMs, maxRetryAfterMs)
  return { kind: 'failed', floorMs }
}

/** Parses the rejections of a `BatchVerdict`. Returns `undefined` if the text is not one. */
function parseRejections(text: string): Map<unknown, EventVerdict> | undefined {
  const verdict: unknown = JSON.parse(text)
  if (!isObject(verdict) || !Array.isArray(verdict.rejected)) return undefined
  const rejected: unknown[] = verdict.rejected
  return new Map(
    rejected.filter(isObject).map(({ index, code }) => [index, ['rejected', String(code)]]),
  )
}
