import type { QueuedEvent } from './queued-event.ts'
import { maxOutboxBytes, maxOutboxEvents } from './limits.ts'

/**
 * The events that the server has not taken yet. Bounded: the oldest go first, and each that goes is
 * reported to whoever made the outbox.
 */
export interface Outbox {
  /** Events in it. */
  readonly size: number
  /** Bytes of their JSON. */
  readonly bytes: number
  add(entry: QueuedEvent): void
  /** Oldest first. */
  entries(): Iterable<QueuedEvent>
  /** Whether the entry was still here. */
  remove(entry: QueuedEvent): boolean
  /** Drops what happened before this moment, in milliseconds since 1970. */
  expire(before: number): void
}

/** An outbox that lives as long as the page does. */
export function createMemoryOutbox(onDrop: () => void): Outbox {
  const held = new Set<QueuedEvent>()
  let bytes = 0

  function remove(entry: QueuedEvent): boolean {
    const found = held.delete(entry)
    if (found) bytes -= entry.bytes
    return found
  }

  /** Drops from the oldest on for as long as the condition holds. */
  function dropWhile(condition: (oldest: QueuedEvent) => boolean): void {
    for (const entry of held) {
      if (!condition(entry)) return
      remove(entry)
      onDrop()
    }
  }

  return {
    get size() {
      return held.size
    },
    get bytes() {
      return bytes
    },
    add(entry) {
      held.add(entry)
      bytes += entry.bytes
      dropWhile(() => held.size > maxOutboxEvents || bytes > maxOutboxBytes)
    },
    entries: () => held,
    remove,
    expire: before => dropWhile(oldest => oldest.at < before),
  }
}
