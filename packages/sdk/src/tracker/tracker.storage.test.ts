import { describe, expect, it } from 'vitest'
import { storedVisitor } from '../capture/stored-visitor.ts'
import { maxOutboxLength, maxOutboxEvents } from './limits.ts'
import { accept, intercept, refuse } from './testing/fake-world.ts'
import { eventsUrl, quiet, start, startTab } from './testing/start.ts'

const persistent = { ...quiet, persist: true }

describe('Storage: keys', () => {
  it('are written inside `track`, one per event', () => {
    const { world, tracker } = start(persistent)
    tracker.track('a')
    tracker.track('b', { plan: 'pro' })
    const keys = world.storage.keys()
    expect(keys).toHaveLength(2)
    const [first = ''] = keys
    expect(first.startsWith(`tidemark ${eventsUrl} `)).toBe(true)
    expect(first).toMatch(/ [\da-z]+ 1$/)
    expect(JSON.parse(world.storage.get(first) ?? '')).toMatchObject({ n: 1, name: 'a' })
  })

  it('are those of the batch: client and number', async () => {
    const { world, tracker } = start(persistent)
    tracker.track('a')
    const [key = ''] = world.storage.keys()
    await world.pass(1000)
    const { client, events } = world.received[0]?.batch ?? {}
    expect(key).toBe(`tidemark ${eventsUrl} ${client} ${events?.[0]?.n}`)
  })

  it('are not looked at before the first event, because the first access is slow', async () => {
    const { world, tracker } = start({ ...persistent, pageViews: false }, (_, { storage }) => {
      storage.faults.isBlocked = true
    })
    expect(world.storage.attempts).toBe(0)
    tracker.track('a')
    expect(world.storage.attempts).toBeGreaterThan(0)
  })

  it('survive a crash right after the call', () => {
    const { world, tab, tracker } = start(persistent)
    for (let index = 0; index < 10; index += 1) tracker.track('e')
    tab.crash()
    expect(world.storage.keys()).toHaveLength(10)
    expect(world.received).toEqual([])
  })

  it('are never written without `persist`', async () => {
    const { world, tab, tracker } = start()
    world.answer = () => new Error('offline')
    tracker.identify('u')
    tracker.setProperties({ a: 1 })
    tracker.track('a')
    await world.pass(120_000)
    tracker.persist(false)
    tracker.reset()
    tab.leave()
    tracker.stop()
    expect(world.storage.writes).toEqual([])
  })

  it('do not include heartbeats and leaves', async () => {
    const { world, tab } = start({ persist: true })
    await world.pass(120_000)
    tab.leave()
    await world.settle()
    expect(world.storage.writes).toHaveLength(1)
    expect(world.storage.keys()).toEqual([])
  })
})

describe('Storage: deletion', () => {
  it.each([
    ['accepted', () => accept()],
    ['rejected', () => accept([{ index: 0, code: 'too_old' }])],
    ['dropped', () => refuse(400)],
  ])('happens when the server has decided: %s', async (result, answer) => {
    const { world, tracker } = start(persistent)
    world.answer = answer
    tracker.track('a')
    await world.pass(1000)
    expect(tracker.counts).toMatchObject({ [result]: 1, waiting: 0 })
    expect(world.storage.keys()).toEqual([])
  })

  it.each([
    ['no answer', () => new Error('offline')],
    ['an answer of an intermediary', () => intercept(403)],
    ['a temporary error', () => refuse(503)],
  ])('does not happen after %s', async (_, answer) => {
    const { world, tracker } = start(persistent)
    world.answer = answer
    tracker.track('a')
    await world.pass(10_000)
    expect(world.storage.keys()).toHaveLength(1)
  })

  it('does not happen when the browser takes over a request as the page ends', async () => {
    for (const isBeacon of [false, true]) {
      const { world, tab, tracker } = start(persistent)
      if (isBeacon) world.heldKeepaliveBytes = 65_536
      tracker.track('a')
      tab.close()
      await world.pass(10_000)
      expect(world.received).toHaveLength(1)
      expect(world.storage.keys()).toHaveLength(1)
    }
  })

  it('happens for events that overflow, which are counted', async () => {
    const { world, tracker } = start(persistent)
    world.answer = () => new Error('offline')
    for (let index = 0; index < maxOutboxEvents + 5; index += 1) tracker.track('e')
    expect(world.storage.keys()).toHaveLength(maxOutboxEvents)
    expect(tracker.counts).toMatchObject({ waiting: maxOutboxEvents, dropped: 5 })
  })

  it('keeps the storage within 1 MiB', () => {
    const { world, tracker } = start(persistent)
    const text = 'x'.repeat(1000)
    const properties = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`p${index}`, text]),
    )
    for (let index = 0; index < 40; index += 1) tracker.track('e', properties)
    const keys = world.storage.keys()
    const bytes = keys.reduce((sum, key) => sum + (world.storage.get(key) ?? '').length, 0)
    expect(bytes).toBeLessThanOrEqual(maxOutboxLength)
    expect(bytes).toBeGreaterThan(maxOutboxLength * 0.9)
    const { waiting, dropped } = tracker.counts
    expect([waiting, waiting + dropped]).toEqual([keys.length, 40])
  })
})

