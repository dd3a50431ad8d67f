// @vitest-environment happy-dom
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RealtimeCounter, TidemarkPlugin } from '@tidemark/widgets'
import { type App, type Component, createApp, nextTick, ref } from 'vue'
import { visitorsText } from './examples/data-functions/errors.ts'
import { topPages } from './examples/data-functions/metrics.ts'
import { report } from './examples/data-functions/report.ts'
import { busiestPage } from './examples/data-functions/snapshot.ts'
import { createDemoServer } from './demo/demo-server.ts'
import { useFakeServer } from './examples/testing/fake-server.ts'
import { useWidgets as useDarkClass } from './examples/theming/dark-class.ts'
import { nl } from './examples/translation/dutch.ts'
import { useTranslatedWidgets } from './examples/translation/german.ts'
import { useWidgets as useOwnTexts } from './examples/translation/own-texts.ts'
import { useWidgets as useI18n } from './examples/translation/vue-i18n.ts'

// `scripts/widget-docs.ts` copies the examples into the pages of docs/widgets.

const root = join(import.meta.dirname, '../..')

/** Example components by their path: `TopList/Items`. */
const examples = new Map(
  Object.entries(
    import.meta.glob<Component>('./examples/**/*.vue', { eager: true, import: 'default' }),
  ).map(([path, component]) => [path.replaceAll(/^.*examples\/|\.vue$/g, ''), component]),
)

const now = Date.UTC(2026, 10, 30, 14, 20)

const requestUrls: URL[] = []
const demo = createDemoServer(
  () => now,
  url => requestUrls.push(url),
)
/** Without streams, so that the state of the connection does not depend on time. */
const server: typeof globalThis.fetch = async (input, init) =>
  String(input).includes('/frames') ? Response.error() : demo(input, init)

let app: App | undefined

/** Requests that poll, or for history; others test for a better transport. */
function polls(): URL[] {
  return requestUrls.filter(({ pathname }) => /\/(realtime|metrics)$/.test(pathname))
}

/** Texts that each example shows. */
const expectedTexts: Record<string, readonly string[]> = {
  'ActivityTable/Items': ['Orders', 'Berlin (7)', '129 €'],
  'ActivityTable/Live': ['/boots', 'Order placed'],
  'BarChart/Basic': ['Revenue', 'Berlin', '€182,000'],
  'ConnectionIndicator/Basic': ['Polling'],
  'ConnectionIndicator/Host': ['Retrying in 10 sec', 'Retry now'],
  'ConnectionIndicator/Slot': ['Polling by poll, last update now'],
  'EventList/Basic': ['Events'],
  'GoalList/Basic': ['Goals'],
  'LineChart/Basic': ['Orders', 'web', '83'],
  'LiveActivityFeed/Basic': ['Live activity', '/boots', 'France'],
  'LiveActivityFeed/Filter': ['Orders and sign-ups', 'add_to_cart', 'Order placed'],
  'MetricCard/Basic': ['Visitors', 'before', 'Page views, last 5 minutes', '156'],
  'MetricCard/Host': ['Requests', 'req/s', 'Response time', '300 before'],
  'RealtimeCounter/Basic': ['Current visitors', '42'],
  'RealtimeCounter/Path': ['On this page'],
  'RealtimeCounter/Slot': ['In the shop', '42 visitors'],
  'RangePicker/History': ['Last 7 days', 'visitors'],
  'TidemarkDashboard/Basic': ['My site', 'Current visitors', '42', '/boots', 'Devices'],
  'TimeSeriesChart/Basic': ['Page views'],
  'TimeSeriesChart/Data': ['CPU load', '61%'],
  'TimeSeriesChart/Range': ['Last 30 days', 'Visitors'],
  'TopList/Channel': ['Germany 14 visitors 33%', 'Other 4 visitors'],
  'TopList/Items': ['/boots 17 visitors 40%', 'Polling'],
  'TopList/Tabs': ['Pages', 'referrer', '/boots'],
  'VisitorsMap/Items': ['Buyers', 'Germany'],
  'VisitorsMap/Range': ['Visitors by country', 'Germany'],
  'TopList/Properties': ['Channels', 'Search', 'Plans', 'pro', 'Sum'],
  'TopList/History': ['/boots', '/checkout'],
  'composables/UseTopList': ['/boots17'],
  'MetricCard/Live': ['95th percentile', 'ms'],
  'composables/UseMetric': ['visitors in seven days: up'],
  'RealtimeCounter/Page': ['42'],
  'common/Slots': ['All referrers', 'google.com 12 visitors 29%'],
  'Sparkline/Basic': [],
  'ValuePanel/Basic': ['Values', 'p95'],
  'composables/Poller': ['42 visitors'],
  'composables/UseFeed': ['Order placed on /checkout'],
  'composables/UseRealtime': ['42 visitors, 156 page views in 30 minutesRefresh (polling)'],
  'composables/UseRealtimeProperties': ['Plans today', 'pro 23 events 61%', 'team 4 events'],
  'composables/UseSeries': ['60 minutes, at most 53 page views in one'],
  'overview/Dashboard': ['Polling', '42', '/boots', 'France', 'Active pages'],
  'overview/OtherSite': ['In the other shop', '42'],
  'overview/Subtree': ['42', 'Germany'],
}

