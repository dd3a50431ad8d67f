import { gzipSync } from 'node:zlib'
import type { BatchVerdict, Problem, ServerMessage, Snapshot } from '@tidemark/protocol'
import {
  type LimitsAnswer,
  type MetricsAnswer,
  type MetricsRow,
  type TidemarkOptions,
  createTidemark,
} from '@tidemark/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { measureLongestTurnMs } from '../fuzz/longest-turn.ts'

/** Malformed, oversized and hostile input, sent to a server over a real port. */

const minuteMs = 60_000
const url = 'https://shop.example/'
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0'

async function startServer(options: TidemarkOptions = {}) {
  const tidemark = createTidemark(options)
  onTestFinished(() => tidemark.close())
  const { url: origin } = await tidemark.listen({ port: 0 })
  const api = `${origin}/api`
  const urlOf = (site: string, path: string): string => `${api}/sites/${site}/${path}`
  return {
    api,
    socketUrl: (site: string) => urlOf(site, 'realtime/ws').replace('http:', 'ws:'),
    get: (path: string, site = 'shop') => fetch(urlOf(site, path)),
    send: (body: unknown, headers: Record<string, string> = {}, site = 'shop') =>
      fetch(urlOf(site, 'events'), {
        method: 'POST',
        headers: { 'User-Agent': firefox, ...headers },
        body: typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body),
      }),
    /** Waits for a snapshot that matches a condition. */
    async waitForSnapshot(
      isExpected: (snapshot: Snapshot) => boolean,
      site = 'shop',
    ): Promise<Snapshot> {
      const read = async () =>
        (await (await fetch(urlOf(site, 'realtime?minutes=60'))).json()) as Snapshot
      await expect.poll(async () => isExpected(await read()), { timeout: 5000 }).toBe(true)
      return read()
    },
    /** Reads the minute buckets of the last two days with all their rows, without empty ones. */
    async history(by: 'path' | 'name', site = 'shop') {
      const to = Math.ceil(Date.now() / minuteMs) * minuteMs + minuteMs
      const read = async (query: string) =>
        (await (await fetch(urlOf(site, `metrics?${query}`))).json()) as MetricsAnswer
      const { buckets } = await read(`from=${to - 2880 * minuteMs}&to=${to}`)
      const withRows: MetricsAnswer['buckets'] = []
      for (const { at, events } of buckets) {
        if (events === 0) continue
        const minute = await read(`by=${by}&bucketLimit=1000&from=${at}&to=${at + minuteMs}`)
        withRows.push(...minute.buckets)
      }
      return withRows
    },
  }
}

function countOf(row: MetricsRow): number {
  if ('sessions' in row) return row.sessions
  return 'pageViews' in row ? row.pageViews : 'events' in row ? row.events : row.count
}

async function verdictOf(answer: Response): Promise<BatchVerdict> {
  expect(answer.status).toBe(202)
  return (await answer.json()) as BatchVerdict
}

/** Creates 97 KB of gzip data that unpacks to 100 MB of spaces. */
function createGzipBomb(): Blob {
  return new Blob([gzipSync(Buffer.alloc(100_000_000, ' '))])
}

describe('Events: wrong types, missing fields, empty and huge batches', () => {
  it('rejects each invalid event with its index and a code, and stores the valid ones', async () => {
    const { send, waitForSnapshot, history } = await startServer()
    const events = [
      { name: 'page_view', url },
      { name: 5 },
      {},
      null,
      'page_view',
      { name: 'page_view', url: 'nowhere' },
      { name: 'page_view', n: '1' },
      { name: 'sign_up', properties: { nested: {} } },
      { name: 'page_view', url },
    ]
    expect(await verdictOf(await send({ events }))).toEqual({
      accepted: 2,
      rejected: [
        { index: 1, code: 'name_invalid' },
        { index: 2, code: 'name_invalid' },
        { index: 3, code: 'event_invalid' },
        { index: 4, code: 'event_invalid' },
        { index: 5, code: 'url_invalid' },
        { index: 6, code: 'n_invalid' },
        { index: 7, code: 'properties_invalid' },
      ],
    })
    expect((await waitForSnapshot(({ pageViews }) => pageViews === 2)).recentEvents?.length).toBe(2)
    expect((await history('name')).flatMap(({ rows }) => rows)).toEqual([
      { name: 'page_view', events: 2, visitors: 1 },
    ])
  })

  it('answers an empty batch with 202, and a batch of 1,001 events with 413', async () => {
    const { send } = await startServer()
    expect(await verdictOf(await send({ events: [] }))).toEqual({ accepted: 0, rejected: [] })
    const answer = await send({ events: Array.from({ length: 1001 }, () => ({ name: 'x' })) })
    expect(answer.status).toBe(413)
    expect(((await answer.json()) as Problem).code).toBe('body_too_large')
  })
})

