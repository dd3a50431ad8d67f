import { type TrackedEvent, limits } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import type { Batch } from './batch-sender.ts'
import { type SendQueue, createSendQueue } from './send-queue.ts'
import { replayLimits } from './limits.ts'
import type { Visitor } from './visitor-identities.ts'

function visitor(id: string): Visitor {
  return { id, client: `client-${id}`, userAgent: undefined, isBot: false, n: 0 }
}

function event(n: number, url = 'https://a.example/'): TrackedEvent {
  return { name: 'page_view', n, url }
}

/** Creates a queue, and lets the test complete its batches one by one. */
function setUp() {
  const inFlight: { batch: Batch; complete: () => void }[] = []
  const queue: SendQueue = createSendQueue(
    batch => new Promise(resolve => inFlight.push({ batch, complete: resolve })),
  )
  const completeNext = async (): Promise<void> => {
    inFlight.shift()?.complete()
    await Promise.resolve()
    await Promise.resolve()
  }
  const numbers = (): number[][] =>
    inFlight.map(({ batch }) => batch.events.map(json => JSON.parse(json).n))
  return { queue, inFlight, completeNext, numbers }
}

describe('createDelivery', () => {
  it('sends the events of one visitor in one batch at a flush', () => {
    const { queue, numbers } = setUp()
    const [a, b] = [visitor('a'), visitor('b')]
    queue.add(a, event(1))
    queue.add(b, event(1))
    queue.add(a, event(2))
    expect(numbers()).toEqual([])
    queue.flush()
    expect(numbers()).toEqual([[1, 2], [1]])
  })

  it('flushes itself after the lines in memory have been read', async () => {
    const { queue, numbers } = setUp()
    queue.add(visitor('a'), event(1))
    await new Promise(resolve => setImmediate(resolve))
    expect(numbers()).toEqual([[1]])
  })

  it('has one request in flight per visitor, and sends later events with the next one', async () => {
    const { queue, numbers, completeNext } = setUp()
    const a = visitor('a')
    queue.add(a, event(1))
    queue.flush()
    queue.add(a, event(2))
    queue.flush()
    queue.add(a, event(3))
    queue.flush()
    expect(numbers()).toEqual([[1]])
    await completeNext()
    expect(numbers()).toEqual([[2, 3]])
  })

  it('limits a batch to the events and bytes that a server accepts', async () => {
    const { queue, inFlight, completeNext } = setUp()
    const [many, large] = [visitor('many'), visitor('large')]
    for (let n = 1; n <= limits.maxBatchEvents + 1; n++) queue.add(many, event(n))
    const url = `https://a.example/${'é'.repeat(8000)}`
    for (let n = 1; n <= 100; n++) queue.add(large, event(n, url))
    queue.flush()
    const batches: Batch[] = []
    while (inFlight.length > 0) {
      batches.push(...inFlight.slice(0, 1).map(each => each.batch))
      await completeNext()
    }
    for (const { events } of batches) {
      expect(events.length).toBeLessThanOrEqual(limits.maxBatchEvents)
      expect(Buffer.byteLength(events.join())).toBeLessThan(limits.maxBodyBytes)
    }
    const sent = batches.reduce((total, batch) => total + batch.events.length, 0)
    expect(sent).toBe(limits.maxBatchEvents + 1 + 100)
  })

  it('limits the requests in flight', async () => {
    const { queue, inFlight, completeNext } = setUp()
    for (let i = 0; i < 100; i++) queue.add(visitor(String(i)), event(1))
    queue.flush()
    expect(inFlight).toHaveLength(replayLimits.maxConcurrentRequests)
    await completeNext()
    expect(inFlight).toHaveLength(replayLimits.maxConcurrentRequests)
  })

  it('has room again when half of its capacity is free', async () => {
    const { queue, inFlight, completeNext } = setUp()
    const a = visitor('a')
    for (let n = 1; n <= replayLimits.maxPendingEvents; n++) {
      await queue.waitForRoom()
      queue.add(a, event(n))
    }
    let hasRoom = false
    const room = queue.waitForRoom().then(() => (hasRoom = true))
    let answered = 0
    while (!hasRoom) {
      answered += inFlight[0]?.batch.events.length ?? 0
      await completeNext()
    }
    await room
    expect(answered).toBe(replayLimits.maxPendingEvents / 2)
  })

  it('is empty when every event has been answered', async () => {
    const { queue, completeNext } = setUp()
    const a = visitor('a')
    queue.add(a, event(1))
    queue.flush()
    queue.add(a, event(2))
    let isEmpty = false
    const emptied = queue.waitUntilEmpty().then(() => (isEmpty = true))
    await completeNext()
    expect(isEmpty).toBe(false)
    await completeNext()
    await emptied
  })
})
