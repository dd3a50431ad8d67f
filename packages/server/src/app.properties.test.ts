import { limits } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { makeDirectory } from './testing/directory.ts'
import { type TestServer, createTestServer } from './testing/server.ts'
import { makeToken, secret, shopClaims } from './testing/token.ts'

const api = '/api/sites/shop'
const live = '?channels=properties&property=purchase.plan'

function purchase(plan: string, visitorId = 'a', value?: number): object {
  return { name: 'purchase', visitorId, properties: { plan }, ...(value && { value }) }
}

async function rowsOf(server: TestServer, query = live): Promise<unknown> {
  const { properties } = await server.read(query)
  return properties
}

/** Reads the rows of history since midnight. */
async function historyOf({ ask }: TestServer): Promise<unknown> {
  const by = 'by=property&name=purchase&property=plan&from=2026-03-10&limit=50'
  const answer = await ask(`${api}/metrics?${by}`)
  return ((await answer.json()) as { rows: unknown }).rows
}

describe('Live properties', () => {
  it('have the events, visitors and values of today, as in history', async () => {
    const server = createTestServer()
    await server.send({
      events: [purchase('pro', 'a', 20), purchase('pro', 'b'), purchase('free')],
    })
    const [{ rows, ...property }] = (await rowsOf(server)) as [{ rows: unknown }]
    expect(property).toEqual({ event: 'purchase', property: 'plan' })
    expect(rows).toMatchObject([
      { property: 'pro', events: 2, visitors: 2, count: 1, sum: 20 },
      { property: 'free', events: 1, visitors: 1 },
    ])
    expect(rows).toEqual(await historyOf(server))
  })

  it('change at most once per second, and then have the numbers of history', async () => {
    const server = createTestServer()
    const first = await server.read(live)
    await server.send(purchase('pro'))
    expect(await server.read(live)).toEqual(first)
    server.clock.advance(999)
    await server.send(purchase('pro'))
    expect(await server.read(live)).toEqual(first)
    server.clock.advance(1)
    const second = await server.read(live)
    expect(second['cursor']).not.toBe(first['cursor'])
    expect(second['properties']).toMatchObject([{ rows: (await historyOf(server)) as object }])
  })

  it('keep the cursor while only other properties change', async () => {
    const server = createTestServer()
    const { cursor } = await server.read(live)
    await server.send({ name: 'purchase', visitorId: 'a', properties: { size: 'L' } })
    server.clock.advance(5000)
    const headers = { 'If-None-Match': `"${String(cursor)}"` }
    expect((await server.ask(`${api}/realtime${live}`, { headers })).status).toBe(304)
  })

  it('begin anew at local midnight, in a frame, without any event', async () => {
    // It is 23:00 there.
    const server = createTestServer({ history: { timeZone: 'Asia/Magadan' } })
    await server.send(purchase('pro'))
    for (let minute = 0; minute < 61; minute++) {
      server.clock.advance(59_000)
      await server.read(live)
    }
    const { cursor, properties } = await server.read(live)
    expect(properties).toMatchObject([{ rows: [{ property: 'pro' }] }])
    server.clock.advance(1000)
    const answer = await server.ask(`${api}/realtime/frames${live}&since=${String(cursor)}`)
    const empty = { event: 'purchase', property: 'plan', rows: [] }
    expect(await answer.json()).toMatchObject({
      frames: [{ at: server.clock.now(), patch: { properties: { set: [empty] } } }],
    })
  })

  it('survive a restart', async () => {
    const dataDir = makeDirectory()
    const first = createTestServer({ storage: { dataDir } })
    await first.send({ events: [purchase('pro', 'a', 3), purchase('free', 'b')] })
    const rows = await rowsOf(first)
    await first.tidemark.close()
    const second = createTestServer({ storage: { dataDir } })
    expect(await rowsOf(second)).toEqual(rows)
  })

  it('have no row for an event that no one has sent, and any name', async () => {
    const server = createTestServer()
    const names = [String.raw`a\.b.c`, '__proto__.constructor', 'page_view.x y', 'ä.%']
    const query = names.map(name => `&property=${encodeURIComponent(name)}`).join('')
    expect(await rowsOf(server, `?channels=properties${query}`)).toEqual([
      { event: '__proto__', property: 'constructor', rows: [] },
      { event: 'a.b', property: 'c', rows: [] },
      { event: 'page_view', property: 'x y', rows: [] },
      { event: 'ä', property: '%', rows: [] },
    ])
  })

  it('are in a request without channels exactly if it names one', async () => {
    const { read } = createTestServer()
    expect(await read()).not.toHaveProperty('properties')
    expect(await read('?property=a.b')).toMatchObject({ currentVisitors: 0, properties: [{}] })
  })

  it.each([
    '?channels=properties',
    '?channels=goals&property=a.b',
    '?channels=properties&property=plan',
    '?channels=properties&property=.plan',
    `?channels=properties&property=a.${'b'.repeat(101)}`,
    `?channels=properties${Array.from({ length: 21 }, (_, n) => `&property=a.${n}`).join('')}`,
  ])('are refused for %s', async query => {
    const { ask } = createTestServer()
    const answer = await ask(`${api}/realtime${query}`)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'selection_invalid' })
  })
})

