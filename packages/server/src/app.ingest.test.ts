import { type BatchVerdict, type Snapshot, limits } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import type { TidemarkOptions } from './config.ts'
import type { MetricsAnswer } from './query/metrics-answer.ts'
import { makeDirectory } from './testing/directory.ts'
import { type TestServer, createTestServer } from './testing/server.ts'

const hourMs = 3_600_000
const url = 'https://shop.example/'

async function verdictOf(answer: Response): Promise<BatchVerdict> {
  expect(answer.status).toBe(202)
  return (await answer.json()) as BatchVerdict
}

async function history(server: TestServer, from: number, to: number): Promise<MetricsAnswer> {
  const query = `from=${from}&to=${to}&by=path&bucketLimit=17`
  return (await (await server.ask(`/api/sites/shop/metrics?${query}`)).json()) as MetricsAnswer
}

describe('POST events', () => {
  it('answers 202 with a verdict that is not cached and readable for every page', async () => {
    const { send } = createTestServer()
    const answer = await send({ events: [{ name: 'x' }, {}, { name: 'heartbeat' }, { name: 'y' }] })
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(await verdictOf(answer)).toEqual({
      accepted: 3,
      rejected: [{ index: 1, code: 'name_invalid' }],
    })
  })

  it.each([
    'text/plain;charset=UTF-8',
    'application/json',
    'application/x-www-form-urlencoded',
    '',
  ])('accepts JSON with the content type %j', async type => {
    const { send } = createTestServer()
    const answer = await send({ name: 'x' }, { headers: { 'Content-Type': type } })
    expect(await verdictOf(answer)).toEqual({ accepted: 1, rejected: [] })
  })

  it.each<[string, unknown, number, string]>([
    ['invalid JSON', '{', 400, 'body_invalid'],
    ['an empty body', '', 400, 'body_invalid'],
    ['an invalid client', { client: '', events: [] }, 400, 'batch_invalid'],
    [
      'too many events',
      { events: Array.from({ length: 1001 }, () => ({ name: 'x' })) },
      413,
      'body_too_large',
    ],
  ])('refuses %s', async (_, body, status, code) => {
    const { send, read } = createTestServer()
    const answer = await send(body)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(await answer.json()).toMatchObject({ code })
    expect(await read()).toMatchObject({ recentEvents: [] })
  })

  it.each(['gzip', 'br', 'deflate', 'gzip, identity'])('refuses a body in %s', async encoding => {
    const { send } = createTestServer()
    const answer = await send({ name: 'x' }, { headers: { 'Content-Encoding': encoding } })
    expect(answer.status).toBe(415)
    expect(await answer.json()).toMatchObject({ code: 'encoding_unsupported' })
  })

  it('accepts a body of exactly 512 KiB and refuses a larger one, streamed or not', async () => {
    const { ask } = createTestServer()
    const post = (body: RequestInit['body'], headers = {}) =>
      ask('/api/sites/shop/events', {
        method: 'POST',
        body,
        headers,
        duplex: 'half',
      } as RequestInit)
    const pad = (bytes: number): string => JSON.stringify({ name: 'x' }).padEnd(bytes)
    const stream = (bytes: number): ReadableStream => new Blob([pad(bytes)]).stream()
    const length = (bytes: number) => ({ 'Content-Length': String(bytes) })
    const max = limits.maxBodyBytes
    expect((await post(pad(max))).status).toBe(202)
    expect((await post(pad(max), length(max))).status).toBe(202)
    expect((await post(stream(max))).status).toBe(202)
    for (const answer of [
      await post(pad(max + 1)),
      await post(pad(max + 1), length(max + 1)),
      await post(stream(max + 1)),
      await post(stream(max * 20)),
      await post('['.repeat(1_000_000)),
    ]) {
      expect(answer.status).toBe(413)
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
      expect(await answer.json()).toMatchObject({ code: 'body_too_large' })
    }
  })

  it('limits bytes, not characters', async () => {
    const { send } = createTestServer()
    const title = '\ud83d\ude00'.repeat(limits.maxBodyBytes / 4)
    expect((await send({ name: 'x', title })).status).toBe(413)
  })

  it('replaces invalid UTF-8', async () => {
    const { ask, read } = createTestServer()
    const body = new Uint8Array([...new TextEncoder().encode('{"name":"a'), 0xff, 0x22, 0x7d])
    expect((await ask('/api/sites/shop/events', { method: 'POST', body })).status).toBe(202)
    expect(await read()).toMatchObject({ recentEvents: [{ name: 'a\ufffd' }] })
  })
})

