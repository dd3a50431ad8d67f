import { describe, expect, it } from 'vitest'
import type { ReadScope } from './guard/read-scope.ts'
import { createTestServer } from './testing/server.ts'
import { makeToken, secret, shopClaims } from './testing/token.ts'

const rule = { channels: ['currentVisitors', 'minuteSeries'], paths: ['/open/**'] } as const
const sites = [{ id: 'shop', public: rule }, 'blog']
const api = '/api/sites/shop'
const bearer = (claims: object): RequestInit => ({
  headers: { Authorization: `Bearer ${makeToken({ ...shopClaims, ...claims })}` },
})

describe('Public figures', () => {
  it('are the channels of a request that names none', async () => {
    const { read, ask } = createTestServer({ sites })
    expect(Object.keys(await read())).toEqual([
      'cursor',
      'at',
      'windowMinutes',
      'currentVisitors',
      'minuteSeries',
    ])
    expect(await read('?path=/open/a')).toMatchObject({ pageVisitors: [{ path: '/open/a' }] })
    expect((await ask(`${api}/realtime?path=/open/a&path=/b`)).status).toBe(403)
  })

  it('are all that other readers get without tokens, also of other sites', async () => {
    const { ask } = createTestServer({ sites })
    for (const path of ['realtime', 'metrics', 'limits', 'realtime/sse', 'realtime/ws']) {
      const answer = await ask(`/api/sites/blog/${path}`)
      expect(await answer.json()).toMatchObject({ code: 'selection_forbidden' })
    }
    expect((await ask(`${api}/limits`)).status).toBe(403)
  })

  it('are cached by every cache, and with tokens only for requests without one', async () => {
    const caching = 'public, max-age=0, s-maxage=1, must-revalidate'
    const open = createTestServer({ sites })
    const guarded = createTestServer({ sites, access: { tokens: { secret } } })
    for (const path of ['realtime', 'metrics']) {
      const free = await open.ask(`${api}/${path}`)
      expect(free.headers.get('Cache-Control')).toBe(caching)
      const without = await guarded.ask(`${api}/${path}`)
      expect(without.headers.get('Cache-Control')).toBe(caching)
      expect(without.headers.get('Vary')).toMatch(/^Authorization\b/)
      const reader = await guarded.ask(`${api}/${path}`, bearer({}))
      expect(reader.headers.get('Cache-Control')).toBe('private, no-cache')
    }
  })

  it('do not replace an invalid token', async () => {
    const { ask } = createTestServer({ sites, access: { tokens: { secret } } })
    for (const text of ['Bearer', 'Bearer ', 'Bearer x']) {
      const answer = await ask(`${api}/realtime`, { headers: { Authorization: text } })
      expect(answer.status).toBe(401)
    }
    expect((await ask('/api/sites/blog/realtime')).status).toBe(401)
    expect((await ask(`${api}/realtime?channels=countries`, bearer({}))).status).toBe(200)
  })

  it('are for the readers that `authorize` refuses, privately', async () => {
    const authorize = ({ headers }: Request): boolean => headers.get('Cookie') === 'ann'
    const { ask } = createTestServer({ sites, access: { authorize } })
    const answer = await ask(`${api}/realtime?channels=currentVisitors`)
    expect([answer.status, answer.headers.get('Cache-Control')]).toEqual([200, 'private, no-cache'])
    expect((await ask(`${api}/realtime?channels=countries`)).status).toBe(403)
    const ann = { headers: { Cookie: 'ann' } }
    expect((await ask(`${api}/realtime?channels=countries`, ann)).status).toBe(200)
  })
})

describe('History by scope', () => {
  const { ask } = {
    ask: (claims: ReadScope) => {
      const server = createTestServer({ access: { tokens: { secret } } })
      return {
        server,
        read: async (query: string) => await server.ask(`${api}/metrics${query}`, bearer(claims)),
      }
    },
  }

  it.each([
    ['', 'minuteSeries'],
    ['?by=referrer', 'referrers'],
    ['?by=country', 'countries'],
    ['?by=device', 'devices'],
    ['?by=name', 'events'],
    ['?by=goal', 'goals'],
    ['?by=value', 'values'],
    ['?by=path', 'activePages'],
  ] as const)('%s needs the channel %s', async (query, channel) => {
    const allowed = await ask({ channels: ['minuteSeries', channel] }).read(query)
    expect(allowed.status).toBe(200)
    const other = channel === 'minuteSeries' ? 'goals' : 'minuteSeries'
    expect((await ask({ channels: [other] }).read(query)).status).toBe(403)
    expect((await ask({ channels: [channel] }).read(query)).status).toBe(
      channel === 'minuteSeries' ? 200 : 403,
    )
  })

  it.each(['?by=campaign', '?by=browser', '?by=os'])('%s needs an unlimited scope', async query => {
    expect((await ask({ channels: ['minuteSeries'] }).read(query)).status).toBe(403)
    expect((await ask({}).read(query)).status).toBe(200)
  })

  it('has only the row of an allowed page, without totals', async () => {
    const { server, read } = ask({ paths: ['/open/**'] })
    for (const path of ['/open/a', '/secret']) {
      await server.send({ name: 'page_view', url: `https://shop.example${path}`, visitorId: path })
    }
    const answer = await (await read('?by=path&row=/open/a&compare=previous')).json()
    expect(answer).not.toHaveProperty('totals')
    expect(answer).not.toHaveProperty('previous')
    expect(answer).toMatchObject({ rows: [{ path: '/open/a', pageViews: 1, visitors: 1 }] })
    expect(JSON.stringify(answer)).not.toMatch(/secret|events/)
    expect((await read('?by=path&row=/secret')).status).toBe(403)
    expect((await read('?by=path')).status).toBe(403)
    expect((await read('?by=path&row=/open/a&row=/secret')).status).toBe(403)
  })
})