/** Site of the app that shows an example. */
const site = { baseUrl: 'https://stats.example.com/api', siteId: 'my-site' }

/** Props of examples that need some. */
const propsOf: Record<string, Record<string, unknown>> = {
  'ActivityTable/Items': { orders: [{ id: '7', timestamp: now, city: 'Berlin', total: 129 }] },
  'composables/UseRealtime': { siteId: 'my-site' },
  'overview/Subtree': { siteId: 'my-site' },
}

/** Mounts an example and returns its text after its data has arrived. */
async function show(name: string): Promise<string> {
  const container = document.createElement('div')
  app = createApp(examples.get(name) ?? {}, propsOf[name]).use(TidemarkPlugin, site)
  app.mount(container)
  await vi.advanceTimersByTimeAsync(100)
  showTables(container)
  await nextTick()
  return (container.textContent ?? '').replaceAll(/\s+/g, ' ').trim()
}

/** Shows the numbers of charts, which are drawn on a canvas, as tables. */
function showTables(container: Element): void {
  for (const button of container.querySelectorAll('button')) {
    if (button.textContent?.includes('Show as table')) button.click()
  }
}

describe('docs/widgets', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now })
    requestUrls.length = 0
    useFakeServer(server)
    vi.stubGlobal('fetch', server)
    // Virtual rows need a height, which happy-dom does not compute.
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(320)
  })
  afterEach(() => {
    vi.restoreAllMocks()
    app?.unmount()
    app = undefined
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('examples: each component has expected texts', () => {
    expect([...examples.keys()].toSorted()).toEqual(Object.keys(expectedTexts).toSorted())
  })

  it.each(Object.entries(expectedTexts))('%s renders its data', async (name, texts) => {
    const shown = await show(name)
    for (const text of texts) expect(shown).toContain(text)
  })

  it('overview/Dashboard shares one connection', async () => {
    await show('overview/Dashboard')
    expect(polls()).toHaveLength(1)
  })

  it.each<[string, string, (host: App) => void, string]>([
    ['translation/german', 'de', useTranslatedWidgets, 'Aktuelle Besucher'],
    ['translation/own-texts', 'en', useOwnTexts, 'In the shop'],
    ['translation/vue-i18n', 'en', host => useI18n(host, ref('fr')), 'Visiteurs'],
    [
      'translation/dutch',
      'nl',
      host => host.use(TidemarkPlugin, { ...site, messages: nl }),
      'Bezoekers nu',
    ],
    ['theming/dark-class', 'en', useDarkClass, 'Current visitors'],
  ])('%s sets the texts of a counter in a page in %s', async (_, lang, useWidgets, text) => {
    document.documentElement.lang = lang
    const container = document.createElement('div')
    app = createApp(RealtimeCounter)
    useWidgets(app)
    app.mount(container)
    await vi.advanceTimersByTimeAsync(100)
    document.documentElement.lang = ''
    expect(container.textContent).toContain(text)
    expect(container.textContent).toContain('42')
  })

  it('composables/UseRealtime requests its channels and minutes', async () => {
    await show('composables/UseRealtime')
    expect(polls().map(String)).toEqual([
      'https://stats.example.com/api/sites/my-site/realtime?channels=currentVisitors,pageViews&minutes=30',
    ])
  })

  it('fetch reports live state and history', async () => {
    expect(await report()).toBe('42 visitors now, 37396 page views in 24 hours')
  })

  it('snapshot requests its channels', async () => {
    expect(await busiestPage()).toBe('/boots has 17 of 42 visitors')
    expect(requestUrls.map(url => url.search)).toEqual(['?channels=currentVisitors%2CactivePages'])
  })

  it('metrics requests a compared breakdown', async () => {
    const lines = await topPages()
    expect(lines[0]).toBe('/boots: 377115 page views')
    expect(lines.at(-1)).toBe('154737 more page views than in the period before')
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
    expect(await visitorsText()).toBe('42 visitors')
    const problem = { code: 'site_unknown', title: 'Unknown site.', detail: 'Unknown site.' }
    vi.stubGlobal('fetch', async () => Response.json(problem, { status: 404 }))
    expect(await visitorsText()).toBe('No such site')
  })

  it('main mounts the dashboard', async () => {
    document.body.innerHTML = '<div id="app"></div>'
    vi.stubGlobal('fetch', () => new Promise(() => undefined))
    await import('./examples/overview/main.ts')
    expect(document.querySelector('#app .tm-counter')).not.toBeNull()
  })

  it('lists all style tokens', () => {
    const tokens = readFileSync(join(root, 'packages/widgets/src/theme/tokens.css'), 'utf8')
    const defined = new Set([...tokens.matchAll(/var\(\s*(--tm-[\w-]+)/g)].map(([, name]) => name))
    const page = readFileSync(join(root, 'docs/widgets/theming.md'), 'utf8')
    const named = [...page.matchAll(/`(--tm-[\w-]+)`/g)].map(([, name]) => name)
    expect(new Set(named)).toEqual(defined)
  })
})