describe('Events: oversized bodies, gzip bombs, long names', () => {
  it.each<[string, number, () => [string | Blob, Record<string, string>?]]>([
    ['1 MB of `[`', 413, () => ['['.repeat(1_000_000)]],
    ['500 KB of `[`', 400, () => ['['.repeat(500_000)]],
    ['500 KB of arrays in arrays', 400, () => ['['.repeat(250_000) + ']'.repeat(250_000)]],
    ['a 1 MB name', 413, () => [JSON.stringify({ name: 'x'.repeat(1_000_000) })]],
    ['100 MB in 97 KB of gzip', 415, () => [createGzipBomb(), { 'Content-Encoding': 'gzip' }]],
    ['97 KB of gzip without Content-Encoding', 400, () => [createGzipBomb()]],
  ])('answers %s with %i, and does not block the event loop', async (_, status, create) => {
    const { send, api } = await startServer()
    const [body, headers] = create()
    await fetch(`${api}/health`)
    let answer: Response | undefined
    const longestTurnMs = await measureLongestTurnMs(async () => {
      answer = await send(body, headers)
    })
    expect(answer?.status).toBe(status)
    expect(answer?.headers.get('Content-Type')).toBe('application/problem+json')
    expect(longestTurnMs).toBeLessThan(50)
    expect((await fetch(`${api}/health`)).status).toBe(200)
  })

  it('answers an endless body with 413 as soon as it is too large, and keeps running', async () => {
    const { api } = await startServer()
    let sentBytes = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sentBytes += 65_536
        controller.enqueue(new Uint8Array(65_536).fill(0x5b))
      },
    })
    const init = { method: 'POST', body: endless, duplex: 'half' } as RequestInit
    const answer = await fetch(`${api}/sites/shop/events`, init).catch(() => undefined)
    // The server may close the connection before the client has read the answer.
    expect(answer?.status ?? 413).toBe(413)
    expect(sentBytes).toBeLessThan(50_000_000)
    expect((await fetch(`${api}/health`)).status).toBe(200)
  })

  it('rejects only the event with a 400 KB name, and stores the other one', async () => {
    const { send } = await startServer()
    const events = [{ name: 'x'.repeat(400_000) }, { name: 'x' }]
    expect(await verdictOf(await send({ events }))).toEqual({
      accepted: 1,
      rejected: [{ index: 0, code: 'name_invalid' }],
    })
  })
})