describe('Small counts', () => {
  const hiding = [{ id: 'shop', public: { minCount: 2 } }]

  async function fill({ send }: ReturnType<typeof createTestServer>): Promise<void> {
    for (const [visitorId, path] of [
      ['a', '/big'],
      ['b', '/big'],
      ['c', '/small'],
      ['d', '/tiny'],
    ]) {
      await send({ name: 'page_view', url: `https://shop.example${path}`, visitorId })
    }
  }

  it('are hidden in live state and history of readers without a token', async () => {
    const server = createTestServer({ sites: hiding, access: { tokens: { secret } } })
    await fill(server)
    expect(await server.read('?path=/small&path=/big')).toMatchObject({
      currentVisitors: 4,
      activePages: [
        { path: '/big', visitors: 2 },
        { path: '(other)', visitors: 2, rest: true },
      ],
      pageVisitors: [
        { path: '/big', visitors: 2 },
        { path: '/small', visitors: 0 },
      ],
    })
    const reader = bearer({})
    const query = `${api}/metrics?by=path`
    const [hidden, full] = await Promise.all([server.ask(query), server.ask(query, reader)])
    expect(((await hidden.json()) as { rows: unknown }).rows).toEqual([
      { path: '/big', pageViews: 2, visitors: 2 },
      { path: '(other)', pageViews: 2, visitors: 2, rest: true },
    ])
    expect(((await full.json()) as { rows: unknown[] }).rows).toHaveLength(3)
    const row = await (await server.ask(`${query}&row=/small`)).json()
    expect(JSON.stringify(row)).not.toMatch(/"\/small","pageViews":1/)
  })

  it('are in answers with cursors of their own, which do not stand for all counts', async () => {
    const server = createTestServer({ sites: hiding, access: { tokens: { secret } } })
    const { ask, clock } = server
    const reader = bearer({})
    const url = `${api}/realtime?channels=currentVisitors`
    const etagOf = async (init?: RequestInit): Promise<string> =>
      (await ask(url, init)).headers.get('ETag') ?? ''
    for (let round = 0; round < 3; round++) {
      await server.send({ name: 'page_view', visitorId: String(round) })
      clock.advance(1000)
      const [hidden, full] = [await etagOf(), await etagOf(reader)]
      const status = async (etag: string, init?: RequestInit): Promise<number> => {
        const headers = { ...(init?.headers as Record<string, string>), 'If-None-Match': etag }
        return (await ask(url, { headers })).status
      }
      expect([await status(hidden), await status(full, reader)]).toEqual([304, 304])
      expect([await status(full), await status(hidden, reader)]).toEqual([200, 200])
      const frames = `${api}/realtime/frames?channels=currentVisitors&since=`
      const gone = [
        await ask(`${frames}${full.slice(1, -1)}`),
        await ask(`${frames}${hidden.slice(1, -1)}`, reader),
      ]
      expect(gone.map(({ status: code }) => code)).toEqual([410, 410])
    }
  })

  it('are hidden as totals below the least count', async () => {
    const server = createTestServer({ sites: hiding })
    await server.send({ name: 'page_view', url: 'https://shop.example/', visitorId: 'a' })
    expect(await server.read()).toMatchObject({ currentVisitors: 0, pageViews: 0, activePages: [] })
    const answer = await (await server.ask(`${api}/metrics`)).json()
    expect(answer).toMatchObject({ totals: { visitors: 0, events: 0, pageViews: 0 } })
  })
})

it('A server without rules: warns once about a reader on another machine', async () => {
  const warnings: unknown[] = []
  const { tidemark, ask } = createTestServer({ onError: error => void warnings.push(error) })
  await ask(`${api}/realtime`)
  expect(warnings).toEqual([])
  for (let count = 0; count < 2; count++) {
    const request = new Request(`http://stats.example${api}/realtime`)
    await tidemark.fetch(request, { address: '198.51.100.7' })
  }
  expect(warnings.map(String)).toEqual([expect.stringContaining('no rule limits who may')])
})
