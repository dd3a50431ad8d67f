import { describe, expect, it } from 'vitest'
import { maxOutboxEvents } from './limits.ts'
import { accept, refuse, worldBegan } from './testing/fake-world.ts'
import { namesOf, quiet, start, viewsOf } from './testing/start.ts'
import { createTracker } from './tracker.ts'

describe('Tracker: events', () => {
  it('have properties, value and page', async () => {
    const { world, tracker } = start(quiet)
    tracker.track('order', { plan: 'pro', seats: 3, trial: false }, { value: 49.5 })
    await world.pass(1000)
    expect(world.events()).toEqual([
      {
        n: 1,
        name: 'order',
        timestamp: worldBegan,
        url: 'https://shop.example/',
        title: 'Home',
        properties: { plan: 'pro', seats: 3, trial: false },
        value: 49.5,
      },
    ])
  })

  it('are numbered consecutively, independent of earlier results', async () => {
    const { world, tracker } = start(quiet)
    for (const name of ['a', '', 'b']) tracker.track(name)
    await world.pass(1000)
    world.answer = () => refuse(400)
    tracker.track('c')
    await world.pass(1200)
    world.answer = () => accept()
    tracker.track('d')
    await world.pass(2000)
    expect(world.events().map(({ n, name }) => [n, name])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
      [4, 'd'],
    ])
  })

  it('are in exactly one count each', async () => {
    const { world, tracker } = start(quiet)
    world.answer = () => accept([{ index: 1, code: 'too_old' }])
    for (const name of ['a', 'b', '']) tracker.track(name)
    await world.pass(1500)
    world.answer = () => new Error('offline')
    for (let index = 0; index < maxOutboxEvents + 7; index += 1) tracker.track('late')
    await world.pass(1500)
    expect(tracker.counts).toEqual({
      accepted: 1,
      rejected: 1,
      dropped: 8,
      waiting: maxOutboxEvents,
    })
    world.answer = () => accept()
    await tracker.flush()
    expect(tracker.counts).toEqual({
      ...{ accepted: maxOutboxEvents + 1, rejected: 1, dropped: 8, waiting: 0 },
    })
  })

  it('are flushed together with their page view', async () => {
    const { world, tracker } = start()
    tracker.track('a')
    await tracker.flush()
    expect(namesOf(world)).toEqual([['page_view', 'a']])
  })

  it('keep their time when the wall clock is set while they wait', async () => {
    for (const ms of [-7_200_000, 7_200_000]) {
      const { world, tracker } = start(quiet)
      world.answer = () => new Error('offline')
      tracker.track('a')
      await world.pass(5000)
      world.turnClock(ms)
      world.answer = () => accept()
      tracker.track('b')
      await tracker.flush()
      const times = world.received
        .slice(-2)
        .flatMap(({ batch }) =>
          batch.events.map(({ timestamp = 0 }) => [
            timestamp - worldBegan,
            (batch.sentAt ?? 0) - timestamp,
          ]),
        )
      // Milliseconds after the start, and age.
      expect(times).toEqual([
        [0, 5000],
        [5000, 0],
      ])
    }
  })
})

describe('Tracker: user and common properties', () => {
  it('`identify` sets the user of later events, until `reset`', async () => {
    const { world, tracker } = start(quiet)
    tracker.track('a')
    tracker.identify('user-1')
    tracker.track('b')
    tracker.identify(undefined)
    tracker.track('c')
    tracker.identify('user-2')
    tracker.reset()
    tracker.track('d')
    tracker.identify('')
    tracker.track('e')
    await world.pass(1000)
    expect(world.events().map(({ userId }) => userId)).toEqual([
      ...[undefined, 'user-1', undefined, undefined, undefined],
    ])
  })

  it('`setProperties` adds properties to later events, and those of the event take precedence', async () => {
    const { world, tracker } = start()
    tracker.setProperties({ plan: 'free', theme: 'dark' })
    tracker.track('a', { plan: 'pro' })
    tracker.setProperties({ theme: 'light' })
    tracker.pageView()
    tracker.reset()
    tracker.track('b')
    await world.pass(1000)
    expect(world.events().map(({ properties }) => properties)).toEqual([
      { plan: 'free', theme: 'dark' },
      { plan: 'pro', theme: 'dark' },
      { plan: 'free', theme: 'light' },
      undefined,
    ])
  })

  it('an empty visitor id means none', async () => {
    const { world, tracker } = start({ ...quiet, visitorId: '' })
    tracker.track('a')
    await world.pass(1000)
    expect(world.events()[0]).not.toHaveProperty('visitorId')
  })
})

