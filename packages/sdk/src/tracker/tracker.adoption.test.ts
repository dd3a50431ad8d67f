import { describe, expect, it } from 'vitest'
import {
  adoptionGapMs,
  batchDelayMs,
  maxAdoptionDelayMs,
  maxOutboxEvents,
  minAdoptionAgeMs,
} from './limits.ts'
import { maxEventAgeMs } from './protocol-values.ts'
import { type FakeWorld, accept, createFakeWorld, worldBegan } from './testing/fake-world.ts'
import { type Started, eventsUrl, quiet, startTab } from './testing/start.ts'

const persistent = { ...quiet, persist: true }

/** Stores events as a page that ended has left them. */
function leave(world: FakeWorld, client: string, count: number, ageMs: number): void {
  for (let n = 1; n <= count; n += 1) {
    const event = { n, timestamp: world.now() - ageMs, name: 'left' }
    world.storage.set(`tidemark ${eventsUrl} ${client} ${n}`, JSON.stringify(event))
  }
}

/** Opens a tab with a tracker, which sends one event of its own. */
async function startActive(world: FakeWorld): Promise<Started> {
  const started = startTab(world, persistent)
  started.tracker.track('own')
  await world.pass(batchDelayMs)
  return started
}

const left = (world: FakeWorld): unknown[] =>
  world.received
    .filter(({ batch }) => batch.events.some(({ name }) => name === 'left'))
    .map(({ batch }) => [batch.client, batch.events.length])

