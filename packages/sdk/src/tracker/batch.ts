import type { QueuedEvent } from './queued-event.ts'
import { envelopeBytes } from './limits.ts'

/**
 * Returns the next events to send together: the oldest eligible events of one client, at most `maxEvents` and, with
 * the envelope, at most `maxBytes`. An event above `maxBytes` forms a batch of its own.
 */
export function cutBatch(
  entries: Iterable<QueuedEvent>,
  maxEvents: number,
  maxBytes: number,
  isEligible: (entry: QueuedEvent) => boolean,
): QueuedEvent[] {
  const batch: QueuedEvent[] = []
  let bytes = envelopeBytes
  for (const entry of entries) {
    if (!isEligible(entry)) continue
    bytes += entry.bytes + 1
    const first = batch[0]
    if (first && (entry.client !== first.client || bytes > maxBytes)) break
    batch.push(entry)
    if (batch.length >= maxEvents) break
  }
  return batch
}

/**
 * Formats a request body, an `EventBatch` of the protocol, from events that are already JSON.
 * @param sentAt time of this attempt, in milliseconds since 1970
 * @param automated whether a program controls the browser
 */
export function formatBatch(
  client: string,
  sentAt: number,
  events: readonly string[],
  automated = false,
): string {
  const head = JSON.stringify({ client, sentAt, automated: automated || undefined })
  return `${head.slice(0, -1)},"events":[${events.join()}]}`
}