describe('Tracker: counts and state', () => {
  it('state is `retrying` after a failure, `blocked` after many, and `active` after an answer', async () => {
    const { world, tracker } = start(quiet)
    expect(tracker.state).toBe('active')
    world.answer = () => new TypeError('Failed to fetch')
    tracker.track('a')
    await world.pass(1000)
    expect(tracker.state).toBe('retrying')
    await world.pass(3_600_000)
    expect(tracker.state).toBe('blocked')
    expect(world.received.length).toBeLessThan(30)
    world.answer = () => accept()
    await tracker.flush()
    expect(tracker.state).toBe('active')
    tracker.stop()
    expect(tracker.state).toBe('stopped')
  })
})

describe('Tracker: outside a page', () => {
  it('sends explicit calls only', async () => {
    const outside = {
      document: undefined,
      location: undefined,
      history: undefined,
      navigator: undefined,
    }
    const { world, tracker } = start({}, ({ host }) =>
      Object.assign(host, { ...outside, screen: undefined, window: undefined }),
    )
    await world.pass(300_000)
    expect(world.received).toEqual([])
    tracker.track('job_done', { job: 'import' })
    tracker.pageView({ url: 'https://shop.example/rendered' })
    await tracker.flush()
    expect(world.events()).toMatchObject([
      { n: 1, name: 'job_done', properties: { job: 'import' } },
      { n: 2, name: 'page_view', url: 'https://shop.example/rendered' },
    ])
    tracker.stop()
  })

  it('works on Node', () => {
    const tracker = createTracker({ siteId: 's', baseUrl: 'http://127.0.0.1:9/api' })
    expect(tracker.counts).toEqual({ accepted: 0, rejected: 0, dropped: 0, waiting: 0 })
    tracker.stop()
  })
})

describe('Tracker: stop', () => {
  it('sends waiting events, then observes and sends nothing', async () => {
    const { world, tab, tracker } = start()
    tracker.track('last')
    tracker.stop()
    expect(world.events()).toHaveLength(2)
    const { length } = world.received
    tracker.track('later')
    tracker.pageView()
    tab.push('/elsewhere')
    tab.leave()
    tab.restore()
    tracker.stop()
    await tracker.flush()
    await world.pass(300_000)
    expect(world.received).toHaveLength(length)
    expect(tracker.counts).toEqual({ accepted: 2, rejected: 0, dropped: 0, waiting: 0 })
  })

  it('does not retry after a failure', async () => {
    const { world, tracker } = start()
    world.answer = () => refuse(503, { 'Retry-After': '1' })
    tracker.stop()
    await world.pass(300_000)
    expect(world.received.filter(({ method }) => method !== 'beacon')).toHaveLength(1)
    expect(tracker.counts.waiting).toBe(1)
  })

  it('leaves the events that are stored for later pages', async () => {
    const { world, tracker } = start({ persist: true })
    world.answer = () => new Error('offline')
    tracker.stop()
    await world.pass(1000)
    expect(world.storage.keys()).toHaveLength(1)
  })
})

describe('Tracker: batches', () => {
  it.each([true, undefined])(
    'have `automated` if a program controls the browser: %s',
    async automated => {
      const { world } = start({}, ({ host }) =>
        Object.assign(host.navigator ?? {}, { webdriver: automated === true }),
      )
      await world.pass(60_000)
      const names = namesOf(world).flat()
      expect(names).toContain('page_view')
      expect(names).toContain('heartbeat')
      for (const { batch } of world.received) expect(batch.automated).toBe(automated)
    },
  )

  it.each(['/stats', '/stats/', 'https://shop.example/stats//'])(
    'go to the URL of the site: %s',
    async baseUrl => {
      // A relative URL is relative to the origin, not to `<base>`.
      const base = 'https://cdn.example/assets/'
      const { world } = start({ baseUrl, siteId: 'a/b' }, undefined, { base })
      await world.pass(1000)
      expect(world.received[0]?.url).toBe('https://shop.example/stats/sites/a%2Fb/events')
      expect(viewsOf(world)).toEqual(['/'])
    },
  )
})
