import { describe, expect, it } from 'vitest'
import {
  type FakeWorld,
  accept,
  createFakeWorld,
  refuse,
  worldBegan,
} from './testing/fake-world.ts'
import { maxOutboxEvents } from './limits.ts'
import { createTracker } from './tracker.ts'
import type { Tracker, TrackerOptions } from './types.ts'

interface Started {
  world: FakeWorld
  tracker: Tracker
}

function start(
  options: Partial<TrackerOptions> = {},
  prepare: (world: FakeWorld) => void = () => {},
): Started {
  const world = createFakeWorld()
  prepare(world)
  const defaults = {
    siteId: 'my-site',
    baseUrl: 'https://stats.example/api',
    platform: world.platform,
  }
  return { world, tracker: createTracker({ ...defaults, ...options }) }
}

/** Paths of the page views that were sent. */
const views = (world: FakeWorld): string[] =>
  world
    .events()
    .filter(({ name }) => name === 'page_view')
    .map(({ url = '' }) => url.replace('https://shop.example', ''))

/** Presence events that were sent, with their times. */
const presence = (world: FakeWorld): [string, number][] =>
  world.received.flatMap(({ batch, atMs }) =>
    batch.events.filter(({ n }) => !n).map(({ name }): [string, number] => [name, atMs]),
  )

describe('Tracker: page load', () => {
  it('sends one page view with URL, referrer and title', async () => {
    const { world } = start({ visitorId: 'v' })
    await world.pass(25_000)
    expect(world.received).toHaveLength(1)
    expect(world.received[0]?.url).toBe('https://stats.example/api/sites/my-site/events')
    expect(world.received[0]?.batch).toEqual({
      client: 'client-1',
      sentAt: worldBegan + 200,
      events: [
        {
          n: 1,
          name: 'page_view',
          timestamp: worldBegan + 100,
          visitorId: 'v',
          url: 'https://shop.example/',
          referrer: 'https://search.example/',
          title: 'Home',
        },
      ],
    })
  })

  it('sends nothing for a page that is prerendered or in a background tab', async () => {
    const { world, tracker } = start({}, ({ page }) => (page.visible = false))
    tracker.track('ready')
    world.page.go('/elsewhere')
    world.page.go('/')
    await world.pass(600_000)
    world.page.signal('hidden')
    world.page.signal('left')
    await world.pass(1000)
    await tracker.flush()
    tracker.stop()
    expect(world.received).toEqual([])
  })

  it('sends the page view and earlier events once when the page becomes visible', async () => {
    const { world, tracker } = start({}, ({ page }) => (page.visible = false))
    tracker.track('ready')
    await world.pass(5000)
    world.page.visible = true
    world.page.signal('online')
    world.page.signal('visible')
    await world.pass(5000)
    expect(world.events().map(({ name }) => name)).toEqual(['ready', 'page_view'])
    expect(world.events()[0]?.timestamp).toBe(worldBegan)
  })

  it('sends the page view of a page that is left immediately', () => {
    const { world } = start()
    world.page.signal('left')
    world.page.signal('hidden')
    expect(views(world)).toEqual(['/'])
    expect(world.received.every(({ method }) => method === 'keepalive')).toBe(true)
  })

  it('sends no automatic page view with `pageViews: false`', async () => {
    const { world, tracker } = start({ pageViews: false })
    await world.pass(1000)
    world.page.go('/a')
    world.page.signal('left')
    world.page.signal('restored')
    await world.pass(1000)
    expect(world.events()).toEqual([])
    tracker.pageView()
    await world.pass(1000)
    expect(views(world)).toEqual(['/a'])
  })
})

describe('Tracker: back/forward cache', () => {
  it('sends another page view of the same client', async () => {
    const { world } = start()
    await world.pass(5000)
    world.page.signal('left')
    world.page.signal('hidden')
    world.page.signal('visible')
    world.page.signal('restored')
    await world.pass(5000)
    expect(views(world)).toEqual(['/', '/'])
    expect(world.events().map(({ n }) => n)).toEqual([1, 2])
    expect(new Set(world.received.map(({ batch }) => batch.client)).size).toBe(1)
  })

  it('resumes presence also when the browser does not report `visible`', async () => {
    const { world } = start()
    await world.pass(5000)
    world.page.signal('left')
    world.page.signal('restored')
    await world.pass(31_000)
    expect(presence(world).map(([name]) => name)).toEqual(['leave', 'heartbeat'])
  })
})

