// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { type VNodeChild, h, nextTick, shallowRef } from 'vue'
import { metricsOf, stubMetrics, totalsOf, useStubbedMetrics } from '../testing/fake-metrics.ts'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import type { ListRow } from '../useTopList/list-item.ts'
import TopList from './TopList.vue'

const config = { baseUrl: '/api', siteId: 'shop' }

useFakePage()
useStubbedMetrics()

interface Page {
  path: string
  visitors: number
}

/** A list of pages. */
const PageList = TopList<Page>

const pages: Page[] = [
  { path: '/', visitors: 30 },
  { path: '/pricing', visitors: 12 },
  { path: '/about', visitors: 6 },
]
const source = { title: 'Pages', labelKey: 'path', valueKey: 'visitors' } as const

type App = ReturnType<typeof mountApp>

function labelsOf({ wrapper }: App): string[] {
  return wrapper.findAll('li .tm-row__name').map(name => name.text())
}

/** Texts of the rows, as screen readers get them. */
function textsOf({ wrapper }: App): string[] {
  return wrapper.findAll('li').map(row => row.text().replaceAll(/\s+/g, ' '))
}

it('TopList: reads each number once, with its unit', () => {
  const app = mountApp(() => h(PageList, { ...source, items: pages.slice(0, 1) }))
  expect(textsOf(app)).toEqual(['/ 30 visitors 100%'])
})

it('TopList: reads the `unit` of the host', () => {
  const items = [{ name: 'boots', sold: 3 }]
  const app = mountApp(() =>
    h(TopList<(typeof items)[number]>, {
      items,
      labelKey: 'name',
      valueKey: 'sold',
      unit: 'orders',
      showShare: false,
    }),
  )
  expect(textsOf(app)).toEqual(['boots 3 orders'])
})

it.each([
  ['events', { events: [{ name: 'page_view', count: 2 }] }, 'Events', 'Page views 2 events 100%'],
  ['events', { events: [{ name: 'sign_up', count: 1 }] }, 'Events', 'sign_up 1 event 100%'],
  [
    'goals',
    { goals: [{ goal: 'Sign-up', count: 2, visitors: 1 }] },
    'Goals',
    'Sign-up reached 2 times',
  ],
  [
    'referrers',
    { referrers: [{ source: '(direct)', visitors: 1 }] },
    'Referrers',
    'Direct 1 visitor 100%',
  ],
  [
    'countries',
    { countries: [{ country: '(unknown)', visitors: 1 }] },
    'Countries',
    'Unknown 1 visitor 100%',
  ],
  [
    'activePages',
    { activePages: [{ path: '(none)', visitors: 1 }] },
    'Active pages',
    '(none) 1 visitor 100%',
  ],
] as const)('TopList: shows the channel %s', async (channel, state, title, text) => {
  const app = mountApp(() => h(TopList, { config, channel }))
  await nextTick()
  app.clients.last.receive(structuredClone(state) as object)
  await nextFrame()
  expect(app.wrapper.find('h2').text()).toBe(title)
  expect(textsOf(app)).toEqual([text])
})

it('TopList: shows the history by a dimension', async () => {
  const requests = stubMetrics()
  const app = mountApp(() => h(TopList, { config, by: 'browser', range: { last: '7d' }, limit: 2 }))
  await nextTick()
  expect(requests[0]?.query).toMatchObject({ by: 'browser', limit: '2', granularity: 'day' })
  requests[0]?.respond(
    metricsOf({
      by: 'browser',
      rows: [
        { browser: 'Firefox', pageViews: 6, visitors: 4 },
        { browser: '(unknown)', pageViews: 3, visitors: 2 },
        { browser: '(other)', pageViews: 1, visitors: 1, rest: true },
      ],
      buckets: [],
    }),
  )
  await nextFrame()
  expect(app.wrapper.find('h2').text()).toBe('Browsers')
  expect(textsOf(app)).toEqual([
    'Firefox 6 page views 60%',
    'Unknown 3 page views 30%',
    'Other 1 page view 10%',
  ])
  await app.wrapper.find('.tm-toplist__more').trigger('click')
  expect(requests[1]?.query).toMatchObject({ limit: '1000' })
})

it('TopList: shows visits without visitors, and their unit', async () => {
  const requests = stubMetrics()
  const app = mountApp(() =>
    h(TopList, {
      ...{ config, by: 'entryPage', range: { last: '7d' } },
      ...{ showVisitors: true, showColumns: true },
    }),
  )
  await nextTick()
  const rows = [
    { entryPage: '/caf%C3%A9', sessions: 3 },
    { entryPage: '(none)', sessions: 1 },
  ]
  requests[0]?.respond(metricsOf({ by: 'entryPage', rows, buckets: [] }))
  await nextFrame()
  expect(app.wrapper.find('h2').text()).toBe('Entry pages')
  expect(app.wrapper.find('.tm-toplist__head').text()).toMatch(/^Name\s*Visits\s*Share$/)
  expect(textsOf(app)).toEqual(['/café 3 visits 75%', '(none) 1 visit 25%'])
})

