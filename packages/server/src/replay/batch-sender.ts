import { interpretResponse, type BatchOutcome } from './response.ts'
import { retryDelayMs } from './backoff.ts'
import type { ReplayClock } from './clock.ts'
import { type ReplayFailure, messageOf, toRefusal } from './failure.ts'
import { replayLimits } from './limits.ts'
import type { Tally } from './tally.ts'
import type { Transport } from './transport.ts'
import type { Visitor } from './visitor-identities.ts'

/** Events of one visitor, each as JSON, within the limits of one request. */
export interface Batch {
  visitor: Visitor
  events: readonly string[]
}

export interface BatchSenderOptions {
  transport: Transport
  /** Where the transport goes, for messages. */
  url: URL
  clock: ReplayClock
  /** In [0, 1). */
  random: () => number
  tally: Tally
  /** Ends waiting and trying again; batches that come later are not sent at all. */
  signal: AbortSignal
  /** Called when no batch will ever be taken. */
  onFailure: (failure: ReplayFailure) => void
}

/**
 * Makes the function that brings a batch to the server: tries again what may be taken later, with the same
 * client and numbers, so that it counts once however often it arrives, and tallies what became of it.
 * The function never rejects.
 */
export function createBatchSender(options: BatchSenderOptions): (batch: Batch) => Promise<void> {
  const { transport, url, clock, random, tally, signal, onFailure } = options

  async function deliver(batch: Batch): Promise<void> {
    const outcome = await tryUntilSettled(batch)
    const count = batch.events.length
    if (outcome.kind === 'taken') tally.taken(outcome.accepted, outcome.rejected)
    else if (outcome.kind === 'failed') tally.failed(count, outcome.reason)
    else if (outcome.kind === 'refused') onFailure(toRefusal(url, outcome))
    else if (outcome.kind === 'split') await deliverHalves(batch)
  }

  async function deliverHalves({ visitor, events }: Batch): Promise<void> {
    if (events.length === 1) return tally.failed(1, 'body_too_large')
    const middle = Math.ceil(events.length / 2)
    await deliver({ visitor, events: events.slice(0, middle) })
    await deliver({ visitor, events: events.slice(middle) })
  }

  /** `stopped` when the run ended first. */
  async function tryUntilSettled(batch: Batch): Promise<BatchOutcome | { kind: 'stopped' }> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      const { meaning, retryAfter } = await request(batch)
      if (meaning.kind !== 'retry') return meaning
      if (attempt >= replayLimits.maxAttempts) return { kind: 'failed', reason: meaning.reason }
      tally.retried()
      const delayMs = retryDelayMs(attempt, retryAfter, random(), clock.now())
      await clock.sleep(delayMs, signal).catch(() => {}) // Aborted: the loop's condition sees it.
    }
    return { kind: 'stopped' }
  }

  async function request(batch: Batch): Promise<{ meaning: BatchOutcome; retryAfter?: string }> {
    tally.requested()
    try {
      const answer = await transport.post(toBody(batch, clock.now()), batch.visitor.userAgent)
      const { retryAfter } = answer
      return { meaning: interpretResponse(answer), ...(retryAfter !== undefined && { retryAfter }) }
    } catch (error) {
      return { meaning: { kind: 'retry', reason: messageOf(error) } }
    }
  }

  return async batch => {
    if (!signal.aborted) tally.sent(batch.events.length)
    await deliver(batch)
  }
}

/** Bytes of a body beside its events, at most; see `toBody`. */
export const maxEnvelopeBytes = 512

function toBody({ visitor, events }: Batch, sentAt: number): string {
  const { client, id: visitorId } = visitor
  const envelope = JSON.stringify({ client, visitorId, sentAt })
  return `${envelope.slice(0, -1)},"events":[${events.join(',')}]}`
}