describe('Adoption', () => {
  it('sends the events of a crashed tab under its client, and deletes them', async () => {
    const world = createFakeWorld()
    const crashed = startTab(world, persistent)
    crashed.tracker.track('left')
    crashed.tracker.track('left')
    const [key = ''] = world.storage.keys()
    crashed.tab.crash()
    await world.pass(minAdoptionAgeMs)
    const { tracker } = await startActive(world)
    await world.pass(10_000)
    expect(left(world)).toEqual([[key.split(' ')[2], 2]])
    expect(world.storage.keys()).toEqual([])
    expect(tracker.counts).toEqual({ accepted: 3, rejected: 0, dropped: 0, waiting: 0 })
  })

  it('happens after a batch of its own was accepted, not before', async () => {
    const world = createFakeWorld()
    leave(world, 'gone', 1, 60_000)
    const { tracker } = startTab(world, persistent)
    await world.pass(120_000)
    expect(world.received).toEqual([])
    world.answer = () => new Error('offline')
    tracker.track('own')
    await world.pass(120_000)
    expect(left(world)).toEqual([])
    world.answer = () => accept()
    await tracker.flush()
    await world.pass(10_000)
    expect(left(world)).toEqual([['gone', 1]])
  })

  it('happens after an accepted heartbeat, on a page where nothing else happens', async () => {
    const world = createFakeWorld()
    leave(world, 'gone', 1, 0)
    const { tracker } = startTab(world, { persist: true })
    await world.pass(5000)
    expect(tracker.counts.accepted).toBe(1)
    expect(left(world)).toEqual([])
    await world.pass(60_000)
    expect(left(world)).toEqual([['gone', 1]])
  })

  it('happens after a random delay', async () => {
    for (const random of [0, 0.9]) {
      const world = createFakeWorld()
      world.random = random
      leave(world, 'gone', 1, 60_000)
      await startActive(world)
      await world.pass(60_000)
      const request = world.received.find(({ batch }) => batch.client === 'gone')
      const delayMs = (request?.atMs ?? 0) - batchDelayMs
      expect(delayMs).toBeGreaterThanOrEqual(random * maxAdoptionDelayMs)
      expect(delayMs).toBeLessThanOrEqual(random * maxAdoptionDelayMs + 1100)
    }
  })

  it('happens at most every 30 seconds', async () => {
    const world = createFakeWorld()
    leave(world, 'first', 1, 60_000)
    const { tracker } = await startActive(world)
    await world.pass(5000)
    expect(left(world)).toEqual([['first', 1]])
    leave(world, 'second', 1, 60_000)
    for (let second = 6; second * 1000 < adoptionGapMs; second += 1) {
      tracker.track('own')
      await world.pass(1000)
    }
    expect(left(world)).toEqual([['first', 1]])
    await world.pass(2000)
    tracker.track('own')
    await world.pass(5000)
    expect(left(world)).toEqual([
      ['first', 1],
      ['second', 1],
    ])
  })

  it('leaves recent events to the page that stored them', async () => {
    const world = createFakeWorld()
    leave(world, 'alive', 1, 0)
    await startActive(world)
    await world.pass(10_000)
    expect(left(world)).toEqual([])
    expect(world.storage.keys()).toHaveLength(1)
  })

  it('deletes events that are older than two days, and counts them', async () => {
    const world = createFakeWorld()
    leave(world, 'gone', 3, maxEventAgeMs + 1)
    const { tracker } = await startActive(world)
    await world.pass(10_000)
    expect(left(world)).toEqual([])
    expect(world.storage.keys()).toEqual([])
    expect(tracker.counts.dropped).toBe(3)
  })

  it('keeps stored events within the bounds, also before anything is accepted', async () => {
    const world = createFakeWorld()
    world.answer = () => new Error('offline')
    leave(world, 'gone', maxOutboxEvents + 10, 60_000)
    const { tracker } = startTab(world, persistent)
    await world.pass(maxAdoptionDelayMs)
    expect(world.storage.keys()).toHaveLength(maxOutboxEvents)
    expect(tracker.counts.dropped).toBe(10)
  })

  it('sends the events of several pages, each under its client', async () => {
    const world = createFakeWorld()
    for (const client of ['c1', 'c2', 'c3']) leave(world, client, 20, 60_000)
    const { tracker } = await startActive(world)
    await world.pass(30_000)
    expect(left(world)).toEqual([
      ['c3', 20],
      ['c2', 20],
      ['c1', 20],
    ])
    expect(tracker.counts.accepted).toBe(61)
  })

  it('says when it sends adopted events by the wall clock, also after the clock was set', async () => {
    const world = createFakeWorld()
    leave(world, 'gone', 1, 60_000)
    const { tracker } = startTab(world, persistent)
    world.turnClock(3_600_000)
    tracker.track('own')
    await world.pass(10_000)
    const sentAt = Object.fromEntries(
      world.received.map(({ batch, atMs }) => [
        batch.client === 'gone' ? 'left' : 'own',
        (batch.sentAt ?? 0) - worldBegan - atMs,
      ]),
    )
    expect(sentAt).toEqual({ own: 0, left: 3_600_000 })
  })

  it('deletes a key only after a decision: events whose request has no answer stay', async () => {
    const world = createFakeWorld()
    leave(world, 'gone', 2, 60_000)
    world.answer = ({ batch }) => (batch.client === 'gone' ? new Error('offline') : accept())
    const { tab } = await startActive(world)
    await world.pass(20_000)
    expect(left(world).length).toBeGreaterThan(0)
    expect(world.storage.keys()).toHaveLength(2)
    tab.crash()
    world.answer = () => accept()
    await startActive(world)
    await world.pass(20_000)
    expect(world.storage.keys()).toEqual([])
  })

  it('by several tabs at once accepts each event, and deletes all keys', async () => {
    const world = createFakeWorld()
    leave(world, 'gone', 300, 60_000)
    const tabs = await Promise.all([1, 2, 3, 4, 5].map(() => startActive(world)))
    await world.pass(60_000)
    const ids = world.received.flatMap(({ batch }) =>
      batch.events.filter(({ name }) => name === 'left').map(({ n }) => `${batch.client} ${n}`),
    )
    expect(new Set(ids).size).toBe(300)
    expect(world.storage.keys()).toEqual([])
    for (const { tracker } of tabs) expect(tracker.counts.waiting).toBe(0)
  })

  it('does not happen without `persist`', async () => {
    const world = createFakeWorld()
    leave(world, 'gone', 1, 60_000)
    const { tracker } = startTab(world, quiet)
    tracker.track('own')
    await world.pass(60_000)
    expect(left(world)).toEqual([])
  })

  it('does not hinder the page that still lives: its events count once for it', async () => {
    const world = createFakeWorld()
    world.answer = () => new Error('offline')
    const first = startTab(world, persistent)
    first.tracker.track('left')
    await world.pass(40_000)
    const client = world.storage.keys()[0]?.split(' ')[2]
    world.answer = ({ batch, method }) =>
      batch.client === client && method === 'fetch' ? new Error('offline') : accept()
    await startActive(world)
    await world.pass(10_000)
    world.answer = () => accept()
    await first.tracker.flush()
    expect(first.tracker.counts).toEqual({ accepted: 1, rejected: 0, dropped: 0, waiting: 0 })
    expect(world.storage.keys()).toEqual([])
  })
})
