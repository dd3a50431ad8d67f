import { describe, expect, it } from 'vitest'
import type { TidemarkOptions } from '../config.ts'
import { createManualClock } from '../testing/clock.ts'
import { makeDirectory } from '../testing/directory.ts'
import { createTestServer } from '../testing/server.ts'
import { makeToken, secret, shopClaims } from '../testing/token.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const event = { name: 'page_view', visitorId: 'v1' }

function setUp(options: TidemarkOptions = { sites: ['shop', 'blog'] }) {
  const server = createTestServer(options)
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    server.ask(`/api${path}`, {
      ...{ method: 'POST', headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const get = async (path: string): Promise<Record<string, unknown>> =>
    (await (await server.ask(`/api${path}`)).json()) as Record<string, unknown>
  const now = server.clock.now()
  return { ...server, post, get, now, iso: (at: number) => new Date(at).toISOString() }
}

describe('Default site: POST /events', () => {
  it('accepts an event, and counts it for the first listed site', async () => {
    const { post, get, read } = setUp()
    const answer = await post('/events', event)
    expect([answer.status, await answer.json()]).toEqual([202, { status: 'accepted' }])
    expect(await get('/active-users')).toEqual({ activeUsers: 1 })
    expect(await read('?channels=pageViews')).toMatchObject({ pageViews: 1 })
    expect(await read('?channels=pageViews', 'blog')).toMatchObject({ pageViews: 0 })
  })

  it.each([
    ['name', { visitorId: 'v1' }, '`name` is missing. Send a non-empty string.'],
    ['visitorId', { name: 'a' }, '`visitorId` is missing. Send a non-empty string.'],
    [
      'a visitorId that is not empty',
      { name: 'a', visitorId: '' },
      '`visitorId` is empty. Send a non-empty string.',
    ],
    ['both', {}, '`name` is missing, and `visitorId` is missing. Send both as non-empty strings.'],
    [
      'the UTC offset of its time',
      { ...event, timestamp: '2026-12-01T12:00:00' },
      '`timestamp` is not a time from 1970 to 9999. Send milliseconds since 1970, or ISO 8601 with the UTC offset, ' +
        'such as "2026-12-01T12:00:00Z" or "2026-12-01T13:00:00+01:00".',
    ],
    ['a valid name', { name: 7, visitorId: 'v' }, '`name` is not a string of 1 to 200 characters.'],
    [
      'a valid url',
      { ...event, url: 'x' },
      '`url` is not an absolute http(s) URL within 8,192 characters.',
    ],
  ])('refuses an event without %s', async (_, body, detail) => {
    const { post, get } = setUp()
    const answer = await post('/events', body)
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { code: 'event_rejected', detail },
    ])
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    expect(await get('/active-users')).toEqual({ activeUsers: 0 })
  })

  it.each([
    ['no JSON', '{', 400],
    ['a batch', { events: [event] }, 400],
    ['a list', [event], 400],
    [
      'too deep',
      `{"name":"a","visitorId":"v","x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      400,
    ],
    ['too large', `{"name":"a","visitorId":"${'v'.repeat(600_000)}"}`, 413],
  ])('refuses a body that is %s', async (_, body, status) => {
    const { post } = setUp()
    expect((await post('/events', body)).status).toBe(status)
  })

  it('names the endpoint for a list', async () => {
    const answer = await setUp().post('/events', [event])
    expect(await answer.json()).toMatchObject({
      ...{ code: 'body_invalid', detail: expect.stringContaining('`events/batch`') as unknown },
    })
  })

  it('refuses deep nesting that has room in a short body, as the endpoint of each site does', async () => {
    const { post } = setUp()
    const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const body = `{"name":"a","url":"https://shop.example/?a","x":${nested}}`
    expect((await post('/sites/shop/events', body)).status).toBe(400)
  })

  it('counts an event once that is sent again with its client and number', async () => {
    const { post, get } = setUp()
    for (let times = 0; times < 2; times++) await post('/events', { ...event, client: 'c', n: 1 })
    const { data } = await get('/metrics')
    expect(data).toMatchObject([{ totalEvents: 1 }])
  })

  it('takes a time in milliseconds and in ISO 8601', async () => {
    const { post, get, now, iso } = setUp()
    await post('/events', { ...event, timestamp: now - 10 * minuteMs })
    await post('/events', { ...event, timestamp: iso(now - 20 * minuteMs) })
    expect((await post('/events', { ...event, timestamp: 'yesterday' })).status).toBe(400)
    const { data } = await get('/metrics')
    const keys = [20, 10].map(age => iso(now - age * minuteMs).slice(0, 16))
    expect(data).toMatchObject(keys.map(key => ({ key, totalEvents: 1 })))
  })

  it('takes the user agent and the address of a visitor from a write key only', async () => {
    const key = 'a-key-of-a-backend-with-32-bytes'
    const { post, read } = setUp({ sites: [{ id: 'shop', writeKeys: [key] }] })
    const userAgent =
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1'
    const body = { ...event, userAgent, address: '198.51.100.7' }
    const authorized = { Authorization: `Bearer ${key}` }
    expect((await post('/events', { ...body, address: 'x' }, authorized)).status).toBe(400)
    expect((await post('/events', body, authorized)).status).toBe(202)
    expect(await read('?channels=devices')).toMatchObject({
      devices: [{ device: 'mobile', visitors: 1 }],
    })
  })
})

describe('Default site: POST /events/batch', () => {
  it('accepts the valid events, and counts the others as rejected', async () => {
    const { post, get } = setUp()
    const events = [event, { name: 'a', visitorId: 'v2' }, { name: 'a' }, { visitorId: 'v' }, 7]
    const answer = await post('/events/batch', { events })
    expect([answer.status, await answer.json()]).toEqual([202, { accepted: 2 }])
    const { sinceStart } = await get('/sites/shop/limits')
    expect(sinceStart).toMatchObject({
      rejected: { visitor_id_invalid: 1, name_invalid: 1, event_invalid: 1 },
    })
  })

  it('gives its events the shared visitor', async () => {
    const { post } = setUp()
    const answer = await post('/events/batch', { visitorId: 'v', events: [{ name: 'a' }] })
    expect(await answer.json()).toEqual({ accepted: 1 })
  })

  it.each([
    [event, '`events` is not a list. Send {"events": [...]}.'],
    [{ events: {} }, '`events` is not a list. Send {"events": [...]}.'],
    [[event], 'Send {"events": [...]}, a JSON object with the list, or one event to `events`.'],
    ['{', 'Send {"events": [...]}, a JSON object with the list, or one event to `events`.'],
  ])('refuses %j', async (body, detail) => {
    const { post } = setUp()
    const answer = await post('/events/batch', body)
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { code: 'body_invalid', detail },
    ])
  })
})

describe('Default site: GET /metrics', () => {
  it('returns the buckets with events by minute, hour and day in UTC', async () => {
    const { post, get, now, iso } = setUp()
    await post('/events/batch', {
      events: [event, { ...event, visitorId: 'v2' }, { name: 'a', visitorId: 'v1' }],
    })
    const counts = { totalEvents: 3, uniqueVisitors: 2, eventCounts: { page_view: 2, a: 1 } }
    const [from, to] = [iso(now - 24 * hourMs), iso(now + minuteMs)]
    for (const [granularity, length] of [
      ['minute', 16],
      ['hour', 13],
      ['day', 10],
    ] as const) {
      const query = `from=${from}&to=${to}&granularity=${granularity}`
      expect(await get(`/metrics?${query}`)).toEqual({
        data: [{ key: iso(now).slice(0, length), ...counts }],
        ...{ granularity, from, to },
      })
    }
  })

  it('counts names such as `__proto__` and `(other)` like others', async () => {
    const { post, ask } = setUp()
    const names = ['__proto__', 'constructor', 'toString', '(other)']
    const events = names.map(name => ({ name, visitorId: 'v' }))
    await post('/events/batch', { events })
    const text = await (await ask('/api/metrics')).text()
    for (const name of names) expect(text).toContain(`"${name}":1`)
  })

  it.each(['Europe/Berlin', 'Asia/Kolkata', 'America/New_York', 'Pacific/Chatham'])(
    'has days and hours in UTC when those of the site are in %s',
    async timeZone => {
      const { post, get, iso, clock } = setUp({ sites: ['shop'], history: { timeZone } })
      const midnight = Math.ceil(clock.now() / (24 * hourMs)) * 24 * hourMs
      const times = [midnight - 2 * minuteMs, midnight - minuteMs, midnight + minuteMs]
      clock.advance(midnight + hourMs - clock.now())
      for (const timestamp of times) await post('/events', { ...event, timestamp })
      for (const [granularity, length] of [
        ['hour', 13],
        ['day', 10],
      ] as const) {
        const { data } = await get(`/metrics?granularity=${granularity}`)
        expect(data).toMatchObject([
          { key: iso(midnight - 1).slice(0, length), totalEvents: 2, uniqueVisitors: 1 },
          { key: iso(midnight).slice(0, length), totalEvents: 1, eventCounts: { page_view: 1 } },
        ])
      }
    },
  )

  it.each(['Europe/Berlin', 'America/New_York'])(
    'has days in UTC of stored hours and days in %s',
    async timeZone => {
      const storage = { dataDir: makeDirectory() }
      const start = (at: number) =>
        setUp({ sites: ['shop'], history: { timeZone }, storage, clock: createManualClock(at) })
      const midnight = Date.UTC(2026, 2, 11)
      const first = start(midnight + hourMs)
      for (const timestamp of [midnight - minuteMs, midnight + minuteMs, midnight + 2 * minuteMs]) {
        await first.post('/events', { ...event, timestamp })
      }
      await first.tidemark.close()
      // The checkpoint of a later event closes the hours and days, and deletes the minutes.
      const later = start(midnight + 100 * hourMs)
      await later.post('/events', event)
      await later.tidemark.close()
      const { get } = start(midnight + 101 * hourMs)
      const { data } = await get('/metrics?granularity=day')
      expect(data).toMatchObject([
        { key: '2026-03-10', totalEvents: 1, eventCounts: { page_view: 1 } },
        { key: '2026-03-11', totalEvents: 2, eventCounts: { page_view: 2 } },
        { key: '2026-03-15', totalEvents: 1 },
      ])
    },
  )

  it.each([
    ['granularity=second', "granularity: 'second' is not supported; use 'minute', 'hour', 'day'."],
    ['by=path', "'by' is not a parameter; use 'from', 'to', 'granularity'."],
    ['from=x', "from: 'x' is not a time"],
    ['from=0', 'granularity: the range has'],
  ])('refuses %s', async (query, detail) => {
    const { ask } = setUp()
    const answer = await ask(`/api/metrics?${query}`)
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { code: 'query_invalid', detail: expect.stringContaining(detail) as unknown },
    ])
  })

  it('refuses days of which the hours are no longer stored', async () => {
    const options = { sites: ['shop'], history: { timeZone: 'Europe/Berlin' } }
    const { ask, clock, iso } = setUp(options)
    const from = iso(clock.now() - 100 * 24 * hourMs).slice(0, 10)
    const refused = await ask(`/api/metrics?granularity=day&from=${from}`)
    expect(await refused.json()).toMatchObject({ code: 'query_invalid' })
    const { ask: askUtc } = setUp()
    expect((await askUtc(`/api/metrics?granularity=day&from=${from}`)).status).toBe(200)
  })

  it('hides small counts from public readers', async () => {
    const { post, get } = setUp({
      sites: ['shop'],
      public: { channels: ['currentVisitors', 'minuteSeries', 'events'], minCount: 3 },
    })
    await post('/events', event)
    expect(await get('/metrics')).toMatchObject({ data: [] })
    expect(await get('/active-users')).toEqual({ activeUsers: 0 })
    const { messages } = await get('/dashboard/stream')
    expect(messages).toMatchObject([
      { data: { activeUsers: 0, batchSize: 0, currentMinute: { totalEvents: 0 } } },
    ])
  })
})

describe('Default site: GET /dashboard/stream', () => {
  it('returns a message about the events since the last message', async () => {
    const { post, get, iso, now } = setUp()
    await post('/events/batch', { events: [event, { name: 'a', visitorId: 'v2' }] })
    const first = {
      type: 'stats_update',
      data: {
        currentMinute: {
          ...{ key: iso(now).slice(0, 16), totalEvents: 2, uniqueVisitors: 2 },
          eventCounts: { page_view: 1, a: 1 },
        },
        ...{ activeUsers: 2, batchSize: 2 },
      },
    }
    expect(await get('/dashboard/stream')).toEqual({ messages: [first], clients: 0 })
    expect(await get('/dashboard/stream?since=1')).toEqual({ messages: [], clients: 0 })
    await post('/events', event)
    const { messages } = await get('/dashboard/stream?since=1')
    expect(messages).toMatchObject([{ data: { batchSize: 1, currentMinute: { totalEvents: 3 } } }])
    expect((await get('/dashboard/stream?since=0'))['messages']).toHaveLength(2)
  })

  it('names the index of the next message, for a reader that missed messages', async () => {
    const { post, ask } = setUp()
    await post('/events', event)
    const answer = await ask('/api/dashboard/stream?since=99')
    expect([answer.headers.get('X-Next-Index'), await answer.json()]).toMatchObject([
      '1',
      { messages: [{ type: 'stats_update' }] },
    ])
  })

  it('counts no event that `currentMinute` does not count', async () => {
    const { post, get } = setUp({ sites: [{ id: 'shop', hostNames: ['shop.example'] }] })
    const userAgent = { 'User-Agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }
    await post('/events', event, userAgent)
    await post('/events', { ...event, url: 'https://copy.example/' })
    expect(await get('/dashboard/stream')).toMatchObject({ messages: [] })
    const numbered = { ...event, client: 'c', n: 1, url: 'https://shop.example/' }
    for (let times = 0; times < 2; times++) await post('/events', numbered)
    expect((await get('/dashboard/stream'))['messages']).toMatchObject([
      { data: { batchSize: 1, currentMinute: { totalEvents: 1 } } },
    ])
  })

  it.each(['-1', '1.5', 'x', ''])('refuses since=%s', async since => {
    const { ask } = setUp()
    expect((await ask(`/api/dashboard/stream?since=${since}`)).status).toBe(400)
  })

  it('adds one message for two readers at the same time', async () => {
    const { post, get } = setUp()
    await post('/events', event)
    await Promise.all([get('/dashboard/stream'), get('/dashboard/stream')])
    expect((await get('/dashboard/stream'))['messages']).toHaveLength(1)
  })

  it('counts the open connections to the site', async () => {
    const { ask, get } = setUp()
    const stream = await ask('/api/sites/shop/realtime/sse')
    const other = await ask('/api/sites/blog/realtime/sse')
    expect(await get('/dashboard/stream')).toMatchObject({ clients: 1 })
    await stream.body?.cancel()
    await other.body?.cancel()
  })
})

describe('Default site', () => {
  const paths = ['/metrics', '/active-users', '/dashboard/stream']

  it.each(paths)('is missing from %s of a server that lists no sites', async path => {
    const { ask } = setUp({})
    const answer = await ask(`/api${path}`)
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'site_unknown' }])
  })

  it('is the first of the sites after a reload', async () => {
    const { tidemark, post, get } = setUp()
    await tidemark.reload({ sites: ['blog', 'shop'] })
    await post('/events', event)
    expect(await get('/sites/blog/realtime?channels=pageViews')).toMatchObject({ pageViews: 1 })
  })

  it('has the rates and access rules of its site', async () => {
    const { ask, post } = setUp({
      sites: ['shop'],
      access: { tokens: { secret } },
      rates: { requestsPerSecondPerSite: 1 },
    })
    expect((await ask('/api/active-users')).status).toBe(401)
    const headers = { Authorization: `Bearer ${makeToken({ ...shopClaims, scope: 'read' })}` }
    expect((await ask('/api/active-users', { headers })).status).toBe(200)
    const statuses = new Set<number>()
    for (let sent = 0; sent < 40; sent++) statuses.add((await post('/events', event)).status)
    expect(statuses).toEqual(new Set([202, 429]))
  })
})
