import { describe, expect, it } from 'vitest'
import { batchDelayMs, maxLeavingBatches } from './limits.ts'
import { accept, keepaliveBudgetBytes, refuse } from './testing/fake-world.ts'
import { createSenderParts } from './testing/sender-parts.ts'
import { namesOf, numbersOf } from './testing/start.ts'

const leaveJson = '{"name":"leave"}'

describe('Sender: leaving the page', () => {
  it('starts requests that outlive the page before it returns', () => {
    const { world, sender, add } = createSenderParts()
    add(3)
    sender.leave()
    expect(numbersOf(world)).toEqual([[1, 2, 3]])
    expect(world.received[0]?.method).toBe('keepalive')
  })

  it('sends `leave` in the request of the last batch', () => {
    const { world, sender, add } = createSenderParts()
    add(2)
    sender.leave(leaveJson)
    expect(namesOf(world)).toEqual([['e', 'e', 'leave']])
  })

  it('sends `leave` alone if nothing waits', () => {
    const { world, sender } = createSenderParts()
    sender.leave(leaveJson)
    expect(namesOf(world)).toEqual([['leave']])
    expect(world.received[0]?.method).toBe('keepalive')
    expect(world.received[0]?.batch.client).toBe('c')
  })

  it('sends a batch under way only once if its promise ends with the page', async () => {
    const { world, sender, add, waiting } = createSenderParts()
    let fail = (): void => {}
    world.answer = () =>
      new Promise((_, reject) => {
        fail = () => reject(new Error('the page ends'))
      })
    add(2)
    await world.pass(batchDelayMs)
    world.answer = () => accept()
    sender.leave(undefined, true)
    fail()
    await world.settle()
    sender.leave()
    await world.settle()
    expect(numbersOf(world)).toEqual([[1, 2]])
    // A page that comes back cannot know whether the request has arrived.
    sender.start()
    await sender.flush()
    expect(numbersOf(world)).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(waiting()).toBe(0)
  })

  it('never sends `leave` again', async () => {
    const { world, sender, add, results } = createSenderParts()
    world.answer = () => new Error('offline')
    add(1)
    sender.leave(leaveJson)
    await world.settle()
    const before = world.received.length
    world.answer = () => accept()
    await world.pass(5000)
    expect(namesOf(world).slice(before)).toEqual([['e']])
    expect(results).toEqual(['accepted'])
  })

  it('may send `leave` with events of another page, because it has no number', () => {
    const { world, sender, adopt } = createSenderParts()
    adopt('a', 1)
    sender.leave(leaveJson)
    expect(namesOf(world)).toEqual([['e', 'leave']])
  })

  it('sends events in flight again only if their request ends with the page', async () => {
    for (const isRetry of [false, true]) {
      const { world, sender, add } = createSenderParts()
      world.answer = () => (isRetry ? refuse(500) : new Promise(() => {}))
      add(1)
      await world.pass(batchDelayMs)
      world.answer = () => new Promise(() => {})
      void sender.flush()
      add(1)
      sender.leave()
      await world.settle()
      expect(numbersOf(world)).toEqual([[1], ...(isRetry ? [[1], [1, 2]] : [[2]])])
    }
  })

  it('delivers as many events as the keepalive budget has room for, and the rest later', async () => {
    const { world, sender, add, waiting, results } = createSenderParts()
    const answers: ((response: Response) => void)[] = []
    world.answer = () => new Promise(resolve => answers.push(resolve))
    world.takesBeacons = false
    add(90, 1000)
    await world.pass(batchDelayMs)
    expect(world.received).toHaveLength(1)
    sender.leave()
    const bytes = world.received.reduce((sum, request) => sum + request.bytes, 0)
    expect(bytes).toBeLessThanOrEqual(keepaliveBudgetBytes)
    expect(bytes).toBeGreaterThan(keepaliveBudgetBytes * 0.9)
    expect(waiting()).toBe(90)

    world.answer = () => accept()
    for (const answer of answers) answer(accept())
    await world.pass(120_000)
    expect(results).toEqual(Array.from({ length: 90 }, () => 'accepted'))
  })

  it('starts at most as many requests as a browser allows', () => {
    const { world, sender, adopt } = createSenderParts()
    for (let index = 0; index < 20; index += 1) adopt(`client-${index}`, 1)
    world.answer = () => new Promise(() => {})
    sender.leave()
    expect(world.received).toHaveLength(maxLeavingBatches)
  })

  it('retries later when a keepalive request fails', async () => {
    const { world, sender, add, results } = createSenderParts()
    world.takesBeacons = false
    world.answer = () => new Error('offline')
    add(1)
    sender.leave()
    await world.settle()
    world.answer = () => accept()
    await world.pass(1000)
    expect(results).toEqual(['accepted'])
    expect(numbersOf(world).at(-1)).toEqual([1])
  })

  it('splits a batch that was too large while leaving', async () => {
    const { world, sender, add, results } = createSenderParts()
    let answer: (response: Response) => void = () => {}
    world.answer = () => new Promise(resolve => (answer = resolve))
    add(2)
    sender.leave()
    await world.pass(1000)
    world.answer = () => accept()
    answer(refuse(413))
    await world.pass(5000)
    expect(numbersOf(world)).toEqual([[1, 2], [1], [2]])
    expect(results).toEqual(['accepted', 'accepted'])
  })

  it('waits for the answers without polling', async () => {
    let timers = 0
    const { world, sender, add } = createSenderParts()
    const { host } = world.tab
    const { setTimeout } = host
    host.setTimeout = (run, delayMs) => {
      timers += 1
      return setTimeout(run, delayMs)
    }
    world.answer = () => new Promise(() => {})
    add(2)
    sender.leave()
    await world.pass(20_000)
    expect(timers).toBeLessThan(5)
  })

  it('reports an event once when two requests contain it', async () => {
    const { world, sender, add, results } = createSenderParts()
    const answers: ((response: Response) => void)[] = []
    world.answer = () => refuse(500)
    add(1)
    await world.pass(batchDelayMs)
    world.answer = () => new Promise(resolve => answers.push(resolve))
    void sender.flush()
    sender.leave()
    expect(answers).toHaveLength(2)
    for (const answer of answers) answer(accept())
    await world.pass(5000)
    expect(results).toEqual(['accepted'])
  })
})