it('TopList: shows the values of a property with a statistic of their events', async () => {
  const requests = stubMetrics()
  const plan = { by: 'property', name: 'purchase', property: 'plan' } as const
  const app = mountApp(() =>
    h(TopList, { config, ...plan, range: { last: '7d' }, stat: 'sum', showColumns: true }),
  )
  await nextTick()
  expect(requests[0]?.query).toMatchObject(plan)
  const stats = { count: 3, sum: 87.5, mean: 9, min: 9, max: 9, last: 9 }
  const quantiles = { p50: 9, p75: 9, p90: 9, p95: 9, p99: 9 }
  const rows = [
    { property: 'pro', events: 3, visitors: 2, ...stats, ...quantiles },
    { property: 'free', events: 1, visitors: 1 },
  ]
  requests[0]?.respond(metricsOf({ by: 'property', rows, buckets: [] }))
  await nextFrame()
  expect(app.wrapper.find('h2').text()).toBe('purchase: plan')
  expect(app.wrapper.find('.tm-toplist__head').text()).toMatch(/Sum/)
  expect(textsOf(app)).toEqual(['pro 3 events 87.5 Sum 75%', 'free 1 event – Sum 25%'])
})

it('TopList: shows no values of another property while the next ones load', async () => {
  const requests = stubMetrics()
  const property = shallowRef('plan')
  const app = mountApp(() =>
    h(TopList, {
      ...{ config, by: 'property', name: 'purchase', property: property.value },
      range: { last: '7d' },
    }),
  )
  await nextTick()
  const rows = [{ property: 'pro', events: 3, visitors: 2 }]
  requests[0]?.respond(metricsOf({ by: 'property', rows, buckets: [] }))
  await nextFrame()
  expect(textsOf(app)).toHaveLength(1)
  property.value = 'color'
  await nextTick()
  expect(textsOf(app)).toHaveLength(0)
})

it('TopList: says that a dimension of hours exceeds a range of minutes', async () => {
  const requests = stubMetrics()
  const app = mountApp(() => h(TopList, { config, by: 'channel', range: { last: '30m' } }))
  await nextTick()
  expect(requests[0]?.query).toMatchObject({ by: 'channel', granularity: 'hour' })
  const hourOf = (hour: number): number => new Date(2026, 11, 1, hour).getTime()
  const rows = [
    { channel: 'Internal', pageViews: 9, visitors: 2 },
    { channel: 'AI', pageViews: 3, visitors: 2 },
  ]
  const range = { from: hourOf(11), to: hourOf(13), granularity: 'hour' } as const
  requests[0]?.respond(metricsOf({ by: 'channel', rows, buckets: [], ...range }))
  await nextFrame()
  // Views that followed a link of the site itself have no channel here.
  expect(textsOf(app)).toEqual(['AI 3 page views 100%'])
  const note = app.wrapper.get('.tm-toplist__note').text().replaceAll(/\s/g, ' ')
  expect(note).toBe('Counted by whole hours: 11:00 AM – 1:00 PM')
})

it('TopList: says that a time range is empty', async () => {
  const requests = stubMetrics()
  const app = mountApp(() => h(TopList, { config, by: 'os', range: { last: '24h' } }))
  await nextTick()
  requests[0]?.respond(metricsOf({ by: 'os', rows: [], buckets: [] }))
  await nextFrame()
  expect(app.wrapper.find('.tm-empty').text()).toBe('No data in this time range.')
})

it('TopList: reports an error of the history, and keeps no skeleton', async () => {
  const requests = stubMetrics()
  const errors: string[] = []
  const app = mountApp(() =>
    h(TopList, {
      config,
      by: 'path',
      range: { last: '24h' },
      onError: error => errors.push(error.code),
    }),
  )
  await nextTick()
  requests[0]?.fail()
  await nextFrame()
  expect(errors).toEqual(['network'])
  expect(app.wrapper.find('.tm-notice').exists()).toBe(true)
})

it('TopList: shows the conversion rate of goals in the history, and the visitors', async () => {
  const requests = stubMetrics()
  const app = mountApp(() =>
    h(TopList, { config, by: 'goal', range: { last: '24h' }, showVisitors: true }),
  )
  await nextTick()
  requests[0]?.respond(
    metricsOf({
      by: 'goal',
      totals: totalsOf({ visitors: 80 }),
      rows: [{ goal: 'Sign-up', count: 5, visitors: 2 }],
      buckets: [],
    }),
  )
  await nextFrame()
  expect(textsOf(app)).toEqual(['Sign-up reached 5 times 2 visitors 2.5% of all visitors'])
})

