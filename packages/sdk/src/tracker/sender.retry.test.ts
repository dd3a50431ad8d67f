import { describe, expect, it } from 'vitest'
import { batchDelayMs, blockedRetryMaxMs, maxUnanswered, retryMaxMs } from './limits.ts'
import { accept, intercept, refuse } from './testing/fake-world.ts'
import { createSenderParts } from './testing/sender-parts.ts'
import { numbersOf } from './testing/start.ts'

describe('Sender: retries', () => {
  it.each([
    ['500', () => refuse(500)],
    ['429', () => refuse(429)],
    ['405', () => refuse(405)],
    ['401 by an intermediary', () => intercept(401)],
    ['403 by an intermediary', () => intercept(403)],
    ['404 by an intermediary', () => intercept(404)],
    ['301 by an intermediary', () => intercept(301)],
    ['405 by an intermediary', () => intercept(405)],
  ])('repeat the same events with the same numbers and a new `sentAt`: %s', async (_, fail) => {
    const { world, add, results } = createSenderParts()
    let failures = 2
    world.answer = () => (failures-- > 0 ? fail() : accept())
    add(2)
    await world.pass(batchDelayMs)
    add(1)
    await world.pass(60_000)
    expect(numbersOf(world)).toEqual([
      [1, 2],
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(new Set(world.received.map(({ batch }) => batch.client))).toEqual(new Set(['c']))
    const sentAt = world.received.map(({ batch }) => batch.sentAt ?? 0)
    expect(sentAt.map(at => at - (sentAt[0] ?? 0))).toEqual([0, 500, 1500])
    expect(results).toEqual(['accepted', 'accepted', 'accepted'])
  })

  it('deliver every event after the network is back', async () => {
    const { world, add, results, sender } = createSenderParts()
    world.answer = () => new Error('offline')
    add(40)
    await world.pass(30_000)
    expect(sender.state()).toBe('retrying')
    world.answer = () => accept()
    await world.pass(60_000)
    expect(results).toEqual(Array.from({ length: 40 }, () => 'accepted'))
    expect(sender.state()).toBe('active')
  })

  it('do not start earlier for more events', async () => {
    const { world, add } = createSenderParts()
    world.answer = () => refuse(500)
    add(1)
    await world.pass(batchDelayMs)
    add(200)
    await world.pass(499)
    expect(world.received).toHaveLength(1)
    await world.pass(1)
    expect(world.received).toHaveLength(2)
  })

  it('start immediately on `flush`', async () => {
    const { world, sender, add, results } = createSenderParts()
    world.answer = () => new Error('offline')
    add(1)
    await world.pass(batchDelayMs)
    world.answer = () => accept()
    await sender.flush()
    expect(results).toEqual(['accepted'])
  })

  it('do not use keepalive, because other scripts may have used its budget', async () => {
    const { world, add, results } = createSenderParts()
    world.heldKeepaliveBytes = 65_536
    add(1)
    await world.pass(2000)
    add(1)
    await world.pass(2000)
    expect(world.received.map(({ method }) => method)).toEqual(['fetch', 'fetch'])
    expect(results).toEqual(['accepted', 'accepted'])
  })

  it('go on after a request that never settles when the page returns from the back/forward cache', async () => {
    const { world, sender, add, results } = createSenderParts()
    const { fetch } = world.tab.host
    world.tab.host.fetch = () => new Promise(() => {})
    add(2)
    await world.pass(batchDelayMs)
    world.tab.host.fetch = fetch
    add(6)
    sender.leave(undefined, true)
    await world.pass(5000)
    sender.start()
    void sender.flush()
    await world.pass(120_000)
    expect(results).toEqual(Array.from({ length: 8 }, () => 'accepted'))
  })

  it('are not needed for events that another request has delivered meanwhile', async () => {
    const { world, sender, add, results } = createSenderParts()
    world.answer = () => new Promise(() => {})
    add(1)
    await world.pass(31_000)
    world.answer = () => accept()
    sender.leave()
    await world.pass(120_000)
    expect(results).toEqual(['accepted'])
    expect(sender.state()).toBe('active')
    // Presence events wait for no other event.
    const before = world.received.length
    sender.sendOnce('{"name":"heartbeat"}')
    expect(world.received).toHaveLength(before + 1)
  })

  it('take at most one minute each while there are answers', async () => {
    const { world, add } = createSenderParts()
    world.random = 0.999
    world.answer = () => refuse(500)
    add(1)
    await world.pass(3_600_000)
    const times = world.received.map(({ atMs }) => atMs)
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    expect(Math.max(...gaps)).toBeGreaterThan(retryMaxMs * 0.99)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(retryMaxMs)
  })
})

describe('Sender: Retry-After', () => {
  it('delays everything, also added, flushed and presence events', async () => {
    const { world, sender, add } = createSenderParts()
    world.answer = () => refuse(503, { 'Retry-After': '30' })
    world.random = 0
    add(1)
    await world.pass(batchDelayMs)
    add(100)
    sender.sendOnce('{"name":"heartbeat"}')
    await sender.flush()
    await world.pass(29_999)
    expect(world.received).toHaveLength(1)
    await world.pass(1)
    expect(world.received).toHaveLength(2)
  })

  it('holds also when another batch is accepted meanwhile', async () => {
    const { world, sender, add } = createSenderParts()
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

  it('is independent of changes of the wall clock', async () => {
    for (const ms of [-3_600_000, 86_400_000]) {
      const { world, add, results } = createSenderParts()
      let failures = 1
      world.answer = () => (failures-- > 0 ? refuse(503, { 'Retry-After': '5' }) : accept())
      add(1)
      await world.pass(batchDelayMs)
      world.turnClock(ms)
      await world.pass(6000)
      expect(results).toEqual(['accepted'])
    }
  })

  it.each([false, true])(
    'holds back leaving events only if they are stored: %s',
    async isDurable => {
      const { world, sender, add, setDurable } = createSenderParts()
      if (isDurable) setDurable()
      world.answer = () => refuse(503, { 'Retry-After': '30' })
      add(1)
      await world.pass(batchDelayMs)
      sender.leave()
      await world.settle()
      expect(world.received.map(({ method }) => method)).toEqual(
        isDurable ? ['keepalive'] : ['keepalive', 'beacon'],
      )
    },
  )
})

describe('Sender: blocked requests', () => {
  it('are attempted rarely after ten failures without an answer, with a state that tells', async () => {
    const { world, sender, add } = createSenderParts()
    world.random = 0.999
    world.answer = () => new TypeError('Failed to fetch')
    add(1)
    await world.pass(60_000)
    expect(sender.state()).toBe('retrying')
    await world.pass(1_200_000)
    expect(world.received.length).toBeGreaterThan(maxUnanswered)
    expect(sender.state()).toBe('blocked')
    const before = world.received.length
    await world.pass(blockedRetryMaxMs * 6)
    expect(world.received.length - before).toBeLessThanOrEqual(12)
    expect(world.received.length - before).toBeGreaterThan(1)
  })

  it('are active again after an answer', async () => {
    const { world, sender, add, results } = createSenderParts()
    world.answer = () => new TypeError('Failed to fetch')
    add(1)
    await world.pass(3_600_000)
    expect(sender.state()).toBe('blocked')
    world.answer = () => refuse(500)
    await sender.flush()
    expect(sender.state()).toBe('retrying')
    world.answer = () => accept()
    await world.pass(blockedRetryMaxMs)
    expect([sender.state(), results]).toEqual(['active', ['accepted']])
  })
})

it('Sender: continues after an exception in a request', async () => {
  const { world, sender, add, results } = createSenderParts()
  let faults = 1
  const { now } = world.tab.host.Date
  world.tab.host.Date.now = () => {
    if (faults-- > 0) throw new Error('ours')
    return now()
  }
  add(1)
  await sender.flush()
  await world.pass(5000)
  expect(results).toEqual(['accepted'])
})
