import { describe, expect, it } from 'vitest'
import { type FakeWorld, accept, createFakeWorld, refuse } from './testing/fake-world.ts'
import { byteLength } from './queued-event.ts'
import {
  batchGapMs,
  gatherMs,
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
  /** Adds events, each of so many bytes, numbered on from the last. */
  add(count: number, bytes?: number): void
  /** What became of events, in order. */
  fates: string[]
  waiting(): number
}

function createParts(platform: Partial<TrackerPlatform> = {}, isStarted = true): Parts {
  const world = createFakeWorld()
  Object.assign(world.platform, platform)
  const fates: string[] = []
  const outbox = createMemoryOutbox(() => fates.push('dropped'))
  const transport = createTransport(world.platform, 'https://stats.example/api/sites/s/events')
  const onSettled = (result: string): void => void fates.push(result)
  const sender = createSender({ platform: world.platform, transport, outbox, onSettled })
  if (isStarted) sender.start()
  let n = 0
  return {
    world,
    sender,
    fates,
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

describe('the rhythm', () => {
  it('lets the first event after a silence wait a moment for company', async () => {
    const { world, add } = createParts()
    add(1)
    await world.pass(gatherMs - 1)
    add(1)
    expect(world.received).toEqual([])
    await world.pass(1)
    expect(numbers(world)).toEqual([[1, 2]])
  })

  it('keeps a gap between batches, and none after a silence', async () => {
    const { world, add } = createParts()
    add(1)
    await world.pass(gatherMs + 1)
    add(1)
    await world.pass(batchGapMs - 2)
    expect(world.received).toHaveLength(1)
    await world.pass(1)
    expect(world.received).toHaveLength(2)
    await world.pass(60_000)
    add(1)
    await world.pass(gatherMs)
    expect(numbers(world)).toEqual([[1], [2], [3]])
  })

  it('sends a full batch at once, by number', async () => {
    const { world, add } = createParts()
    add(maxBatchEvents - 1)
    await world.settle()
    expect(world.received).toEqual([])
    add(1)
    await world.settle()
    expect(world.received[0]?.batch.events).toHaveLength(maxBatchEvents)
  })

  it('sends a full batch at once, by bytes, and none has more', async () => {
    const { world, add } = createParts()
    add(40, 1000)
    await world.pass(60_000)
    expect(world.received[0]?.atMs).toBe(0)
    expect(world.events()).toHaveLength(40)
    for (const { bytes } of world.received) expect(bytes).toBeLessThanOrEqual(maxBatchBytes)
  })

  it('has one batch under way at a time', async () => {
    const { world, add } = createParts()
    world.answer = () => new Promise(() => {})
    add(maxBatchEvents * 3)
    await world.pass(20_000)
    expect(world.received).toHaveLength(1)
  })

  it('empties a backlog batch after batch', async () => {
    const { world, sender, add, fates } = createParts({}, false)
    add(maxBatchEvents * 3 + 5)
    sender.start()
    await world.pass(gatherMs)
    await world.pass(batchGapMs)
    expect(world.received.map(({ batch }) => batch.events.length)).toEqual([100, 100, 100, 5])
    expect(fates).toEqual(Array.from({ length: 305 }, () => 'accepted'))
  })

  it('sends nothing before it is started', async () => {
    const { world, sender, add } = createParts({}, false)
    add(maxBatchEvents)
    sender.leave()
    sender.say('{}', false)
    await sender.flush()
    await world.pass(60_000)
    expect(world.received).toEqual([])
    sender.start()
    await world.pass(gatherMs)
    expect(world.events()).toHaveLength(maxBatchEvents)
  })

  it('sets no timer when there is nothing to send', async () => {
    const { world, sender } = createParts()
    await sender.flush()
    sender.leave()
    expect(world.timers()).toBe(0)
  })
})

describe('a retry', () => {
  it.each([
    ['no network', () => new Error('offline')],
    ['500', () => refuse(500)],
    ['429', () => refuse(429)],
  ])(
    'carries the same events under the same numbers, and its own time of sending: %s',
    async (_, fail) => {
      const { world, add, fates } = createParts()
      let failures = 2
      world.answer = () => (failures-- > 0 ? fail() : accept())
      add(2)
      await world.pass(gatherMs)
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
      expect(fates).toEqual(['accepted', 'accepted', 'accepted'])
    },
  )

  it('waits for as long as Retry-After says, whatever else happens', async () => {
    const { world, sender, add } = createParts()
    world.answer = () => refuse(503, { 'Retry-After': '30' })
    world.random = 0
    add(1)
    await world.pass(gatherMs)
    add(maxBatchEvents)
    sender.leave()
    sender.say('{"events":[]}', false)
    await sender.flush()
    await world.pass(29_999)
    expect(world.received).toHaveLength(1)
    await world.pass(1)
    expect(world.received).toHaveLength(2)
  })

  it('waits for as long as Retry-After says when another batch got through meanwhile', async () => {
    const { world, sender, add } = createParts()
    const answers: ((response: Response) => void)[] = []
    world.answer = () => new Promise(resolve => answers.push(resolve))
    add(1)
    await world.pass(gatherMs)
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

  it('comes no sooner for a full batch that waits with it', async () => {
    const { world, add } = createParts()
    world.answer = () => new Error('offline')
    add(1)
    await world.pass(gatherMs)
    add(maxBatchEvents * 2)
    await world.pass(499)
    expect(world.received).toHaveLength(1)
    await world.pass(1)
    expect(world.received).toHaveLength(2)
  })

  it('minds neither a clock that was turned back nor one that was turned on', async () => {
    for (const ms of [-3_600_000, 86_400_000]) {
      const { world, add, fates } = createParts()
      let failures = 1
      world.answer = () => (failures-- > 0 ? refuse(503, { 'Retry-After': '5' }) : accept())
      add(1)
      await world.pass(gatherMs)
      world.turnClock(ms)
      await world.pass(6000)
      expect(fates).toEqual(['accepted'])
    }
  })

  it('comes at once, failures or not, when it is asked for', async () => {
    const { world, sender, add, fates } = createParts()
    world.answer = () => new Error('offline')
    add(1)
    await world.pass(gatherMs)
    world.answer = () => accept()
    await sender.flush()
    expect(fates).toEqual(['accepted'])
  })

  it('goes without keepalive, whose budget other scripts may have spent', async () => {
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

  it('goes on for as long as there is something to send, and gives up what is two days old', async () => {
    const { world, add, fates, waiting } = createParts()
    world.answer = () => new Error('offline')
    world.random = 0.99
    add(1)
    await world.pass(gatherMs)
    world.turnClock(maxEventAgeMs - 1000)
    add(1)
    await world.pass(3000)
    expect(fates).toEqual(['dropped'])
    expect(waiting()).toBe(1)
  })
})

describe('an answer to a batch', () => {
  it('counts the events that were turned away, and does not send them again', async () => {
    const { world, add, fates } = createParts()
    world.answer = () => accept([{ index: 1, code: 'too_old' }])
    add(3)
    await world.pass(60_000)
    expect(numbers(world)).toEqual([[1, 2, 3]])
    expect(fates).toEqual(['accepted', 'rejected', 'accepted'])
  })

  it.each([400, 403, 404])(
    'of %i drops the batch and counts it, at no faster rhythm',
    async status => {
      const { world, add, fates } = createParts()
      world.answer = () => refuse(status)
      add(2)
      await world.pass(gatherMs)
      add(1)
      await world.pass(batchGapMs - 1)
      expect(world.received).toHaveLength(1)
      await world.pass(60_000)
      expect(numbers(world)).toEqual([[1, 2], [3]])
      expect(fates).toEqual(['dropped', 'dropped', 'dropped'])
    },
  )

  it('of 413 splits the batch until its parts fit', async () => {
    const { world, add, fates } = createParts()
    world.answer = ({ batch }) => (batch.events.length > 3 ? refuse(413) : accept())
    add(10)
    await world.pass(60_000)
    expect(world.received.map(({ batch }) => batch.events.length)).toEqual([
      10, 5, 3, 6, 3, 4, 2, 2,
    ])
    expect(fates).toEqual(Array.from({ length: 10 }, () => 'accepted'))
    expect([...new Set(world.events().map(({ n }) => n))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('of 413 drops an event that is too large by itself, and sends the others', async () => {
    const { world, add, fates } = createParts()
    world.answer = ({ batch }) => (batch.events.some(({ n }) => n === 4) ? refuse(413) : accept())
    add(8)
    await world.pass(60_000)
    expect(fates.filter(fate => fate === 'dropped')).toHaveLength(1)
    expect(fates.filter(fate => fate === 'accepted')).toHaveLength(7)
  })

  it('of 413 to everything ends', async () => {
    const { world, add, fates } = createParts()
    world.answer = () => refuse(413)
    add(5)
    await world.pass(60_000)
    expect(fates).toEqual(Array.from({ length: 5 }, () => 'dropped'))
    expect(world.received.length).toBeLessThan(20)
  })
})

describe('a flush', () => {
  it('sends all that waits, full batches or not, and resolves when it is answered', async () => {
    const { world, sender, add, fates } = createParts()
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
    expect(fates).toHaveLength(3)
  })

  it('resolves when it has failed, too', async () => {
    const { world, sender, add, waiting } = createParts()
    world.answer = () => new Error('offline')
    add(maxBatchEvents * 2)
    await sender.flush()
    expect(waiting()).toBe(maxBatchEvents * 2)
  })
})

describe('leaving the page', () => {
  it('hands everything over before it returns, by requests that outlive the page', () => {
    const { world, sender, add } = createParts()
    add(3)
    sender.leave()
    expect(numbers(world)).toEqual([[1, 2, 3]])
    expect(world.received[0]?.method).toBe('keepalive')
  })

  it('hands over what is under way only if that would die with the page', async () => {
    for (const keepalive of [true, false]) {
      const { world, sender, add } = createParts({ keepalive })
      world.answer = () => new Promise(() => {})
      add(1)
      await world.pass(gatherMs)
      add(1)
      sender.leave()
      expect(numbers(world)).toEqual([[1], keepalive ? [2] : [1, 2]])
    }
  })

  it('keeps within one budget, and keeps the rest for later', async () => {
    const { world, sender, add, waiting, fates } = createParts()
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
    expect(fates).toEqual(Array.from({ length: 90 }, () => 'accepted'))
    expect(world.events()).toHaveLength(90)
  })

  it('passes over an event that no keepalive request can carry', async () => {
    const { world, sender, add, fates } = createParts({}, false)
    add(1, keepaliveBudgetBytes)
    add(1)
    sender.start()
    sender.leave()
    expect(numbers(world)).toEqual([[2]])
    await world.pass(60_000)
    expect(world.received.at(-1)?.method).toBe('fetch')
    expect(fates).toEqual(['accepted', 'accepted'])
  })

  it('makes no more requests than a browser allows', () => {
    const { world, sender, add } = createParts()
    for (let index = 0; index < 20; index += 1) {
      sender.add({ client: `c${index}`, n: 1, at: world.platform.now(), json: '{}', bytes: 2 })
    }
    add(1)
    world.answer = () => new Promise(() => {})
    sender.leave()
    expect(world.received).toHaveLength(maxLeavingBatches)
  })

  it('tries again later when a request that was handed over has failed', async () => {
    const { world, sender, add, fates } = createParts()
    world.answer = () => new Error('offline')
    add(1)
    sender.leave()
    await world.settle()
    world.answer = () => accept()
    await world.pass(1000)
    expect(numbers(world)).toEqual([[1], [1]])
    expect(fates).toEqual(['accepted'])
  })

  it('splits a batch that was too large when it was handed over', async () => {
    const { world, sender, add, fates } = createParts()
    let answer: (response: Response) => void = () => {}
    world.answer = () => new Promise(resolve => (answer = resolve))
    add(2)
    sender.leave()
    await world.pass(1000)
    world.answer = () => accept()
    answer(refuse(413))
    await world.pass(5000)
    expect(numbers(world)).toEqual([[1, 2], [1], [2]])
    expect(fates).toEqual(['accepted', 'accepted'])
  })

  it('waits for the answer to what it handed over without looking again and again', async () => {
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

  it('counts an event once when two requests carried it', async () => {
    const { world, sender, add, fates } = createParts({ keepalive: false, sendBeacon: () => false })
    const answers: ((response: Response) => void)[] = []
    world.answer = () => new Promise(resolve => answers.push(resolve))
    add(1)
    await world.pass(gatherMs)
    Object.assign(world.platform, { keepalive: true })
    sender.leave()
    expect(numbers(world)).toEqual([[1], [1]])
    for (const answer of answers) answer(accept())
    await world.pass(5000)
    expect(fates).toEqual(['accepted'])
  })
})

describe('where fetch has no keepalive', () => {
  it('sends beacons when the page is left, and fetches before', async () => {
    const { world, sender, add } = createParts({ keepalive: false })
    add(1)
    await world.pass(2000)
    add(1)
    sender.leave()
    expect(world.received.map(({ method }) => method)).toEqual(['fetch', 'beacon'])
  })

  it('keeps what a beacon carried until the server has said that it has it', async () => {
    const { world, sender, add, fates, waiting } = createParts({ keepalive: false })
    add(1)
    sender.leave()
    await world.settle()
    expect([fates, waiting()]).toEqual([[], 1])
    await sender.flush()
    expect(numbers(world)).toEqual([[1], [1]])
    expect(fates).toEqual(['accepted'])
  })

  it('tries again when the browser does not take the beacon', async () => {
    const { world, sender, add, fates } = createParts({ keepalive: false })
    world.answer = ({ method }) => (method === 'beacon' ? new Error('full') : accept())
    add(1)
    sender.leave()
    await world.pass(1000)
    expect(fates).toEqual(['accepted'])
  })
})

describe('what is said of presence', () => {
  it('is sent once, and never again', async () => {
    const { world, sender } = createParts()
    world.answer = () => refuse(500)
    sender.say('{"events":[]}', false)
    await world.pass(120_000)
    expect(world.received).toHaveLength(1)
  })

  it('outlives the page when it is left, if the budget allows', () => {
    const { world, sender, add } = createParts()
    world.answer = () => new Promise(() => {})
    sender.say('{"events":[]}', true)
    expect(world.received.map(({ method }) => method)).toEqual(['keepalive'])
    add(70, 1000)
    sender.leave()
    const before = world.received.length
    sender.say(JSON.stringify({ events: ['x'.repeat(2000)] }), true)
    expect(world.received).toHaveLength(before)
  })
})

it('goes on after a fault of the outbox that it was given', async () => {
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
  const fates: string[] = []
  const sender = createSender({
    platform: world.platform,
    transport: createTransport(world.platform, 'https://stats.example/'),
    outbox,
    onSettled: result => fates.push(result),
  })
  sender.start()
  sender.add({ client: 'c', n: 1, at: world.platform.now(), json: '{}', bytes: 2 })
  await world.pass(5000)
  expect(fates).toEqual(['accepted'])
})
