// @vitest-environment happy-dom
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { expectWarning } from '../../../../tests/setup/console.ts'
import type { Tracker } from '../tracker/types.ts'
import { type InstallExtra, install } from './install.ts'
import { type Sent, createTag, recordRequests } from './testing/page.ts'

type Page = Record<string, unknown>

const stops: (() => void)[] = []

/** Settings of a tracker that sends nothing but `leave`, because no test can reach and stop it. */
const silent = { pageViews: 'false', outbound: 'false', attributes: 'false' }

interface Loaded {
  default: InstallExtra
}

type LoadExtra = (url: string) => Promise<Loaded>

const noExtra: LoadExtra = () => Promise.reject(new Error('no extra here'))

/** Runs the script in a page, as if its tag were this one. */
function run(page: Page, data: Record<string, string>, loadExtra: LoadExtra = noExtra): void {
  install(page, [createTag(data)], loadExtra)
}

function trackerOf(page: Page, name = 'tidemark'): Tracker {
  const tracker = page[name] as Tracker
  stops.push(tracker.stop)
  return tracker
}

const sitesOf = ({ urls }: Sent): (string | undefined)[] => urls.map(url => url.split('/')[5])

/** Runs the stub of the documentation in a page, and then a call. */
function runStub(page: Page, call: string): void {
  const source = readFileSync(join(import.meta.dirname, 'install.ts'), 'utf8')
  const [, snippet = ''] =
    /<script>\n([^]*?)<\/script>/.exec(source.replaceAll(/^ \* ?/gm, '')) ?? []
  page.window = page
  const code: unknown = Reflect.construct(Function, ['page', `with (page) { ${snippet}; ${call} }`])
  if (typeof code === 'function') Reflect.apply(code, undefined, [page])
}

afterEach(() => {
  for (const stop of stops.splice(0)) stop()
  vi.unstubAllGlobals()
  document.body.innerHTML = ''
})

describe('Script tag', () => {
  it('starts a tracker for its site and the API beside the script', async () => {
    const sent = recordRequests()
    const page: Page = {}
    run(page, { site: 'my-site' })
    const tracker = trackerOf(page)
    tracker.track('sign_up')
    await tracker.flush()
    expect(sent.urls).toEqual(['https://stats.example/api/sites/my-site/events'])
    expect(sent.names()).toEqual(['page_view', 'sign_up'])
  })

  it.each(['page-views', 'visitor-id', 'persist', 'hash'])('reads `data-%s`', name => {
    recordRequests()
    const page: Page = {}
    const tag = createTag({ site: 's' })
    tag.setAttribute(`data-${name}`, 'false')
    install(page, [tag], noExtra)
    expect(trackerOf(page).state).toBe('active')
  })

  it('reads the heartbeat interval as a number', async () => {
    vi.useFakeTimers()
    const sent = recordRequests()
    const page: Page = {}
    run(page, { site: 's', heartbeatIntervalMs: '2000', pageViews: 'false' })
    trackerOf(page)
    await vi.advanceTimersByTimeAsync(6500)
    vi.useRealTimers()
    expect(sent.names()).toEqual(['heartbeat', 'heartbeat', 'heartbeat'])
  })

  it('treats an empty visitor id as none', async () => {
    const sent = recordRequests()
    const page: Page = {}
    run(page, { site: 's', visitorId: '', pageViews: 'false' })
    const tracker = trackerOf(page)
    tracker.track('a')
    await tracker.flush()
    expect(sent.events[0]).not.toHaveProperty('visitorId')
  })

  it('assigns the tracker to the name in `data-global`', () => {
    recordRequests()
    const page: Page = {}
    run(page, { site: 's', global: 'stats' })
    expect(Object.keys(page)).toContain('stats')
    expect(page.tidemark).toBeUndefined()
    trackerOf(page, 'stats')
  })

  it('warns and does nothing without a site', () => {
    const page: Page = {}
    expectWarning(/data-site/)
    run(page, {})
    install(page, [], noExtra)
    expect(page).toEqual({})
  })

  it('reads the URL of a tag that a loader delays from `data-src`', async () => {
    const sent = recordRequests()
    const page: Page = {}
    const tag = createTag({ site: 's', src: 'https://stats.example/tidemark.js' }, '')
    install(page, [tag], noExtra)
    await trackerOf(page).flush()
    expect(sent.urls).toEqual(['https://stats.example/api/sites/s/events'])
  })

  it('uses the first of several tags that is complete', async () => {
    const sent = recordRequests()
    const page: Page = {}
    install(page, [createTag({}), createTag({ site: 'b' }), createTag({ site: 'c' })], noExtra)
    await trackerOf(page).flush()
    expect(sent.urls).toEqual(['https://stats.example/api/sites/b/events'])
  })
})