describe('Storage: faults', () => {
  it.each([
    ['blocked', { isBlocked: true }],
    ['full', { isFull: true }],
    ['broken', { isBroken: true }],
  ])('of kind "%s" leave the events in memory', async (_, faults) => {
    const { world, tab, tracker } = start(persistent, (_tab, { storage }) => {
      storage.set('cart', '[1]')
      Object.assign(storage.faults, faults)
    })
    for (let index = 0; index < 3; index += 1) tracker.track('e')
    await world.pass(60_000)
    tab.leave()
    tracker.optOut()
    expect(tracker.counts).toEqual({ accepted: 3, rejected: 0, dropped: 0, waiting: 0 })
    expect(world.storage.get('cart')).toBe('[1]')
  })

  it('that begin later leave the events in memory', async () => {
    const { world, tracker } = start(persistent)
    tracker.track('a')
    Object.assign(world.storage.faults, { isBroken: true })
    tracker.track('b')
    await world.pass(5000)
    expect(tracker.counts).toMatchObject({ accepted: 2, waiting: 0 })
  })

  it('do not occur when the visitor deletes the data of the site', async () => {
    const { world, tracker } = start(persistent)
    world.answer = () => new Error('offline')
    tracker.track('a')
    await world.pass(2000)
    world.storage.wipe()
    tracker.track('b')
    world.answer = () => accept()
    await world.pass(60_000)
    expect(tracker.counts).toMatchObject({ accepted: 2, dropped: 0, waiting: 0 })
    expect(world.storage.keys()).toEqual([])
  })

  it('do not touch keys of the page', async () => {
    const { world, tracker } = start(persistent)
    world.storage.set('tidemark', 'ours')
    world.storage.set('tidemark https://other.example/ a 1', '{}')
    tracker.track('a')
    await world.pass(60_000)
    tracker.persist(false)
    tracker.optOut()
    expect(world.storage.keys()).toEqual([
      ...['tidemark', 'tidemark https://other.example/ a 1', `tidemark ${eventsUrl} off`],
    ])
  })
})

describe('Storage: consent', () => {
  it('`persist()` stores the events that wait', async () => {
    const { world, tracker } = start(quiet)
    world.answer = () => new Error('offline')
    tracker.track('a')
    tracker.track('b')
    await world.pass(1000)
    expect(world.storage.keys()).toEqual([])
    tracker.persist()
    expect(world.storage.keys()).toHaveLength(2)
    tracker.track('c')
    expect(world.storage.keys()).toHaveLength(3)
    world.answer = () => accept()
    await tracker.flush()
    expect(world.storage.keys()).toEqual([])
    expect(tracker.counts.accepted).toBe(3)
  })

  it('`persist(false)` deletes all stored events, also of other pages, and goes on in memory', async () => {
    const { world, tracker } = start(persistent)
    world.storage.set(`tidemark ${eventsUrl} other 1`, '{"n":1,"timestamp":1}')
    world.answer = () => new Error('offline')
    tracker.track('a')
    tracker.persist(false)
    expect(world.storage.keys()).toEqual([])
    tracker.track('b')
    await world.pass(1000)
    expect(world.storage.keys()).toEqual([])
    world.answer = () => accept()
    await tracker.flush()
    expect(tracker.counts).toMatchObject({ accepted: 2, dropped: 0 })
  })

  it('`persist()` on a hidden page takes effect when the page is visible', () => {
    const { world, tab, tracker } = start(quiet, undefined, { isVisible: false })
    tracker.persist()
    tracker.track('a')
    expect(world.storage.writes).toEqual([])
    tab.show()
    expect(world.storage.keys()).toHaveLength(1)
  })
})

describe('Storage: visitor', () => {
  it('is in the events, and the day on which it was first seen in the batch', async () => {
    const { world, tracker } = start(persistent)
    tracker.use(storedVisitor())
    tracker.track('a')
    await world.pass(1000)
    const { visitorId } = world.events()[0] ?? {}
    expect(visitorId).toMatch(/^[\da-z]{10,64}$/)
    expect(world.received[0]?.batch.firstSeen).toMatch(/^\d{4}-\d\d-\d\d$/)
    const next = startTab(world, persistent)
    next.tracker.use(storedVisitor())
    next.tracker.track('b')
    await world.pass(1000)
    expect(world.events()[1]?.visitorId).toBe(visitorId)
    next.tracker.reset()
    next.tracker.track('c')
    await world.pass(2000)
    expect(world.events()[2]?.visitorId).not.toBe(visitorId)
  })

  it('is in events before the page is visible, too', async () => {
    const { world, tab, tracker } = start(persistent, undefined, { isVisible: false })
    tracker.use(storedVisitor())
    tracker.track('a')
    tab.show()
    tracker.track('b')
    await world.pass(2000)
    const [first, second] = world.events().map(({ visitorId }) => visitorId)
    expect(first).toBeDefined()
    expect(second).toBe(first)
  })

  it('does not exist without `persist`, and ends with it', async () => {
    const { world, tracker } = start(quiet)
    tracker.use(storedVisitor())
    tracker.track('a')
    tracker.persist()
    tracker.track('b')
    tracker.persist(false)
    tracker.track('c')
    await world.pass(1000)
    expect(world.events().map(event => 'visitorId' in event)).toEqual([false, true, false])
    expect(world.storage.keys()).toEqual([])
  })
})