describe('Sender: beacons', () => {
  it('are the second chance if the browser refuses a keepalive request', async () => {
    const { world, sender, add, waiting } = createSenderParts()
    world.heldKeepaliveBytes = keepaliveBudgetBytes
    add(2)
    sender.leave(leaveJson)
    await world.settle()
    expect(world.received.map(({ method }) => method)).toEqual(['beacon'])
    expect(namesOf(world)).toEqual([['e', 'e', 'leave']])
    expect(waiting()).toBe(2)
  })

  it('are followed by a plain request if the browser refuses them too', async () => {
    const { world, sender, add } = createSenderParts()
    world.heldKeepaliveBytes = keepaliveBudgetBytes
    world.takesBeacons = false
    add(2)
    sender.leave(leaveJson)
    await world.settle()
    expect(world.received.map(({ method }) => method)).toEqual(['fetch'])
    expect(namesOf(world)).toEqual([['e', 'e', 'leave']])
  })

  it('are no decision: their events stay until the server confirms them', async () => {
    const { world, sender, add, results, waiting } = createSenderParts()
    world.heldKeepaliveBytes = keepaliveBudgetBytes
    add(1)
    sender.leave()
    await world.settle()
    world.heldKeepaliveBytes = 0
    expect([results, waiting()]).toEqual([[], 1])
    // Nor are they a failure.
    expect(sender.state()).toBe('active')
    await sender.flush()
    expect(numbersOf(world)).toEqual([[1], [1]])
    expect(results).toEqual(['accepted'])
  })

  it('are followed by a retry without another call', async () => {
    const { world, sender, add, results } = createSenderParts()
    world.heldKeepaliveBytes = keepaliveBudgetBytes
    add(1)
    sender.leave()
    await world.pass(120_000)
    expect(results).toEqual(['accepted'])
  })

  it('are followed by a retry also when the keepalive request failed late', async () => {
    const { world, sender, add, results } = createSenderParts()
    let fail: (error: Error) => void = () => {}
    world.answer = ({ method }) =>
      method === 'keepalive' ? new Promise((_, reject) => (fail = reject)) : accept()
    add(1)
    sender.leave()
    await world.pass(5000)
    fail(new TypeError('Failed to fetch'))
    await world.pass(60_000)
    expect(results).toEqual(['accepted'])
  })

  it('that the browser refuses are followed by a retry', async () => {
    const { world, sender, add, results } = createSenderParts()
    world.heldKeepaliveBytes = keepaliveBudgetBytes
    world.takesBeacons = false
    add(1)
    sender.leave()
    await world.pass(5000)
    expect(results).toEqual(['accepted'])
  })
})

describe('Sender: presence events', () => {
  it('are sent once, without a retry', async () => {
    const { world, sender } = createSenderParts()
    world.answer = () => refuse(500)
    sender.sendOnce('{"name":"heartbeat"}')
    await world.pass(120_000)
    expect(namesOf(world)).toEqual([['heartbeat']])
  })

  it('are not sent while requests fail', async () => {
    const { world, sender, add } = createSenderParts()
    world.answer = () => refuse(500)
    add(1)
    await world.pass(batchDelayMs)
    sender.sendOnce('{"name":"heartbeat"}')
    expect(world.received).toHaveLength(1)
  })
})

it('Sender: retries when `sendBeacon` throws', async () => {
  const { world, sender, add, results } = createSenderParts()
  world.heldKeepaliveBytes = keepaliveBudgetBytes
  Object.assign(world.tab.host.navigator ?? {}, {
    sendBeacon() {
      throw new Error('no beacons here')
    },
  })
  add(1)
  sender.leave()
  await world.pass(5000)
  expect(results).toEqual(['accepted'])
})