it('TopList: shows all rows, and fewer again, and keeps the focus', async () => {
  const app = mountApp(() => h(PageList, { ...source, items: pages, limit: 1 }))
  const more = app.wrapper.find<HTMLElement>('.tm-toplist__more')
  more.element.focus()
  expect(more.text()).toBe('Show all')
  expect(more.attributes('aria-expanded')).toBe('false')
  await more.trigger('click')
  expect(labelsOf(app)).toEqual(['/', '/pricing', '/about'])
  expect(document.activeElement).toBe(more.element)
  expect(more.attributes('aria-expanded')).toBe('true')
  expect(more.text()).toBe('Show less')
  await more.trigger('click')
  expect(labelsOf(app)).toEqual(['/', 'Other'])
})

it('TopList: has no button when all rows are visible', () => {
  const app = mountApp(() => h(PageList, { ...source, items: pages, limit: 3 }))
  expect(app.wrapper.find('.tm-toplist__more').exists()).toBe(false)
})

it('TopList: sorts by label, and lets the reader choose', async () => {
  const sorts: string[] = []
  const app = mountApp(() =>
    h(PageList, {
      ...source,
      items: pages,
      sortable: true,
      'onUpdate:sort': sort => sorts.push(sort),
    }),
  )
  const [byName, byNumber] = app.wrapper.findAll('.tm-toplist__sort')
  expect(byNumber?.attributes('aria-pressed')).toBe('true')
  await byName?.trigger('click')
  expect(sorts).toEqual(['label'])
  expect(labelsOf(app)).toEqual(['/', '/about', '/pricing'])
  expect([byName, byNumber].map(button => button?.text())).toEqual(['Name', 'Visitors'])
})

it('TopList: hides shares and bars', () => {
  const app = mountApp(() =>
    h(PageList, { ...source, items: pages, showShare: false, showBar: false }),
  )
  expect(app.wrapper.find('.tm-row__share').exists()).toBe(false)
  expect(app.wrapper.find('.tm-row__bar').exists()).toBe(false)
})

it('TopList: formats numbers with `format`, and keeps decimals of the host', async () => {
  const format = shallowRef<Intl.NumberFormatOptions | ((value: number) => string)>()
  const items = [{ path: '/', visitors: 1234.5 }]
  const app = mountApp(() => h(PageList, { ...source, items, format: format.value }))
  const value = () => app.wrapper.find('.tm-row__value bdi').text()
  expect(value()).toBe('1,234.5')
  format.value = { notation: 'compact' }
  await nextTick()
  expect(value()).toBe('1.2K')
  format.value = number => `~${number}`
  await nextTick()
  expect(value()).toBe('~1234.5')
})

it('TopList: links rows to http, https and relative URLs only', () => {
  const urls: Record<string, string | null> = {
    '/': 'https://shop.example/',
    '/pricing': 'javascript:alert(1)',
    '/about': null,
  }
  const app = mountApp(() =>
    h(PageList, { ...source, items: pages, limit: 3, link: row => urls[row.name] }),
  )
  const links = app.wrapper.findAll('a')
  expect(links.map(link => [link.attributes('href'), link.text()])).toEqual([
    ['https://shop.example/', '/'],
  ])
})

it('TopList: makes rows buttons with a listener of `row-click`, but not "Other"', async () => {
  const clicked: ListRow<Page>[] = []
  const app = mountApp(() =>
    h(PageList, { ...source, items: pages, limit: 2, 'onRow-click': row => clicked.push(row) }),
  )
  const buttons = app.wrapper.findAll('li button')
  expect(buttons.map(button => button.text())).toEqual(['/', '/pricing'])
  await buttons[1]?.trigger('click')
  expect(clicked.map(row => [row.name, row.value, row.item])).toEqual([['/pricing', 12, pages[1]]])
})

it('TopList: marks the selected row', () => {
  const app = mountApp(() => [
    h(PageList, { ...source, items: pages, selected: '/pricing', 'onRow-click': () => undefined }),
    h(PageList, { ...source, items: pages, selected: '/about' }),
  ])
  const current = app.wrapper.findAll('[aria-current=true]')
  expect(current.map(element => [element.element.localName, element.find('bdi').text()])).toEqual([
    ['button', '/pricing'],
    ['li', '/about'],
  ])
})

