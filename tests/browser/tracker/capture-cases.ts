import { expect } from 'vitest'
import { buildApp } from './build-app.ts'
import { type Counts, type Scene, type SentEvent, eventually, toBatch } from './scene.ts'
import type { TrackerTest } from './tracker-test.ts'

/** Tests of automatic events, and of apps that use the npm package. */

/** Returns the events of a scene without those that were sent again and those of presence. */
function distinctEvents(scene: Scene): SentEvent[] {
  const events = scene.proxy.requests.flatMap(({ body }) => {
    const { client, events: sent } = toBatch(body)
    return sent.flatMap((event): [string, SentEvent][] =>
      event.n === undefined ? [] : [[`${client} ${event.n}`, event]],
    )
  })
  return [...new Map(events).values()]
}

function countByName(events: readonly SentEvent[]): Counts {
  const counts: Record<string, number> = {}
  for (const { name } of events) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** Waits until the server has counted each event that the tracker has sent, once. */
async function expectDelivered(scene: Scene): Promise<void> {
  await eventually(async () => {
    const counted = await scene.counts()
    const sent = countByName(distinctEvents(scene))
    return Object.keys({ ...sent, ...counted }).filter(name => sent[name] !== counted[name])
  }).toEqual([])
}

/** Returns value and properties of the events of a name. */
function read(
  events: readonly SentEvent[],
  name: string,
): Pick<SentEvent, 'value' | 'properties'>[] {
  return events
    .filter(event => event.name === name)
    .map(({ value, properties }) => ({
      ...(value !== undefined && { value }),
      ...(properties && { properties }),
    }))
}

const shop = (outboundUrl: string): string => `
  <style>body { min-height: 4000px }</style>
  <h1>Boots</h1>
  <a id="outbound" href="${outboundUrl}">Elsewhere</a>
  <a id="download" href="/files/report.pdf?token=1">Report</a>
  <form id="newsletter" action="/subscribe?secret=1"><input name="id"><button>Subscribe</button></form>
  <button id="signup" data-tidemark-event="signup" data-tidemark-event-plan="pro" data-tidemark-value="49">Go</button>
  <script>
    for (const [selector, type] of [['#download', 'click'], ['#newsletter', 'submit']])
      document.querySelector(selector).addEventListener(type, event => event.preventDefault())
    addEventListener('broken', () => {
      setTimeout(() => { throw new Error('broken') })
      Promise.reject(new Error('refused'))
    })
  </script>`

export function testCapture(it: TrackerTest): void {
  it('sends automatic events with the names and fields of the protocol', async ({
    scene,
    person,
  }) => {
    const isChromium = person.kind === 'chromium'
    const elsewhere = scene.server.origin.replace('127.0.0.1', 'localhost')
    const attributes = {
      engagement: 'true',
      extra: '',
      scrollDepth: '',
      siteSearch: '',
      webVitals: '',
      errors: '',
    }
    scene.add('/elsewhere', 'Elsewhere')
    scene.add('/', scene.tag(attributes) + shop(`${elsewhere}/elsewhere?secret=1`))
    const page = await scene.open('/?q=boots')
    await page.waitForFunction(() => typeof tidemark === 'object')
    const start = performance.now()
    await page.click('#download')
    await page.click('#newsletter button')
    await page.click('#signup')
    await page.evaluate(() => void dispatchEvent(new Event('broken')))
    await page.evaluate(() => scrollTo(0, 4000))
    await page.waitForFunction(() => scrollY > 1000)
    await eventually(() => performance.now() - start).toBeGreaterThan(2000)
    await page.evaluate(() => scrollTo(0, 0))
    await page.click('#outbound')
    await eventually(() => distinctEvents(scene).map(({ name }) => name)).toContain('outbound')
    // Firefox has no layout shifts. Both are final when the page is hidden.
    const expectedMetrics = ['FCP', 'TTFB', 'LCP', ...(isChromium ? ['CLS', 'INP'] : [])]
    await eventually(() => readMetrics(distinctEvents(scene))).toEqual(
      expect.arrayContaining(expectedMetrics),
    )

    await expectDelivered(scene)
    const events = distinctEvents(scene)
    const { origin } = scene.server
    expect(read(events, 'outbound')).toEqual([{ properties: { url: `${elsewhere}/elsewhere` } }])
    expect(read(events, 'download')).toEqual([
      { properties: { url: `${origin}/files/report.pdf`, file: 'report.pdf' } },
    ])
    expect(read(events, 'form_submit')).toEqual([
      { properties: { form: 'newsletter', action: '/subscribe' } },
    ])
    expect(read(events, 'signup')).toEqual([{ value: 49, properties: { plan: 'pro' } }])
    expect(read(events, 'site_search')).toEqual([
      { properties: { query: 'boots', parameter: 'q' } },
    ])
    expect(read(events, 'js_error').toSorted(byKind)).toEqual([
      {
        properties: {
          kind: 'error',
          message: expect.stringMatching(/Error: broken$/),
          source: expect.stringMatching(new RegExp(`^${origin}/:\\d+:\\d+$`)),
        },
      },
      { properties: { kind: 'unhandledrejection', message: 'Error: refused' } },
    ])
    expect(read(events, 'scroll_depth')).toEqual([{ value: 100 }])
    const [engaged] = read(events, 'engagement')
    expect(engaged?.value).toBeGreaterThanOrEqual(1000)
    expect(engaged?.value).toBeLessThan(30_000)
    const vitals = read(events, 'web_vital')
    const metrics = readMetrics(events)
    expect(metrics).toEqual([...new Set(metrics)])
    for (const { value, properties } of vitals) {
      expect(value).toBeGreaterThanOrEqual(0)
      expect(properties?.['rating']).toMatch(/^(good|needs-improvement|poor)$/)
    }
    expect(JSON.parse(scene.proxy.requests[0]?.body ?? '')).toMatchObject({
      screen: expect.stringMatching(/^\d+x\d+$/),
      language: 'en-US',
      touch: 0,
    })
  })

  it('sends `not_found` for a page with status 404', async ({ scene }) => {
    scene.add('/missing', { html: scene.tag({ extra: '', notFound: '' }), status: 404 })
    await scene.open('/missing')
    await scene.expectCounts({ page_view: 1, not_found: 1 })
  })

  it('counts a new view with engaged time of its own in a single-page app', async ({ scene }) => {
    scene.add('/', scene.tag({ engagement: 'true' }))
    const page = await scene.open()
    for (const path of ['/a', '/b']) {
      const start = performance.now()
      await eventually(() => performance.now() - start).toBeGreaterThan(1200)
      await page.evaluate(next => history.pushState(null, '', next), path)
    }
    await scene.expectCounts({ page_view: 3, engagement: 2 })
    const engaged = distinctEvents(scene).filter(({ name }) => name === 'engagement')
    expect(engaged.map(({ url }) => new URL(url ?? '').pathname)).toEqual(['/', '/a'])
    for (const { value } of engaged) expect(value).toBeGreaterThanOrEqual(1000)
  })
}

function readMetrics(events: readonly SentEvent[]): unknown[] {
  return read(events, 'web_vital').map(({ properties }) => properties?.['metric'])
}

function byKind(a: Pick<SentEvent, 'properties'>, b: Pick<SentEvent, 'properties'>): number {
  return String(a.properties?.['kind']).localeCompare(String(b.properties?.['kind']))
}

/** Adds a page that runs a bundled app. */
async function addApp(scene: Scene, name: 'npm-app' | 'vue-app'): Promise<void> {
  const settings = { siteId: scene.site, baseUrl: scene.proxy.api, heartbeatIntervalMs: 0 }
  scene.server.scripts.set('/app.js', await buildApp(name))
  const page = `<div id="app"></div><script>settings = ${JSON.stringify(settings)}</script>
    <script src="/app.js"></script>`
  for (const path of ['/', '/users/42']) scene.add(path, page)
}

export function testApps(it: TrackerTest): void {
  it('counts in a Vue app, and stops with the app', async ({ scene }) => {
    await addApp(scene, 'vue-app')
    const page = await scene.open()
    await page.click('#signup')
    await page.click('#next')
    await scene.expectCounts({ page_view: 2, signup: 1 })
    await page.click('#unmount')
    await page.evaluate(() => history.pushState(null, '', '/after'))
    await page.goto('about:blank')
    await scene.expectCounts({ page_view: 2, signup: 1 })
    expect(await scene.paths()).toEqual({ '/': 1, '/boots': 1 })
  })

  it('counts with the npm package, its rules and its hooks', async ({ scene }) => {
    await addApp(scene, 'npm-app')
    const page = await scene.open('/users/42?secret=1')
    await page.goto('about:blank')
    await eventually(() => distinctEvents(scene).map(({ name }) => name)).toContain('web_vital')
    await expectDelivered(scene)
    expect(distinctEvents(scene).slice(0, 2)).toMatchObject([
      { name: 'page_view', url: `${scene.server.origin}/users/*`, title: 'Shop', userId: 'user-1' },
      { name: 'signup', value: 49, properties: { plan: 'pro', theme: 'dark' } },
    ])
  })
}
