import { messageOf } from '../shared/error-message.ts'
import { retryDelayMs } from './backoff.ts'
import type { ReplayClock } from './clock.ts'
import type { DeliveryCounter } from './delivery-counter.ts'
import { type ReplayFailure, toRefusal } from './failure.ts'
import { replayLimits } from './limits.ts'
import { type BatchOutcome, interpretResponse } from './response.ts'
import type { Transport } from './transport.ts'
import type { Visitor } from './visitor-identities.ts'

/** Events of one visitor, each as JSON, within the limits of one request. */
export interface Batch {
  visitor: Visitor
  events: readonly string[]
}

export interface BatchSenderOptions {
  transport: Transport
  /** URL of the transport, for messages. */
  url: URL
  clock: ReplayClock
  /** In [0, 1). */
  random: () => number
  counter: DeliveryCounter
  /** Ends delays and retries. Later batches are not sent. */
  signal: AbortSignal
  /** Called when the server will never accept any batch. */
  onFailure: (failure: ReplayFailure) => void
}

/**
 * Creates a function that sends a batch, retries it and counts the outcome. A retry has the same client and event
 * numbers, so the server counts the batch once. The function never rejects.
 */
export function createBatchSender(options: BatchSenderOptions): (batch: Batch) => Promise<void> {
  const { transport, url, clock, random, counter, signal, onFailure } = options

  async function deliver(batch: Batch): Promise<void> {
    const outcome = await sendWithRetries(batch)
    const count = batch.events.length
    if (outcome.kind === 'accepted') counter.accepted(outcome.accepted, outcome.rejected)
    else if (outcome.kind === 'failed') counter.failed(count, outcome.reason)
    else if (outcome.kind === 'refused') onFailure(toRefusal(url, outcome))
    else if (outcome.kind === 'split') await deliverHalves(batch)
  }

  async function deliverHalves({ visitor, events }: Batch): Promise<void> {
    if (events.length === 1) return counter.failed(1, 'body_too_large')
    const middle = Math.ceil(events.length / 2)
    await deliver({ visitor, events: events.slice(0, middle) })
    await deliver({ visitor, events: events.slice(middle) })
  }

  /** Returns `stopped` when the signal is aborted before the server decides. */
  async function sendWithRetries(batch: Batch): Promise<BatchOutcome | { kind: 'stopped' }> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      const { outcome, retryAfter } = await request(batch)
      if (outcome.kind !== 'retry') return outcome
      if (attempt >= replayLimits.maxAttempts) return { kind: 'failed', reason: outcome.reason }
      counter.retried()
      const delayMs = retryDelayMs(attempt, retryAfter, random(), clock.now())
      await clock.sleep(delayMs, signal).catch(() => {}) // Aborted: the loop ends.
    }
    return { kind: 'stopped' }
  }

  async function request(batch: Batch): Promise<{ outcome: BatchOutcome; retryAfter?: string }> {
    counter.requested()
    try {
      const response = await transport.post(toBody(batch, clock.now()), batch.visitor.userAgent)
      const { retryAfter } = response
      const outcome = interpretResponse(response)
      return { outcome, ...(retryAfter !== undefined && { retryAfter }) }
    } catch (error) {
      return { outcome: { kind: 'retry', reason: messageOf(error) } }
    }
  }

  return async batch => {
    if (!signal.aborted) counter.sent(batch.events.length)
    await deliver(batch)
  }
}

/** Upper bound of a request body's size without its events, in bytes; see `toBody`. */
export const maxEnvelopeBytes = 512

function toBody({ visitor, events }: Batch, sentAt: number): string {
  const { client, id: visitorId, isBot } = visitor
  const envelope = JSON.stringify({ client, visitorId, sentAt, ...(isBot && { automated: true }) })
  return `${envelope.slice(0, -1)},"events":[${events.join(',')}]}`
}