it('TopList: keeps the focus on a row that moves, and in a list whose row goes', async () => {
  const items = shallowRef(pages)
  const app = mountApp(() =>
    h(PageList, { ...source, items: items.value, limit: 2, 'onRow-click': () => undefined }),
  )
  const button = app.wrapper.findAll<HTMLElement>('li button')[0]?.element
  button?.focus()
  items.value = [
    { path: '/', visitors: 3 },
    { path: '/pricing', visitors: 12 },
  ]
  await nextTick()
  expect(labelsOf(app)).toEqual(['/pricing', '/'])
  expect(document.activeElement).toBe(button)
  items.value = pages.slice(1)
  await nextTick()
  expect(document.activeElement).toBe(app.wrapper.find('ol').element)
})

it('TopList: renders only rows that change', async () => {
  const app = mountApp(() => h(TopList, { config, channel: 'goals' }))
  const goal = (name: string, count: number) => ({ goal: name, count, visitors: 1 })
  await nextTick()
  app.clients.last.receive({ goals: [goal('a', 3), goal('b', 2), goal('c', 1)] })
  await nextFrame()
  app.clients.last.receive({ goals: [goal('a', 3), goal('c', 3), goal('b', 2)] })
  await nextFrame()
  expect(labelsOf(app)).toEqual(['a', 'c', 'b'])
  expect(app.rerenders.get('TopListRow')).toBe(1)
})

it('TopList: draws slots of rows with typed props', () => {
  const app = mountApp(() =>
    h(
      PageList,
      { ...source, items: pages.slice(0, 1) },
      {
        icon: ({ row }: { row: ListRow<Page> }) => h('i', row.name),
        label: ({ label }: { label: string }) => h('b', `page ${label}`),
        value: ({ value, row }: { value: string; row: ListRow<Page> }) =>
          h('em', `${value} of ${row.item?.visitors}`),
        tabs: (): VNodeChild => h('button', { role: 'tab' }, 'Entry pages'),
      },
    ),
  )
  expect(app.wrapper.find('li i').text()).toBe('/')
  expect(app.wrapper.find('li b').text()).toBe('page /')
  expect(app.wrapper.find('li em').text()).toBe('30 of 30')
  expect(app.wrapper.find('[role=tab]').text()).toBe('Entry pages')
})

it('TopList: draws the slot `row` in place of a row, as a button with a listener', () => {
  const app = mountApp(() =>
    h(
      PageList,
      { ...source, items: pages.slice(0, 1), 'onRow-click': () => undefined },
      {
        row: ({ row, value, share }: { row: ListRow<Page>; value: string; share?: string }) =>
          `${row.label}: ${value}, ${share}`,
      },
    ),
  )
  expect(app.wrapper.find('li').find('button').text()).toBe('/: 30, 100%')
})

it('TopList: shows tabs also while it loads', () => {
  const app = mountApp(() =>
    h(PageList, { ...source, items: undefined }, { tabs: () => h('b', 'tabs') }),
  )
  expect(app.wrapper.find('[aria-busy=true] b').text()).toBe('tabs')
})

it('TopList: draws the slots of the card', async () => {
  const items = shallowRef<Page[] | undefined>()
  const app = mountApp(() =>
    h(
      PageList,
      { ...source, items: items.value, status: 'stale' },
      {
        header: ({ title }: { title: string }) => h('h4', title),
        actions: () => h('button', { class: 'action' }),
        loading: () => h('i', 'loading'),
        empty: () => h('i', 'empty'),
        stale: ({ state }: { state: string }) => h('u', state),
      },
    ),
  )
  expect(app.wrapper.find('i').text()).toBe('loading')
  items.value = []
  await nextTick()
  expect(app.wrapper.find('i').text()).toBe('empty')
  expect(app.wrapper.find('h4').text()).toBe('Pages')
  expect(app.wrapper.find('.action').exists()).toBe(true)
  expect(app.wrapper.find('u').text()).toBe('stale')
})

it('TopList: emits `update` with the rows, once for each change', async () => {
  const updates: string[][] = []
  const items = shallowRef<Page[]>([])
  const app = mountApp(() =>
    h(PageList, {
      ...source,
      items: items.value,
      onUpdate: (rows: readonly ListRow<Page>[]) => updates.push(rows.map(row => row.name)),
    }),
  )
  items.value = pages.slice(0, 1)
  await nextTick()
  items.value = structuredClone(pages.slice(0, 1))
  await nextTick()
  expect(updates).toEqual([['/']])
  expect(labelsOf(app)).toEqual(['/'])
})

it('TopList: keeps its rows while it is paused', async () => {
  const props = shallowRef({ items: pages.slice(0, 1), paused: true })
  const app = mountApp(() => h(PageList, { ...source, ...props.value }))
  props.value = { items: pages, paused: true }
  await nextTick()
  expect(labelsOf(app)).toEqual(['/'])
  props.value = { items: pages, paused: false }
  await nextTick()
  expect(labelsOf(app)).toEqual(['/', '/pricing', '/about'])
})
