import type { QueuedEvent } from './queued-event.ts'
import { envelopeBytes } from './limits.ts'

/**
 * The next entries to send together: the oldest ones that are eligible, of one client, at most
 * `maxEvents` and `maxBytes` with what is around them. One that is too large by itself goes alone.
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
 * The body of a request: an `EventBatch` of the protocol, around events that are JSON already.
 * @param sentAt the moment of this very try, in milliseconds since 1970
 * @param automated whether a program drives the browser
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
