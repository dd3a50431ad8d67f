import { describe, expect, it } from 'vitest'
import { viewDelayMs } from './limits.ts'
import { worldBegan } from './testing/fake-world.ts'
import { eventsUrl, presenceOf, quiet, start, viewsOf } from './testing/start.ts'

/** URL, referrer and title of each page view. */
const detailsOf = (world: Parameters<typeof viewsOf>[0]): unknown[] =>
  world.events().map(({ url, referrer, title }) => [url, referrer, title])

describe('Tracker: page load', () => {
  it('sends one page view with URL, referrer and title', async () => {
    const { world } = start({ visitorId: 'v' })
    await world.pass(25_000)
    expect(world.received).toHaveLength(1)
    expect(world.received[0]?.url).toBe(eventsUrl)
    const { client, ...batch } = world.received[0]?.batch ?? {}
    expect(client).toMatch(/^[\da-z]{10,64}$/)
    expect(batch).toEqual({
      sentAt: worldBegan + 501,
      screen: '390x844',
      language: 'en-US',
      touch: 0,
      events: [
        {
          n: 1,
          name: 'page_view',
          timestamp: worldBegan + viewDelayMs,
          visitorId: 'v',
          url: 'https://shop.example/',
          referrer: 'https://search.example/',
          title: 'Home',
        },
      ],
    })
  })

  it('sends nothing for a page that is prerendered or in a background tab', async () => {
    const { world, tab, tracker } = start({ persist: true }, undefined, { isVisible: false })
    tracker.track('ready')
    tab.push('/elsewhere')
    tab.push('/')
    await world.pass(600_000)
    tab.hide()
    tab.freeze()
    tab.leave()
    await world.pass(1000)
    await tracker.flush()
    tracker.stop()
    expect(world.received).toEqual([])
    expect(world.storage.writes).toEqual([])
  })

  it('sends the page view and earlier events once when the page becomes visible', async () => {
    const { world, tab, tracker } = start({}, undefined, { isVisible: false })
    tracker.track('ready')
    await world.pass(5000)
    tab.goOnline()
    tab.show()
    tab.show()
    await world.pass(5000)
    expect(world.events().map(({ name }) => name)).toEqual(['ready', 'page_view'])
    expect(world.events()[0]?.timestamp).toBe(worldBegan)
  })

  it('sends the page view of a page that is left immediately', () => {
    const { world, tab } = start()
    tab.leave()
    expect(viewsOf(world)).toEqual(['/'])
    expect(world.received.every(({ method }) => method === 'keepalive')).toBe(true)
  })

  it('sends no automatic page view with `pageViews: false`', async () => {
    const { world, tab, tracker } = start(quiet)
    await world.pass(1000)
    tab.push('/a')
    tab.leave()
    tab.restore()
    await world.pass(1000)
    expect(world.events()).toEqual([])
    tracker.pageView()
    await world.pass(1000)
    expect(viewsOf(world)).toEqual(['/a'])
  })

  it('does not count an iframe without a size until it gets one', async () => {
    const { world, tab } = start({}, ({ host }) => Object.assign(host, { innerWidth: 0, top: {} }))
    await world.pass(60_000)
    expect(world.received).toEqual([])
    Object.assign(tab.host, { innerWidth: 300 })
    tab.window.dispatchEvent(new Event('resize'))
    await world.pass(2000)
    expect(viewsOf(world)).toEqual(['/'])
  })

  it('sends no explicit view of a page without an address, unless the view has one', async () => {
    const { world, tracker } = start({}, undefined, { url: 'file:///home/me/page.html' })
    tracker.pageView()
    tracker.pageView({ url: 'other.html', title: 'Other' })
    tracker.pageView({ url: 'https://shop.example/help' })
    await world.pass(5000)
    expect(viewsOf(world)).toEqual(['/help'])
    expect(tracker.counts.dropped).toBe(0)
  })

  it.each(['file:///home/me/page.html', 'about:srcdoc', 'about:blank'])(
    'counts no view and sends no presence for %s, but its events',
    async url => {
      const { world, tab, tracker } = start({}, undefined, { url })
      await world.pass(60_000)
      tab.leave()
      tab.restore()
      await world.pass(60_000)
      expect(world.received).toEqual([])
      tracker.track('saved')
      await world.pass(1000)
      expect(world.events()).toMatchObject([{ name: 'saved' }])
      expect(world.events()[0]?.url).toBeUndefined()
    },
  )
})