describe('Script tag: more than one', () => {
  it('warns and does nothing when it is loaded twice', async () => {
    const sent = recordRequests()
    const page: Page = {}
    run(page, { site: 's' })
    const tracker = trackerOf(page)
    expectWarning(/twice/)
    run(page, { site: 's' })
    expect(page.tidemark).toBe(tracker)
    await tracker.flush()
    expect(sent.names()).toEqual(['page_view'])
  })

  it('starts a second tracker for a second site; the first one keeps the name', async () => {
    const sent = recordRequests()
    const page: Page = {}
    run(page, { site: 'a' })
    const tracker = trackerOf(page)
    run(page, { site: 'b', global: 'second' })
    run(page, { site: 'c', ...silent })
    expect(page.tidemark).toBe(tracker)
    window.dispatchEvent(new Event('pagehide'))
    await trackerOf(page, 'second').flush()
    expect(new Set(sitesOf(sent))).toEqual(new Set(['a', 'b', 'c']))
  })

  it('finds its own tag among those of a page whose current script is unknown', async () => {
    const sent = recordRequests()
    const page: Page = {}
    const tags = [createTag({ site: 'd' }), createTag({ site: 'e', ...silent })]
    install(page, tags, noExtra)
    install(page, tags, noExtra)
    window.dispatchEvent(new Event('pagehide'))
    await trackerOf(page).flush()
    expect(sitesOf(sent)).toEqual(expect.arrayContaining(['d', 'e']))
  })
})

describe('Script tag: early calls', () => {
  it('are executed in order', async () => {
    const sent = recordRequests()
    const calls = [
      ['track', 'early', { a: 1 }, { value: 2 }],
      ['pageView', { url: 'https://shop.example/virtual' }],
      ['constructor'],
      ['nonsense'],
      'nonsense',
      null,
      [],
      ['track'],
    ]
    const page: Page = { tidemark: { q: calls } }
    run(page, { site: 's', pageViews: 'false' })
    const tracker = trackerOf(page)
    tracker.track('late')
    await tracker.flush()
    expect(sent.events).toMatchObject([
      { n: 1, name: 'early', properties: { a: 1 }, value: 2 },
      { n: 2, name: 'page_view', url: 'https://shop.example/virtual' },
      { n: 3, name: 'late' },
    ])
  })

  it('of any method are collected by the stub of the documentation', async () => {
    const sent = recordRequests()
    const page: Page = {}
    runStub(
      page,
      `tidemark.setProperties({ theme: 'dark' }); tidemark.track('early', { a: 1 });
       tidemark.pageView({ url: 'https://shop.example/x' }); tidemark.identify('u')`,
    )
    run(page, { site: 's', pageViews: 'false' })
    const tracker = trackerOf(page)
    tracker.track('late')
    await tracker.flush()
    expect(sent.events).toMatchObject([
      { name: 'early', properties: { a: 1, theme: 'dark' } },
      { name: 'page_view', url: 'https://shop.example/x' },
      { name: 'late', userId: 'u' },
    ])
  })

  it('do not break the stub before the script has loaded', () => {
    const page: Page = {}
    runStub(page, `tidemark.optOut(); tidemark.track('a')`)
    expect(page.tidemark).toMatchObject({ q: [['optOut'], ['track', 'a']] })
  })
})

