import { type TrackedEvent, limits } from '@tidemark/protocol'
import { type Batch, maxEnvelopeBytes } from './batch-sender.ts'
import { replayLimits } from './limits.ts'
import type { Visitor } from './visitor-identities.ts'

/** The page views on their way: gathered by visitor, sent a bounded number of requests at a time. */
export interface SendQueue {
  /** Takes an event to send at the next `flush`. */
  add(visitor: Visitor, event: TrackedEvent): void
  /** Sends all that was added, in one batch a visitor. One of its own follows soon after each `add`. */
  flush(): void
  /** Resolves when another event may be added. */
  waitForRoom(): Promise<void>
  /** Resolves when nothing waits to be sent or answered. */
  waitUntilEmpty(): Promise<void>
}

interface Outbox {
  /** Oldest first. */
  waiting: WaitingEvent[]
  isSending: boolean
}

interface WaitingEvent {
  json: string
  bytes: number
}

/**
 * Each visitor has one request under way at most, as the tracker of one page has, so its events arrive
 * in order; what is added meanwhile goes with the next one.
 * @param deliver brings one batch to the server, and never rejects
 */
export function createSendQueue(deliver: (batch: Batch) => Promise<void>): SendQueue {
  const outboxes = new Map<Visitor, Outbox>()
  const ready = new Set<Visitor>()
  const added = new Set<Visitor>()
  const waiters = new Set<{ until: () => boolean; resolve: () => void }>()
  let pendingEvents = 0
  let pendingBytes = 0
  let requests = 0
  let flushIsDue = false

  function pump(): void {
    for (const visitor of ready) {
      if (requests >= replayLimits.maxConcurrentRequests) return
      ready.delete(visitor)
      const outbox = outboxes.get(visitor)
      if (outbox && !outbox.isSending) void send(visitor, outbox)
    }
  }

  async function send(visitor: Visitor, outbox: Outbox): Promise<void> {
    const events = takeBatch(outbox.waiting)
    outbox.isSending = true
    requests++
    await deliver({ visitor, events: events.map(event => event.json) })
    requests--
    pendingEvents -= events.length
    for (const { bytes } of events) pendingBytes -= bytes
    outbox.isSending = false
    if (outbox.waiting.length === 0) outboxes.delete(visitor)
    else if (!added.has(visitor)) ready.add(visitor)
    pump()
    wake()
  }

  /** How full it is: 1 at whichever bound comes first. */
  function load(): number {
    const { maxPendingEvents, maxPendingBytes } = replayLimits
    return Math.max(pendingEvents / maxPendingEvents, pendingBytes / maxPendingBytes)
  }

  function flush(): void {
    flushIsDue = false
    for (const visitor of added) ready.add(visitor)
    added.clear()
    pump()
  }

  function wake(): void {
    for (const waiter of waiters) {
      if (!waiter.until()) continue
      waiters.delete(waiter)
      waiter.resolve()
    }
  }

  function when(until: () => boolean): Promise<void> {
    if (until()) return Promise.resolve()
    return new Promise(resolve => waiters.add({ until, resolve }))
  }

  return {
    add(visitor, event) {
      const outbox = outboxes.get(visitor) ?? { waiting: [], isSending: false }
      outboxes.set(visitor, outbox)
      const json = JSON.stringify(event)
      const bytes = Buffer.byteLength(json)
      outbox.waiting.push({ json, bytes })
      added.add(visitor)
      pendingEvents++
      pendingBytes += bytes
      if (flushIsDue) return
      flushIsDue = true
      // After the lines that are at hand, which are read without leaving this turn of the event loop.
      setImmediate(flush)
    },
    flush,
    waitForRoom() {
      if (load() < 1) return Promise.resolve()
      flush()
      // Not for one event's worth of room: visitors gather more events for each request meanwhile.
      return when(() => load() <= 0.5)
    },
    waitUntilEmpty() {
      flush()
      return when(() => pendingEvents === 0)
    },
  }
}

/** Takes from the front what fits into one request, at least one event. */
function takeBatch(waiting: WaitingEvent[]): WaitingEvent[] {
  let bytes = maxEnvelopeBytes
  let count = 0
  for (const event of waiting) {
    bytes += event.bytes + 1
    if (count > 0 && (bytes > limits.maxBodyBytes || count >= limits.maxBatchEvents)) break
    count++
  }
  return waiting.splice(0, count)
}
