// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import { h, nextTick, ref } from 'vue'
import { useFakeCanvas } from '../testing/fake-canvas.ts'
import { metricsOf, stubMetrics, totalsOf, useStubbedMetrics } from '../testing/fake-metrics.ts'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import TidemarkDashboard from './TidemarkDashboard.vue'

const config = { baseUrl: '/api', siteId: 'shop' }
const now = Date.UTC(2026, 11, 1, 12)

useFakePage(now)
useStubbedMetrics()
useFakeCanvas()

type DashboardProps = InstanceType<typeof TidemarkDashboard>['$props']

async function mountDashboard(props: DashboardProps = {}, slots: Parameters<typeof h>[2] = {}) {
  const requests = stubMetrics()
  const app = mountApp(() => h(TidemarkDashboard, { config, ...props }, slots))
  await nextTick()
  const titles = () => app.wrapper.findAll('.tm-card__title').map(title => title.text())
  const card = (title: string) => app.wrapper.get(`[role="group"][aria-label="${title}"]`)
  return { ...app, requests, titles, card }
}

it('TidemarkDashboard: shows the live numbers over one connection', async () => {
  const { clients, titles, wrapper } = await mountDashboard()
  expect(wrapper.get('h1').text()).toBe('shop')
  expect(clients.created.length).toBe(1)
  expect(titles()).toEqual([
    'Current visitors',
    'Page views, last 5 minutes',
    'Page views',
    'Active pages',
    'Referrers',
    'Live activity',
    'Devices',
    'Countries',
    'Actions',
    // Until it is known whether there are values.
    'Values',
  ])
})

it('TidemarkDashboard: shows values only for a site that has some', async () => {
  const { clients, titles } = await mountDashboard()
  clients.last.receive({ values: [] })
  await nextFrame()
  expect(titles()).not.toContain('Values')
  const window = {
    ...{ count: 1, sum: 1, mean: 1, min: 1, max: 1, last: 1, rate: 1 },
    ...{ p50: 1, p75: 1, p90: 1, p95: 1, p99: 1 },
  }
  clients.last.receive({ values: [{ name: 'cpu', '1s': window, '5s': window, '1m': window }] })
  await nextFrame()
  expect(titles()).toContain('Values')
  clients.last.receive({ values: [] })
  await nextFrame()
  expect(titles()).toContain('Values')
})

it('TidemarkDashboard: opens the series of a row, and closes it again', async () => {
  const { card, clients, requests, titles } = await mountDashboard()
  clients.last.receive({ activePages: [{ path: '/pricing', visitors: 3 }] })
  await nextFrame()
  await card('Active pages').get('.tm-row button').trigger('click')
  await nextFrame()
  const request = requests.find(({ query }) => query['by'] === 'path')
  expect(request?.query).toMatchObject({ granularity: 'minute', row: '/pricing' })
  const buckets = [1, 2].map(pageViews => ({
    at: now - 3 * 60_000 + pageViews * 60_000,
    row: { path: '/pricing', pageViews, visitors: 1 },
  }))
  request?.respond(metricsOf({ by: 'path', rows: [], granularity: 'minute', buckets }))
  await nextFrame()
  expect(titles()).toContain('Page views: /pricing')
  const table = card('Page views: /pricing')
  await table.get('button.tm-button').trigger('click')
  expect(titles()).toContain('Page views')
})

it('TidemarkDashboard: moves to the series of a row, and back to the row', async () => {
  const { card, clients } = await mountDashboard()
  clients.last.receive({ activePages: [{ path: '/pricing', visitors: 3 }] })
  await nextFrame()
  const scrolls: unknown[] = []
  Element.prototype.scrollIntoView = options => void scrolls.push(options)
  const row = card('Active pages').get<HTMLElement>('.tm-row button')
  row.element.focus()
  await row.trigger('click')
  await nextFrame()
  const chart = card('Page views: /pricing')
  expect(document.activeElement).toBe(chart.element)
  expect(scrolls).toEqual([{ block: 'nearest', behavior: 'smooth' }])
  await chart.get('button.tm-button').trigger('click')
  expect(document.activeElement).toBe(row.element)
})

