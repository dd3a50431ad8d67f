import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { type Scene, countStored, eventually, readCounts, toBatch, track } from './scene.ts'
import type { TrackerTest } from './tracker-test.ts'

/** Scripts of pages that break careless trackers. */
const hostileScripts: Readonly<Record<string, string>> = {
  'a variable `navigation`': 'var navigation = null',
  'an object `navigation`': 'var navigation = { currentEntry: {}, addEventListener: null }',
  'a variable `URL`': 'var URL = "https://shop.example/"',
  '`toJSON` of old libraries':
    'Object.prototype.toJSON = Array.prototype.toJSON = String.prototype.toJSON = () => "broken"',
  'enumerable members of Object.prototype': 'Object.prototype.eachKey = () => 1',
  'a frozen history': 'Object.freeze(history)',
}

export function testHostilePages(it: TrackerTest): void {
  it.for(Object.keys(hostileScripts))('counts on a page with %s', async (name, { scene }) => {
    scene.add('/', `<script>${hostileScripts[name]}</script>${scene.tag()}`)
    const page = await scene.open()
    await page.evaluate(() => {
      const bad = {
        plan: 'pro',
        get broken(): string {
          throw new Error('broken')
        },
      }
      tidemark.track('order', bad)
      history.pushState(null, '', '/next')
    })
    await scene.expectCounts({ page_view: 2, order: 1 })
    expect(await scene.paths()).toEqual({ '/': 1, '/next': 1 })
    const order = scene.sentEvents().find(event => event.name === 'order')
    expect(order?.properties).toEqual({ plan: 'pro' })
  })

  it('sends to the origin of the page for a relative `data-api` under another <base>', async ({
    scene,
  }) => {
    const base = '<base href="https://elsewhere.invalid/x/">'
    const tag = scene.tag({ api: '/stats/api' }).replace('src="', `src="${scene.server.origin}`)
    scene.server.forward('/stats', scene.proxy)
    scene.add('/', base + tag)
    await scene.open()
    await scene.expectCounts({ page_view: 1 })
  })

  it('treats an empty `data-visitor-id` as none', async ({ scene }) => {
    scene.add('/', scene.tag({ visitorId: '' }))
    const page = await scene.open()
    await track(page, 'order')
    await scene.expectCounts({ page_view: 1, order: 1 })
    expect((await scene.limits()).rejected).toEqual({})
  })
}

export function testRedirect(it: TrackerTest): void {
  it('counts a page that replaces its URL at once under the new URL alone', async ({ scene }) => {
    const redirect = '<script>history.replaceState(null, "", "/welcome")</script>'
    scene.add('/', scene.tag() + redirect)
    const page = await scene.open()
    await track(page, 'order')
    await scene.expectCounts({ page_view: 1, order: 1 })
    expect(await scene.paths()).toEqual({ '/welcome': 1 })
  })
}

export function testViews(it: TrackerTest): void {
  it('counts each page of a hash router under its own path', async ({ scene }) => {
    scene.add('/', scene.tag({ hash: '' }))
    const page = await scene.open('/#/boots')
    await page.evaluate(() => void (location.hash = '#/hats'))
    await page.evaluate(() => void (location.hash = '#/boots'))
    await scene.expectCounts({ page_view: 3 })
    expect(await scene.paths()).toEqual({ '/#/boots': 2, '/#/hats': 1 })
  })

  it('sends the title that a slow single-page app sets later, and the previous page', async ({
    scene,
  }) => {
    scene.add('/', { html: scene.tag(), title: 'Start' })
    const page = await scene.open()
    await scene.expectCounts({ page_view: 1 })
    await page.evaluate(() => {
      history.pushState(null, '', '/boots')
      setTimeout(() => {
        document.title = 'Boots'
      }, 200)
    })
    await scene.expectCounts({ page_view: 2 })
    const views = scene.sentEvents().filter(event => event.name === 'page_view')
    const { origin } = scene.server
    expect(views.map(({ url, title, referrer }) => ({ url, title, referrer }))).toEqual([
      { url: `${origin}/`, title: 'Start', referrer: '' },
      { url: `${origin}/boots`, title: 'Boots', referrer: `${origin}/` },
    ])
  })

  it('counts a page in an invisible iframe when the iframe is shown', async ({ scene }) => {
    scene.add('/framed', scene.tag())
    scene.add('/', `${scene.tag()}<iframe src="/framed" style="display: none"></iframe>`)
    const page = await scene.open()
    const frame = await page.waitForFrame(each => each.url().endsWith('/framed'))
    await frame.waitForFunction(() => typeof tidemark === 'object')
    // The second view of the page around it comes later than that of the frame.
    await page.evaluate(() => history.pushState(null, '', '/next'))
    await eventually(() => scene.paths()).toEqual({ '/': 1, '/next': 1 })
    await page.evaluate(() => document.querySelector('iframe')?.removeAttribute('style'))
    await eventually(() => scene.paths()).toEqual({ '/': 1, '/next': 1, '/framed': 1 })
  })

  it('sends the events of `file:` and `srcdoc` pages, which have no view', async ({ scene }) => {
    const tag = scene.tag().replace('src="', `src="${scene.server.origin}`)
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-page-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'page.html')
    await writeFile(file, `<!doctype html><title>File</title>${tag}`)
    const srcdoc = `${tag}<script>tidemark.track('order')</script>`.replaceAll('"', '&quot;')
    scene.add('/', `<iframe srcdoc="${srcdoc}"></iframe>`)
    const page = await scene.open()
    await scene.expectCounts({ order: 1 })
    await page.goto(pathToFileURL(file).href)
    await track(page, 'order')
    await scene.expectCounts({ order: 2 })
    expect(await scene.paths()).toEqual({})
  })
}

