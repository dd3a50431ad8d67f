import { describe, expect, it } from 'vitest'
import { toJson } from './event.ts'
import { batchDelayMs, batchGapMs, envelopeBytes, maxBatchBytes } from './limits.ts'
import { accept, worldBegan } from './testing/fake-world.ts'
import { createSenderParts } from './testing/sender-parts.ts'
import { numbersOf } from './testing/start.ts'

describe('Sender: batching', () => {
  it('delays the first event after a pause so that a batch can form', async () => {
    const { world, add } = createSenderParts()
    add(1)
    await world.pass(batchDelayMs - 1)
    add(1)
    expect(world.received).toEqual([])
    await world.pass(1)
    expect(numbersOf(world)).toEqual([[1, 2]])
  })

  it('keeps a gap after a batch, but not after a pause', async () => {
    const { world, add } = createSenderParts()
    add(1)
    await world.pass(batchDelayMs)
    add(1)
    await world.pass(batchGapMs - 1)
    expect(world.received).toHaveLength(1)
    await world.pass(1)
    expect(world.received).toHaveLength(2)
    await world.pass(60_000)
    add(1)
    await world.pass(batchDelayMs)
    expect(numbersOf(world)).toEqual([[1], [2], [3]])
  })

  it('never exceeds the maximum size', async () => {
    const { world, add } = createSenderParts()
    add(70, 1000)
    await world.pass(60_000)
    expect(world.events()).toHaveLength(70)
    for (const { bytes } of world.received) expect(bytes).toBeLessThanOrEqual(maxBatchBytes)
    expect(world.received).toHaveLength(3)
  })

  it('sends an event above the maximum size in a batch of its own', async () => {
    const { world, add, results } = createSenderParts()
    add(1)
    add(1, maxBatchBytes + 1)
    add(1)
    await world.pass(60_000)
    expect(numbersOf(world)).toEqual([[1], [2], [3]])
    expect(results).toEqual(['accepted', 'accepted', 'accepted'])
  })

  it('has one batch in flight at a time', async () => {
    const { world, add } = createSenderParts()
    world.answer = () => new Promise(() => {})
    add(300, 300)
    await world.pass(20_000)
    expect(world.received).toHaveLength(1)
  })

  it('sends all waiting batches one after another, and waits afterwards', async () => {
    const { world, add, results } = createSenderParts()
    add(305, 300)
    await world.pass(batchDelayMs)
    expect(world.received.map(({ batch }) => batch.events.length)).toEqual([100, 100, 100, 5])
    expect(world.received.every(({ atMs }) => atMs === batchDelayMs)).toBe(true)
    expect(results).toEqual(Array.from({ length: 305 }, () => 'accepted'))
    add(1)
    await world.pass(batchGapMs - 1)
    expect(world.received).toHaveLength(4)
    await world.pass(1)
    expect(world.received).toHaveLength(5)
  })

  it('reports each decided batch', async () => {
    const { world, add, decisions } = createSenderParts()
    add(1)
    world.answer = () => new Error('offline')
    await world.pass(batchDelayMs)
    expect(decisions()).toBe(0)
    world.answer = () => accept()
    await world.pass(60_000)
    expect(decisions()).toBe(1)
  })

  it('sends nothing before `start`', async () => {
    const { world, sender, add } = createSenderParts(false)
    add(100)
    sender.sendOnce('{"name":"heartbeat"}')
    await sender.flush()
    await world.pass(60_000)
    expect(world.received).toEqual([])
    sender.start()
    await sender.flush()
    expect(world.events()).toHaveLength(100)
  })

  it('sets no timer while the outbox is empty', async () => {
    const { world, sender, add } = createSenderParts()
    await sender.flush()
    sender.leave()
    expect(world.timers()).toBe(0)
    add(1)
    await world.pass(60_000)
    expect(world.timers()).toBe(0)
  })
})

describe('Sender: clients', () => {
  it('sends events of another page under its client, in a batch of their own', async () => {
    const { world, add, adopt, results } = createSenderParts()
    add(1)
    adopt('a', 7)
    add(1)
    adopt('b', 8)
    adopt('a', 9)
    await world.pass(60_000)
    expect(world.received.map(({ batch }) => batch.client)).toEqual(['c', 'a', 'b'])
    expect(numbersOf(world)).toEqual([[1, 2], [7, 9], [8]])
    expect(results).toHaveLength(5)
  })

  it('measures the age of its own events by the monotonic clock and of others by the wall clock', async () => {
    const { world, add, adopt } = createSenderParts()
    add(1)
    adopt('a', 1)
    world.turnClock(3_600_000)
    await world.pass(batchDelayMs)
    expect(world.received.map(({ batch }) => batch.sentAt)).toEqual([
      worldBegan + batchDelayMs,
      worldBegan + batchDelayMs + 3_600_000,
    ])
  })

  it('sends a batch in at most the size of its events and the envelope', async () => {
    const { world, add } = createSenderParts()
    add(2)
    await world.pass(batchDelayMs)
    const [request] = world.received
    const eventBytes = request?.batch.events.map(event => toJson(event).length + 1) ?? []
    const bytes = eventBytes.reduce((sum, each) => sum + each, 0)
    expect((request?.bytes ?? 0) - bytes).toBeLessThanOrEqual(envelopeBytes)
  })
})

describe('Sender: flush', () => {
  it('sends all waiting events and resolves after the answers', async () => {
    const { world, sender, add, results } = createSenderParts()
    let answer: (response: Response) => void = () => {}
    world.answer = () => new Promise(resolve => (answer = resolve))
    add(2)
    const flushed = sender.flush()
    await world.settle()
    add(1)
    answer(accept())
    await world.settle()
    answer(accept())
    await flushed
    expect(numbersOf(world)).toEqual([[1, 2], [3]])
    expect(results).toHaveLength(3)
  })

  it('resolves after a failure', async () => {
    const { world, sender, add, waiting } = createSenderParts()
    world.answer = () => new Error('offline')
    add(200)
    await sender.flush()
    expect(waiting()).toBe(200)
  })

  it('ignores the gap between batches', async () => {
    const { world, sender, add } = createSenderParts()
    add(1)
    await world.pass(batchDelayMs)
    add(1)
    await sender.flush()
    expect(numbersOf(world)).toEqual([[1], [2]])
  })
})
