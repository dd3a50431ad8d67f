import { expect, expectTypeOf, it } from 'vitest'
import { createFakeFetch } from '../testing/fake-fetch.ts'
import { type MetricsQuery, fetchMetrics } from './fetchMetrics.ts'
import type { BreakdownDimension, MetricsRow, MetricsSeries, PreviousMetrics } from './metrics.ts'

const site = { baseUrl: 'https://stats.example.com/api', siteId: 'shop' }
const zero = {
  events: 0,
  pageViews: 0,
  visitors: 0,
  sessions: 0,
  bounces: 0,
  bounceRate: 0,
  botEvents: 0,
}
const series = {
  from: 0,
  to: 120_000,
  granularity: 'minute',
  totals: { ...zero, events: 2, pageViews: 1 },
  buckets: [
    { ...zero, at: 0, events: 2, pageViews: 1 },
    { ...zero, at: 60_000 },
  ],
}
const previous = { from: -120_000, to: 0, totals: zero }

/** Adds rows to the range and to each bucket. */
function breakdown(by: BreakdownDimension, rows: object[]) {
  return { ...series, by, rows, buckets: series.buckets.map(bucket => ({ ...bucket, rows })) }
}

function fakeFetch(body: unknown) {
  const { fetch, requests } = createFakeFetch(() => Response.json(body))
  const search = () => {
    const url = new URL(requests[0]?.url ?? '', 'https://page.example')
    return { path: url.pathname, ...Object.fromEntries(url.searchParams) }
  }
  return { fetch, search }
}

it('fetchMetrics: leaves range and granularity to the server without a query', async () => {
  const { fetch, search } = fakeFetch(series)
  const response = await fetchMetrics(site, { fetch })
  expectTypeOf(response).toExtend<MetricsSeries>()
  expectTypeOf(response).not.toHaveProperty('rows')
  expectTypeOf(response).not.toHaveProperty('previous')
  expect(response).toEqual(series)
  expect(search()).toEqual({ path: '/api/sites/shop/metrics' })
})

it('fetchMetrics: sends strings and numbers unchanged, and a `Date` in milliseconds', async () => {
  const { fetch, search } = fakeFetch(series)
  const from = '2026-11-22T11:00+01:00'
  const to = new Date('2026-11-22T12:00Z')
  await fetchMetrics(site, { from, to, granularity: 'second', fetch })
  expect(search()).toEqual({
    path: '/api/sites/shop/metrics',
    from,
    to: '1795348800000',
    granularity: 'second',
  })
})

it('fetchMetrics: sends `by` and `limit`, and types rows by dimension', async () => {
  const body = breakdown('path', [
    { path: '/boots', pageViews: 3, visitors: 2 },
    { path: '(other)', pageViews: 1, visitors: 1, rest: true },
  ])
  const { fetch, search } = fakeFetch(body)
  const response = await fetchMetrics(site, { by: 'path', limit: 1, granularity: 'day', fetch })
  expectTypeOf(response.by).toEqualTypeOf<'path'>()
  expectTypeOf(response.rows[0]?.path).toEqualTypeOf<string | undefined>()
  expectTypeOf(response.buckets[0]?.rows?.[0]?.pageViews).toEqualTypeOf<number | undefined>()
  expect(response).toEqual(body)
  expect(search()).toEqual({
    path: '/api/sites/shop/metrics',
    granularity: 'day',
    by: 'path',
    limit: '1',
  })
})

it('fetchMetrics: sends `bucketLimit` or `row`, and types the rows of buckets by dimension', async () => {
  const row = { path: '/boots', pageViews: 3, visitors: 2 }
  const [first, second] = series.buckets
  const buckets = [
    { ...first, row },
    { ...second, row: null },
  ]
  const { fetch, search } = fakeFetch({ ...series, by: 'path', rows: [row], buckets })
  const response = await fetchMetrics(site, { by: 'path', row: '/boots', fetch })
  expectTypeOf(response.buckets[0]?.row?.pageViews).toEqualTypeOf<number | undefined>()
  expect(response.buckets.map(bucket => bucket.row)).toEqual([row, null])
  expect(search()).toMatchObject({ by: 'path', row: '/boots' })

  const listed = fakeFetch(breakdown('path', [row]))
  await fetchMetrics(site, { by: 'path', bucketLimit: 5, fetch: listed.fetch })
  expect(listed.search()).toMatchObject({ by: 'path', bucketLimit: '5' })
})