describe('Accepted events', () => {
  it('count once, despite retries, delays and split batches', async () => {
    const server = createTestServer()
    const event = (n: number) => ({ n, name: 'page_view', url, visitorId: 'v' })
    const batch = { client: 'c', events: [1, 2, 3].map(event) }
    const sent = await Promise.all(Array.from({ length: 20 }, () => server.send(batch)))
    for (const answer of sent)
      expect(await verdictOf(answer)).toEqual({ accepted: 3, rejected: [] })
    server.clock.advance(47 * hourMs)
    await server.send({ client: 'c', events: [3, 2].map(event) })
    await server.send({ client: 'c', ...event(1) })
    await server.send({ client: 'c', ...event(4) })
    const now = server.clock.now()
    const { buckets } = await history(server, now - 48 * hourMs + 60_000, now + 60_000)
    expect(buckets.reduce((sum, { pageViews }) => sum + pageViews, 0)).toBe(4)
  })

  it('count in their own minute when they are late, and appear neither in the feed nor as active visitors', async () => {
    const server = createTestServer()
    const now = server.clock.now()
    const events = [47 * hourMs, 2 * hourMs].map(ago => ({
      name: 'page_view',
      url: `${url}late`,
      timestamp: now - ago,
    }))
    await server.send({ events })
    server.clock.advance(1000)
    expect(await server.read()).toMatchObject({
      currentVisitors: 0,
      pageViews: 0,
      recentEvents: [],
    })
    for (const { timestamp } of events) {
      const { buckets } = await history(server, timestamp, timestamp + 1)
      expect(buckets).toMatchObject([{ pageViews: 1, rows: [{ path: '/late', pageViews: 1 }] }])
    }
  })

  it('update only presence when they are heartbeats and leaves', async () => {
    const server = createTestServer()
    const now = server.clock.now()
    await server.send({ name: 'heartbeat', url: `${url}a`, visitorId: 'v' })
    expect(await server.read()).toMatchObject({
      currentVisitors: 1,
      activePages: [{ path: '/a', visitors: 1 }],
      pageViews: 0,
      recentEvents: [],
    })
    await server.send({ name: 'leave', url: `${url}a`, visitorId: 'v' })
    server.clock.advance(11_000)
    expect(await server.read()).toMatchObject({ currentVisitors: 0, activePages: [] })
    expect((await history(server, now, now + 1)).buckets).toMatchObject([{ events: 0 }])
  })

  it.each(['__proto__', 'constructor', 'toString'])('count %s like any other name', async name => {
    const server = createTestServer()
    const now = server.clock.now()
    const event = `{"name":"page_view","url":"https://${name}.example/${name}","visitorId":"${name}"}`
    await server.send(
      `{"events":[${event},${event},{"name":"${name}","properties":{"${name}":1}}]}`,
    )
    const snapshot = await server.read('', 'shop')
    expect(snapshot).toMatchObject({
      currentVisitors: 2,
      activePages: [
        { path: '(none)', visitors: 1 },
        { path: `/${name}`, visitors: 1 },
      ],
      pageViews: 2,
    })
    const { buckets } = await history(server, now, now + 1)
    expect(buckets).toMatchObject([{ events: 3, rows: [{ path: `/${name}`, pageViews: 2 }] }])
  })

  it('count only for their site', async () => {
    const { send, read } = createTestServer()
    const batch = { client: 'c', events: [{ n: 1, name: 'page_view', url, visitorId: 'v' }] }
    await send(batch, { site: 'shop' })
    await send(batch, { site: 'blog' })
    for (const site of ['shop', 'blog']) {
      expect(await read('', site)).toMatchObject({ currentVisitors: 1, pageViews: 1 })
    }
    expect(await read('', 'shop.2')).toMatchObject({ currentVisitors: 0, recentEvents: [] })
  })

  it('count for the page of a hash router, also after a restart', async () => {
    const storage = { dataDir: makeDirectory() }
    const goals = [{ name: 'About', path: '/#/about' }] as const
    const { tidemark, send, read } = createTestServer({ storage, goals })
    const views = ['', '#/', '#/about', '#/about?token=SECRET', '#access_token=SECRET']
    const events = views.map((hash, n) => ({
      ...{ n: n + 1, name: 'page_view', visitorId: `v${n}`, url: url + hash },
    }))
    expect(await verdictOf(await send({ client: 'c', events }))).toMatchObject({ accepted: 5 })
    const query = '?channels=activePages,pageVisitors,goals&path=/%23/about'
    const expected = {
      activePages: [
        { path: '/', visitors: 3 },
        { path: '/#/about', visitors: 2 },
      ],
      pageVisitors: [{ path: '/#/about', visitors: 2 }],
      goals: [{ goal: 'About', count: 2, visitors: 2 }],
    }
    expect(await read(query)).toMatchObject(expected)
    await tidemark.close()
    const restarted = createTestServer({ storage, goals })
    expect(await restarted.read(query)).toMatchObject(expected)
  })

  it('have the same sum in every list, including the rest row', async () => {
    const { send, read, clock } = createTestServer()
    const events = Array.from({ length: 300 }, (_, index) => ({
      name: 'page_view',
      visitorId: `v${index}`,
      url: `${url}${index % 120}`,
      referrer: `https://source-${index % 77}.example/`,
    }))
    await send({ events })
    clock.advance(1000)
    const snapshot = (await read()) as unknown as Snapshot
    expect(snapshot.currentVisitors).toBe(300)
    for (const rows of [
      snapshot.activePages,
      snapshot.referrers,
      snapshot.countries,
      snapshot.devices,
    ]) {
      expect(rows?.reduce((sum, row) => sum + row.visitors, 0)).toBe(300)
    }
    expect(snapshot.activePages?.length).toBe(limits.maxListRows + 1)
    expect(snapshot.activePages?.at(-1)).toMatchObject({ path: '(other)', rest: true })
  })
})

