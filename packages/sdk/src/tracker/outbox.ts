import type { QueuedEvent } from './queued-event.ts'
import { maxOutboxBytes, maxOutboxEvents } from './limits.ts'

/** The events without a decision of the server. It is bounded; overflow drops the oldest and reports each one. */
export interface Outbox {
  /** Number of events. */
  readonly size: number
  /** Total size of their JSON, in bytes. */
  readonly bytes: number
  add(entry: QueuedEvent): void
  /** All events, oldest first. */
  entries(): Iterable<QueuedEvent>
  /** Removes an event. Returns whether the outbox contained it. */
  remove(entry: QueuedEvent): boolean
  /** Drops events with a time before `before`, in milliseconds since 1970. */
  expire(before: number): void
}

/**
 * Creates an outbox in memory, which ends with the page.
 * @param onDrop is called for each dropped event
 */
export function createMemoryOutbox(onDrop: () => void): Outbox {
  const entries = new Set<QueuedEvent>()
  let bytes = 0

  function remove(entry: QueuedEvent): boolean {
    const found = entries.delete(entry)
    if (found) bytes -= entry.bytes
    return found
  }

  /** Drops the oldest events while the condition is true. */
  function dropWhile(condition: (oldest: QueuedEvent) => boolean): void {
    for (const entry of entries) {
      if (!condition(entry)) return
      remove(entry)
      onDrop()
    }
  }

  return {
    get size() {
      return entries.size
    },
    get bytes() {
      return bytes
    },
    add(entry) {
      entries.add(entry)
      bytes += entry.bytes
      dropWhile(() => entries.size > maxOutboxEvents || bytes > maxOutboxBytes)
    },
    entries: () => entries,
    remove,
    expire: before => dropWhile(oldest => oldest.at < before),
  }
}