it('fetchMetrics: adds the previous range with `compare`', async () => {
  const { fetch, search } = fakeFetch({ ...series, previous })
  const response = await fetchMetrics(site, { compare: 'previous', fetch })
  expectTypeOf(response.previous).toEqualTypeOf<PreviousMetrics>()
  expect(response.previous).toEqual(previous)
  expect(search()).toEqual({ path: '/api/sites/shop/metrics', compare: 'previous' })
})

it.each<[BreakdownDimension, object]>([
  ['country', { country: 'DE', pageViews: 1, visitors: 1 }],
  ['name', { name: 'sign_up', events: 1, visitors: 1 }],
  ['goal', { goal: 'Bought', count: 1, visitors: 1 }],
  ['exitPage', { exitPage: '/', sessions: 1 }],
  ['bot', { bot: 'curl', events: 1, visitors: 1 }],
  ['property', { property: 'pro', events: 1, visitors: 1 }],
  [
    'value',
    { name: 'order', count: 1, sum: 9, mean: 9, min: 9, max: 9, last: 9, p50: 9, p75: 9, rate: 1 },
  ],
])('fetchMetrics: accepts rows by %s', async (by, row) => {
  const { fetch } = fakeFetch(breakdown(by, [row]))
  const response = await fetchMetrics(site, { by, fetch })
  expect(response.rows).toEqual([row])
})

it('fetchMetrics: sends the filters of properties and referring pages, and types their rows', async () => {
  const rows = [{ property: 'pro', events: 1, visitors: 1 }]
  const plans = fakeFetch(breakdown('property', rows))
  const query = { by: 'property', name: 'purchase', property: 'plan' } as const
  const response = await fetchMetrics(site, { ...query, fetch: plans.fetch })
  expectTypeOf(response.rows[0]?.p99).toEqualTypeOf<number | undefined>()
  expect(plans.search()).toMatchObject(query)

  const pages = fakeFetch(breakdown('referringPage', []))
  const ofNews = { by: 'referringPage', referrer: 'news.example' } as const
  await fetchMetrics(site, { ...ofNews, fetch: pages.fetch })
  expect(pages.search()).toMatchObject(ofNews)
})

it('fetchMetrics: types the response of a query that is built at run time as a union', async () => {
  const query: MetricsQuery = { fetch: fakeFetch(series).fetch }
  const response = await fetchMetrics(site, query)
  const rows = 'by' in response ? response.rows : []
  expect(rows).toEqual([])
})

it('fetchMetrics: types `previous` and `rows` as optional for an optional `compare` and `by`', async () => {
  type PathRows = MetricsRow<'path'>[]
  const { fetch } = fakeFetch(series)
  const compare: { compare?: 'previous' } = {}
  const by: { by?: 'path' } = {}

  const compared = await fetchMetrics(site, { ...compare, fetch })
  expectTypeOf(compared.previous).toEqualTypeOf<PreviousMetrics | undefined>()
  expectTypeOf(compared).not.toHaveProperty('rows')
  expect(compared.previous).toBeUndefined()

  const listed = await fetchMetrics(site, { ...by, fetch })
  expectTypeOf(listed.rows).toEqualTypeOf<PathRows | undefined>()
  expectTypeOf(listed).not.toHaveProperty('previous')
  expect(listed.rows).toBeUndefined()

  const both = await fetchMetrics(site, { ...by, ...compare, fetch })
  expectTypeOf(both.rows).toEqualTypeOf<PathRows | undefined>()
  expectTypeOf(both.previous).toEqualTypeOf<PreviousMetrics | undefined>()

  const withRows = () => fetchMetrics(site, { by: 'path', limit: 3, ...compare })
  expectTypeOf(withRows).returns.resolves.toHaveProperty('rows').toEqualTypeOf<PathRows>()
  expectTypeOf(withRows)
    .returns.resolves.toHaveProperty('previous')
    .toEqualTypeOf<PreviousMetrics | undefined>()
  const withPrevious = () => fetchMetrics(site, { compare: 'previous', ...by })
  expectTypeOf(withPrevious)
    .returns.resolves.toHaveProperty('rows')
    .toEqualTypeOf<PathRows | undefined>()
  expectTypeOf(withPrevious)
    .returns.resolves.toHaveProperty('previous')
    .toEqualTypeOf<PreviousMetrics>()
})