/** Sends a page view with the bindings of a socket, as the HTTP server passes them. */
function sendFrom(server: TestServer, socketAddress: string, headers: Record<string, string> = {}) {
  const request = new Request('http://stats.example/api/sites/shop/events', {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: 'page_view', url }),
  })
  return server.tidemark.fetch(request, {
    incoming: { socket: { remoteAddress: socketAddress } },
  })
}

describe('Sender of an event', () => {
  async function countVisitors(options: TidemarkOptions, senders: [string, string?][]) {
    const server = createTestServer(options)
    for (const [socket, forwarded] of senders) {
      await sendFrom(server, socket, forwarded ? { 'X-Forwarded-For': forwarded } : {})
    }
    server.clock.advance(1000)
    return (await server.read())['currentVisitors']
  }

  it('is distinguished by the address of the socket', async () => {
    expect(await countVisitors({}, [['192.0.2.1'], ['192.0.2.2'], ['192.0.2.1']])).toBe(2)
  })

  it('is not distinguished by X-Forwarded-For of an untrusted peer', async () => {
    const forged: [string, string][] = [
      ['192.0.2.1', '198.51.100.1'],
      ['192.0.2.1', '198.51.100.2'],
      ['192.0.2.1', '10.0.0.1'],
    ]
    expect(await countVisitors({}, forged)).toBe(1)
    expect(await countVisitors({ proxy: { trusted: ['10.0.0.0/8'] } }, forged)).toBe(1)
  })

  it('is distinguished by X-Forwarded-For of a trusted proxy, from its end', async () => {
    const senders: [string, string][] = [
      ['10.0.0.1', '198.51.100.1'],
      ['10.0.0.2', '198.51.100.2'],
      ['10.0.0.3', '6.6.6.6, 198.51.100.2'],
    ]
    expect(await countVisitors({ proxy: { trusted: ['10.0.0.0/8'] } }, senders)).toBe(2)
  })

  it('is distinguished by the user agent', async () => {
    const server = createTestServer()
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0'
    const other = firefox.replaceAll('142', '143')
    for (const agent of [firefox, other, firefox]) {
      await sendFrom(server, '192.0.2.1', { 'User-Agent': agent })
    }
    server.clock.advance(1000)
    expect(await server.read()).toMatchObject({ currentVisitors: 2 })
  })

  it('is the same after a restart on the same day', async () => {
    const dataDir = makeDirectory()
    const first = createTestServer({ storage: { dataDir } })
    await sendFrom(first, '192.0.2.1')
    await first.tidemark.close()
    const second = createTestServer({ storage: { dataDir } })
    await sendFrom(second, '192.0.2.1')
    second.clock.advance(1000)
    expect(await second.read()).toMatchObject({ currentVisitors: 1, pageViews: 2 })
  })

  it.each([
    [{ proxy: { countryHeader: 'CF-IPCountry' } }, 'fr', 'FR'],
    [{ proxy: { countryHeader: 'CF-IPCountry' } }, 'XX', '(unknown)'],
    [{ proxy: { countryHeader: 'CF-IPCountry' } }, 'T1', '(unknown)'],
    [{ proxy: { countryHeader: 'CF-IPCountry' } }, 'France', '(unknown)'],
    [{ proxy: { countryHeader: 'CF-IPCountry' } }, '<b>', '(unknown)'],
    [{}, 'FR', '(unknown)'],
  ])('with %j and the header %s is in the country %s', async (options, header, country) => {
    const server = createTestServer(options)
    await sendFrom(server, '192.0.2.1', { 'CF-IPCountry': header })
    expect(await server.read()).toMatchObject({ countries: [{ country, visitors: 1 }] })
  })

  it('is not read from the body: country and user agent are of the request', async () => {
    const { send, read } = createTestServer()
    await send({ name: 'x', country: 'FR', device: 'tv', userAgent: 'iPhone' })
    expect(await read()).toMatchObject({
      countries: [{ country: '(unknown)' }],
      devices: [{ device: 'other' }],
    })
  })
})

