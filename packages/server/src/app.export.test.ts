import { describe, expect, it } from 'vitest'
import type { TidemarkOptions } from './config.ts'
import { breakdownDimensions } from './query/metrics-query.ts'
import { createTestServer } from './testing/server.ts'
import { makeToken, secret, shopClaims } from './testing/token.ts'

async function setUp(options: TidemarkOptions = {}) {
  const server = createTestServer({
    goals: [{ name: 'Bought', event: 'purchase' }],
    ...options,
  })
  const url = (path: string): string => `https://shop.example${path}`
  await server.send({
    events: [
      { name: 'page_view', visitorId: 'v1', url: url('/=cmd?utm_campaign=%3D1%2B1'), referrer: '' },
      { name: 'page_view', visitorId: 'v2', url: url('/a,b') },
      { name: '=HYPERLINK("x")', visitorId: 'v2' },
      { name: 'purchase', visitorId: 'v2', value: -3.5 },
    ],
  })
  const ask = (query: string, init?: RequestInit): Promise<Response> =>
    server.ask(`/api/sites/shop/metrics?${query}`, init)
  const text = async (query: string): Promise<string> => (await ask(query)).text()
  const lines = async (query: string): Promise<unknown[]> =>
    (await text(`${query}&format=ndjson`))
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as unknown)
  const json = async (query: string) =>
    (await (await ask(query)).json()) as {
      buckets: { at: number; rows?: object[] }[]
      rows?: object[]
    }
  return { ...server, ask, text, lines, json }
}