it('fetchMetrics: does not compile for combinations that the server refuses', () => {
  type Query<By extends BreakdownDimension | undefined> = MetricsQuery<By, undefined>
  expectTypeOf<{ by: 'path'; granularity: 'second' }>().not.toExtend<Query<'path'>>()
  expectTypeOf<{ limit: 3 }>().not.toExtend<Query<undefined>>()
  expectTypeOf<{ by: 'value'; limit: 3 }>().not.toExtend<Query<'value'>>()
  expectTypeOf<{ by: 'path'; limit: 3 }>().toExtend<Query<'path'>>()
  const refused = () => [
    // @ts-expect-error `limit` needs `by`.
    fetchMetrics(site, { limit: 3 }),
    // @ts-expect-error A breakdown has no seconds.
    fetchMetrics(site, { by: 'path', granularity: 'second' }),
    // @ts-expect-error Channels are counted by hours.
    fetchMetrics(site, { by: 'channel', granularity: 'minute' }),
    fetchMetrics(site, { by: 'channel', granularity: 'hour' }),
    // @ts-expect-error A property needs the name of its event.
    fetchMetrics(site, { by: 'property', property: 'plan' }),
    // @ts-expect-error Pages have no properties.
    fetchMetrics(site, { by: 'path', name: 'purchase' }),
    // @ts-expect-error A referrer selects referring pages alone.
    fetchMetrics(site, { by: 'referrer', referrer: 'news.example' }),
    // @ts-expect-error The option does not exist.
    fetchMetrics(site, { by: 'path', compares: 'previous' }),
  ]
  expectTypeOf(refused).toBeFunction()
})

it.each<[string, object]>([
  ['no buckets', { ...series, buckets: undefined }],
  ['no totals', { ...series, totals: undefined }],
  ['a bucket without a start', { ...series, buckets: [zero] }],
  ['a bucket without counts', { ...series, buckets: [{ at: 0 }] }],
  ['rows that were not requested', breakdown('path', [])],
])('fetchMetrics: rejects with `answer_invalid` for %s', async (_, body) => {
  const { fetch } = fakeFetch(body)
  await expect(fetchMetrics(site, { fetch })).rejects.toMatchObject({ code: 'answer_invalid' })
})

it.each<[string, object]>([
  ['no rows', series],
  ['rows of another dimension', breakdown('country', [])],
  ['rows without a name', breakdown('path', [{ pageViews: 1, visitors: 1 }])],
  ['rows without a count', breakdown('path', [{ path: '/', visitors: 1 }])],
  ['invalid rows of a bucket', breakdown('path', [{ path: '/' }])],
])('fetchMetrics: rejects a breakdown with `answer_invalid` for %s', async (_, body) => {
  const { fetch } = fakeFetch(body)
  await expect(fetchMetrics(site, { by: 'path', fetch })).rejects.toMatchObject({
    code: 'answer_invalid',
  })
})

it('fetchMetrics: rejects with `answer_invalid` when the previous range is missing', async () => {
  const { fetch } = fakeFetch(series)
  await expect(fetchMetrics(site, { compare: 'previous', fetch })).rejects.toMatchObject({
    code: 'answer_invalid',
  })
})

it('fetchMetrics: rejects with `selection_forbidden` and the remedy for a row without totals', async () => {
  const row = { path: '/boots', pageViews: 3, visitors: 2 }
  const { totals: _, ...rest } = series
  const body = { ...rest, by: 'path', rows: [row], buckets: [{ at: 0, row }] }
  const { fetch } = fakeFetch(body)
  await expect(fetchMetrics(site, { by: 'path', row: '/boots', fetch })).rejects.toMatchObject({
    code: 'selection_forbidden',
    message: expect.stringContaining('"minuteSeries"'),
  })
})
