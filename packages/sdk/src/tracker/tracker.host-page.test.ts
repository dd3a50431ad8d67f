import { describe, expect, it } from 'vitest'
import { refuse } from './testing/fake-world.ts'
import { quiet, site, start, startTab } from './testing/start.ts'
import { createTracker } from './tracker.ts'

const broken = (): never => {
  throw new Error('broken')
}

describe('Tracker: host page', () => {
  it('sees no exception', async () => {
    const { world, tab, tracker } = start({ persist: true }, ({ host }) => {
      host.fetch = broken
      Object.assign(host.navigator ?? {}, { sendBeacon: broken })
    })
    const trap = new Proxy({}, { ownKeys: broken, get: broken })
    const call = (method: keyof typeof tracker, ...args: unknown[]): void =>
      void Reflect.apply(Object(tracker[method]), undefined, args)
    call('track', 'a', trap)
    call('track', 'b', null, null)
    call('track', 'c', {}, trap)
    call('track', Symbol('d'))
    call('track')
    call('track', { toString: broken })
    call('pageView', null)
    call('pageView', { url: 'http://[' })
    call('pageView', { title: { toString: broken } })
    call('identify', { toString: broken })
    call('setProperties', null)
    call('setProperties', trap)
    call('use')
    call('persist', 'yes')
    tracker.track('e')
    await tracker.flush()
    await world.pass(5000)
    tab.leave()
    call('reset')
    call('optIn')
    tracker.stop()
    expect(tracker.counts.dropped).toBeGreaterThan(0)
  })

  it.each(['referrer', 'title', 'hidden', 'location', 'addEventListener', 'createElement'])(
    'sees no exception when `document.%s` throws, now or later',
    async name => {
      for (const isLate of [false, true]) {
        const breakIt = (document: object): void =>
          void Object.defineProperty(document, name, { configurable: true, get: broken })
        const { world, tab, tracker } = start({}, page => isLate || breakIt(page.document))
        if (isLate) breakIt(tab.document)
        tracker.track('a')
        tracker.pageView({ url: '/b' })
        tab.push('/c')
        tab.window.dispatchEvent(new Event('pagehide'))
        await world.pass(40_000)
        tracker.stop()
        const { accepted, rejected, dropped, waiting } = tracker.counts
        expect(accepted + rejected + dropped + waiting).toBeGreaterThan(0)
      }
    },
  )

  it('keeps the good properties beside a getter that throws', async () => {
    const { world, tracker } = start(quiet)
    tracker.track(
      'a',
      Object.defineProperty({ plan: 'pro' }, 'bad', { enumerable: true, get: broken }),
    )
    await world.pass(1000)
    expect(world.events()).toMatchObject([{ name: 'a', properties: { plan: 'pro' } }])
    expect(tracker.counts).toMatchObject({ accepted: 1, dropped: 0 })
  })

  it('may add `toJSON` to the prototypes of objects, arrays and texts', async () => {
    const prototypes: object[] = [
      Object.prototype,
      Array.prototype,
      String.prototype,
      Number.prototype,
    ]
    for (const prototype of prototypes)
      Object.defineProperty(prototype, 'toJSON', { value: () => 'ours', configurable: true })
    const bodies: string[] = []
    try {
      const { world, tracker } = start(quiet, ({ host }) => {
        host.fetch = (_, init) => {
          bodies.push(String(init?.body))
          return new Promise(() => {})
        }
      })
      tracker.track('a', { plan: 'pro' })
      await world.pass(1000)
    } finally {
      for (const prototype of prototypes) Reflect.deleteProperty(prototype, 'toJSON')
    }
    const batch: unknown = JSON.parse(bodies[0] ?? '')
    expect(batch).toMatchObject({ touch: 0, events: [{ name: 'a', properties: { plan: 'pro' } }] })
  })

  it('gets messages only with `debug`', async () => {
    const logged: string[] = []
    const debug = (...message: unknown[]): void => void logged.push(message.join(' '))
    const { world, tracker } = start({ ...quiet, debug })
    world.answer = () => refuse(404)
    tracker.track('a')
    tracker.track('')
    await world.pass(1000)
    expect(logged).toEqual([
      expect.stringContaining('"name":"a"'),
      expect.stringContaining('dropped invalid'),
      expect.stringMatching(/^dropped .*404/),
    ])
  })
})

describe('Tracker: two sites on one page', () => {
  it('send, store and opt out independently', async () => {
    const { world, tab, tracker } = start({ ...quiet, persist: true })
    const other = createTracker({ ...site, ...quiet, siteId: 'other', persist: true }, tab.host)
    tracker.track('a')
    other.track('b')
    expect(world.storage.keys()).toHaveLength(2)
    tracker.optOut()
    await world.pass(1000)
    expect(world.received.map(({ url }) => url)).toEqual([
      'https://stats.example/api/sites/other/events',
    ])
    expect(world.events()).toMatchObject([{ n: 1, name: 'b' }])
    expect([tracker.state, other.state]).toEqual(['opted_out', 'active'])
  })

  it('each track the views of a single-page app', async () => {
    const { world, tab } = start()
    createTracker({ ...site, siteId: 'other' }, tab.host)
    tab.push('/a')
    await world.pass(2000)
    const urls = world.received.flatMap(({ url, batch }) =>
      batch.events.map(event => `${url.split('/')[5]}: ${event.url}`),
    )
    expect(urls.toSorted()).toEqual([
      'my-site: https://shop.example/',
      'my-site: https://shop.example/a',
      'other: https://shop.example/',
      'other: https://shop.example/a',
    ])
  })

  it('do not adopt events of each other', async () => {
    const { world, tab, tracker } = start({ ...quiet, persist: true })
    world.answer = () => new Error('offline')
    tracker.track('a')
    tab.crash()
    await world.pass(60_000)
    const other = startTab(world, { ...quiet, siteId: 'other', persist: true })
    world.answer = () => Response.json({ accepted: 1, rejected: [] }, { status: 202 })
    other.tracker.track('b')
    await world.pass(60_000)
    expect(world.storage.keys()).toHaveLength(1)
  })
})