/** Ways to load the tag that leave `document.currentScript` empty or different. */
const loaders: Readonly<Record<string, (scene: Scene) => string>> = {
  'type="module"': scene => scene.tag().replace('<script', '<script type="module"'),
  async: scene => scene.tag().replace('<script', '<script async'),
  'import() by a loader': scene =>
    `${scene.tag().replace('src="', 'type="text/plain" data-src="')}<script>import('/tidemark.js')</script>`,
  'a consent manager that runs the text of the script': scene =>
    `${scene.tag().replace('src="', 'type="text/plain" data-src="')}<script>
      fetch('/tidemark.js').then(answer => answer.text()).then(text => setTimeout(text))
    </script>`,
  'a tag manager that injects a new element': scene => `<script>
      const container = document.createElement('div')
      container.innerHTML = ${JSON.stringify(scene.tag()).replaceAll('<', String.raw`\u003c`)}
      const inert = container.querySelector('script')
      const script = document.createElement('script')
      for (const { name, value } of inert.attributes) script.setAttribute(name, value)
      document.head.append(script)
    </script>`,
  'a tag manager, after the page was loaded': scene => `<script>
      addEventListener('load', () => setTimeout(() => {
        const script = Object.assign(document.createElement('script'), { src: '/tidemark.js', async: true })
        script.dataset.site = '${scene.site}'
        script.dataset.api = '${scene.proxy.api}'
        script.dataset.engagement = 'false'
        document.body.append(script)
      }, 100))
    </script>`,
}

export function testLoaders(it: TrackerTest, names = Object.keys(loaders)): void {
  it.for(names)('counts with the tag loaded by %s', async (name, { scene }) => {
    scene.add('/', `<body>${loaders[name]?.(scene)}`)
    const page = await scene.open()
    await page.waitForFunction(() => typeof tidemark === 'object')
    await track(page, 'order', 2)
    await scene.expectCounts({ page_view: 1, order: 2 })
  })
}

