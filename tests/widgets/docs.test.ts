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
import { report } from './examples/fetch.ts'
import { answerWith } from './examples/testing.ts'

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
const none = { visitors: 0, sessions: 0, bounces: 0, bounceRate: 0, botEvents: 0 }
const metrics = {
  from: 0,
  to: 120_000,
  granularity: 'minute',
  totals: { ...none, events: 8, pageViews: 7 },
  buckets: [
    { ...none, at: 0, events: 3, pageViews: 2 },
    { ...none, at: 60_000, events: 5, pageViews: 5 },
  ],
}

const asked: URL[] = []
const server: typeof globalThis.fetch = async input => {
  const url = new URL(input instanceof Request ? input.url : input)
  asked.push(url)
  return Response.json(url.pathname.endsWith('/metrics') ? metrics : snapshot)
}

let app: App | undefined

/** What was asked for, but for what only shows whether there is something better than polling. */
function polls(): URL[] {
  return asked.filter(({ pathname }) => pathname.endsWith('/realtime'))
}

/** What an example shows when its data has come. */
async function show(example: Component, props: Record<string, unknown> = {}): Promise<string> {
  const place = document.createElement('div')
  app = createApp(example, props)
  app.mount(place)
  await vi.advanceTimersByTimeAsync(100)
  return (place.textContent ?? '').replaceAll(/\s+/g, ' ').trim()
}

describe('docs/widgets.md', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: snapshot.at })
    asked.length = 0
    answerWith(server)
  })
  afterEach(() => {
    app?.unmount()
    app = undefined
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('has as its examples the files that are tested here, and all of them', () => {
    const blocks = [...page.matchAll(/^```\w+\n([^]*?)^```$/gm)].map(([, code = '']) => code)
    const files = readdirSync(folder).filter(name => name !== 'env.d.ts')
    const examples = files.map(name => readFileSync(join(folder, name), 'utf8'))
    expect(blocks.toSorted()).toEqual(examples.toSorted())
  })

  it.each<[string, Component, string[]]>([
    ['Dashboard', Dashboard, ['Polling', '42', '/boots', 'France', 'Active pages']],
    ['Counter', Counter, ['In the shop', '42 people']],
    ['Feed', Feed, ['Just now', '/boots', 'France']],
    ['ActivePages', ActivePages, ['/boots42100%', 'Live']],
    ['Countries', Countries, ['Germany42100%']],
    ['Indicator', Indicator, ['Polling by poll, last confirmed now']],
    ['Poller', Poller, ['42 people']],
  ])('has %s show what it says', async (_, example, texts) => {
    const shown = await show(example)
    for (const text of texts) expect(shown).toContain(text)
    expect(polls().map(url => url.pathname)).toEqual(['/api/sites/my-site/realtime'])
  })

  it('has Composable show what it says', async () => {
    const shown = await show(Composable, { siteId: 'shop' })
    expect(shown).toBe('42 people, 156 page views in 30 minutesNow (polling)')
    expect(polls().map(String)).toEqual([
      'https://stats.example.com/api/sites/shop/realtime?channels=currentVisitors,pageViews&minutes=30',
    ])
  })

  it('has fetch report what it says', async () => {
    vi.stubGlobal('fetch', server)
    expect(await report()).toBe('42 people now, 7 page views in 24 hours')
    const problem = { code: 'site_unknown', title: 'Unknown site.', detail: 'Unknown site.' }
    vi.stubGlobal('fetch', async () => Response.json(problem, { status: 404 }))
    expect(await report()).toBe('No such site')
  })

  it('has main mount the dashboard', async () => {
    document.body.innerHTML = '<div id="app"></div>'
    vi.stubGlobal('fetch', () => new Promise(() => undefined))
    await import('./examples/main.ts')
    expect(document.querySelector('#app .tm-counter')).not.toBeNull()
  })

  it('names the tokens that there are', () => {
    const tokens = readFileSync(join(root, 'packages/widgets/src/theme/tokens.css'), 'utf8')
    const defined = new Set([...tokens.matchAll(/(--tm-[\w-]+):/g)].map(([, name]) => name))
    const named = [...page.matchAll(/`(--tm-[\w-]+)`/g)].map(([, name]) => name)
    expect(new Set(named)).toEqual(defined)
  })
})
