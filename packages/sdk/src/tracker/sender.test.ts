import { describe, expect, it } from 'vitest'
import { type FakeWorld, accept, createFakeWorld, refuse } from './testing/fake-world.ts'
import { byteLength } from './queued-event.ts'
import {
  batchGapMs,
  batchDelayMs,
  keepaliveBudgetBytes,
  maxBatchBytes,
  maxBatchEvents,
  maxLeavingBatches,
} from './limits.ts'
import { createMemoryOutbox } from './outbox.ts'
import type { TrackerPlatform } from './platform.ts'
import { type Sender, createSender } from './sender.ts'
import { createTransport } from './transport.ts'
import { maxEventAgeMs } from './protocol-values.ts'

interface Parts {
  world: FakeWorld
  sender: Sender
  /** Adds events of a given size, numbered from the last one. */
  add(count: number, bytes?: number): void
  /** Verdicts of events, in order. */
  results: string[]
  waiting(): number
}

function createParts(platform: Partial<TrackerPlatform> = {}, isStarted = true): Parts {
  const world = createFakeWorld()
  Object.assign(world.platform, platform)
  const results: string[] = []
  const outbox = createMemoryOutbox(() => results.push('dropped'))
  const transport = createTransport(world.platform, 'https://stats.example/api/sites/s/events')
  const onDecided = (result: string): void => void results.push(result)
  const sender = createSender({ platform: world.platform, transport, outbox, onDecided })
  if (isStarted) sender.start()
  let n = 0
  return {
    world,
    sender,
    results,
    waiting: () => outbox.size,
    add(count, bytes = 0) {
      for (let index = 0; index < count; index += 1) {
        n += 1
        const bare = JSON.stringify({ n, name: 'e', title: '' })
        const json = bare.replace('""', `"${'x'.repeat(Math.max(0, bytes - bare.length))}"`)
        sender.add({ client: 'c', n, at: world.platform.now(), json, bytes: byteLength(json) })
      }
    },
  }
}

/** The numbers of the events of each request. */
const numbers = (world: FakeWorld): (number | undefined)[][] =>
  world.received.map(({ batch }) => batch.events.map(({ n }) => n))

describe('Sender: batching', () => {
  it('delays the first event after a pause so that a batch can form', async () => {
    const { world, add } = createParts()
    add(1)
    await world.pass(batchDelayMs - 1)
    add(1)
    expect(world.received).toEqual([])
    await world.pass(1)
    expect(numbers(world)).toEqual([[1, 2]])
  })

  it('keeps a gap between batches, but not after a pause', async () => {
    const { world, add } = createParts()
    add(1)
    await world.pass(batchDelayMs + 1)
    add(1)
    await world.pass(batchGapMs - 2)
    expect(world.received).toHaveLength(1)
    await world.pass(1)
    expect(world.received).toHaveLength(2)
    await world.pass(60_000)
    add(1)
    await world.pass(batchDelayMs)
    expect(numbers(world)).toEqual([[1], [2], [3]])
  })

  it('sends immediately when a batch has the maximum number of events', async () => {
    const { world, add } = createParts()
    add(maxBatchEvents - 1)
    await world.settle()
    expect(world.received).toEqual([])
    add(1)
    await world.settle()
    expect(world.received[0]?.batch.events).toHaveLength(maxBatchEvents)
  })

  it('sends immediately when a batch has the maximum size, and never exceeds it', async () => {
    const { world, add } = createParts()
    add(40, 1000)
    await world.pass(60_000)
    expect(world.received[0]?.atMs).toBe(0)
    expect(world.events()).toHaveLength(40)
    for (const { bytes } of world.received) expect(bytes).toBeLessThanOrEqual(maxBatchBytes)
  })

  it('has one batch in flight at a time', async () => {
    const { world, add } = createParts()
    world.answer = () => new Promise(() => {})
    add(maxBatchEvents * 3)
    await world.pass(20_000)
    expect(world.received).toHaveLength(1)
  })

  it('sends a backlog batch by batch', async () => {
    const { world, sender, add, results } = createParts({}, false)
    add(maxBatchEvents * 3 + 5)
    sender.start()
    await world.pass(batchDelayMs)
    await world.pass(batchGapMs)
    expect(world.received.map(({ batch }) => batch.events.length)).toEqual([100, 100, 100, 5])
    expect(results).toEqual(Array.from({ length: 305 }, () => 'accepted'))
  })

  it('sends nothing before `start`', async () => {
    const { world, sender, add } = createParts({}, false)
    add(maxBatchEvents)
    sender.leave()
    sender.sendOnce('{}', false)
    await sender.flush()
    await world.pass(60_000)
    expect(world.received).toEqual([])
    sender.start()
    await world.pass(batchDelayMs)
    expect(world.events()).toHaveLength(maxBatchEvents)
  })

  it('sets no timer when the outbox is empty', async () => {
    const { world, sender } = createParts()
    await sender.flush()
    sender.leave()
    expect(world.timers()).toBe(0)
  })
})