describe('Tracker: back/forward cache', () => {
  it('sends another page view of the same client', async () => {
    const { world, tab } = start()
    await world.pass(5000)
    tab.leave()
    tab.restore()
    await world.pass(5000)
    expect(viewsOf(world)).toEqual(['/', '/'])
    expect(world.events().map(({ n }) => n)).toEqual([1, 2])
    expect(new Set(world.received.map(({ batch }) => batch.client)).size).toBe(1)
  })

  it('resumes presence also when the browser does not report that the page is hidden', async () => {
    const { world, tab } = start()
    await world.pass(5000)
    tab.leave()
    Object.defineProperty(tab.document, 'hidden', { value: false })
    tab.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
    await world.pass(31_000)
    expect(presenceOf(world).map(([name]) => name)).toEqual(['leave', 'heartbeat'])
  })

  it('sends all events after a return, also if a request never settles', async () => {
    const { world, tab, tracker } = start()
    const { fetch } = tab.host
    tab.host.fetch = (...args) => {
      void fetch(...args)
      return new Promise(() => {})
    }
    tracker.track('before')
    await world.pass(200)
    tab.leave()
    tab.host.fetch = fetch
    tab.restore()
    for (let index = 0; index < 6; index += 1) tracker.track('after')
    // Nothing waits until the request of before has timed out.
    await world.pass(2000)
    expect(tracker.counts).toMatchObject({ waiting: 0, accepted: 9, dropped: 0 })
  })
})

