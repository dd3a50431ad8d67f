import { byteLength } from './queued-event.ts'
import { parseRetryAfter } from '../shared/backoff.ts'
import { isObject } from '../shared/is-object.ts'
import { keepaliveBudgetBytes, maxRetryAfterMs, requestTimeoutMs } from './limits.ts'
import type { TrackerPlatform } from './platform.ts'

/**
 * How a request travels: `fetch` dies with the page; `keepalive` and `beacon` outlive it, and of a
 * beacon nothing is ever heard again.
 */
export type SendMethod = 'fetch' | 'keepalive' | 'beacon'

/** What became of one event, and why. */
export type EventVerdict = readonly [result: 'accepted' | 'rejected' | 'dropped', reason: string]

/** What became of a batch. */
export type Outcome =
  /** The server has decided; `fateOf` says how for the event at an index. */
  | { kind: 'decided'; fateOf(index: number): EventVerdict }
  /** It is too large: a part of it may not be. */
  | { kind: 'too_large' }
  /** No answer, or one that says to try again, not before `floorMs` have passed. */
  | { kind: 'failed'; floorMs: number }
  /** It was handed to the browser, and that is all that can be known. */
  | { kind: 'unknown' }

export interface Transport {
  /** Bytes that the body of a keepalive request may have right now. */
  room(): number
  /** Sends one body. The request is on its way when this returns; the promise never rejects. */
  send(body: string, method: SendMethod): Promise<Outcome>
}

/** @param url where batches go: `https://stats.example.com/api/sites/my-site/events` */
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
          // Text makes it a simple request: it needs no preflight, so one round trip less, and a page
          // that is being left can still send it.
          const response = await platform.fetch(url, {
            method: 'POST',
            body,
            keepalive: method === 'keepalive',
            credentials: 'omit',
            priority: 'low',
            signal: aborter.signal,
          })
          // Always read to the end: Chrome counts a keepalive request until then.
          // https://github.com/getsentry/sentry-javascript/issues/6049
          return toOutcome(response, await response.text(), platform.now())
        }
      } catch {
        // No network, no answer in time, a policy of the page, or a `fetch` that somebody replaced.
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
    return { kind: 'decided', fateOf: index => rejections.get(index) ?? ['accepted', ''] }
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return { kind: 'decided', fateOf: () => ['dropped', `${status} ${text}`] }
  }
  // What is left is a 408, a 429, a 5xx, or a success that is not the server's own, such as the page
  // that a hotel's network answers every request with.
  const floorMs = parseRetryAfter(headers.get('Retry-After'), nowMs, maxRetryAfterMs)
  return { kind: 'failed', floorMs }
}

/** What a `BatchVerdict` of the protocol turned away; `undefined` when the text is not one. */
function parseRejections(text: string): Map<unknown, EventVerdict> | undefined {
  const verdict: unknown = JSON.parse(text)
  if (!isObject(verdict) || !Array.isArray(verdict.rejected)) return undefined
  const rejected: unknown[] = verdict.rejected
  return new Map(
    rejected.filter(isObject).map(({ index, code }) => [index, ['rejected', String(code)]]),
  )
}