describe('Script tag: automatic events', () => {
  it('track links, files, forms and attributes', async () => {
    const sent = recordRequests()
    const page: Page = {}
    run(page, { site: 's', pageViews: 'false' })
    document.body.innerHTML = `<a id="out" href="https://other.example/x?y"></a>
      <button data-tidemark-event="cta"></button>`
    document.querySelector<HTMLElement>('#out')?.click()
    document.querySelector('button')?.click()
    await trackerOf(page).flush()
    expect(sent.names()).toEqual(['outbound', 'cta'])
  })

  it('are switched off by attributes', async () => {
    const sent = recordRequests()
    const page: Page = {}
    run(page, { site: 's', pageViews: 'false', outbound: 'false', attributes: 'false' })
    document.body.innerHTML = `<a id="out" href="https://other.example/x?y"></a>
      <button data-tidemark-event="cta"></button>`
    document.querySelector<HTMLElement>('#out')?.click()
    document.querySelector('button')?.click()
    await trackerOf(page).flush()
    expect(sent.names()).toEqual([])
  })
})

describe('Script tag: data-extra', () => {
  it('is required by `data-before-send`: without it, nothing is sent unseen', async () => {
    const sent = recordRequests()
    const page: Page = {}
    run(page, { site: 's', beforeSend: 'redact' })
    const tracker = trackerOf(page)
    tracker.track('a')
    await tracker.flush()
    expect(sent.names()).toEqual([])
  })

  it('loads the other file from the directory of the script, and starts after it', async () => {
    const sent = recordRequests()
    const page: Page = {}
    const urls: string[] = []
    let loaded: (extra: Loaded) => void = () => {}
    run(page, { site: 's', extra: 'true', errors: 'true' }, url => {
      urls.push(url)
      return new Promise(resolve => (loaded = resolve))
    })
    expect(urls).toEqual(['https://stats.example/tidemark.extra.js'])
    expect(page.tidemark).toBeUndefined()
    const settings: unknown[] = []
    loaded({
      default(tracker, given) {
        settings.push(given)
        // It comes before the first view is sent.
        tracker.use(({ onEvent }) => onEvent(event => ({ ...event, title: 'masked' })))
      },
    })
    await Promise.resolve()
    const tracker = trackerOf(page)
    await tracker.flush()
    expect(settings).toMatchObject([{ siteId: 's', errors: 'true' }])
    expect(sent.events).toMatchObject([{ name: 'page_view', title: 'masked' }])
  })

  it('keeps calls that the page makes meanwhile', async () => {
    const sent = recordRequests()
    const page: Page = {}
    let loaded: (extra: Loaded) => void = () => {}
    runStub(page, `tidemark.track('before')`)
    run(
      page,
      { site: 's', extra: 'true', pageViews: 'false' },
      () => new Promise(resolve => (loaded = resolve)),
    )
    runStub(page, `tidemark.track('meanwhile')`)
    loaded({ default: () => {} })
    await Promise.resolve()
    await trackerOf(page).flush()
    expect(sent.names()).toEqual(['before', 'meanwhile'])
  })

  it('sends nothing and warns if the other file does not load, because its rules would be missing', async () => {
    const sent = recordRequests()
    const page: Page = {}
    expectWarning(/no extra here/)
    run(page, { site: 's', extra: 'true' })
    await new Promise(resolve => setImmediate(resolve))
    expect(page.tidemark).toBeUndefined()
    expect(sent.urls).toEqual([])
  })

  it('is loaded once for a tag that runs twice meanwhile', () => {
    const urls: string[] = []
    const page: Page = {}
    const load = (url: string): Promise<Loaded> => {
      urls.push(url)
      return new Promise(() => {})
    }
    expectWarning(/twice/)
    run(page, { site: 's', extra: 'true' }, load)
    run(page, { site: 's', extra: 'true' }, load)
    expect(urls).toHaveLength(1)
  })
})
