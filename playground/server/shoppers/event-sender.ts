import type { TrackedEvent } from '@tidemark/protocol'
import type { Clock } from '@tidemark/server'

/** Identity of one simulated shopper on one page load. */
export interface BrowserIdentity {
  /** Client id that the event numbers belong to. */
  readonly client: string
  readonly visitorId: string
  readonly userAgent: string
  /** Two letters of ISO 3166-1. */
  readonly country: string
  /** Size of the screen in CSS pixels. */
  readonly screen?: string
  /** Preferred language as a BCP 47 tag. */
  readonly language?: string
}

/** A batch of events, with the identity that becomes its request headers. */
export interface ShopperBatch {
  readonly identity: BrowserIdentity
  readonly events: readonly TrackedEvent[]
}

/** Result of one attempt: `settled` when the server has answered for good, `retry` otherwise. */
export type SendResult = 'settled' | 'retry'

export type SendBatch = (batch: ShopperBatch) => Promise<SendResult>

/** Sends the events of one shopper in batches and retries each batch until the server answers for good. */
export interface EventSender {
  /** Enqueues an event. It is retried without a time limit. */
  enqueue(event: TrackedEvent): void
  /** Sends a heartbeat, or drops it while other events are pending: a late heartbeat is wrong. */
  sendHeartbeat(event: TrackedEvent): void
  /** Sends a leave event once, after all pending events. */
  sendLeave(event: TrackedEvent): void
  readonly hasPendingEvents: boolean
}

export interface EventSenderOptions {
  identity: BrowserIdentity
  sendBatch: SendBatch
  clock: Clock
  random: () => number
}

const firstRetryMs = 500
const maxRetryMs = 8000

/** Wait after the first event of a batch. A backfilled visit then fits into one batch. */
const batchDelayMs = 20

export function createEventSender(options: EventSenderOptions): EventSender {
  const { identity, sendBatch, clock, random } = options
  const pending: TrackedEvent[] = []
  let lastEventNumber = 0
  let failures = 0
  let isBusy = false
  let pendingLeave: TrackedEvent | undefined

  async function sendPending(): Promise<void> {
    const events = [...pending]
    const result = await sendBatch({ identity, events })
    if (result === 'settled') {
      failures = 0
      pending.splice(0, events.length)
    } else {
      failures++
    }
    isBusy = false
    if (pending.length > 0) schedule(result === 'settled' ? batchDelayMs : retryDelayMs())
    else if (pendingLeave) sendOnce(pendingLeave)
  }

  function sendOnce(event: TrackedEvent): void {
    pendingLeave = undefined
    void sendBatch({ identity, events: [event] })
  }

  /** Full jitter: clients that lost the connection together do not retry together. */
  function retryDelayMs(): number {
    return firstRetryMs + random() * Math.min(maxRetryMs, firstRetryMs * 2 ** failures)
  }

  function schedule(delayMs: number): void {
    isBusy = true
    clock.after(delayMs, () => void sendPending())
  }

  return {
    enqueue(event) {
      pending.push({ ...event, n: ++lastEventNumber })
      if (!isBusy) schedule(batchDelayMs)
    },
    sendHeartbeat(event) {
      if (!isBusy) sendOnce(event)
    },
    sendLeave(event) {
      if (isBusy) pendingLeave = event
      else sendOnce(event)
    },
    get hasPendingEvents() {
      return pending.length > 0
    },
  }
}
