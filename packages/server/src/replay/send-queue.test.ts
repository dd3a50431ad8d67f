import { type TrackedEvent, limits } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import type { Batch } from './batch-sender.ts'
import { type SendQueue, createSendQueue } from './send-queue.ts'
import { replayLimits } from './limits.ts'
import type { Visitor } from './visitor-identities.ts'

function visitor(id: string): Visitor {
  return { id, client: `client-${id}`, userAgent: undefined, n: 0 }
}

function event(n: number, url = 'https://a.example/'): TrackedEvent {
  return { name: 'page_view', n, url }
}

/** A delivery whose batches are answered one by one, by the test. */
function setUp() {
  const underWay: { batch: Batch; answer: () => void }[] = []
  const delivery: SendQueue = createSendQueue(
    batch => new Promise(resolve => underWay.push({ batch, answer: resolve })),
  )
  const answerNext = async (): Promise<void> => {
    underWay.shift()?.answer()
    await Promise.resolve()
    await Promise.resolve()
  }
  const numbers = (): number[][] =>
    underWay.map(({ batch }) => batch.events.map(json => JSON.parse(json).n))
  return { delivery, underWay, answerNext, numbers }
}

describe('createDelivery', () => {
  it('sends what was added for one visitor before a flush in one batch', () => {
    const { delivery, numbers } = setUp()
    const [a, b] = [visitor('a'), visitor('b')]
    delivery.add(a, event(1))
    delivery.add(b, event(1))
    delivery.add(a, event(2))
    expect(numbers()).toEqual([])
    delivery.flush()
    expect(numbers()).toEqual([[1, 2], [1]])
  })

  it('flushes by itself when the lines at hand have been read', async () => {
    const { delivery, numbers } = setUp()
    delivery.add(visitor('a'), event(1))
    await new Promise(resolve => setImmediate(resolve))
    expect(numbers()).toEqual([[1]])
  })

  it('has one request under way for each visitor, and sends the rest with the next', async () => {
    const { delivery, numbers, answerNext } = setUp()
    const a = visitor('a')
    delivery.add(a, event(1))
    delivery.flush()
    delivery.add(a, event(2))
    delivery.flush()
    delivery.add(a, event(3))
    delivery.flush()
    expect(numbers()).toEqual([[1]])
    await answerNext()
    expect(numbers()).toEqual([[2, 3]])
  })

  it('keeps a batch within the events and the bytes that a server takes', async () => {
    const { delivery, underWay, answerNext } = setUp()
    const [many, large] = [visitor('many'), visitor('large')]
    for (let n = 1; n <= limits.maxBatchEvents + 1; n++) delivery.add(many, event(n))
    const url = `https://a.example/${'é'.repeat(8000)}`
    for (let n = 1; n <= 100; n++) delivery.add(large, event(n, url))
    delivery.flush()
    const batches: Batch[] = []
    while (underWay.length > 0) {
      batches.push(...underWay.slice(0, 1).map(each => each.batch))
      await answerNext()
    }
    for (const { events } of batches) {
      expect(events.length).toBeLessThanOrEqual(limits.maxBatchEvents)
      expect(Buffer.byteLength(events.join())).toBeLessThan(limits.maxBodyBytes)
    }
    const sent = batches.reduce((total, batch) => total + batch.events.length, 0)
    expect(sent).toBe(limits.maxBatchEvents + 1 + 100)
  })

  it('has a bounded number of requests under way', async () => {
    const { delivery, underWay, answerNext } = setUp()
    for (let i = 0; i < 100; i++) delivery.add(visitor(String(i)), event(1))
    delivery.flush()
    expect(underWay).toHaveLength(replayLimits.maxConcurrentRequests)
    await answerNext()
    expect(underWay).toHaveLength(replayLimits.maxConcurrentRequests)
  })

  it('has room again when half of what it holds was answered', async () => {
    const { delivery, underWay, answerNext } = setUp()
    const a = visitor('a')
    for (let n = 1; n <= replayLimits.maxPendingEvents; n++) {
      await delivery.waitForRoom()
      delivery.add(a, event(n))
    }
    let hasRoom = false
    const room = delivery.waitForRoom().then(() => (hasRoom = true))
    let answered = 0
    while (!hasRoom) {
      answered += underWay[0]?.batch.events.length ?? 0
      await answerNext()
    }
    await room
    expect(answered).toBe(replayLimits.maxPendingEvents / 2)
  })

  it('is settled when all is answered', async () => {
    const { delivery, answerNext } = setUp()
    const a = visitor('a')
    delivery.add(a, event(1))
    delivery.flush()
    delivery.add(a, event(2))
    let isSettled = false
    const settled = delivery.waitUntilEmpty().then(() => (isSettled = true))
    await answerNext()
    expect(isSettled).toBe(false)
    await answerNext()
    await settled
  })
})
