import { toBackoffMs } from '../shared/backoff.ts'
import { cutBatch, formatBatch } from './batch.ts'
import { type QueuedEvent, byteLength } from './queued-event.ts'
import {
  batchGapMs,
  envelopeBytes,
  gatherMs,
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

/** Carries the outbox to the server, batch by batch, until it is empty. */
export interface Sender {
  /** Nothing is sent before this. */
  start(): void
  add(entry: QueuedEvent): void
  /**
   * Sends all that waits, now, whatever failed before, unless the server asked for patience; resolves
   * when it is answered or has failed.
   */
  flush(): Promise<void>
  /** Hands over what it can to requests that outlive the page, before this returns. */
  leave(): void
  /** Sends a batch that is not in the outbox, once, now or never. */
  say(body: string, leaving: boolean): void
}

export interface SenderOptions {
  platform: TrackerPlatform
  transport: Transport
  outbox: Outbox
  /** Told of each event that the server has decided about. */
  onSettled(...fate: EventVerdict): void
}

export function createSender(options: SenderOptions): Sender {
  const { platform, transport, outbox, onSettled } = options

  /** Entries in requests that outlive the page; all others may be handed over when it is left. */
  const underWay = new Set<QueuedEvent>()
  /** Failures in a row. */
  let failures = 0
  /** Halved when a batch was too large, doubled when one was not. */
  let maxEvents = maxBatchEvents
  let cancelTimer: (() => void) | undefined
  /** Nothing may be sent: not started, or the server has said for how long. */
  let held = true
  let draining: Promise<void> | undefined
  let drainsAll = false

  const isFull = (): boolean => outbox.size >= maxBatchEvents || outbox.bytes >= maxBatchBytes

  /** Comes back after a time; with `hold`, nothing is sent before. */
  function wait(delayMs: number, hold: boolean): void {
    if (held && !hold) return
    cancelTimer?.()
    held = hold
    cancelTimer = platform.after(delayMs, () => {
      cancelTimer = undefined
      held = false
      void drain()
    })
  }

  function schedule(): void {
    const isIdle = !held && !cancelTimer && !draining
    if (isIdle && outbox.size > underWay.size) wait(gatherMs, false)
  }

  function drain(): Promise<void> {
    draining ??= sendBatches()
      .catch(() => fail(0))
      .then(() => {
        draining = undefined
        drainsAll = false
        schedule()
      })
    return draining
  }

  async function sendBatches(): Promise<void> {
    while (!held) {
      outbox.expire(platform.now() - maxEventAgeMs)
      const batch = cutBatch(outbox.entries(), maxEvents, maxBatchBytes, isFree)
      if (!(await send(batch, false))) return
      const isSplitting = maxEvents < maxBatchEvents
      if (!drainsAll && !isSplitting && !isFull()) return
    }
  }

  function isFree(entry: QueuedEvent): boolean {
    return !underWay.has(entry)
  }

  /** Whether the next batch may follow at once. */
  async function send(batch: readonly QueuedEvent[], leaving: boolean): Promise<boolean> {
    const [first] = batch
    if (!first) return false
    const events = batch.map(entry => entry.json)
    const body = formatBatch(first.client, platform.now(), events, platform.page?.automated)
    const method = toSendMethod(body, leaving)
    const surviving = method === 'fetch' ? [] : batch
    for (const entry of surviving) underWay.add(entry)
    const outcome = await transport.send(body, method)
    for (const entry of surviving) underWay.delete(entry)
    return settle(batch, outcome)
  }

  /**
   * A retry goes without `keepalive`: other scripts spend from the same budget, and some browsers
   * refuse it altogether. It is then handed over again when the page is left, and counts once.
   */
  function toSendMethod(body: string, leaving: boolean): SendMethod {
    const fits = failures === 0 && byteLength(body) <= transport.room()
    if (platform.keepalive && (leaving || fits)) return 'keepalive'
    return leaving ? 'beacon' : 'fetch'
  }

  function settle(batch: readonly QueuedEvent[], outcome: Outcome): boolean {
    switch (outcome.kind) {
      case 'decided':
        failures = 0
        maxEvents = Math.min(maxBatchEvents, maxEvents * 2)
        batch.forEach((entry, index) => {
          // Another request may have settled it before, or the outbox may have run over.
          if (outbox.remove(entry)) onSettled(...outcome.fateOf(index))
        })
        wait(batchGapMs, false)
        return true
      case 'too_large':
        if (batch.length === 1) {
          return settle(batch, { kind: 'decided', fateOf: () => ['dropped', 'too_large'] })
        }
        maxEvents = Math.ceil(batch.length / 2)
        return true
      case 'failed':
        fail(outcome.floorMs)
        return false
      default:
        // Kept, and sent again when the page is seen again: the server counts it once.
        return false
    }
  }

  /** Backs off. A fault of an outbox or a platform that was handed in is no reason to give up either. */
  function fail(floorMs: number): void {
    failures += 1
    const delayMs = toBackoffMs(failures, retryBaseMs, retryMaxMs, platform.random())
    wait(floorMs + delayMs, floorMs > 0)
  }

  return {
    start() {
      held = false
      schedule()
    },
    add(entry) {
      outbox.add(entry)
      if (isFull() && failures === 0) void drain()
      else schedule()
    },
    flush() {
      drainsAll = !held
      return drain()
    },
    leave() {
      for (let batches = 0; !held && batches < maxLeavingBatches; batches += 1) {
        const room = Math.min(maxBatchBytes, transport.room())
        const fits = (entry: QueuedEvent): boolean =>
          isFree(entry) && entry.bytes + envelopeBytes < room
        const batch = cutBatch(outbox.entries(), maxEvents, room, fits)
        if (batch.length === 0) return
        void send(batch, true).then(
          goesOn => goesOn && schedule(),
          () => fail(0),
        )
      }
    },
    say(body, leaving) {
      if (held || (leaving && byteLength(body) > transport.room())) return
      void transport.send(body, leaving ? toSendMethod(body, true) : 'fetch')
    },
  }
}