describe('A restart', () => {
  it('restores the numbers and starts a later epoch', async () => {
    const dataDir = makeDirectory()
    const first = createTestServer({ storage: { dataDir } })
    const now = first.clock.now()
    for (let batch = 0; batch < 30; batch++) {
      first.clock.advance(7000)
      const events = Array.from({ length: 5 }, (_, index) => ({
        n: batch * 3 + index + 1,
        name: index % 2 ? 'sign_up' : 'page_view',
        url: `${url}${(batch * index) % 7}`,
        visitorId: `v${batch % 9}`,
        referrer: `https://source-${batch % 4}.example/`,
        title: `Page \ud800 ${index}`,
        timestamp: first.clock.now() - index * 90_000,
      }))
      await first.send({ client: 'c', events: [...events, { name: '' }] })
    }
    first.clock.advance(1000)
    const { cursor, at: _, ...state } = await first.read('?minutes=60')
    const before = await history(first, now - hourMs, now + hourMs)
    await first.tidemark.close()

    const second = createTestServer({ storage: { dataDir } })
    await second.tidemark.ready
    second.clock.advance(first.clock.now() - second.clock.now())
    const { cursor: laterCursor, at: __, ...again } = await second.read('?minutes=60')
    expect(again).toEqual(state)
    expect(await history(second, now - hourMs, now + hourMs)).toEqual(before)
    const epochOf = (text: unknown): number => Number.parseInt(String(text), 10)
    expect(epochOf(laterCursor)).toBeGreaterThan(epochOf(cursor))
  })
})

describe('A burst of large batches', () => {
  /** Counts the turns of the event loop while a hundred clients send a batch each. */
  async function turnsWhile(server: TestServer, eventsInEach: number): Promise<number> {
    let turns = 0
    let isOver = false
    const count = (): void => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    const bodies = Array.from({ length: 100 }, (_, client) => ({
      client: `c${client}`,
      events: Array.from({ length: eventsInEach }, (_each, n) => ({ n: n + 1, name: 'x', url })),
    }))
    await Promise.all(bodies.map(body => server.send(body).then(verdictOf)))
    isOver = true
    return turns
  }

  it('leaves time for other tasks', async () => {
    const server = createTestServer()
    await turnsWhile(server, 10)
    // A batch takes about three milliseconds, and a slice ends at most one millisecond after its batch.
    expect(await turnsWhile(server, 1000)).toBeGreaterThan(20)
  })
})