describe('Tracker: single-page apps', () => {
  it('sends a page view per navigation with the previous page as referrer', async () => {
    const { world } = start()
    await world.pass(1000)
    world.page.go('/a?b=1#c')
    await world.pass(1000)
    world.page.go('/d')
    await world.pass(1000)
    expect(world.events().map(({ url, referrer }) => [url, referrer])).toEqual([
      ['https://shop.example/', 'https://search.example/'],
      ['https://shop.example/a?b=1', 'https://shop.example/'],
      ['https://shop.example/d', 'https://shop.example/a?b=1'],
    ])
  })

  it('sends a page view for each of several immediate navigations', async () => {
    const { world } = start()
    for (const path of ['/a', '/b', '/a']) world.page.go(path)
    await world.pass(2000)
    expect(views(world)).toEqual(['/', '/a', '/b', '/a'])
  })

  it('sends no page view when the URL stays the same', async () => {
    const { world } = start()
    await world.pass(1000)
    world.page.go('/', 'moved')
    world.page.go('/', 'replaced')
    world.page.go('/#top')
    world.page.go('/#bottom', 'replaced')
    await world.pass(1000)
    expect(views(world)).toEqual(['/'])
  })

  it('sends a page view for a replaced URL only if the page is another one', async () => {
    const { world } = start()
    await world.pass(1000)
    world.page.go('/?sort=price', 'replaced')
    world.page.go('/?sort=name', 'replaced')
    await world.pass(1000)
    expect(views(world)).toEqual(['/'])
    world.page.go('/welcome', 'replaced')
    await world.pass(1000)
    expect(views(world)).toEqual(['/', '/welcome'])
  })

  it('treats another query as another page when it is a new history entry', async () => {
    const { world } = start()
    world.page.go('/?page=2', 'replaced')
    world.page.go('/?page=2')
    world.page.go('/?page=3')
    await world.pass(2000)
    expect(views(world)).toEqual(['/', '/?page=3'])
  })

  it('treats fragments as pages with `hash`', async () => {
    const { world } = start({ hash: true })
    world.page.go('/#/a')
    world.page.go('/#/b?x=1', 'replaced')
    world.page.go('/#/b?x=1')
    await world.pass(2000)
    expect(views(world)).toEqual(['/', '/#/a', '/#/b?x=1'])
  })

  it('waits for the page to set its title', async () => {
    const { world } = start()
    await world.pass(1000)
    world.page.go('/a')
    await world.pass(50)
    world.page.heading = 'A'
    await world.pass(1000)
    expect(world.events().map(({ title }) => title)).toEqual(['Home', 'A'])
  })

  it('sends the page view before events of that page', async () => {
    const { world, tracker } = start()
    world.page.go('/cart')
    tracker.track('checkout')
    await world.pass(1000)
    expect(world.events().map(({ n, name, url }) => [n, name, url])).toEqual([
      [1, 'page_view', 'https://shop.example/'],
      [2, 'page_view', 'https://shop.example/cart'],
      [3, 'checkout', 'https://shop.example/cart'],
    ])
  })

  it('uses the page announced by `pageView`', async () => {
    const { world, tracker } = start({ pageViews: false })
    tracker.pageView({ url: '/virtual', title: 'Step 2' })
    tracker.track('click')
    tracker.pageView({ url: 'https://shop.example/next', referrer: '' })
    tracker.pageView({ url: '/last' })
    await world.pass(31_100)
    const { events } = world.received.at(-1)?.batch ?? { events: [] }
    expect(events).toEqual([{ name: 'heartbeat', url: 'https://shop.example/last' }])
    expect(world.events().map(({ url, referrer, title }) => [url, referrer, title])).toEqual([
      ['https://shop.example/virtual', 'https://search.example/', 'Step 2'],
      ['https://shop.example/virtual', undefined, 'Home'],
      ['https://shop.example/next', '', 'Home'],
      ['https://shop.example/last', 'https://shop.example/next', 'Home'],
    ])
  })
})

