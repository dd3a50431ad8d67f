import { toBackoffMs } from '../shared/backoff.ts'
import { cutBatch, formatBatch } from './batch.ts'
import { type QueuedEvent, byteLength } from './queued-event.ts'
import {
  batchGapMs,
  envelopeBytes,
  batchDelayMs,
  maxBatchBytes,
  maxBatchEvents,
  maxLeavingBatches,
  retryBaseMs,
  retryMaxMs,
} from './limits.ts'
import type { Outbox } from './outbox.ts'
import type { TrackerPlatform } from './platform.ts'
import type { EventVerdict, Outcome, SendMethod, Transport } from './transport.ts'
import { maxEventAgeMs } from './protocol-values.ts'

/** Sends the events of the outbox to the server in batches until the outbox is empty. */
export interface Sender {
  /** Starts sending. Nothing is sent before. */
  start(): void
  add(entry: QueuedEvent): void
  /**
   * Sends all waiting events immediately, also after failures, but not before the server's `Retry-After`. Resolves
   * when the requests are answered or have failed.
   */
  flush(): Promise<void>
  /** Sends as many events as possible by requests that outlive the page. The requests are started synchronously. */
  leave(): void
  /** Sends a presence event once, without the outbox and without a retry. */
  sendOnce(body: string, leaving: boolean): void
}

export interface SenderOptions {
  platform: TrackerPlatform
  transport: Transport
  outbox: Outbox
  /** Is called with the verdict of each decided event. */
  onDecided(...verdict: EventVerdict): void
}

export function createSender(options: SenderOptions): Sender {
  const { platform, transport, outbox, onDecided } = options

  /** Events in requests that outlive the page. All other events may be sent when the visitor leaves. */
  const inFlight = new Set<QueuedEvent>()
  /** Number of consecutive failures. */
  let failures = 0
  /** Largest number of events in a batch: halved after a batch that was too large, doubled after an accepted one. */
  let maxEvents = maxBatchEvents
  let cancelTimer: (() => void) | undefined
  /** Whether sending is blocked: before `start`, or during the server's `Retry-After`. */
  let isBlocked = true
  let draining: Promise<void> | undefined
  let isFlushing = false

  const isFull = (): boolean => outbox.size >= maxBatchEvents || outbox.bytes >= maxBatchBytes

  /** Sends after a delay. With `blocks`, no other call sends anything before. */
  function wait(delayMs: number, blocks: boolean): void {
    if (isBlocked && !blocks) return
    cancelTimer?.()
    isBlocked = blocks
    cancelTimer = platform.after(delayMs, () => {
      cancelTimer = undefined
      isBlocked = false
      void drain()
    })
  }

  function schedule(): void {
    const isIdle = !isBlocked && !cancelTimer && !draining
    if (isIdle && outbox.size > inFlight.size) wait(batchDelayMs, false)
  }

  function drain(): Promise<void> {
    draining ??= sendBatches()
      .catch(() => fail(0))
      .then(() => {
        draining = undefined
        isFlushing = false
        schedule()
      })
    return draining
  }

  async function sendBatches(): Promise<void> {
    while (!isBlocked) {
      outbox.expire(platform.now() - maxEventAgeMs)
      const batch = cutBatch(outbox.entries(), maxEvents, maxBatchBytes, isFree)
      if (!(await send(batch, false))) return
      const isSplitting = maxEvents < maxBatchEvents
      if (!isFlushing && !isSplitting && !isFull()) return
    }
  }

  function isFree(entry: QueuedEvent): boolean {
    return !inFlight.has(entry)
  }

  /** Sends a batch. Returns whether the next batch may follow immediately. */
  async function send(batch: readonly QueuedEvent[], leaving: boolean): Promise<boolean> {
    const [first] = batch
    if (!first) return false
    const events = batch.map(entry => entry.json)
    const body = formatBatch(first.client, platform.now(), events, platform.page?.automated)
    const method = toSendMethod(body, leaving)
    const surviving = method === 'fetch' ? [] : batch
    for (const entry of surviving) inFlight.add(entry)
    const outcome = await transport.send(body, method)
    for (const entry of surviving) inFlight.delete(entry)
    return handleOutcome(batch, outcome)
  }

  /**
   * Selects the method. A retry does not use `keepalive`, because other scripts may have used the budget and some
   * browsers refuse it. When the visitor leaves, its events are sent again, and the server counts them once.
   */
  function toSendMethod(body: string, leaving: boolean): SendMethod {
    const fits = failures === 0 && byteLength(body) <= transport.room()
    if (platform.keepalive && (leaving || fits)) return 'keepalive'
    return leaving ? 'beacon' : 'fetch'
  }

  function handleOutcome(batch: readonly QueuedEvent[], outcome: Outcome): boolean {
    switch (outcome.kind) {
      case 'decided':
        failures = 0
        maxEvents = Math.min(maxBatchEvents, maxEvents * 2)
        batch.forEach((entry, index) => {
          // Another request may have delivered the event, or the outbox may have dropped it.
          if (outbox.remove(entry)) onDecided(...outcome.verdictOf(index))
        })
        wait(batchGapMs, false)
        return true
      case 'too_large':
        if (batch.length === 1) {
          return handleOutcome(batch, {
            kind: 'decided',
            verdictOf: () => ['dropped', 'too_large'],
          })
        }
        maxEvents = Math.ceil(batch.length / 2)
        return true
      case 'failed':
        fail(outcome.floorMs)
        return false
      default:
        // The events stay in the outbox and are sent again later. The server counts them once.
        return false
    }
  }

  /** Backs off, also after an exception of a custom platform. */
  function fail(floorMs: number): void {
    failures += 1
    const delayMs = toBackoffMs(failures, retryBaseMs, retryMaxMs, platform.random())
    wait(floorMs + delayMs, floorMs > 0)
  }

  return {
    start() {
      isBlocked = false
      schedule()
    },
    add(entry) {
      outbox.add(entry)
      if (isFull() && failures === 0) void drain()
      else schedule()
    },
    flush() {
      isFlushing = !isBlocked
      return drain()
    },
    leave() {
      for (let batches = 0; !isBlocked && batches < maxLeavingBatches; batches += 1) {
        const room = Math.min(maxBatchBytes, transport.room())
        const fits = (entry: QueuedEvent): boolean =>
          isFree(entry) && entry.bytes + envelopeBytes < room
        const batch = cutBatch(outbox.entries(), maxEvents, room, fits)
        if (batch.length === 0) return
        void send(batch, true).then(
          canContinue => canContinue && schedule(),
          () => fail(0),
        )
      }
    },
    sendOnce(body, leaving) {
      if (isBlocked || (leaving && byteLength(body) > transport.room())) return
      void transport.send(body, leaving ? toSendMethod(body, true) : 'fetch')
    },
  }
}