describe('Export', () => {
  it('has the buckets of the JSON answer, by each granularity', async () => {
    const { lines, json } = await setUp()
    for (const granularity of ['second', 'minute', 'hour', 'day']) {
      const query = `granularity=${granularity}`
      expect(await lines(query)).toEqual((await json(query)).buckets)
    }
  })

  it.each(breakdownDimensions)('has the rows by %s of the JSON answer', async by => {
    const { lines, json, text } = await setUp()
    const { rows = [] } = await json(`by=${by}`)
    expect(await lines(`by=${by}`)).toEqual(rows)
    const [header = '', ...csv] = (await text(`by=${by}&format=csv`)).split('\r\n')
    const members = rows.flatMap(row => Object.keys(row))
    expect(header.split(',')).toEqual(expect.arrayContaining(members))
    expect(csv).toHaveLength(rows.length + 1)
  })

  it('has the rows of each bucket, with their time', async () => {
    const { lines, json } = await setUp()
    const query = 'by=path&bucketLimit=1'
    const { buckets } = await json(query)
    const rows = buckets.flatMap(({ at, rows: each = [] }) => each.map(row => ({ at, ...row })))
    expect(rows).toHaveLength(2)
    expect(await lines(query)).toEqual(rows)
  })

  it('is a CSV file that a spreadsheet does not evaluate', async () => {
    const { ask, clock } = await setUp()
    const answer = await ask('by=name&format=csv&granularity=day')
    const day = new Date(clock.now()).toISOString().slice(0, 10)
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([
      ...[200, 'text/csv; charset=utf-8; header=present'],
    ])
    expect(answer.headers.get('Content-Disposition')).toMatch(
      new RegExp(`^attachment; filename="shop-name-day-[\\d-]+-${day}\\.csv"$`),
    )
    expect(await answer.text()).toBe(
      'name,events,visitors,rest\r\npage_view,2,2,\r\n' +
        '"\'=HYPERLINK(""x"")",1,1,\r\npurchase,1,1,\r\n',
    )
  })

  it('has times in ISO 8601 and plain numbers in CSV', async () => {
    const { text, clock } = await setUp()
    const minute = new Date(Math.floor(clock.now() / 60_000) * 60_000).toISOString()
    const query = `from=${minute}&format=csv`
    const [header = '', line = ''] = (await text(query)).split('\r\n')
    expect(header).toMatch(/^at,date,events,pageViews,visitors,sessions,bounces,bounceRate,/)
    expect(line.startsWith(`${minute},${minute.slice(0, 10)},4,2,2,2,1,0.5,`)).toBe(true)
    expect(await text(`${query}&by=value`)).toContain('purchase,1,-3.5,')
  })

  it('names days as the time zone of the server does', async () => {
    const { ask, text } = await setUp({ history: { timeZone: 'Europe/Berlin' } })
    const query = 'from=2026-03-10&to=2026-03-12&granularity=day&format=csv'
    const answer = await ask(query)
    expect(answer.headers.get('Content-Disposition')).toContain(
      '"shop-totals-day-2026-03-10-2026-03-11.csv"',
    )
    await answer.text()
    const lines = (await text(query)).split('\r\n').map(line => line.split(',').slice(0, 2))
    expect(lines.slice(0, 3)).toEqual([
      ['at', 'date'],
      ['2026-03-09T23:00:00.000Z', '2026-03-10'],
      ['2026-03-10T23:00:00.000Z', '2026-03-11'],
    ])
  })

  it('has the columns of a summary in one order, and `rest` last', async () => {
    const { text } = await setUp()
    const summary = 'count,sum,mean,min,max,p50,p75,p90,p95,p99,last'
    const [values] = (await text('by=value&format=csv')).split('\r\n')
    const [properties] = (await text('by=property&format=csv')).split('\r\n')
    expect([values, properties]).toEqual([
      ...[`name,${summary},rate`, `property,events,visitors,${summary},rest`],
    ])
  })

  it.each([
    ['by=property&name=purchase&property=plan/b', 'shop-property-purchase-plan_b-hour-'],
    ['by=referringPage&referrer=www.news.example', 'shop-referringPage-www.news.example-hour-'],
    ['by=path&row=/a,b', 'shop-path-_a_b-minute-'],
    [`by=path&row=${'a'.repeat(99)}`, `shop-path-${'a'.repeat(40)}-minute-`],
  ])('names the file of %s', async (query, name) => {
    const { ask } = await setUp()
    const answer = await ask(`${query}&format=csv`)
    expect(answer.headers.get('Content-Disposition')).toContain(`filename="${name}`)
    await answer.text()
  })

  it.each([
    ['format=xml', "format: 'xml' is not supported; use 'json', 'csv', 'ndjson'."],
    ['format=csv&compare=previous', 'compare: does not work with format=csv'],
    ['format=csv&by=weather', "by: 'weather' is not supported"],
    ['format=csv&from=0', 'granularity: the range has'],
    ['format=csv&format=csv', 'format: given more than once'],
  ])('refuses %s', async (query, detail) => {
    const { ask } = await setUp()
    const answer = await ask(query)
    expect([answer.status, await answer.json()]).toMatchObject([
      ...[400, { detail: expect.stringContaining(detail) as unknown }],
    ])
  })

  it('has the access rules of history', async () => {
    const { ask } = await setUp({ sites: ['shop'], access: { tokens: { secret } } })
    expect((await ask('format=csv')).status).toBe(401)
    const claims = { ...shopClaims, channels: ['minuteSeries', 'countries'] }
    const headers = { Authorization: `Bearer ${makeToken(claims)}` }
    expect((await ask('format=csv&by=country', { headers })).status).toBe(200)
    expect((await ask('format=csv&by=path', { headers })).status).toBe(403)
  })

  it('hides small counts from public readers', async () => {
    const channels = ['minuteSeries', 'activePages'] as const
    const { lines } = await setUp({ sites: ['shop'], public: { channels, minCount: 3 } })
    expect(await lines('by=path')).toEqual([])
    expect(await lines('granularity=day')).toMatchObject(
      Array.from({ length: 30 }, () => ({ events: 0, visitors: 0 })),
    )
  })

  it('runs at most two at a time for a site, and ends when its client leaves', async () => {
    const { ask } = await setUp()
    const running = [await ask('format=csv'), await ask('format=csv')]
    const refused = await ask('format=csv')
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '5'])
    for (const answer of running) await answer.body?.cancel()
    expect((await ask('format=csv')).status).toBe(200)
  })

  it('ends when its client reads nothing for half a minute', async () => {
    const { ask, clock } = await setUp()
    const answer = await ask('format=csv')
    clock.advance(30_001)
    await expect(answer.text()).rejects.toThrow('read nothing')
  })
})
