import { describe, expect, it, onTestFinished } from 'vitest'
import { createTidemark } from '@tidemark/server'
import {
  type FakeWorld,
  type Received,
  createFakeWorld,
} from '../../packages/sdk/src/tracker/testing/fake-world.ts'
import { createTracker } from '../../packages/sdk/src/tracker/tracker.ts'
import { createManualClock } from '../../packages/server/src/testing/clock.ts'

/** The real tracker against the real server, on one clock. */

const office = '203.0.113.7'
const siteId = 'shop'
const site = { siteId, baseUrl: 'https://stats.example/api' }
const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0'

type Options = NonNullable<Parameters<typeof createTidemark>[0]>

/** Creates a server, and browsers whose requests reach it from one address. */
function setUp(rates: Options['rates'] = {}) {
  const clock = createManualClock()
  const tidemark = createTidemark({ clock, rates, onError: () => {} })
  onTestFinished(() => tidemark.close())
  const worlds: FakeWorld[] = []
  const statuses = new Map<number, number>()
  const pending = new Set<Promise<Response>>()

  async function ask(path: string, init: RequestInit, address: string): Promise<Response> {
    const headers = { 'User-Agent': browser }
    const request = new Request(`https://stats.example${path}`, { ...init, headers })
    return tidemark.fetch(request, { address })
  }

  /** Sends a body to the site, and counts the status of the answer. */
  async function send(body: string, address: string, to = siteId): Promise<Response> {
    const answer = await ask(`/api/sites/${to}/events`, { method: 'POST', body }, address)
    if (address === office) statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    return answer
  }

  function sendFromOffice({ body }: Pick<Received, 'body'>): Promise<Response> {
    const answer = send(String(body), office)
    pending.add(answer)
    void answer.finally(() => pending.delete(answer))
    return answer
  }

  /** Opens a browser of its own, as each computer of an office has one. */
  function openBrowser(): FakeWorld {
    const world = createFakeWorld()
    world.answer = sendFromOffice
    // The random number is the source of the ID of the page.
    world.random = (worlds.length + 0.5) / 128
    worlds.push(world)
    return world
  }

  /** Lets seconds pass in the browsers and on the server. All answers arrive within their second. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      for (const world of worlds) await world.pass(500)
      await Promise.all(pending)
      for (const world of worlds) await world.pass(500)
      await clock.pass(1000)
    }
    await Promise.all(pending)
    for (const world of worlds) await world.settle()
  }

  async function readEvents(): Promise<number> {
    const path = `/api/sites/${siteId}/metrics?granularity=minute`
    const { totals } = await (await ask(path, {}, '198.51.100.1')).json()
    return totals.events
  }
  return { worlds, openBrowser, sendFromOffice, statuses, send, pass, readEvents }
}

function visitorOptions(index: number): { visitorId?: string } {
  // Half of the visitors have no stored ID, and share the derived one of the office.
  return index % 2 === 0 ? { visitorId: `visitor-${index}` } : {}
}

describe('Default rates and the tracker', () => {
  it('let 100 busy tabs of an office through', async () => {
    const { openBrowser, statuses, pass, readEvents } = setUp()
    const tabs = Array.from({ length: 100 }, (_, index) => {
      const { tab } = openBrowser()
      return { tab, tracker: createTracker({ ...site, ...visitorOptions(index) }, tab.host) }
    })
    for (let second = 0; second < 10; second += 1) {
      for (const [index, { tab, tracker }] of tabs.entries()) {
        // Each tab clicks three times a second, measures its view, and changes its page every other second.
        for (const name of ['click', 'outbound', 'engagement'])
          tracker.track(name, {}, { value: 1 })
        if ((second + index) % 2 === 0) tab.push(`/page-${second}`)
      }
      await pass(1)
    }
    await pass(5)
    expect([...statuses.keys()]).toEqual([202])
    const counts = tabs.map(({ tracker }) => tracker.counts)
    expect(counts.filter(({ dropped, waiting }) => dropped > 0 || waiting > 0)).toEqual([])
    expect(await readEvents()).toBe(counts.reduce((sum, { accepted }) => sum + accepted, 0))
    expect(await readEvents()).toBeGreaterThan(100 * 10 * 3)
  })

  it('let 100 tabs through that come back at once after an outage', async () => {
    const { worlds, openBrowser, sendFromOffice, statuses, pass, readEvents } = setUp()
    const trackers = Array.from({ length: 100 }, (_, index) => {
      const world = openBrowser()
      world.answer = () => new TypeError('Failed to fetch')
      const options = { ...site, ...visitorOptions(index), pageViews: false }
      return createTracker(options, world.tab.host)
    })
    for (const tracker of trackers) {
      for (let event = 0; event < 100; event += 1) tracker.track('click')
    }
    await pass(5)
    for (const world of worlds) world.answer = sendFromOffice
    await pass(30)
    expect([...statuses.keys()]).toEqual([202])
    expect(trackers.filter(tracker => tracker.counts.waiting > 0)).toEqual([])
    expect(await readEvents()).toBe(100 * 100)
  })
})

describe('A tracker that exceeds a rate', () => {
  it('waits for Retry-After and loses nothing', async () => {
    const { openBrowser, statuses, pass, readEvents } = setUp({
      requestsPerSecondPerAddress: 0.5,
      burstSeconds: 2,
    })
    const trackers = Array.from({ length: 5 }, () => {
      const options = { ...site, pageViews: false, heartbeatIntervalMs: 0 }
      return createTracker(options, openBrowser().tab.host)
    })
    for (let second = 0; second < 5; second += 1) {
      for (const tracker of trackers) tracker.track('click')
      await pass(1)
    }
    await pass(240)
    expect([...statuses.keys()].toSorted((a, b) => a - b)).toEqual([202, 429])
    for (const tracker of trackers) {
      expect(tracker.counts).toMatchObject({ accepted: 5, waiting: 0, dropped: 0 })
    }
    expect(await readEvents()).toBe(25)
  })
})

describe('A flood from one address', () => {
  it('is refused, and other addresses and sites do not notice', async () => {
    const { statuses, send, pass } = setUp()
    const flood = JSON.stringify({ events: Array.from({ length: 1000 }, () => ({ name: 'x' })) })
    const view = JSON.stringify({ name: 'page_view', visitorId: 'v' })
    for (let second = 0; second < 5; second += 1) {
      for (let request = 0; request < 20; request += 1) await send(flood, office)
      expect((await send(view, '198.51.100.9')).status).toBe(202)
      expect((await send(view, '198.51.100.9', 'blog')).status).toBe(202)
      await pass(1)
    }
    expect(statuses.get(429)).toBeGreaterThan(50)
  })
})