describe('Events: `__proto__`, `constructor` and `toString` as event, property and path', () => {
  it('counts these names like any other name', async () => {
    const { send, waitForSnapshot, history } = await startServer()
    const names = ['__proto__', 'constructor', 'toString', 'valueOf', 'ordinary']
    for (const [index, name] of names.entries()) {
      const event = `{"name":"${name}","properties":{"${name}":1},"${name}":{"x":1}}`
      const view = `{"name":"page_view","url":"${url}${name}","visitorId":"${name}"}`
      const events = [event, ...Array<string>(index + 1).fill(view)]
      await verdictOf(await send(`{"client":"${name}","events":[${events.join(',')}]}`))
    }
    // One visitor per name, and one without an id for the other events.
    const snapshot = await waitForSnapshot(
      ({ currentVisitors }) => currentVisitors === names.length + 1,
    )
    expect(snapshot.activePages?.map(({ path }) => path).toSorted()).toEqual(
      ['(none)', ...names.map(name => `/${name}`)].toSorted(),
    )
    const paths = new Map<string, number>()
    for (const row of (await history('path')).flatMap(({ rows = [] }) => rows)) {
      if ('path' in row) paths.set(row.path, (paths.get(row.path) ?? 0) + row.pageViews)
    }
    expect(paths).toEqual(new Map(names.map((name, index) => [`/${name}`, index + 1])))
    const events = new Map<string, number>()
    for (const row of (await history('name')).flatMap(({ rows = [] }) => rows)) {
      if ('name' in row && 'events' in row)
        events.set(row.name, (events.get(row.name) ?? 0) + row.events)
    }
    for (const name of names) expect(events.get(name)).toBe(1)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

describe('Events: lone surrogates, NUL, bidi marks, control characters', () => {
  it('replaces these characters, with the same text in live data and history', async () => {
    const { send, waitForSnapshot, history } = await startServer()
    const body = String.raw`{"name":"a\ud800\u0000\u202e\u001b[31m","title":"\udfff\r\n\ufeffb"}`
    await verdictOf(await send(body))
    const { recentEvents } = await waitForSnapshot(snapshot => snapshot.recentEvents?.length === 1)
    const clean = 'a\ufffd\ufffd\ufffd\ufffd[31m'
    expect(recentEvents).toMatchObject([{ name: clean, title: '\ufffd\ufffd\ufffd\ufffdb' }])
    expect((await history('name')).flatMap(({ rows }) => rows)).toEqual([
      { name: clean, events: 1, visitors: 1 },
    ])
  })
})

describe('Events: `1e999`, NaN, −0 and 2^53+1 as values; timestamps before 1970 and after 9999', () => {
  it('rejects or clamps these numbers, counts them in the limits, and keeps every aggregate finite', async () => {
    const { send, get, waitForSnapshot, history } = await startServer()
    const body = `{"events":[
      {"name":"x","value":1e999},{"name":"x","value":-1e999},{"name":"x","value":9007199254740994},
      {"name":"x","properties":{"a":1e999}},{"name":"x","n":1e999},
      {"name":"x","timestamp":-1},{"name":"x","timestamp":253402300800000},{"name":"x","timestamp":1e999},
      {"name":"valid","value":-0},{"name":"valid","value":9007199254740993},
      {"name":"valid","timestamp":253402300799999}]}`
    const { accepted, rejected } = await verdictOf(await send(body))
    expect(accepted).toBe(3)
    expect(rejected.map(({ code }) => code)).toEqual([
      'value_invalid',
      'value_invalid',
      'value_invalid',
      'properties_invalid',
      'n_invalid',
      'timestamp_invalid',
      'timestamp_invalid',
      'timestamp_invalid',
    ])
    expect((await send('{"name":"x","value":NaN}')).status).toBe(400)
    const { recentEvents = [] } = await waitForSnapshot(
      snapshot => snapshot.recentEvents?.length === 3,
    )
    for (const { timestamp } of recentEvents) expect(timestamp).toBeLessThanOrEqual(Date.now())
    expect((await history('name')).reduce((sum, { events }) => sum + events, 0)).toBe(3)
    const { rows } = (await (await get('metrics?by=value')).json()) as MetricsAnswer
    // JSON has null for numbers that are not finite.
    const [summary] = rows ?? []
    expect(summary).toMatchObject({ name: 'valid', count: 2, min: 0, max: 9007199254740992 })
    expect(Object.values(summary ?? {})).not.toContain(null)
    const { sinceStart } = (await (await get('limits')).json()) as LimitsAnswer
    expect(sinceStart).toMatchObject({
      refused: { body_invalid: 1 },
      rejected: { value_invalid: 3, properties_invalid: 1, n_invalid: 1, timestamp_invalid: 3 },
      otherHost: 0,
      clamped: 1,
    })
  })
})

describe('Events: many different paths, names and visitors', () => {
  // Twenty thousand exceed every bound. high-cardinality.long.test.ts sends ten million.
  it(
    'counts all events exactly with `(other)`, keeps answers small, and does not affect other sites',
    { timeout: 30_000 },
    async () => {
      const { send, waitForSnapshot, history, get } = await startServer()
      await send({ name: 'page_view', url, visitorId: 'v' }, {}, 'blog')
      const count = 20_000
      for (let from = 0; from < count; from += 1000) {
        const events = Array.from({ length: 1000 }, (_, index) => ({
          name: index % 2 ? 'page_view' : `event ${from + index}`,
          url: `${url}${from + index}`,
          visitorId: `v${from + index}`,
          referrer: `https://${from + index}.example/`,
        }))
        expect(await verdictOf(await send({ events }))).toMatchObject({ accepted: 1000 })
      }
      const snapshot = await waitForSnapshot(({ currentVisitors }) => currentVisitors === count)
      expect(snapshot.pageViews).toBe(count / 2)
      for (const rows of [snapshot.activePages, snapshot.referrers]) {
        expect(rows?.length).toBe(51)
        expect(rows?.at(-1)).toMatchObject({ rest: true })
        expect(rows?.reduce((sum, { visitors }) => sum + visitors, 0)).toBe(count)
      }
      for (const by of ['path', 'name'] as const) {
        for (const { events, pageViews, rows = [] } of await history(by)) {
          expect(rows.length).toBeLessThanOrEqual(1001)
          const sum = rows.reduce((all, row) => all + countOf(row), 0)
          expect(sum).toBe(by === 'path' ? pageViews : events)
        }
      }
      const buckets = await history('name')
      expect(buckets.reduce((sum, { events }) => sum + events, 0)).toBe(count)
      expect((await (await get('realtime')).text()).length).toBeLessThan(50_000)
      expect((await (await get('realtime', 'blog')).json()) as Snapshot).toMatchObject({
        currentVisitors: 1,
        activePages: [{ path: '/', visitors: 1 }],
      })
    },
  )
})

describe('Events: replayed, reordered and concurrent batches', () => {
  it('leads to the same numbers in every order', async () => {
    const now = Date.now()
    const batches = Array.from({ length: 24 }, (_, batch) => ({
      client: `c${batch % 6}`,
      visitorId: `v${batch % 6}`,
      events: Array.from({ length: 4 }, (__, index) => ({
        n: Math.floor(batch / 6) * 3 + index + 1,
        name: 'page_view',
        url: `${url}${batch % 6}`,
        timestamp: now - ((Math.floor(batch / 6) * 3 + index) % 7) * minuteMs,
      })),
    }))
    const countAfter = async (sending: { order: typeof batches; concurrency: number }) => {
      const { send, waitForSnapshot, history } = await startServer()
      for (let from = 0; from < sending.order.length; from += sending.concurrency) {
        const group = sending.order.slice(from, from + sending.concurrency)
        await Promise.all(group.map(async batch => verdictOf(await send(batch))))
      }
      const expected = 6 * 13
      const { activePages, currentVisitors, pageViews, devices } = await waitForSnapshot(
        snapshot => snapshot.pageViews === expected,
      )
      return { activePages, currentVisitors, pageViews, devices, history: await history('path') }
    }
    const once = await countAfter({ order: batches, concurrency: 1 })
    const twice = await countAfter({ order: [...batches, ...batches], concurrency: 1 })
    const reversed = await countAfter({ order: batches.toReversed(), concurrency: 1 })
    const concurrent = await countAfter({
      order: [...batches, ...batches, ...batches],
      concurrency: 72,
    })
    expect(twice).toEqual(once)
    expect(reversed).toEqual(once)
    expect(concurrent).toEqual(once)
  })
})

describe('Another site’s id in the path, subscription or cursor', () => {
  it('answers unknown sites with 404 on every endpoint, and leaks no data of another site', async () => {
    const { send, get, socketUrl, waitForSnapshot } = await startServer({ sites: ['shop', 'blog'] })
    await send({ name: 'secret event', url: `${url}secret`, title: 'Secret' })
    const { cursor } = await waitForSnapshot(({ currentVisitors }) => currentVisitors === 1)
    const answers = [
      await get('realtime', 'other'),
      await get(`realtime/frames?since=${cursor}`, 'other'),
      await get('metrics', 'other'),
      await get('realtime/ws', 'other'),
      await send({ name: 'x' }, {}, 'other'),
      await get('realtime', 'shop%2F..%2Fblog'),
    ]
    for (const answer of answers) {
      expect(answer.status).toBe(404)
      expect(await answer.text()).not.toMatch(/shop|blog|secret/i)
    }
    // A cursor grants no access: another site answers it with its own frames or none.
    const frames = await (
      await get(`realtime/frames?since=${cursor.replace(/\d+$/, '0')}`, 'blog')
    ).text()
    expect(frames).not.toMatch(/secret/i)
    const socket = new WebSocket(socketUrl('blog'))
    onTestFinished(() => socket.terminate())
    const received: string[] = []
    await new Promise<void>(resolve => {
      socket.on('open', () => {
        socket.send(JSON.stringify({ type: 'sub', site: 'shop', channels: ['recentEvents'] }))
      })
      socket.on('message', data => {
        received.push((data as Buffer).toString())
        if (received.length === 2) resolve()
      })
    })
    expect(received.join()).not.toMatch(/secret/i)
    expect(JSON.parse(received[1] ?? '')).toMatchObject({
      type: 'snap',
      snapshot: { recentEvents: [] },
    })
  })
})

describe('WebSocket: foreign or missing Origin', () => {
  it('refuses the handshake with 403, and accepts the allowed origin', async () => {
    const { socketUrl } = await startServer({
      access: {
        // Without this option, the server refuses a foreign origin without a token before it calls `authorize`.
        allowedOrigins: ['https://shop.example'],
        authorize: ({ headers }) => headers.get('Origin') === 'https://shop.example',
      },
    })
    const open = (origin?: string) =>
      new Promise<number>((resolve, reject) => {
        const socket = new WebSocket(socketUrl('shop'), origin === undefined ? {} : { origin })
        onTestFinished(() => socket.terminate())
        socket.on('unexpected-response', (_, { statusCode = 0 }) => resolve(statusCode))
        socket.on('open', () => resolve(101))
        socket.on('error', reject)
      })
    expect(await open('https://foreign.example')).toBe(403)
    expect(await open('null')).toBe(403)
    expect(await open()).toBe(403)
    expect(await open('https://shop.example')).toBe(101)
  })
})

describe('Events: `<script>` and `javascript:` with a newline as name, path and referrer', () => {
  it('stores scripts as text and answers with JSON; rejects script addresses', async () => {
    const { send, get, waitForSnapshot } = await startServer()
    const script = '<script>alert(1)</script>'
    const events = [
      { name: script, title: script, url: `${url}${script}`, referrer: 'java\nscript:alert(1)' },
      { name: 'x', url: 'java\nscript:alert(1)' },
      { name: 'x', url: 'javascript:alert(1)' },
    ]
    expect((await verdictOf(await send({ events }))).rejected).toEqual([
      { index: 1, code: 'url_invalid' },
      { index: 2, code: 'url_invalid' },
    ])
    expect(await waitForSnapshot(({ currentVisitors }) => currentVisitors === 1)).toMatchObject({
      recentEvents: [{ name: script, title: script, path: '/%3Cscript%3Ealert(1)%3C/script%3E' }],
      referrers: [{ source: '(unknown)' }],
    })
    for (const path of ['realtime', 'metrics?by=name', `realtime?channels=${script}`]) {
      const answer = await get(path)
      expect(answer.headers.get('Content-Type')).toMatch(/^application\/(problem\+)?json/)
    }
  })
})

describe('Forged X-Forwarded-For and country headers', () => {
  const from = (address: string) => ({
    'X-Forwarded-For': address,
    'User-Agent': firefox,
  })

  it('ignores the address unless a trusted proxy sends it', async () => {
    const direct = await startServer()
    const behindProxy = await startServer({ proxy: { trusted: ['127.0.0.0/8', '::1'] } })
    for (const { send } of [direct, behindProxy]) {
      for (const address of ['198.51.100.1', '198.51.100.2', '6.6.6.6, 198.51.100.2']) {
        await verdictOf(await send({ name: 'page_view', url }, from(address)))
      }
    }
    const countVisitors = async ({ waitForSnapshot }: typeof direct) =>
      (await waitForSnapshot(({ pageViews }) => pageViews === 3)).currentVisitors
    expect(await countVisitors(direct)).toBe(1)
    expect(await countVisitors(behindProxy)).toBe(2)
  })

  it('ignores the country unless a trusted proxy sends it', async () => {
    const countryHeader = 'CF-IPCountry'
    const readCountries = async (trusted: string[]): Promise<string[] | undefined> => {
      const { send, waitForSnapshot } = await startServer({ proxy: { countryHeader, trusted } })
      await verdictOf(await send({ name: 'page_view', url }, { [countryHeader]: 'FR' }))
      const { countries } = await waitForSnapshot(({ pageViews }) => pageViews === 1)
      return countries?.map(({ country }) => country)
    }
    expect(await readCountries(['192.0.2.1'])).toEqual(['(unknown)'])
    expect(await readCountries(['127.0.0.0/8', '::1'])).toEqual(['FR'])
  })
})

describe('WebSocket: messages that are too large, too many, not JSON, or of an unknown type', () => {
  async function connect() {
    const { socketUrl, api } = await startServer()
    const socket = new WebSocket(socketUrl('shop'))
    onTestFinished(() => socket.terminate())
    const received: ServerMessage[] = []
    socket.on('message', data =>
      received.push(JSON.parse((data as Buffer).toString()) as ServerMessage),
    )
    const closed = new Promise<number>(resolve => socket.once('close', resolve))
    await new Promise<void>(resolve => socket.once('open', resolve))
    socket.on('error', () => undefined)
    return { socket, received, closed, api }
  }

  it.each<[string, (socket: WebSocket) => void, number]>([
    ['message that is too large', socket => socket.send('x'.repeat(20_000)), 1009],
    ['message that is not JSON', socket => socket.send('sub'), 4400],
    ['binary message', socket => socket.send(Buffer.from('{}')), 4400],
    [
      'burst of too many messages',
      socket => {
        for (let count = 0; count < 61; count++) socket.send('{"type":"pong"}')
      },
      4429,
    ],
  ])('closes the connection with a code after a %s, and keeps running', async (_, send, code) => {
    const { socket, closed, api } = await connect()
    send(socket)
    expect(await closed).toBe(code)
    expect((await fetch(`${api}/health`)).status).toBe(200)
  })

  it('answers a message of an unknown type with an error, and keeps the connection open', async () => {
    const { socket, received } = await connect()
    socket.send('{"type":"later"}')
    socket.send('{"type":"sub","channels":["currentVisitors"]}')
    await expect
      .poll(() => received.map(({ type }) => type), { timeout: 5000 })
      .toEqual(['hello', 'error', 'snap'])
    expect(received[1]).toMatchObject({ code: 'message_unknown' })
  })
})

describe('CRLF in text that reaches headers or logs', () => {
  it('adds no header and no second line', async () => {
    const { get, send } = await startServer()
    const injected = 'x%0d%0aSet-Cookie:%20a=b%0d%0a'
    const answers = [
      await get(`realtime?channels=${injected}`),
      await get(`realtime/frames?since=${injected}`),
      await get(`metrics?by=${injected}&from=${injected}`),
      await get('realtime', injected),
      await send({ name: 'a\r\nSet-Cookie: a=b' }, {}, injected),
    ]
    for (const answer of answers) {
      expect([400, 404]).toContain(answer.status)
      expect(answer.headers.get('Set-Cookie')).toBeNull()
      expect(await answer.text()).not.toMatch(/[\r\n]/)
    }
    const tag = await fetch((await get('realtime')).url, {
      headers: { 'If-None-Match': '"1.1", garbage;%0d%0aSet-Cookie: a=b' },
    })
    expect(tag.status).toBe(200)
    expect(tag.headers.get('Set-Cookie')).toBeNull()
  })
})