it('TidemarkDashboard: scrolls at once for a reader who prefers reduced motion', async () => {
  vi.stubGlobal('matchMedia', () => ({
    matches: true,
    addEventListener() {},
    removeEventListener() {},
  }))
  const { card, clients } = await mountDashboard()
  clients.last.receive({ devices: [{ device: 'tv', visitors: 3 }] })
  await nextFrame()
  const scrolls: unknown[] = []
  Element.prototype.scrollIntoView = options => void scrolls.push(options)
  await card('Devices').get('.tm-row button').trigger('click')
  await nextFrame()
  expect(scrolls).toEqual([{ block: 'nearest', behavior: 'auto' }])
})

const networkError = { code: 'network', message: 'x' } as const

it('TidemarkDashboard: explains a failure once, and marks its cards', async () => {
  const { card, clients, wrapper } = await mountDashboard()
  clients.last.receive({ activePages: [], currentVisitors: 1 })
  clients.last.setStatus({ phase: 'live', syncedAt: now })
  await nextFrame()
  expect(wrapper.find('.tm-dashboard__fault').text()).toBe('')
  clients.last.setStatus({ phase: 'polling', error: networkError, syncedAt: now - 60_000 })
  await nextFrame()
  const notice = wrapper.get('.tm-dashboard__fault')
  expect(notice.get('.tm-notice span').text()).toBe('The server does not answer. Trying again.')
  const mark = card('Active pages').get('.tm-status')
  expect(mark.attributes('data-tm-state')).toBe('retrying')
  expect(mark.get('.tm-hidden').text()).toBe('Retrying, as of 1m ago')
  const buttons = wrapper.findAll('button').filter(button => button.text() === 'Retry now')
  expect(buttons).toHaveLength(1)

  const retry = notice.get<HTMLButtonElement>('button')
  retry.element.focus()
  const before = clients.last.refreshCount
  await retry.trigger('click')
  await nextFrame()
  expect(clients.last.refreshCount).toBeGreaterThan(before)
  clients.last.setStatus({ phase: 'live', error: undefined, syncedAt: now })
  await nextFrame()
  expect(wrapper.find('.tm-dashboard__fault').text()).toBe('')
  expect(document.activeElement).toBe(wrapper.get('.tm-indicator button').element)
})

it('TidemarkDashboard: explains once that a site was never reached', async () => {
  const { card, clients, wrapper } = await mountDashboard()
  clients.last.setStatus({ phase: 'polling', error: networkError })
  await nextFrame()
  const text = 'The server does not answer. Trying again.'
  expect(card('Active pages').get('.tm-notice .tm-hidden').text()).toBe(text)
  const visible = wrapper.findAll('.tm-notice span:not(.tm-hidden)')
  expect(visible.map(each => each.text())).toEqual([text])
  expect(wrapper.findAll('.tm-notice[role="status"]')).toHaveLength(0)
})

it('TidemarkDashboard: tells in the history that the network is gone, and that a query fails', async () => {
  const { clients, requests, wrapper } = await mountDashboard({ view: 'history' })
  const notice = () => wrapper.get('.tm-dashboard__fault').text()
  clients.last.setStatus({ phase: 'live', syncedAt: now })
  await nextFrame()
  expect(notice()).toBe('')
  clients.last.setStatus({ phase: 'polling', offline: true })
  await nextFrame()
  expect(notice()).toBe('This device is offline.')
  clients.last.setStatus({ phase: 'live', offline: false })
  requests[0]?.fail()
  await nextFrame()
  expect(notice()).toContain('The server does not answer.')
  const count = requests.length
  await wrapper.get('.tm-dashboard__fault button').trigger('click')
  await nextFrame()
  expect(requests.length).toBeGreaterThan(count)
})