export function testTags(it: TrackerTest): void {
  it('replays the calls of the early stub, views too', async ({ scene }) => {
    const stub =
      'window.tidemark ??= new Proxy({ q: [] }, { get: ({ q }, m) => m == "q" ? q : (...a) => q.push([m, ...a]) })'
    const calls =
      'tidemark.track("order", { plan: "pro" }); tidemark.pageView({ url: "/virtual" }); tidemark.identify("u1")'
    scene.add('/', `<script>${stub};${calls}</script>${scene.tag({ pageViews: 'false' })}`)
    const page = await scene.open()
    await track(page, 'later')
    await scene.expectCounts({ page_view: 1, order: 1, later: 1 })
    expect(await scene.paths()).toEqual({ '/virtual': 1 })
    expect(scene.sentEvents().find(({ name }) => name === 'later')).toMatchObject({ userId: 'u1' })
  })

  it('finds the API beside a script that Tidemark serves', async ({ scene }) => {
    const { origin } = new URL(scene.proxy.api)
    scene.add('/', `<script src="${origin}/tidemark.js" data-site="${scene.site}"></script>`)
    const page = await scene.open()
    await track(page, 'order')
    await scene.expectCounts({ page_view: 1, order: 1 })
  })

  it('sends heartbeats that are not counted', async ({ scene }) => {
    scene.add('/', scene.tag({ heartbeatIntervalMs: '1000' }))
    await scene.open()
    const names = (): string[] => scene.sentEvents().map(({ name }) => name)
    await eventually(() => names().filter(name => name === 'heartbeat').length).toBeGreaterThan(1)
    await scene.expectCounts({ page_view: 1 })
  })

  it('deletes stored events on `optOut`, also for other tabs, until `optIn`', async ({ scene }) => {
    scene.proxy.faultOf = () => 'lost request'
    scene.add('/', scene.tag({ persist: '' }))
    const type = 'window'
    const [page, other] = [await scene.open('/', { type }), await scene.open('/', { type })]
    await track(page, 'order', 5)
    await track(other, 'order', 5)
    // On a busy machine, a process sees the storage of another one a little later.
    await eventually(() => countStored(page)).toBe(12)
    await page.evaluate(() => tidemark.optOut())
    expect(await page.evaluate(() => Object.keys(localStorage).length)).toBe(1)
    scene.proxy.faultOf = () => undefined
    for (const each of [page, other]) await track(each, 'order')
    const next = await scene.open()
    await track(next, 'order')
    await next.evaluate(() => tidemark.optIn())
    await track(next, 'order')
    await scene.expectCounts({ page_view: 1, order: 1 })
  })

  it('counts for two sites on one page', async ({ scene }) => {
    const other = `${scene.site}-b`
    scene.add('/', scene.tag() + scene.tag({ site: other, global: 'other' }))
    const page = await scene.open()
    await track(page, 'order')
    await scene.expectCounts({ page_view: 1, order: 1 })
    await scene.expectCounts({ page_view: 1 }, { site: other })
    await page.evaluate(() => {
      const script = document.createElement('script')
      script.text = 'other.track("refund")'
      document.body.append(script)
    })
    await scene.expectCounts({ page_view: 1, refund: 1 }, { site: other })
    await scene.expectCounts({ page_view: 1, order: 1 })
  })

  it('works under Trusted Types and a strict policy, with `tidemark.extra.js`', async ({
    scene,
  }) => {
    const policy = [
      "default-src 'none'",
      `connect-src ${new URL(scene.proxy.api).origin}`,
      "script-src 'nonce-abc' 'strict-dynamic'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
      'img-src data:',
    ].join('; ')
    const tag = scene.tag({ extra: '', errors: '', siteSearch: '', query: 'q' })
    const script =
      '<script nonce="abc">setTimeout(() => { throw new Error("broken") }, 300)</script>'
    scene.add('/', {
      html: tag.replace('<script', '<script nonce="abc"') + script,
      headers: { 'Content-Security-Policy': policy },
    })
    const page = await scene.open('/?q=boots&secret=1')
    await page.waitForFunction(() => typeof tidemark === 'object')
    await track(page, 'order')
    await scene.expectCounts({ page_view: 1, order: 1, site_search: 1, js_error: 1 })
    expect(scene.sentEvents()[0]?.url).toBe(`${scene.server.origin}/?q=boots`)
  })
}

export function testRequests(it: TrackerTest): void {
  it('sends one request for a view that is left at once', async ({ scene }) => {
    scene.add('/', scene.tag())
    scene.add('/next', 'Next')
    const page = await scene.open()
    await page.goto(`${scene.server.origin}/next`)
    await scene.expectCounts({ page_view: 1 })
    expect(
      scene.proxy.requests.map(({ body }) => toBatch(body).events.map(({ name }) => name)),
    ).toEqual([['page_view', 'leave']])
    expect(scene.proxy.preflights).toBe(0)
  })

  it('sends the last events and the leave in one request', async ({ scene }) => {
    scene.add('/', scene.tag())
    scene.add('/next', 'Next')
    const page = await scene.open()
    await scene.expectCounts({ page_view: 1 })
    await eventually(() => readCounts(page)).toMatchObject({ waiting: 0 })
    await track(page, 'order', 3)
    await page.goto(`${scene.server.origin}/next`)
    await scene.expectCounts({ page_view: 1, order: 3 })
    const sent = scene.proxy.requests.map(({ body }) =>
      toBatch(body).events.map(({ name }) => name),
    )
    expect(sent).toEqual([['page_view'], ['order', 'order', 'order', 'leave']])
  })
}
