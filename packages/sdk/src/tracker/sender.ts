import { toBackoffMs } from '../shared/backoff.ts'
import { toJson } from './event.ts'
import type { Timer } from './host.ts'
import {
  batchDelayMs,
  batchGapMs,
  blockedRetryMaxMs,
  envelopeBytes,
  maxBatchBytes,
  maxBatchEvents,
  maxLeavingBatches,
  maxUnanswered,
  batchGrowthBytes,
  retryBaseMs,
  retryMaxMs,
} from './limits.ts'
import { type Outbox, type QueuedEvent, byteLength } from './outbox.ts'
import { type Answer, type EventVerdict, type Poster, post } from './request.ts'

/** Sends the events of the outbox to the server in batches until the outbox is empty. */
export interface Sender {
  /** The result of the last attempts: `blocked` after many without any answer. */
  state(): 'active' | 'retrying' | 'blocked'
  /** Starts sending. Nothing is sent before. */
  start(): void
  /** Sends the events of the outbox soon. */
  schedule(): void
  /**
   * Sends all waiting events immediately, also after failures, but not before the server's `Retry-After`. Resolves
   * when the requests are answered or have failed.
   */
  flush(): Promise<void>
  /**
   * Sends as many events as possible by requests that outlive the page. The requests are started synchronously.
   * @param signal JSON of an event that is sent with the others or never
   * @param isLast whether the visitor leaves the page; otherwise the page is only hidden
   */
  leave(signal?: string, isLast?: boolean): void
  /** Handles a return from the back/forward cache: earlier requests may never be answered. */
  restart(): void
  /** Sends an event now or never, without the outbox and without a retry. */
  sendOnce(json: string): unknown
}

export interface SenderOptions extends Poster {
  /** Id of this page. */
  client: string
  outbox: Outbox
  /** Milliseconds since 1970 by a clock that never jumps. */
  now(): number
  /** Fields of each batch besides its events. */
  facts: object
  /** Is called with the verdict of each decided event. */
  count(...verdict: EventVerdict): void
  /** Is called after the server has decided on a batch. */
  onDecision(): void
}