it('TidemarkDashboard: names the numbers of the countries, which the map counts as visitors', async () => {
  const { card, requests } = await mountDashboard({ view: 'history' })
  const countries = requests.find(({ query }) => query['by'] === 'country')
  const rows = [{ country: 'DE', pageViews: 9, visitors: 4 }]
  countries?.respond(metricsOf({ by: 'country', buckets: [], rows }))
  await nextFrame()
  expect(card('Places').get('.tm-toplist__head').text()).toMatch(/Page views.*Visitors/)
  expect(card('Places').get('.tm-row__visitors .tm-hidden, li .tm-row__visitors').text()).toContain(
    '4',
  )
})

it('TidemarkDashboard: switches to the history of a range, with a comparison', async () => {
  const emitted: unknown[] = []
  const { card, requests, titles, wrapper } = await mountDashboard({
    range: { last: '7d' },
    'onUpdate:view': view => emitted.push(view),
  })
  await wrapper.get('input[value="history"]').setValue()
  await nextFrame()
  expect(emitted).toEqual(['history'])
  expect(titles()).toEqual([
    ...['Visitors', 'Page views', 'Visits', 'Pages per visit', 'Visit duration', 'Bounce rate'],
    'Page views',
    ...['Pages', 'Sources', 'Places', 'Technology', 'Actions', 'Bots'],
  ])
  const dimensions = new Set(requests.map(({ query }) => query['by']))
  expect(dimensions).toContain('country')
  const totals = requests.find(({ query }) => query['compare'] === 'previous')
  const previous = { from: 0, to: 1, totals: totalsOf({ visitors: 10 }) }
  totals?.respond(metricsOf({ totals: totalsOf({ visitors: 12 }), previous }))
  await nextFrame()
  expect(card('Visitors').text()).toContain('20%')
})

it('TidemarkDashboard: changes the dimension of a list by its tabs', async () => {
  const { card, requests } = await mountDashboard({ view: 'history' })
  await card('Technology').get('input[value="browser"]').setValue()
  await nextFrame()
  expect(requests.map(({ query }) => query['by'])).toContain('browser')
})

it('TidemarkDashboard: requests a list when its tab or its entry of the menu is chosen', async () => {
  const { card, requests } = await mountDashboard({ view: 'history' })
  const requested = () => requests.flatMap(({ query }) => query['by'] ?? [])
  expect(requested()).toEqual(['path', 'channel', 'country', 'device', 'name', 'bot'])
  await card('Pages').get('input[value="entryPage"]').setValue()
  await nextFrame()
  const menu = card('Pages').get<HTMLSelectElement>('select')
  expect(menu.attributes('aria-label')).toBe('More')
  expect(menu.element.labels).toHaveLength(0)
  await menu.setValue('notFound')
  await nextFrame()
  expect(requested().slice(6)).toEqual(['entryPage', 'notFound'])
  expect(card('Pages').find('.tm-segments__menu').text()).toContain('Missing pages')
  expect(card('Pages').findAll('.tm-segments :checked:not(option)')).toHaveLength(0)
  await card('Pages').get('input[value="path"]').setValue()
  expect(card('Pages').get<HTMLSelectElement>('select').element.value).toBe('')
})

it('TidemarkDashboard: opens the pages of a referrer, and returns to the referrers', async () => {
  const { card, requests } = await mountDashboard({ view: 'history' })
  const sources = () => card('Sources')
  await sources().get('input[value="referrer"]').setValue()
  await nextFrame()
  const rows = [
    { referrer: 'news.example', pageViews: 9, visitors: 4 },
    { referrer: '(direct)', pageViews: 1, visitors: 1 },
  ]
  requests.at(-1)?.respond(metricsOf({ by: 'referrer', buckets: [], rows }))
  await nextFrame()
  await sources().findAll('.tm-row button')[1]?.trigger('click')
  expect(sources().find('.tm-dashboard__level').exists()).toBe(false)
  await sources().get('.tm-row button').trigger('click')
  await nextFrame()
  const open = sources().get('.tm-dashboard__level button')
  expect(open.text()).toBe('Pages of news.example')
  await open.trigger('click')
  await nextFrame()
  expect(requests.at(-1)?.query).toMatchObject({ by: 'referringPage', referrer: 'news.example' })
  const back = sources().get('.tm-dashboard__level button')
  expect(document.activeElement).toBe(back.element)
  expect(sources().get('.tm-dashboard__level').text()).toBe('Backnews.example')
  await back.trigger('click')
  await nextFrame()
  expect(document.activeElement).toBe(sources().get('input[value="referrer"]').element)
  expect(sources().get('[data-tm-selected]').text()).toContain('news.example')
})

