import { attempt } from '../shared/attempt.ts'
import { toBackoffMs } from '../shared/backoff.ts'
import { toJson } from './event.ts'
import type { Host, Timer } from './host.ts'
import {
  batchDelayMs,
  batchGapMs,
  blockedRetryMaxMs,
  envelopeBytes,
  maxBatchBytes,
  maxLeavingBatches,
  maxUnanswered,
  batchGrowthBytes,
  retryBaseMs,
  retryMaxMs,
} from './limits.ts'
import type { Outbox } from './outbox.ts'
import { type Answer, type EventResult, type Later, post } from './request.ts'

/** Sends the events of the outbox to the server in batches until the outbox is empty. */
export type Sender = [
  /** Sends the events of the outbox soon. */
  schedule: () => void,
  /**
   * Sends all waiting events immediately, also after failures, but not before the server's `Retry-After`. Resolves
   * when the requests are answered or have failed.
   */
  flush: () => Promise<void> | undefined,
  /**
   * Sends as many events as possible by requests that outlive the page. They start in the same task. `signal` is the
   * JSON of an event that is sent with the others or never. `isLast` tells whether the visitor leaves the page;
   * otherwise the page is only hidden.
   */
  leave: (signal?: string, isLast?: boolean) => void,
  /**
   * Allows requests. Also forgets those under way, because after a return from the back/forward cache they may never
   * be answered, and the state after earlier ones.
   */
  start: () => void,
  /** Sends an event now or never, without the outbox and without a retry. */
  sendOnce: (json?: string) => unknown,
  /** The result of the last attempts: `blocked` after many without any answer. */
  state: () => 'active' | 'retrying' | 'blocked',
]

/**
 * @param url URL of the events endpoint
 * @param client id of this page
 * @param facts fields of each batch besides its events
 * @param now milliseconds since 1970 by a clock that never jumps
 * @param count is called with the result of each decided event
 * @param onDecision is called after the server has decided on a batch
 */
