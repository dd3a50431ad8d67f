import { describe, expect, it } from 'vitest'
import type { TidemarkOptions } from './config.ts'
import { makeDirectory } from './testing/directory.ts'
import { createTestServer } from './testing/server.ts'

function setUp(options: TidemarkOptions) {
  const server = createTestServer(options)
  const query = async (text: string): Promise<Record<string, unknown>> => {
    const answer = await server.ask(`/api/sites/shop/metrics?${text}`)
    return (await answer.json()) as Record<string, unknown>
  }
  return {
    ...server,
    query,
    rowsBy: async (by: string, more = '') =>
      (await query(`granularity=hour&by=${by}${more}`))['rows'],
    view: (url: string, more: object = {}) =>
      server.send({ name: 'page_view', visitorId: 'v', url, referrer: '', ...more }),
  }
}

describe('Pages of a site', () => {
  const options: TidemarkOptions = {
    sites: [
      {
        id: 'shop',
        pages: { trailingSlash: 'remove', indexFiles: ['index.html'], query: ['id'] },
        goals: [
          { name: 'Docs', path: '/docs/**' },
          { name: 'Item', path: '/item' },
          { name: 'Item 5', path: '/item?id=5' },
          { name: 'Route', path: '/#/about/' },
        ],
      },
    ],
  }

  it('count by the rules of the site in rows, goals and subscriptions', async () => {
    const { view, rowsBy, read } = setUp(options)
    for (const path of ['/docs', '/docs/', '/docs/index.html?a=b', '/item?x=1&id=5', '/#/about/']) {
      await view(`https://shop.example${path}`)
    }
    expect(await rowsBy('path')).toEqual([
      { path: '/docs', pageViews: 3, visitors: 1 },
      { path: '/#/about', pageViews: 1, visitors: 1 },
      { path: '/item?id=5', pageViews: 1, visitors: 1 },
    ])
    expect(await rowsBy('goal')).toEqual([
      { goal: 'Docs', count: 3, visitors: 1 },
      { goal: 'Item', count: 1, visitors: 1 },
      { goal: 'Item 5', count: 1, visitors: 1 },
      { goal: 'Route', count: 1, visitors: 1 },
    ])
    await view('https://shop.example/docs/')
    expect(await read('?channels=pageVisitors&path=/docs/&path=/docs&path=/other')).toMatchObject({
      pageVisitors: [
        { path: '/docs', visitors: 1 },
        { path: '/docs/', visitors: 1 },
        { path: '/other', visitors: 0 },
      ],
    })
  })

  it('count after a reload by the new rules, and after a restart by the rules of their time', async () => {
    const dataDir = makeDirectory()
    const first = setUp({ ...options, storage: { dataDir } })
    await first.view('https://shop.example/docs/')
    await first.tidemark.reload({ sites: ['shop'], storage: { dataDir } })
    await first.view('https://shop.example/docs/')
    const rows = await first.rowsBy('path')
    expect(rows).toEqual([
      { path: '/docs', pageViews: 1, visitors: 1 },
      { path: '/docs/', pageViews: 1, visitors: 1 },
    ])
    await first.tidemark.close()
    const second = setUp({ sites: ['shop'], storage: { dataDir }, clock: first.clock })
    expect(await second.rowsBy('path')).toEqual(rows)
  })

  it('refuse a goal with a parameter that is no part of the page', () => {
    const goals = [{ name: 'Item', path: '/item?id=5' }] as const
    expect(() => createTestServer({ sites: [{ id: 'shop', goals }] })).toThrow(
      'The goal "Item" has the path "/item?id=5", which has a ?; leave out the query.',
    )
  })
})

describe('Hosts of a site', () => {
  it('count all others by host alone', async () => {
    const { view, rowsBy, query, read, send } = setUp({
      sites: [{ id: 'shop', hostNames: ['shop.example', '*.shop.example'] }],
    })
    await view('https://www.shop.example/a')
    await view('https://blog.shop.example/b', { referrer: 'https://shop.example/a' })
    const copies = [
      'http://localhost:5173/a',
      'https://web.archive.org/web/2/https://shop.example/',
    ]
    for (const [index, url] of copies.entries()) {
      await view(url, { visitorId: `copy ${index}`, value: 5 })
      await send({ name: 'heartbeat', visitorId: `copy ${index}`, url })
      await send({ name: 'purchase', visitorId: `copy ${index}`, url })
    }
    expect(await rowsBy('hostName')).toEqual([
      { hostName: '(other host)', pageViews: 2, visitors: 2 },
      { hostName: 'blog.shop.example', pageViews: 1, visitors: 1 },
      { hostName: 'shop.example', pageViews: 1, visitors: 1 },
    ])
    expect(await query('')).toMatchObject({
      totals: { events: 2, pageViews: 2, visitors: 1, sessions: 1 },
    })
    expect(await rowsBy('channel')).toEqual([
      { channel: 'Direct', pageViews: 1, visitors: 1 },
      { channel: 'Internal', pageViews: 1, visitors: 1 },
    ])
    expect(await read('?channels=currentVisitors,recentEvents,pageViews')).toMatchObject({
      currentVisitors: 1,
      pageViews: 2,
      recentEvents: [{ path: '/b' }, { path: '/a' }],
    })
  })
})

describe('Referring pages', () => {
  it('are those of one source, and sum to its row', async () => {
    const { view, rowsBy, query } = setUp({ sites: ['shop'] })
    const url = 'https://shop.example/'
    await view(url, { referrer: 'https://l.facebook.com/l.php?u=SECRET' })
    await view(url, { referrer: 'https://www.facebook.com/groups/boots/?id=SECRET' })
    await view(`${url}?utm_source=fb`)
    await view(url, { referrer: 'https://news.example/a' })
    expect(await rowsBy('referrer')).toMatchObject([
      { referrer: 'facebook.com', pageViews: 3 },
      { referrer: 'news.example', pageViews: 1 },
    ])
    expect(await rowsBy('referringPage', '&referrer=facebook.com')).toEqual([
      { referringPage: '(none)', pageViews: 1, visitors: 1 },
      { referringPage: 'l.facebook.com/l.php', pageViews: 1, visitors: 1 },
      { referringPage: 'www.facebook.com/groups/boots/', pageViews: 1, visitors: 1 },
    ])
    expect(await query('by=path&referrer=facebook.com')).toMatchObject({
      code: 'query_invalid',
      detail: expect.stringContaining("referrer: 'facebook.com' selects the pages of one source"),
    })
  })
})