describe('Tracker: presence', () => {
  it('sends a heartbeat on a visible page without events', async () => {
    const { world, tracker } = start()
    await world.pass(20_000)
    tracker.track('scroll')
    await world.pass(65_000)
    expect(presence(world)).toEqual([
      ['heartbeat', 50_000],
      ['heartbeat', 80_000],
    ])
    const { client, sentAt, events } = world.received.at(-1)?.batch ?? {}
    expect([client, sentAt]).toEqual(['client-1', worldBegan + 80_000])
    expect(events).toEqual([{ name: 'heartbeat', url: 'https://shop.example/' }])
  })

  it('sends no heartbeat on a hidden page, and a due one when it becomes visible', async () => {
    const { world } = start()
    await world.pass(10_000)
    world.page.signal('hidden')
    await world.pass(100_000)
    expect(presence(world)).toEqual([])
    world.page.signal('visible')
    await world.settle()
    expect(presence(world)).toEqual([['heartbeat', 110_000]])
  })

  it('sends no heartbeat when the visitor switches between tabs', async () => {
    const { world } = start()
    await world.pass(1000)
    for (let flip = 0; flip < 10; flip += 1) {
      world.page.signal('hidden')
      await world.pass(100)
      world.page.signal('visible')
    }
    expect(presence(world)).toEqual([])
  })

  it('restarts the interval after a heartbeat or an event', async () => {
    const { world, tracker } = start()
    await world.pass(31_000)
    expect(presence(world)).toHaveLength(1)
    world.page.signal('hidden')
    world.page.signal('visible')
    world.page.signal('hidden')
    await world.pass(60_000)
    tracker.track('song_ended')
    world.page.signal('visible')
    await world.settle()
    expect(presence(world)).toHaveLength(1)
  })

  it('sends heartbeats also with `pageViews: false`', async () => {
    const { world } = start({ pageViews: false })
    await world.pass(31_000)
    expect(presence(world)).toEqual([['heartbeat', 30_000]])
  })

  it('sends `leave` when the page is left, not when it is hidden', async () => {
    const { world } = start({ visitorId: 'v' })
    await world.pass(1000)
    world.page.signal('hidden')
    expect(presence(world)).toEqual([])
    world.page.signal('left')
    expect(world.received.at(-1)).toMatchObject({
      method: 'keepalive',
      batch: { events: [{ name: 'leave', url: 'https://shop.example/', visitorId: 'v' }] },
    })
  })

  it('never sends a presence event late', async () => {
    const { world } = start()
    await world.pass(1000)
    world.answer = () => new Error('offline')
    await world.pass(31_000)
    world.page.signal('left')
    world.answer = () => accept()
    world.page.signal('online')
    await world.pass(20_000)
    expect(presence(world).map(([name]) => name)).toEqual(['heartbeat', 'leave'])
    expect(world.events()).toHaveLength(1)
  })

  it.each([0, -5, NaN])('sends no heartbeats with an interval of %s', async heartbeatIntervalMs => {
    const { world } = start({ heartbeatIntervalMs })
    await world.pass(300_000)
    expect(presence(world)).toEqual([])
  })

  it('uses an interval of at least one second', async () => {
    const { world } = start({ heartbeatIntervalMs: 1 })
    await world.pass(3500)
    expect(presence(world)).toHaveLength(3)
  })

  it('continues after a change of the wall clock', async () => {
    const { world } = start()
    await world.pass(1000)
    world.turnClock(-3_600_000)
    await world.pass(30_000)
    world.turnClock(86_400_000)
    await world.pass(30_000)
    expect(presence(world)).toHaveLength(2)
  })
})

