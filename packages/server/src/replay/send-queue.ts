import { type TrackedEvent, limits } from '@tidemark/protocol'
import { type Batch, maxEnvelopeBytes } from './batch-sender.ts'
import { replayLimits } from './limits.ts'
import type { Visitor } from './visitor-identities.ts'

/** Queue of page views. It groups them by visitor and sends a bounded number of requests at a time. */
export interface SendQueue {
  /** Adds an event for the next `flush`. The queue also flushes itself soon after each `add`. */
  add(visitor: Visitor, event: TrackedEvent): void
  /** Sends the added events, in one batch per visitor. */
  flush(): void
  /** Resolves when another event can be added. */
  waitForRoom(): Promise<void>
  /** Resolves when every event has been sent and answered. */
  waitUntilEmpty(): Promise<void>
}

interface VisitorQueue {
  /** Oldest first. */
  pending: PendingEvent[]
  isSending: boolean
}

interface PendingEvent {
  json: string
  bytes: number
}

/**
 * Creates a send queue. Each visitor has at most one request in flight, like the tracker of a page, so a visitor's
 * events arrive in order. Events added meanwhile are sent with the next request.
 * @param sendBatch sends one batch to the server, and never rejects
 */
export function createSendQueue(sendBatch: (batch: Batch) => Promise<void>): SendQueue {
  const queues = new Map<Visitor, VisitorQueue>()
  /** Visitors with events that can be sent. */
  const ready = new Set<Visitor>()
  /** Visitors with events added since the last flush. */
  const added = new Set<Visitor>()
  const waiters = new Set<{ condition: () => boolean; resolve: () => void }>()
  let pendingEvents = 0
  let pendingBytes = 0
  let requests = 0
  let isFlushScheduled = false

  function pump(): void {
    for (const visitor of ready) {
      if (requests >= replayLimits.maxConcurrentRequests) return
      ready.delete(visitor)
      const queue = queues.get(visitor)
      if (queue && !queue.isSending) void send(visitor, queue)
    }
  }

  async function send(visitor: Visitor, queue: VisitorQueue): Promise<void> {
    const events = drainBatch(queue.pending)
    queue.isSending = true
    requests++
    await sendBatch({ visitor, events: events.map(event => event.json) })
    requests--
    pendingEvents -= events.length
    for (const { bytes } of events) pendingBytes -= bytes
    queue.isSending = false
    if (queue.pending.length === 0) queues.delete(visitor)
    else if (!added.has(visitor)) ready.add(visitor)
    pump()
    resolveWaiters()
  }

  /** Returns the fill level by events or by bytes, whichever is higher; 1 is full. */
  function fillLevel(): number {
    const { maxPendingEvents, maxPendingBytes } = replayLimits
    return Math.max(pendingEvents / maxPendingEvents, pendingBytes / maxPendingBytes)
  }

  function flush(): void {
    isFlushScheduled = false
    for (const visitor of added) ready.add(visitor)
    added.clear()
    pump()
  }

  function resolveWaiters(): void {
    for (const waiter of waiters) {
      if (!waiter.condition()) continue
      waiters.delete(waiter)
      waiter.resolve()
    }
  }

  function waitFor(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve()
    return new Promise(resolve => waiters.add({ condition, resolve }))
  }

  return {
    add(visitor, event) {
      const queue = queues.get(visitor) ?? { pending: [], isSending: false }
      queues.set(visitor, queue)
      const json = JSON.stringify(event)
      const bytes = Buffer.byteLength(json)
      queue.pending.push({ json, bytes })
      added.add(visitor)
      pendingEvents++
      pendingBytes += bytes
      if (isFlushScheduled) return
      isFlushScheduled = true
      // Runs after the lines that are already in memory, which are read in one turn of the event loop.
      setImmediate(flush)
    },
    flush,
    waitForRoom() {
      if (fillLevel() < 1) return Promise.resolve()
      flush()
      // Waits for half of the capacity, so that visitors collect more events for each request.
      return waitFor(() => fillLevel() <= 0.5)
    },
    waitUntilEmpty() {
      flush()
      return waitFor(() => pendingEvents === 0)
    },
  }
}

/** Removes the oldest events that fit into one request; at least one event. */
function drainBatch(pending: PendingEvent[]): PendingEvent[] {
  let bytes = maxEnvelopeBytes
  let count = 0
  for (const event of pending) {
    bytes += event.bytes + 1
    if (count > 0 && (bytes > limits.maxBodyBytes || count >= limits.maxBatchEvents)) break
    count++
  }
  return pending.splice(0, count)
}