describe('Sender: retries', () => {
  it.each([
    ['no network', () => new Error('offline')],
    ['500', () => refuse(500)],
    ['429', () => refuse(429)],
  ])('repeats the same events with the same numbers and a new `sentAt`: %s', async (_, fail) => {
    const { world, add, results } = createParts()
    let failures = 2
    world.answer = () => (failures-- > 0 ? fail() : accept())
    add(2)
    await world.pass(batchDelayMs)
    add(1)
    await world.pass(60_000)
    expect(numbers(world)).toEqual([
      [1, 2],
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(new Set(world.received.map(({ batch }) => batch.client))).toEqual(new Set(['c']))
    const sentAt = world.received.map(({ batch }) => batch.sentAt ?? 0)
    expect(sentAt.map(at => at - (sentAt[0] ?? 0))).toEqual([0, 500, 1500])
    expect(results).toEqual(['accepted', 'accepted', 'accepted'])
  })

  it('waits for Retry-After, also when events are added or flushed', async () => {
    const { world, sender, add } = createParts()
    world.answer = () => refuse(503, { 'Retry-After': '30' })
    world.random = 0
    add(1)
    await world.pass(batchDelayMs)
    add(maxBatchEvents)
    sender.leave()
    sender.sendOnce('{"events":[]}', false)
    await sender.flush()
    await world.pass(29_999)
    expect(world.received).toHaveLength(1)
    await world.pass(1)
    expect(world.received).toHaveLength(2)
  })

  it('waits for Retry-After, also when another batch is accepted meanwhile', async () => {
    const { world, sender, add } = createParts()
    const answers: ((response: Response) => void)[] = []
    world.answer = () => new Promise(resolve => answers.push(resolve))
    add(1)
    await world.pass(batchDelayMs)
    add(1)
    sender.leave()
    answers[0]?.(refuse(429, { 'Retry-After': '20' }))
    await world.settle()
    answers[1]?.(accept())
    await world.pass(19_000)
    expect(world.received).toHaveLength(2)
    await world.pass(60_000)
    expect(world.received.length).toBeGreaterThan(2)
  })

  it('does not retry earlier for a full batch', async () => {
    const { world, add } = createParts()
    world.answer = () => new Error('offline')
    add(1)
    await world.pass(batchDelayMs)
    add(maxBatchEvents * 2)
    await world.pass(499)
    expect(world.received).toHaveLength(1)
    await world.pass(1)
    expect(world.received).toHaveLength(2)
  })

  it('is independent of changes of the wall clock', async () => {
    for (const ms of [-3_600_000, 86_400_000]) {
      const { world, add, results } = createParts()
      let failures = 1
      world.answer = () => (failures-- > 0 ? refuse(503, { 'Retry-After': '5' }) : accept())
      add(1)
      await world.pass(batchDelayMs)
      world.turnClock(ms)
      await world.pass(6000)
      expect(results).toEqual(['accepted'])
    }
  })

  it('retries immediately on `flush`', async () => {
    const { world, sender, add, results } = createParts()
    world.answer = () => new Error('offline')
    add(1)
    await world.pass(batchDelayMs)
    world.answer = () => accept()
    await sender.flush()
    expect(results).toEqual(['accepted'])
  })

  it('retries without keepalive, because other scripts may have used its budget', async () => {
    const { world, add } = createParts()
    world.answer = ({ method }) => (method === 'keepalive' ? new Error('budget') : accept())
    add(1)
    await world.pass(2000)
    add(1)
    await world.pass(2000)
    expect(world.received.map(({ method }) => method)).toEqual([
      'keepalive',
      'fetch',
      'keepalive',
      'fetch',
    ])
  })

  it('retries while events wait, and drops events older than two days', async () => {
    const { world, add, results, waiting } = createParts()
    world.answer = () => new Error('offline')
    world.random = 0.99
    add(1)
    await world.pass(batchDelayMs)
    world.turnClock(maxEventAgeMs - 1000)
    add(1)
    await world.pass(3000)
    expect(results).toEqual(['dropped'])
    expect(waiting()).toBe(1)
  })
})

describe('Sender: answers', () => {
  it('reports rejected events and does not send them again', async () => {
    const { world, add, results } = createParts()
    world.answer = () => accept([{ index: 1, code: 'too_old' }])
    add(3)
    await world.pass(60_000)
    expect(numbers(world)).toEqual([[1, 2, 3]])
    expect(results).toEqual(['accepted', 'rejected', 'accepted'])
  })

  it.each([400, 403, 404])(
    'drops and counts a batch after %i, and keeps the gap between batches',
    async status => {
      const { world, add, results } = createParts()
      world.answer = () => refuse(status)
      add(2)
      await world.pass(batchDelayMs)
      add(1)
      await world.pass(batchGapMs - 1)
      expect(world.received).toHaveLength(1)
      await world.pass(60_000)
      expect(numbers(world)).toEqual([[1, 2], [3]])
      expect(results).toEqual(['dropped', 'dropped', 'dropped'])
    },
  )

  it('splits a batch after 413 until its parts fit', async () => {
    const { world, add, results } = createParts()
    world.answer = ({ batch }) => (batch.events.length > 3 ? refuse(413) : accept())
    add(10)
    await world.pass(60_000)
    expect(world.received.map(({ batch }) => batch.events.length)).toEqual([
      10, 5, 3, 6, 3, 4, 2, 2,
    ])
    expect(results).toEqual(Array.from({ length: 10 }, () => 'accepted'))
    expect([...new Set(world.events().map(({ n }) => n))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('drops a single event that gets 413 and sends the others', async () => {
    const { world, add, results } = createParts()
    world.answer = ({ batch }) => (batch.events.some(({ n }) => n === 4) ? refuse(413) : accept())
    add(8)
    await world.pass(60_000)
    expect(results.filter(fate => fate === 'dropped')).toHaveLength(1)
    expect(results.filter(fate => fate === 'accepted')).toHaveLength(7)
  })

  it('stops when every request gets 413', async () => {
    const { world, add, results } = createParts()
    world.answer = () => refuse(413)
    add(5)
    await world.pass(60_000)
    expect(results).toEqual(Array.from({ length: 5 }, () => 'dropped'))
    expect(world.received.length).toBeLessThan(20)
  })
})

describe('Sender: flush', () => {
  it('sends all waiting events and resolves after the answer', async () => {
    const { world, sender, add, results } = createParts()
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
    expect(numbers(world)).toEqual([[1, 2], [3]])
    expect(results).toHaveLength(3)
  })

  it('resolves after a failure', async () => {
    const { world, sender, add, waiting } = createParts()
    world.answer = () => new Error('offline')
    add(maxBatchEvents * 2)
    await sender.flush()
    expect(waiting()).toBe(maxBatchEvents * 2)
  })
})

describe('Sender: leaving the page', () => {
  it('starts requests that outlive the page before it returns', () => {
    const { world, sender, add } = createParts()
    add(3)
    sender.leave()
    expect(numbers(world)).toEqual([[1, 2, 3]])
    expect(world.received[0]?.method).toBe('keepalive')
  })

  it('sends events in flight again only if their request ends with the page', async () => {
    for (const keepalive of [true, false]) {
      const { world, sender, add } = createParts({ keepalive })
      world.answer = () => new Promise(() => {})
      add(1)
      await world.pass(batchDelayMs)
      add(1)
      sender.leave()
      expect(numbers(world)).toEqual([[1], keepalive ? [2] : [1, 2]])
    }
  })

  it('stays within the keepalive budget and keeps the rest for later', async () => {
    const { world, sender, add, waiting, results } = createParts()
    const answers: ((response: Response) => void)[] = []
    world.answer = () => new Promise(resolve => answers.push(resolve))
    add(90, 1000)
    await world.settle()
    expect(world.received).toHaveLength(1)
    sender.leave()
    sender.leave()
    const bytes = world.received.reduce((sum, request) => sum + request.bytes, 0)
    expect(bytes).toBeLessThanOrEqual(keepaliveBudgetBytes)
    expect(bytes).toBeGreaterThan(keepaliveBudgetBytes - 1200)
    expect(world.received.every(({ method }) => method === 'keepalive')).toBe(true)
    expect(waiting()).toBe(90)

    world.answer = () => accept()
    for (const answer of answers) answer(accept())
    await world.pass(60_000)
    expect(results).toEqual(Array.from({ length: 90 }, () => 'accepted'))
    expect(world.events()).toHaveLength(90)
  })

  it('skips an event that is too large for a keepalive request', async () => {
    const { world, sender, add, results } = createParts({}, false)
    add(1, keepaliveBudgetBytes)
    add(1)
    sender.start()
    sender.leave()
    expect(numbers(world)).toEqual([[2]])
    await world.pass(60_000)
    expect(world.received.at(-1)?.method).toBe('fetch')
    expect(results).toEqual(['accepted', 'accepted'])
  })

  it('starts at most as many requests as a browser allows', () => {
    const { world, sender, add } = createParts()
    for (let index = 0; index < 20; index += 1) {
      sender.add({ client: `c${index}`, n: 1, at: world.platform.now(), json: '{}', bytes: 2 })
    }
    add(1)
    world.answer = () => new Promise(() => {})
    sender.leave()
    expect(world.received).toHaveLength(maxLeavingBatches)
  })

  it('retries later when a keepalive request fails', async () => {
    const { world, sender, add, results } = createParts()
    world.answer = () => new Error('offline')
    add(1)
    sender.leave()
    await world.settle()
    world.answer = () => accept()
    await world.pass(1000)
    expect(numbers(world)).toEqual([[1], [1]])
    expect(results).toEqual(['accepted'])
  })

  it('splits a batch that was too large while leaving', async () => {
    const { world, sender, add, results } = createParts()
    let answer: (response: Response) => void = () => {}
    world.answer = () => new Promise(resolve => (answer = resolve))
    add(2)
    sender.leave()
    await world.pass(1000)
    world.answer = () => accept()
    answer(refuse(413))
    await world.pass(5000)
    expect(numbers(world)).toEqual([[1, 2], [1], [2]])
    expect(results).toEqual(['accepted', 'accepted'])
  })

  it('waits for the answers without polling', async () => {
    let timers = 0
    const { world, sender, add } = createParts()
    const { after } = world.platform
    world.platform.after = (delayMs, run) => {
      timers += 1
      return after(delayMs, run)
    }
    world.answer = () => new Promise(() => {})
    add(2)
    sender.leave()
    await world.pass(20_000)
    expect(timers).toBeLessThan(5)
  })

  it('reports an event once when two requests contain it', async () => {
    const { world, sender, add, results } = createParts({
      keepalive: false,
      sendBeacon: () => false,
    })
    const answers: ((response: Response) => void)[] = []
    world.answer = () => new Promise(resolve => answers.push(resolve))
    add(1)
    await world.pass(batchDelayMs)
    Object.assign(world.platform, { keepalive: true })
    sender.leave()
    expect(numbers(world)).toEqual([[1], [1]])
    for (const answer of answers) answer(accept())
    await world.pass(5000)
    expect(results).toEqual(['accepted'])
  })
})

describe('Sender: without keepalive', () => {
  it('sends beacons while the visitor leaves and fetches before', async () => {
    const { world, sender, add } = createParts({ keepalive: false })
    add(1)
    await world.pass(2000)
    add(1)
    sender.leave()
    expect(world.received.map(({ method }) => method)).toEqual(['fetch', 'beacon'])
  })

  it('keeps events of a beacon until the server confirms them', async () => {
    const { world, sender, add, results, waiting } = createParts({ keepalive: false })
    add(1)
    sender.leave()
    await world.settle()
    expect([results, waiting()]).toEqual([[], 1])
    await sender.flush()
    expect(numbers(world)).toEqual([[1], [1]])
    expect(results).toEqual(['accepted'])
  })

  it('retries when the browser refuses the beacon', async () => {
    const { world, sender, add, results } = createParts({ keepalive: false })
    world.answer = ({ method }) => (method === 'beacon' ? new Error('full') : accept())
    add(1)
    sender.leave()
    await world.pass(1000)
    expect(results).toEqual(['accepted'])
  })
})

describe('Sender: presence events', () => {
  it('sends a presence event once, without a retry', async () => {
    const { world, sender } = createParts()
    world.answer = () => refuse(500)
    sender.sendOnce('{"events":[]}', false)
    await world.pass(120_000)
    expect(world.received).toHaveLength(1)
  })

  it('sends `leave` by a request that outlives the page, within the budget', () => {
    const { world, sender, add } = createParts()
    world.answer = () => new Promise(() => {})
    sender.sendOnce('{"events":[]}', true)
    expect(world.received.map(({ method }) => method)).toEqual(['keepalive'])
    add(70, 1000)
    sender.leave()
    const before = world.received.length
    sender.sendOnce(JSON.stringify({ events: ['x'.repeat(2000)] }), true)
    expect(world.received).toHaveLength(before)
  })
})

it('Sender: continues after an exception of a custom outbox', async () => {
  const world = createFakeWorld()
  const inner = createMemoryOutbox(() => {})
  let faults = 1
  const outbox = {
    ...inner,
    size: 1,
    bytes: 1,
    entries() {
      if (faults-- > 0) throw new Error('storage is full')
      return inner.entries()
    },
  }
  const results: string[] = []
  const sender = createSender({
    platform: world.platform,
    transport: createTransport(world.platform, 'https://stats.example/'),
    outbox,
    onDecided: result => results.push(result),
  })
  sender.start()
  sender.add({ client: 'c', n: 1, at: world.platform.now(), json: '{}', bytes: 2 })
  await world.pass(5000)
  expect(results).toEqual(['accepted'])
})