it('TidemarkDashboard: leads from events to properties, values and their series', async () => {
  const { card, requests, titles } = await mountDashboard({ view: 'history' })
  const actions = () => card('Actions')
  const answer = async (...names: string[]) => {
    const rows = names.map(property => ({ property, events: 2, visitors: 1 }))
    requests.at(-1)?.respond(metricsOf({ by: 'property', buckets: [], rows }))
    await nextFrame()
  }
  const openRow = async () => {
    await actions().get('.tm-row button').trigger('click')
    await nextFrame()
    return requests.at(-1)?.query
  }
  await actions().get('select').setValue('property')
  await nextFrame()
  await answer('purchase')
  expect(await openRow()).toMatchObject({ by: 'property', name: 'purchase' })
  await answer('plan')
  expect(await openRow()).toMatchObject({ name: 'purchase', property: 'plan' })
  expect(actions().get('.tm-dashboard__level').text()).toBe('Backpurchase: plan')
  await answer('pro')
  expect(await openRow()).toMatchObject({ name: 'purchase', property: 'plan', row: 'pro' })
  expect(titles()).toContain('Events: pro')
  await actions().get('.tm-dashboard__level button').trigger('click')
  expect(actions().get('.tm-dashboard__level').text()).toBe('Backpurchase')
})

it('TidemarkDashboard: offers a map only with `map`', async () => {
  const { card } = await mountDashboard({ view: 'history', map: false })
  expect(card('Places').find('input[value="map"]').exists()).toBe(false)
  const other = await mountDashboard({ view: 'history' })
  expect(other.card('Places').find('input[value="map"]').exists()).toBe(true)
})

it('TidemarkDashboard: keeps the focus on the tabs when the map replaces the list', async () => {
  const { card } = await mountDashboard({ view: 'history' })
  const tab = card('Places').get<HTMLInputElement>('input[value="map"]')
  tab.element.focus()
  await tab.setValue()
  await vi.dynamicImportSettled()
  await nextFrame()
  expect(document.activeElement).toBe(card('Places').get('input[value="map"]').element)
})

it('TidemarkDashboard: renders its slots, and gives the widgets the next heading level', async () => {
  const { wrapper } = await mountDashboard(
    { headingLevel: 2, title: 'Shop' },
    {
      header: ({ title }: { title: string }) => h('h2', `H ${title}`),
      actions: () => h('a', { href: '/help' }, 'Help'),
      live: () => 'Before the live widgets',
    },
  )
  expect(wrapper.get('h2').text()).toBe('H Shop')
  expect(wrapper.findAll('h3.tm-card__title').length).toBeGreaterThan(5)
  expect(wrapper.text()).toContain('Help')
  expect(wrapper.text()).toContain('Before the live widgets')
})

it('TidemarkDashboard: keeps its numbers while paused', async () => {
  const paused = ref(false)
  const app = mountApp(() => h(TidemarkDashboard, { config, paused: paused.value }))
  await nextTick()
  app.clients.last.receive({ currentVisitors: 1 })
  await nextFrame()
  paused.value = true
  await nextTick()
  app.clients.last.receive({ currentVisitors: 2 })
  await nextFrame()
  expect(app.wrapper.get('.tm-counter__value').text()).toBe('1')
})
