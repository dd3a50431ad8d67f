import { channelNames, historyDimensionNames } from '@tidemark/protocol'
import { type Tidemark, createTidemark } from '@tidemark/server'
import { type BreakdownDimension, fetchMetrics, fetchSnapshot } from '@tidemark/widgets'
import { afterAll, beforeAll, expect, it } from 'vitest'

const baseUrl = 'http://stats.example.com/api'
const shop = { baseUrl, siteId: 'shop' }

let tidemark: Tidemark
const fetch: typeof globalThis.fetch = async (input, init) =>
  tidemark.fetch(new Request(input, init))

beforeAll(async () => {
  tidemark = createTidemark({
    sites: ['shop', 'sale'],
    goals: [
      { name: 'Order', event: 'order' },
      { name: 'Any order', event: 'order' },
      { name: 'Sale', path: '/sale/*' },
    ],
  })
  await fetch(`${baseUrl}/sites/shop/events`, {
    method: 'POST',
    body: JSON.stringify({
      url: 'https://shop.example/boots?utm_source=news&utm_campaign=winter',
      events: [
        { name: 'page_view', title: 'Boots' },
        { name: 'order', value: 99.5 },
        { name: 'order', value: 89.9 },
      ],
    }),
  })
})
afterAll(() => tidemark.close())

it('fetchSnapshot: accepts every channel of a server', async () => {
  const snapshot = await fetchSnapshot(shop, {
    channels: channelNames.filter(name => name !== 'pageVisitors' && name !== 'properties'),
    fetch,
  })
  expect(snapshot.activePages).toEqual([{ path: '/boots', visitors: 1 }])
  expect(snapshot.goals).toEqual([
    { goal: 'Any order', count: 2, visitors: 1 },
    { goal: 'Order', count: 2, visitors: 1 },
  ])
})

it('fetchSnapshot: receives one goal entry for an event or a page view that reaches goals', async () => {
  await fetch(`${baseUrl}/sites/sale/events`, {
    method: 'POST',
    body: JSON.stringify({
      events: [
        { name: 'page_view', url: 'https://shop.example/' },
        { name: 'page_view', url: 'https://shop.example/sale/boots' },
        { name: 'order', url: 'https://shop.example/cart' },
      ],
    }),
  })
  const sale = { baseUrl, siteId: 'sale' }
  const { recentEvents } = await fetchSnapshot(sale, { channels: ['recentEvents'], fetch })
  expect(recentEvents.map(({ type, goal, name, path }) => [type, goal, name, path])).toEqual([
    ['goal', 'Order', 'order', '/cart'],
    ['goal', 'Sale', 'page_view', '/sale/boots'],
    ['pageview', undefined, 'page_view', '/'],
  ])
})

it('fetchMetrics: receives the latest value, and each percentile of its type', async () => {
  const { rows } = await fetchMetrics(shop, { by: 'value', fetch })
  expect(rows).toMatchObject([{ name: 'order', count: 2, last: 89.9, max: 99.5, p75: 99.5 }])
})

it.each(['second', 'minute', 'hour', 'day'] as const)(
  'fetchMetrics: accepts the answer of a server by %ss',
  async granularity => {
    const { totals } = await fetchMetrics(shop, { granularity, fetch })
    expect(totals).toMatchObject({ events: 3, pageViews: 1, visitors: 1 })
  },
)

it.each<BreakdownDimension>([
  'path',
  'referrer',
  'country',
  'device',
  'browser',
  'os',
  'campaign',
  'name',
  'goal',
  'value',
])('fetchMetrics: accepts the rows of a server by %s', async by => {
  const answer = await fetchMetrics(shop, { by, compare: 'previous', fetch })
  expect(answer.rows.length).toBeGreaterThan(0)
  expect(answer.previous.totals.events).toBe(0)
})

it('fetchMetrics: accepts the answers of a server by every dimension', async () => {
  const dimensions = [...historyDimensionNames, 'property'] as const
  const answers = await Promise.all(dimensions.map(by => fetchMetrics(shop, { by, fetch })))
  expect(answers.map(({ by }) => by)).toEqual(dimensions)
  const ofShop = { by: 'property', name: 'order', property: 'plan', fetch } as const
  expect((await fetchMetrics(shop, ofShop)).rows).toEqual([])
  const ofNews = { by: 'referringPage', referrer: 'news.example', fetch } as const
  expect((await fetchMetrics(shop, ofNews)).rows).toEqual([])
})

it('fetchMetrics: sends times and limit so that a server accepts them', async () => {
  const to = new Date()
  const from = to.getTime() - 3_600_000
  const answer = await fetchMetrics(shop, { from, to, by: 'path', limit: 1, fetch })
  expect(answer.rows).toEqual([{ path: '/boots', pageViews: 1, visitors: 1 }])
  const day = await fetchMetrics(shop, { from: '2026-01-01', granularity: 'day', fetch })
  expect(new Date(day.from).toISOString()).toMatch(/^20(25-12-31|26-01-01)T/)
})

it('fetchMetrics: rejects with the code and message of a server', async () => {
  const query = { from: 'yesterday', fetch }
  await expect(fetchMetrics(shop, query)).rejects.toMatchObject({
    name: 'TidemarkError',
    code: 'query_invalid',
    status: 400,
  })
  await expect(fetchSnapshot({ ...shop, siteId: 'blog' }, { fetch })).rejects.toMatchObject({
    code: 'site_unknown',
    status: 404,
  })
})
