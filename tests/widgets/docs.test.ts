// @vitest-environment happy-dom
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type App, type Component, createApp } from 'vue'
import ActivePages from './examples/ActivePages.vue'
import Composable from './examples/Composable.vue'
import Counter from './examples/Counter.vue'
import Countries from './examples/Countries.vue'
import Dashboard from './examples/Dashboard.vue'
import Feed from './examples/Feed.vue'
import Indicator from './examples/Indicator.vue'
import Poller from './examples/Poller.vue'
import Start from './examples/Start.vue'
import { visitorsText } from './examples/errors.ts'
import { report } from './examples/fetch.ts'
import { topPages } from './examples/metrics.ts'
import { busiestPage } from './examples/snapshot.ts'
import { useFakeServer } from './examples/testing.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/widgets.md'), 'utf8')
const folder = join(import.meta.dirname, 'examples')

const snapshot = {
  cursor: '7.3',
  at: 1_790_000_000_000,
  windowMinutes: 5,
  currentVisitors: 42,
  pageViews: 156,
  activePages: [{ path: '/boots', visitors: 42 }],
  countries: [{ country: 'DE', visitors: 42 }],
  recentEvents: [
    {
      id: '1-0',
      type: 'pageview',
      name: 'page_view',
      path: '/boots',
      country: 'FR',
      timestamp: 1_790_000_000_000,
    },
  ],
}
const zero = { visitors: 0, sessions: 0, bounces: 0, bounceRate: 0, botEvents: 0 }
const rows = [{ path: '/boots', pageViews: 7, visitors: 4 }]
const metrics = {
  from: 0,
  to: 120_000,
  granularity: 'minute',
  totals: { ...zero, events: 8, pageViews: 7 },
  buckets: [
    { ...zero, at: 0, events: 3, pageViews: 2 },
    { ...zero, at: 60_000, events: 5, pageViews: 5 },
  ],
}

/** Answer with `by=path` and `compare=previous`. */
const comparedBreakdown = {
  ...metrics,
  by: 'path',
  rows,
  buckets: metrics.buckets.map(bucket => ({ ...bucket, rows })),
  previous: { from: -120_000, to: 0, totals: { ...zero, events: 4, pageViews: 4 } },
}

const requestUrls: URL[] = []
const server: typeof globalThis.fetch = async input => {
  const url = new URL(input instanceof Request ? input.url : input)
  requestUrls.push(url)
  if (!url.pathname.endsWith('/metrics')) return Response.json(snapshot)
  return Response.json(url.searchParams.has('by') ? comparedBreakdown : metrics)
}

let app: App | undefined

/** Requests that poll; others test for a better transport. */
function polls(): URL[] {
  return requestUrls.filter(({ pathname }) => pathname.endsWith('/realtime'))
}

/** Mounts an example and returns its text after its data has arrived. */
async function show(example: Component, props: Record<string, unknown> = {}): Promise<string> {
  const container = document.createElement('div')
  app = createApp(example, props)
  app.mount(container)
  await vi.advanceTimersByTimeAsync(100)
  return (container.textContent ?? '').replaceAll(/\s+/g, ' ').trim()
}

describe('docs/widgets.md', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: snapshot.at })
    requestUrls.length = 0
    useFakeServer(server)
  })
  afterEach(() => {
    app?.unmount()
    app = undefined
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('contains exactly the example files of this folder', () => {
    const blocks = [...page.matchAll(/^```\w+\n([^]*?)^```$/gm)].map(([, code = '']) => code)
    const files = readdirSync(folder).filter(name => name !== 'env.d.ts')
    const examples = files.map(name => readFileSync(join(folder, name), 'utf8'))
    expect(blocks.toSorted()).toEqual(examples.toSorted())
  })

  it.each<[string, Component, string[]]>([
    ['Start', Start, ['Current visitors', '42']],
    ['Dashboard', Dashboard, ['Polling', '42', '/boots', 'France', 'Active pages']],
    ['Counter', Counter, ['In the shop', '42 visitors']],
    ['Feed', Feed, ['Just now', '/boots', 'France']],
    ['ActivePages', ActivePages, ['/boots42100%', 'Live']],
    ['Countries', Countries, ['Germany42100%']],
    ['Indicator', Indicator, ['Polling by poll, last update now']],
    ['Poller', Poller, ['42 visitors']],
  ])('%s renders its data', async (_, example, texts) => {
    const shown = await show(example)
    for (const text of texts) expect(shown).toContain(text)
    expect(polls().map(url => url.pathname)).toEqual(['/api/sites/my-site/realtime'])
  })

  it('Composable renders its data', async () => {
    const shown = await show(Composable, { siteId: 'shop' })
    expect(shown).toBe('42 visitors, 156 page views in 30 minutesRefresh (polling)')
    expect(polls().map(String)).toEqual([
      'https://stats.example.com/api/sites/shop/realtime?channels=currentVisitors,pageViews&minutes=30',
    ])
  })

  it('fetch reports live state and history', async () => {
    vi.stubGlobal('fetch', server)
    expect(await report()).toBe('42 visitors now, 7 page views in 24 hours')
  })

  it('snapshot requests its channels', async () => {
    vi.stubGlobal('fetch', server)
    expect(await busiestPage()).toBe('/boots has 42 of 42 visitors')
    expect(requestUrls.map(url => url.search)).toEqual(['?channels=currentVisitors%2CactivePages'])
  })

  it('metrics requests a compared breakdown', async () => {
    vi.stubGlobal('fetch', server)
    expect(await topPages()).toEqual([
      '/boots: 7 page views',
      '3 more page views than in the period before',
    ])
    expect(Object.fromEntries(requestUrls[0]?.searchParams ?? [])).toEqual({
      from: '2026-11-01',
      to: '2026-12-01',
      granularity: 'day',
      by: 'path',
      limit: '10',
      compare: 'previous',
    })
  })

  it('errors handles an unknown site', async () => {
    vi.stubGlobal('fetch', server)
    expect(await visitorsText()).toBe('42 visitors')
    const problem = { code: 'site_unknown', title: 'Unknown site.', detail: 'Unknown site.' }
    vi.stubGlobal('fetch', async () => Response.json(problem, { status: 404 }))
    expect(await visitorsText()).toBe('No such site')
  })

  it('main mounts the dashboard', async () => {
    document.body.innerHTML = '<div id="app"></div>'
    vi.stubGlobal('fetch', () => new Promise(() => undefined))
    await import('./examples/main.ts')
    expect(document.querySelector('#app .tm-counter')).not.toBeNull()
  })

  it('lists all style tokens', () => {
    const tokens = readFileSync(join(root, 'packages/widgets/src/theme/tokens.css'), 'utf8')
    const defined = new Set([...tokens.matchAll(/(--tm-[\w-]+):/g)].map(([, name]) => name))
    const named = [...page.matchAll(/`(--tm-[\w-]+)`/g)].map(([, name]) => name)
    expect(new Set(named)).toEqual(defined)
  })
})