export function createSender(
  host: Host,
  url: string,
  client: string,
  [entries, add, remove, , isDurable]: Outbox,
  facts: object,
  now: () => number,
  later: Later,
  count: (result: EventResult, reason?: string) => void,
  onDecision: () => void,
): Sender {
  /** Ids of events in requests that outlive the page. All other events may be sent when the visitor leaves. */
  const inFlight = new Set<string>()
  /** Number of consecutive failures, and of those without an answer. */
  let failures = 0
  let unanswered = 0
  /** Largest size of a batch, in bytes. It shrinks after failures and grows again up to `maxBytesCap`. */
  let maxBytesCap = maxBatchBytes
  let maxBytes = maxBytesCap
  let timer: Timer | undefined
  /** Whether nothing may be sent: before the start, and during the server's `Retry-After`. */
  let isBlocked = true
  let draining: Promise<void> | undefined
  /** Whether the visitor has left the page. It may come back from the back/forward cache. */
  let isLeft = false

  /** Sends after a delay. With `blocks`, no other call sends anything before. */
  function wait(delayMs: number, blocks = false): void {
    if (isBlocked && !blocks) return
    host.clearTimeout(timer)
    isBlocked = blocks
    timer = later(() => {
      timer = undefined
      isBlocked = false
      void flush()
    }, delayMs)
  }

  /** Returns whether there are events to send now. */
  function hasWork(): boolean {
    return !isBlocked && entries.size > inFlight.size
  }

  function schedule(): void {
    if (!draining && !timer && hasWork()) wait(batchDelayMs)
  }

  /** Sends all waiting events. */
  function flush(): Promise<void> | undefined {
    if (hasWork()) draining ??= drain()
    return draining
  }

  async function drain(): Promise<void> {
    try {
      while ((await send(cut(), false)) && !isBlocked);
    } catch {
      fail()
    }
    draining = undefined
    schedule()
  }

  /**
   * Returns the ids of the next events to send together: the oldest ones of one client, within a size. A larger event
   * forms a batch of its own.
   */
  function cut(): string[] {
    const batch: string[] = []
    let bytes = envelopeBytes
    for (const [id, json] of entries) {
      if (inFlight.has(id) || clientOf(batch[0] ?? id) !== clientOf(id)) continue
      bytes += byteLength(json) + 1
      if (batch[0] && bytes > maxBytes) break
      batch.push(id)
    }
    return batch
  }

  /** Sends a batch. Returns whether the next batch may follow immediately. */
  async function send(batch: string[], leaving: boolean, signal?: string): Promise<boolean> {
    const [first] = batch
    if (!first && !signal) return false
    const body = format(first ? clientOf(first) : client, [
      ...batch.map(id => entries.get(id)),
      ...(signal ? [signal] : []),
    ])
    // A retry does not use `keepalive`, because other scripts may have used the browser's budget. When the visitor
    // leaves, its events are sent again, and the server counts them once.
    const outlives = leaving || !failures
    if (outlives) batch.forEach(id => inFlight.add(id))
    const answer: Answer | Promise<Answer> =
      leaving && isBlocked ? [] : post(host, url, body, outlives)
    const [status, floorMs, resultOf, text] = await answer
    // Another script may hold the keepalive budget. A beacon has no answer; its events are sent again later.
    const isUnanswered = leaving && !status
    const isTaken = isUnanswered && attempt(() => host.navigator?.sendBeacon?.(url, body))
    // In Chromium, a beacon needs the same budget. A plain request still starts before the page ends.
    if (first && isUnanswered && !isTaken) void post(host, url, body, false)
    // The browser ends the promises of a page that is left, but not its requests.
    if (isLeft && outlives && !leaving && !status) return false
    batch.forEach(id => inFlight.delete(id))
    // An accepted heartbeat shows that the server can be reached, too.
    if (resultOf) onDecision()
    if (!first || isTaken) return false
    if (status === 413 && batch[1]) maxBytes = maxBytesCap = byteLength(body) / 2
    else if (resultOf) {
      failures = unanswered = 0
      maxBytes = Math.min(maxBytesCap, maxBytes + batchGrowthBytes)
      batch.forEach((id, index) => {
        // Another request may have delivered the event, or the outbox may have dropped it.
        if (remove(id)) count(resultOf(index), text)
      })
      wait(batchGapMs)
    } else {
      // Another request may have delivered the events meanwhile.
      if (batch.some(id => entries.has(id))) {
        // A refusal for the size has no answer if a proxy sends it without CORS headers.
        if (!status) maxBytes = byteLength(body) / 2
        // One event that nobody takes must not hold up the others.
        if (!batch[1]) add(first, entries.get(first) ?? '')
        unanswered = status ? 0 : unanswered + 1
        fail(floorMs)
      }
      return false
    }
    return true
  }

  /** Formats a body. The times of another page's events are by the wall clock. */
  function format(batchClient: string | undefined, events: (string | undefined)[]): string {
    const sentAt = batchClient === client ? now() : host.Date.now()
    const head = toJson({ client: batchClient, sentAt, ...facts })
    return `${head.slice(0, -1)},"events":[${events.join()}]}`
  }

  /** Backs off, also after an exception. */
  function fail(floorMs = 0): void {
    failures += 1
    const maxMs = unanswered > maxUnanswered ? blockedRetryMaxMs : retryMaxMs
    wait(floorMs + toBackoffMs(failures, retryBaseMs, maxMs, host.Math.random()), floorMs > 0)
  }

  return [
    schedule,
    flush,
    (signal, isLast = false) => {
      isLeft ||= isLast
      // During a `Retry-After`, only events that would end with the page are sent.
      if (isBlocked && isDurable()) return
      for (let batches = 0; batches < maxLeavingBatches; batches += 1) {
        void send(cut(), true, signal).then(schedule)
        signal = undefined
      }
    },
    () => {
      host.clearTimeout(timer)
      timer = draining = undefined
      isBlocked = isLeft = false
      inFlight.clear()
    },
    json => !isBlocked && !failures && send([], false, json),
    () => (unanswered > maxUnanswered ? 'blocked' : failures ? 'retrying' : 'active'),
  ]
}

function clientOf(id: string): string | undefined {
  return id.split(' ')[0]
}

/** Returns the length of a text in UTF-8, in bytes. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