describe('Live properties: bound', () => {
  const some = (from: number, count: number): string =>
    `?channels=properties${Array.from({ length: count }, (_, n) => `&property=a.${from + n}`).join('')}`

  it('refuses the 51st property of a site with 429, until one has had no reader for a minute', async () => {
    const { ask, clock } = createTestServer()
    const statusOf = async (query: string, path = 'realtime'): Promise<number> => {
      const answer = await ask(`${api}/${path}${query}`)
      await answer.body?.cancel()
      return answer.status
    }
    expect(limits.maxSelectedProperties).toBe(20)
    for (const [from, count] of [
      [0, 20],
      [20, 20],
      [40, 10],
    ] as const) {
      expect(await statusOf(some(from, count))).toBe(200)
    }
    const refused = await ask(`${api}/realtime${some(50, 1)}`)
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '60'])
    expect(await refused.json()).toMatchObject({ code: 'too_busy' })
    expect(await statusOf(some(50, 1), 'realtime/sse')).toBe(429)
    expect(await statusOf(some(30, 20)), 'properties that are read').toBe(200)
    clock.advance(59_999)
    expect(await statusOf(some(50, 1))).toBe(429)
    clock.advance(1)
    expect(await statusOf(some(50, 1))).toBe(200)
  })
})

describe('Live properties: rights', () => {
  const bearer = (claims: object): RequestInit => ({
    headers: { Authorization: `Bearer ${makeToken({ ...shopClaims, ...claims })}` },
  })

  it.each([
    [{ channels: ['properties'] }, 200],
    [{ channels: ['properties', 'minuteSeries'] }, 200],
    [{ channels: ['pageVisitors'] }, 403],
    [{ paths: ['/**'] }, 403],
    [{}, 200],
  ])('of %j', async (claims, status) => {
    const { ask } = createTestServer({ access: { tokens: { secret } } })
    expect((await ask(`${api}/realtime${live}`, bearer(claims))).status).toBe(status)
  })

  it('name the way to a reader of properties alone that names none', async () => {
    const { ask } = createTestServer({ access: { tokens: { secret } } })
    const reader = bearer({ channels: ['properties'] })
    const answer = await ask(`${api}/realtime`, reader)
    expect(await answer.json()).toMatchObject({
      code: 'selection_forbidden',
      detail: 'This reader may read only properties. Name one with `property`.',
    })
    expect((await ask(`${api}/realtime?property=a.b`, reader)).status).toBe(200)
  })

  it('are also those to history by property', async () => {
    const { ask } = createTestServer({ access: { tokens: { secret } } })
    const query = `${api}/metrics?by=property&name=purchase&property=plan`
    const both = bearer({ channels: ['properties', 'minuteSeries'] })
    expect((await ask(query, both)).status).toBe(200)
    const refused = await ask(query, bearer({ channels: ['events', 'minuteSeries'] }))
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({
      detail: expect.stringContaining('needs the channel "properties"') as unknown,
    })
  })

  it('hide small counts, as in history', async () => {
    const server = createTestServer({ sites: [{ id: 'shop', public: { minCount: 2 } }] })
    await server.send({
      events: [purchase('pro', 'a'), purchase('pro', 'b'), purchase('x', 'a'), purchase('y', 'b')],
    })
    expect(await rowsOf(server)).toMatchObject([
      {
        rows: [
          { property: 'pro', events: 2, visitors: 2 },
          { property: '(other)', events: 2, visitors: 2, rest: true },
        ],
      },
    ])
    expect(await rowsOf(server)).toMatchObject([{ rows: (await historyOf(server)) as object }])
    await server.send({ name: 'search', visitorId: 'a', properties: { text: 'secret' } })
    expect(await rowsOf(server, '?property=search.text')).toMatchObject([{ rows: [] }])
  })
})