describe.each([true, false])('Tracker: single-page apps, Navigation API: %s', hasNavigation => {
  const begin = (options = {}): ReturnType<typeof start> =>
    start(options, undefined, { hasNavigation })

  it('sends a page view per navigation with the previous page as referrer', async () => {
    const { world, tab } = begin()
    await world.pass(1000)
    tab.push('/a?b=1#c')
    await world.pass(1000)
    tab.push('/d')
    await world.pass(1000)
    tab.traverse('/a?b=1#c')
    await world.pass(1000)
    expect(world.events().map(({ url, referrer }) => [url, referrer])).toEqual([
      ['https://shop.example/', 'https://search.example/'],
      ['https://shop.example/a?b=1', 'https://shop.example/'],
      ['https://shop.example/d', 'https://shop.example/a?b=1'],
      ['https://shop.example/a?b=1', 'https://shop.example/d'],
    ])
  })

  it('sends a page view for each of several immediate navigations', async () => {
    const { world, tab } = begin()
    for (const path of ['/a', '/b', '/a']) tab.push(path)
    await world.pass(2000)
    expect(viewsOf(world)).toEqual(['/', '/a', '/b', '/a'])
  })

  it('sends no page view when the URL stays the same', async () => {
    const { world, tab } = begin()
    await world.pass(1000)
    tab.push('/')
    tab.replace('/')
    tab.push('/#top')
    tab.replace('/#bottom')
    await world.pass(1000)
    expect(viewsOf(world)).toEqual(['/'])
  })

  it('sends a page view for a replaced URL only if the page is another one', async () => {
    const { world, tab } = begin()
    await world.pass(1000)
    tab.replace('/?sort=price')
    tab.replace('/?sort=name')
    await world.pass(1000)
    expect(viewsOf(world)).toEqual(['/'])
    tab.replace('/welcome')
    await world.pass(1000)
    expect(viewsOf(world)).toEqual(['/', '/welcome'])
  })

  it('treats another query as another page when it is a new history entry', async () => {
    const { world, tab } = begin()
    await world.pass(1000)
    tab.replace('/?page=2')
    tab.push('/?page=2')
    tab.push('/?page=3')
    await world.pass(2000)
    expect(viewsOf(world)).toEqual(['/', '/?page=3'])
  })

  it('amends a view that is still unsent after a redirect by `replaceState`', async () => {
    const { world, tab } = begin()
    await world.pass(viewDelayMs - 1)
    tab.replace('/login')
    await world.pass(2000)
    tab.push('/old')
    await world.pass(viewDelayMs - 1)
    tab.replace('/new?x=1')
    await world.pass(2000)
    tab.push('/old')
    await world.pass(viewDelayMs)
    tab.replace('/new')
    await world.pass(2000)
    expect(viewsOf(world)).toEqual(['/login', '/new?x=1', '/old', '/new'])
    expect(world.events()[1]?.referrer).toBe('https://shop.example/login')
  })

  it('treats fragments as pages with `hash`', async () => {
    const { world, tab } = begin({ hash: true })
    tab.push('/#/a')
    await world.pass(1000)
    tab.replace('/#/b?x=1')
    tab.push('/#/b?x=1')
    await world.pass(2000)
    expect(viewsOf(world)).toEqual(['/', '/#/a', '/#/b?x=1'])
  })

  it('waits for the page to set its title, and takes the title of the view that ends', async () => {
    const { world, tab } = begin()
    await world.pass(1000)
    tab.push('/a')
    await world.pass(viewDelayMs - 1)
    tab.document.title = 'A'
    await world.pass(1000)
    expect(world.events().map(({ title }) => title)).toEqual(['Home', 'A'])
  })

  it('sends the page view before events of that page', async () => {
    const { world, tab, tracker } = begin()
    tab.push('/cart')
    tracker.track('checkout')
    await world.pass(1000)
    expect(world.events().map(({ n, name, url }) => [n, name, url])).toEqual([
      [1, 'page_view', 'https://shop.example/'],
      [2, 'page_view', 'https://shop.example/cart'],
      [3, 'checkout', 'https://shop.example/cart'],
    ])
  })
})

describe('Tracker: navigation of hostile pages', () => {
  it.each([null, {}, { currentEntry: {} }, () => {}])(
    'tracks also with `var navigation = %s` of the page',
    async navigation => {
      const { world, tab } = start({}, ({ host }) => Object.assign(host, { navigation }))
      tab.push('/a')
      await world.pass(2000)
      expect(viewsOf(world)).toEqual(['/', '/a'])
    },
  )

  it('tracks also with a variable `URL` of the page', async () => {
    const { world, tracker } = start({ ...quiet, baseUrl: '/api' }, ({ host }) =>
      Object.assign(host, { URL: 'https://shop.example/' }),
    )
    tracker.pageView({ url: '/step' })
    await world.pass(1000)
    expect(viewsOf(world)).toEqual(['/step'])
  })
})

describe('Tracker: pageView', () => {
  it('sends the page that the site announces, and later events belong to it', async () => {
    const { world, tracker } = start({ pageViews: false })
    tracker.pageView({ url: '/virtual', title: 'Step 2' })
    tracker.track('click')
    tracker.pageView({ url: 'https://shop.example/next', referrer: '' })
    tracker.pageView({ url: '/last' })
    await world.pass(31_100)
    const { events } = world.received.at(-1)?.batch ?? {}
    expect(events).toEqual([{ name: 'heartbeat', url: 'https://shop.example/last' }])
    expect(detailsOf(world)).toEqual([
      ['https://shop.example/virtual', 'https://search.example/', 'Step 2'],
      ['https://shop.example/virtual', undefined, 'Home'],
      ['https://shop.example/next', '', 'Home'],
      ['https://shop.example/last', 'https://shop.example/next', 'Home'],
    ])
  })
})