describe('Tracker: events', () => {
  it('sends an event with properties, value and page', async () => {
    const { world, tracker } = start({ pageViews: false })
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

  it('numbers events consecutively, independent of earlier results', async () => {
    const { world, tracker } = start({ pageViews: false })
    tracker.track('a')
    tracker.track('')
    tracker.track('b')
    await world.pass(1000)
    world.answer = () => refuse(400)
    tracker.track('c')
    await world.pass(1000)
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

  it('counts each event in exactly one state', async () => {
    const { world, tracker } = start({ pageViews: false })
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
      accepted: maxOutboxEvents + 1,
      rejected: 1,
      dropped: 8,
      waiting: 0,
    })
  })

  it('flushes an event together with its page view', async () => {
    const { world, tracker } = start()
    await tracker.flush()
    expect(views(world)).toEqual(['/'])
  })
})

describe('Tracker: hidden and visible again', () => {
  it('sends waiting events when the page is hidden, and failed ones when it is visible', async () => {
    const { world, tracker } = start()
    await world.pass(5000)
    tracker.track('a')
    world.answer = () => new Error('offline')
    world.page.signal('hidden')
    expect(world.received).toHaveLength(2)
    await world.settle()
    world.answer = () => accept()
    world.page.signal('visible')
    await world.settle()
    expect(tracker.counts).toEqual({ accepted: 2, rejected: 0, dropped: 0, waiting: 0 })
  })

  it('retries immediately when the network is back', async () => {
    const { world, tracker } = start()
    world.answer = () => new Error('offline')
    world.random = 1
    await world.pass(40_000)
    world.answer = () => accept()
    world.page.signal('online')
    await world.settle()
    expect(tracker.counts.accepted).toBe(1)
  })
})

describe('Tracker: stop', () => {
  it('sends waiting events, then observes and sends nothing', async () => {
    const { world, tracker } = start()
    tracker.track('last')
    tracker.stop()
    expect(world.events()).toHaveLength(2)
    expect(world.page.listeners.size).toBe(0)
    const { length } = world.received
    tracker.track('later')
    tracker.pageView()
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
    expect(world.received).toHaveLength(1)
    expect(tracker.counts.waiting).toBe(1)
  })
})

describe('Tracker: Do Not Track', () => {
  const sendOptOutSignal = ({ page }: FakeWorld): void => void (page.optOut = true)

  it('sends nothing with `respectDoNotTrack`', async () => {
    const { world, tracker } = start({ respectDoNotTrack: true }, sendOptOutSignal)
    tracker.track('a')
    tracker.pageView()
    world.page.signal('left')
    await tracker.flush()
    await world.pass(300_000)
    expect(world.received).toEqual([])
    expect(world.page.listeners.size).toBe(0)
  })

  it('has no effect without `respectDoNotTrack`', async () => {
    const stopped = start({ respectDoNotTrack: true })
    const ignored = start({}, sendOptOutSignal)
    for (const { world } of [stopped, ignored]) {
      await world.pass(1000)
      expect(views(world)).toEqual(['/'])
    }
  })
})

describe('Tracker: outside a page', () => {
  it('sends explicit calls only', async () => {
    const { world, tracker } = start({}, ({ platform }) => (platform.page = undefined))
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

describe('Tracker: host page', () => {
  const broken = (): never => {
    throw new Error('broken')
  }

  it('never throws into the page', async () => {
    const { world, tracker } = start({}, ({ platform }) => {
      Object.assign(platform, { fetch: broken, sendBeacon: broken })
    })
    const trap = new Proxy({}, { ownKeys: broken, get: broken })
    const call = (method: 'track' | 'pageView', ...args: unknown[]): void =>
      void Reflect.apply(tracker[method], undefined, args)
    call('track', 'a', trap)
    call('track', 'b', null, null)
    call('track', 'c', {}, trap)
    call('track', Symbol('d'))
    call('track')
    call('track', { toString: broken })
    call('pageView', null)
    call('pageView', { url: 'http://[' })
    call('pageView', { title: { toString: broken } })
    await tracker.flush()
    await world.pass(5000)
    world.page.signal('left')
    tracker.stop()
    expect(tracker.counts.dropped).toBeGreaterThan(0)
  })

  it('never throws when page APIs throw, now or later', async () => {
    for (const method of [
      'url',
      'referrer',
      'title',
      'isVisible',
      'watch',
      'hasOptOutSignal',
    ] as const) {
      const { world, tracker } = start({}, ({ page }) => Object.assign(page, { [method]: broken }))
      tracker.track('a')
      world.page.signal('moved')
      world.page.signal('hidden')
      await world.pass(5000)
      tracker.stop()
      const { accepted, rejected, dropped, waiting } = tracker.counts
      expect(accepted + rejected + dropped + waiting).toBeGreaterThan(0)
    }
  })

  it.each([true, undefined])(
    'sets `automated` in batches of events and heartbeats: %s',
    async automated => {
      const { world } = start({}, ({ page }) =>
        Object.assign(page, { automated: automated === true }),
      )
      await world.pass(60_000)
      const batches = world.received.map(({ batch }) => batch)
      const names = batches.flatMap(({ events }) => events.map(({ name }) => name))
      expect(names).toContain('page_view')
      expect(names).toContain('heartbeat')
      for (const batch of batches) expect(batch.automated).toBe(automated)
    },
  )

  it('writes to the console only with `debug`', async () => {
    const { world, tracker } = start({ debug: true, pageViews: false })
    world.answer = () => refuse(404)
    tracker.track('a')
    tracker.track('')
    await world.pass(1000)
    expect(world.logged).toEqual([
      expect.stringContaining('"name":"a"'),
      'dropped name_invalid',
      expect.stringContaining('dropped 404'),
    ])
    const quiet = start()
    quiet.tracker.track('')
    expect(quiet.world.logged).toEqual([])
  })

  it('encodes the site id and accepts any API URL', async () => {
    for (const baseUrl of ['/stats', '/stats/']) {
      const { world } = start({ baseUrl, siteId: 'a/b' })
      await world.pass(1000)
      expect(world.received[0]?.url).toBe('/stats/sites/a%2Fb/events')
    }
  })
})