export function createSender(options: SenderOptions): Sender {
  const { host, url, client, outbox, now, later } = options
  const { entries } = outbox
  // Firefox before 133 ignores `keepalive`: https://bugzilla.mozilla.org/show_bug.cgi?id=1342484
  const hasKeepalive = 'keepalive' in host.Request.prototype

  /** Events in requests that outlive the page. All other events may be sent when the visitor leaves. */
  const inFlight = new Set<QueuedEvent>()
  /** Number of consecutive failures, and of those without an answer. */
  let failures = 0
  let unanswered = 0
  /** Largest size of a batch, in bytes. It shrinks after failures and grows again up to `maxBytesCap`. */
  let maxBytes = maxBatchBytes
  let maxBytesCap = maxBatchBytes
  let timer: Timer | undefined
  let isStarted = false
  /** Whether the server's `Retry-After` blocks sending. */
  let isBlocked = false
  let draining: Promise<void> | undefined
  /** Whether the visitor has left the page. It may come back from the back/forward cache. */
  let isLeft = false

  const canSend = (): boolean => isStarted && !isBlocked

  /** Sends after a delay. With `blocks`, no other call sends anything before. */
  function wait(delayMs: number, blocks = false): void {
    if (isBlocked && !blocks) return
    host.clearTimeout(timer)
    isBlocked = blocks
    timer = later(delayMs, () => {
      timer = undefined
      isBlocked = false
      void drain()
    })
  }

  function schedule(): void {
    const isIdle = canSend() && !draining && timer === undefined
    if (isIdle && entries.size > inFlight.size) wait(batchDelayMs)
  }

  /** Sends all waiting events. */
  function drain(): Promise<void> {
    draining ??= sendBatches()
      .catch(() => fail())
      .then(() => {
        draining = undefined
        schedule()
      })
    return draining
  }

  async function sendBatches(): Promise<void> {
    while (canSend() && (await send(cut(), false)));
  }

  /**
   * Returns the next events to send together: the oldest ones of one client, within a size. A larger event forms a
   * batch of its own.
   */
  function cut(): QueuedEvent[] {
    const batch: QueuedEvent[] = []
    let bytes = envelopeBytes
    for (const entry of entries.values()) {
      if (inFlight.has(entry) || (batch[0] ?? entry).client !== entry.client) continue
      bytes += entry.bytes + 1
      if (batch.length >= maxBatchEvents || (batch[0] && bytes > maxBytes)) break
      batch.push(entry)
    }
    return batch
  }

  /** Sends a batch. Returns whether the next batch may follow immediately. */
  async function send(batch: QueuedEvent[], leaving: boolean, signal?: string): Promise<boolean> {
    const [first] = batch
    if (!first && !signal) return false
    const body = format(first?.client, [
      ...batch.map(({ json }) => json),
      ...(signal ? [signal] : []),
    ])
    // A retry does not use `keepalive`, because other scripts may have used the browser's budget. When the visitor
    // leaves, its events are sent again, and the server counts them once.
    const outlives = leaving || (!failures && hasKeepalive)
    const keepalive = outlives && !isBlocked && hasKeepalive
    if (outlives) batch.forEach(entry => inFlight.add(entry))
    const answer = leaving && !keepalive ? undefined : await post(options, body, keepalive)
    // Another script may hold the keepalive budget. A beacon has no answer; its events are sent again later.
    const isUnanswered = leaving && !answer?.status
    const isTaken = isUnanswered && beacon(body)
    // In Chromium, a beacon needs the same budget. A plain request still starts before the page ends.
    if (first && isUnanswered && !isTaken) void post(options, body, false)
    await Promise.resolve()
    // The browser ends the promises of a page that is left, but not its requests.
    if (isLeft && outlives && !leaving && !answer) return false
    batch.forEach(entry => inFlight.delete(entry))
    // An accepted heartbeat shows that the server can be reached, too.
    if (!first && answer?.verdictOf) options.onDecision()
    return !!first && !isTaken && handle(batch, byteLength(body), answer)
  }

  /** Hands a body over to the browser. Returns whether the browser has taken it. */
  function beacon(body: string): boolean | undefined {
    try {
      return host.navigator?.sendBeacon?.(url, body)
    } catch {
      return false
    }
  }

  /** Formats a body. The times of another page's events are by the wall clock. */
  function format(batchClient = client, events: readonly string[]): string {
    const sentAt = batchClient === client ? now() : host.Date.now()
    const head = toJson({ client: batchClient, sentAt, ...options.facts })
    return `${head.slice(0, -1)},"events":[${events.join()}]}`
  }

  function handle(batch: QueuedEvent[], bytes: number, answer?: Answer): boolean {
    const { status, verdictOf, floorMs } = answer ?? {}
    if (status === 413 && batch.length > 1) {
      maxBytes = maxBytesCap = bytes / 2
      return true
    }
    if (verdictOf) {
      failures = unanswered = 0
      maxBytes = Math.min(maxBytesCap, maxBytes + batchGrowthBytes)
      batch.forEach((entry, index) => {
        // Another request may have delivered the event, or the outbox may have dropped it.
        if (outbox.remove(entry)) options.count(...verdictOf(index))
      })
      options.onDecision()
      wait(batchGapMs)
      return true
    }
    // Another request has delivered the events meanwhile.
    if (!batch.some(({ id }) => entries.has(id))) return false
    // A refusal for the size has no answer if a proxy sends it without CORS headers.
    if (!status) maxBytes = bytes / 2
    // One event that nobody takes must not hold up the others.
    for (const entry of batch) if (!batch[1] && entries.has(entry.id)) outbox.add(entry)
    unanswered = status ? 0 : unanswered + 1
    fail(floorMs)
    return false
  }

  /** Backs off, also after an exception. */
  function fail(floorMs = 0): void {
    failures += 1
    const maxMs = isUnreachable() ? blockedRetryMaxMs : retryMaxMs
    wait(floorMs + toBackoffMs(failures, retryBaseMs, maxMs, host.Math.random()), floorMs > 0)
  }

  function isUnreachable(): boolean {
    return unanswered > maxUnanswered
  }

  return {
    state: () => (isUnreachable() ? 'blocked' : failures ? 'retrying' : 'active'),
    start() {
      isStarted = true
      // After `optOut`, the earlier timer has no effect.
      host.clearTimeout(timer)
      isBlocked = false
      timer = undefined
      schedule()
    },
    schedule,
    flush: drain,
    restart() {
      isLeft = false
      inFlight.clear()
      draining = undefined
    },
    leave(signal, isLast = false) {
      isLeft ||= isLast
      // During a `Retry-After`, only events that would end with the page are sent.
      if (!isStarted || (isBlocked && outbox.isDurable)) return
      for (let batches = 0; batches < maxLeavingBatches; batches += 1) {
        const batch = cut()
        if (!batch[0] && !signal) return
        // The signal is an event of this page.
        const isOther = !!batch[0] && batch[0].client !== client
        void send(batch, true, isOther ? undefined : signal).then(schedule)
        if (!isOther) signal = undefined
      }
    },
    sendOnce: json => canSend() && !failures && send([], false, json),
  }
}
