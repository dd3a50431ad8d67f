import process from 'node:process'
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

/** What a server must survive of what anyone may send to it: over a real port, as anyone would. */

const minuteMs = 60_000
const url = 'https://shop.example/'

async function serve(options: TidemarkOptions = {}) {
  const tidemark = createTidemark(options)
  onTestFinished(() => tidemark.close())
  const { url: origin } = await tidemark.listen({ port: 0 })
  const api = `${origin}/api`
  const ofSite = (site: string, path: string): string => `${api}/sites/${site}/${path}`
  return {
    api,
    socketUrl: (site: string) => ofSite(site, 'realtime/ws').replace('http:', 'ws:'),
    get: (path: string, site = 'shop') => fetch(ofSite(site, path)),
    send: (body: unknown, headers: Record<string, string> = {}, site = 'shop') =>
      fetch(ofSite(site, 'events'), {
        method: 'POST',
        headers,
        body: typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body),
      }),
    /** The state once the frame that is due has been made. */
    async settled(isSettled: (snapshot: Snapshot) => boolean, site = 'shop'): Promise<Snapshot> {
      const read = async () =>
        (await (await fetch(ofSite(site, 'realtime?minutes=60'))).json()) as Snapshot
      await expect.poll(async () => isSettled(await read()), { timeout: 5000 }).toBe(true)
      return read()
    },
    /** What happened in the last two days, minute by minute, without the minutes of nothing. */
    async history(by: 'path' | 'name', site = 'shop') {
      const to = Math.ceil(Date.now() / minuteMs) * minuteMs + minuteMs
      const query = `metrics?by=${by}&from=${to - 2880 * minuteMs}&to=${to}`
      const { buckets } = (await (await fetch(ofSite(site, query))).json()) as MetricsAnswer
      return buckets.filter(bucket => bucket.events > 0)
    },
  }
}

function countOf(row: MetricsRow): number {
  return 'pageViews' in row ? row.pageViews : 'events' in row ? row.events : row.count
}

async function verdictOf(answer: Response): Promise<BatchVerdict> {
  expect(answer.status).toBe(202)
  return (await answer.json()) as BatchVerdict
}

/** 97 KB that are 100 MB of spaces. */
function bomb(): Blob {
  return new Blob([gzipSync(Buffer.alloc(100_000_000, ' '))])
}

/** The longest turn of the loop of this process, which is the server too, in milliseconds of processor time. */
async function longestTurnMs(run: () => Promise<unknown>): Promise<number> {
  let before = process.threadCpuUsage()
  let longest = 0
  let isRunning = true
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(before)
    longest = Math.max(longest, user + system)
    before = process.threadCpuUsage()
    if (isRunning) setImmediate(look)
  }
  look()
  await run()
  isRunning = false
  look()
  return longest / 1000
}

describe('wrong types, missing fields, empty, huge batch', () => {
  it('gets a verdict with index and code for each event, and the good ones are kept', async () => {
    const { send, settled, history } = await serve()
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
    expect((await settled(({ pageViews }) => pageViews === 2)).recentEvents?.length).toBe(2)
    expect((await history('name')).flatMap(({ rows }) => rows)).toEqual([
      { name: 'page_view', events: 2, visitors: 1 },
    ])
  })

  it('is 202 with nothing for an empty batch, and 413 for one of 1,001', async () => {
    const { send } = await serve()
    expect(await verdictOf(await send({ events: [] }))).toEqual({ accepted: 0, rejected: [] })
    const answer = await send({ events: Array.from({ length: 1001 }, () => ({ name: 'x' })) })
    expect(answer.status).toBe(413)
    expect(((await answer.json()) as Problem).code).toBe('body_too_large')
  })
})

describe('1 MB of `[`, 97 KB gzip that unpacks to 100 MB, 1 MB names', () => {
  it.each<[string, number, () => [string | Blob, Record<string, string>?]]>([
    ['1 MB of `[`', 413, () => ['['.repeat(1_000_000)]],
    ['500 KB of `[`', 400, () => ['['.repeat(500_000)]],
    ['500 KB of arrays in arrays', 400, () => ['['.repeat(250_000) + ']'.repeat(250_000)]],
    ['a 1 MB name', 413, () => [JSON.stringify({ name: 'x'.repeat(1_000_000) })]],
    ['100 MB in 97 KB of gzip', 415, () => [bomb(), { 'Content-Encoding': 'gzip' }]],
    ['97 KB of gzip that does not say so', 400, () => [bomb()]],
  ])('%s is %i, and stalls nobody', async (_, status, make) => {
    const { send, api } = await serve()
    const [body, headers] = make()
    await fetch(`${api}/health`)
    let answer: Response | undefined
    const stalledMs = await longestTurnMs(async () => {
      answer = await send(body, headers)
    })
    expect(answer?.status).toBe(status)
    expect(answer?.headers.get('Content-Type')).toBe('application/problem+json')
    expect(stalledMs).toBeLessThan(50)
    expect((await fetch(`${api}/health`)).status).toBe(200)
  })

  it('a body without a length is 413 as soon as it is too large, and the server lives', async () => {
    const { api } = await serve()
    let sentBytes = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sentBytes += 65_536
        controller.enqueue(new Uint8Array(65_536).fill(0x5b))
      },
    })
    const init = { method: 'POST', body: endless, duplex: 'half' } as RequestInit
    const answer = await fetch(`${api}/sites/shop/events`, init).catch(() => undefined)
    // The connection may be ended before the whole answer is read; what counts is that it ends.
    expect(answer?.status ?? 413).toBe(413)
    expect(sentBytes).toBeLessThan(50_000_000)
    expect((await fetch(`${api}/health`)).status).toBe(200)
  })

  it('a 400 KB name is refused by itself, and the event beside it is kept', async () => {
    const { send } = await serve()
    const events = [{ name: 'x'.repeat(400_000) }, { name: 'x' }]
    expect(await verdictOf(await send({ events }))).toEqual({
      accepted: 1,
      rejected: [{ index: 0, code: 'name_invalid' }],
    })
  })
})

describe('`__proto__`, `constructor`, `toString` as event, property, path', () => {
  it('are counted exactly as any other name', async () => {
    const { send, settled, history } = await serve()
    const names = ['__proto__', 'constructor', 'toString', 'valueOf', 'ordinary']
    for (const [index, name] of names.entries()) {
      const event = `{"name":"${name}","properties":{"${name}":1},"${name}":{"x":1}}`
      const view = `{"name":"page_view","url":"${url}${name}","visitorId":"${name}"}`
      const events = [event, ...Array<string>(index + 1).fill(view)]
      await verdictOf(await send(`{"client":"${name}","events":[${events.join(',')}]}`))
    }
    // One for each, and one who has no id and sent the other events.
    const snapshot = await settled(({ currentVisitors }) => currentVisitors === names.length + 1)
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
      if ('events' in row) events.set(row.name, (events.get(row.name) ?? 0) + row.events)
    }
    for (const name of names) expect(events.get(name)).toBe(1)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

describe('lone surrogates, NUL, bidi marks, control characters', () => {
  it('become well-formed text, and what is stored is what is shown', async () => {
    const { send, settled, history } = await serve()
    const body = String.raw`{"name":"a\ud800\u0000\u202e\u001b[31m","title":"\udfff\r\n\ufeffb"}`
    await verdictOf(await send(body))
    const { recentEvents } = await settled(snapshot => snapshot.recentEvents?.length === 1)
    const clean = 'a\ufffd\ufffd\ufffd\ufffd[31m'
    expect(recentEvents).toMatchObject([{ name: clean, title: '\ufffd\ufffd\ufffd\ufffdb' }])
    expect((await history('name')).flatMap(({ rows }) => rows)).toEqual([
      { name: clean, events: 1, visitors: 1 },
    ])
  })
})

describe('`1e999`, NaN, −0, 2^53+1 as values; times before 1970 and after 9999', () => {
  it('are rejected or clamped and counted, and every aggregate stays finite', async () => {
    const { send, get, settled, history } = await serve()
    const body = `{"events":[
      {"name":"x","value":1e999},{"name":"x","value":-1e999},{"name":"x","value":9007199254740994},
      {"name":"x","properties":{"a":1e999}},{"name":"x","n":1e999},
      {"name":"x","timestamp":-1},{"name":"x","timestamp":253402300800000},{"name":"x","timestamp":1e999},
      {"name":"kept","value":-0},{"name":"kept","value":9007199254740993},
      {"name":"kept","timestamp":253402300799999}]}`
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
    const { recentEvents = [] } = await settled(snapshot => snapshot.recentEvents?.length === 3)
    for (const { timestamp } of recentEvents) expect(timestamp).toBeLessThanOrEqual(Date.now())
    expect((await history('name')).reduce((sum, { events }) => sum + events, 0)).toBe(3)
    const { rows } = (await (await get('metrics?by=value')).json()) as MetricsAnswer
    // JSON has null for what is not finite.
    const [summary] = rows ?? []
    expect(summary).toMatchObject({ name: 'kept', count: 2, min: 0, max: 9007199254740992 })
    expect(Object.values(summary ?? {})).not.toContain(null)
    const { sinceStart } = (await (await get('limits')).json()) as LimitsAnswer
    expect(sinceStart).toMatchObject({
      refused: { body_invalid: 1 },
      rejected: { value_invalid: 3, properties_invalid: 1, n_invalid: 1, timestamp_invalid: 3 },
      clamped: 1,
    })
  })
})

describe('ten million different paths, names, visitors', () => {
  // Twenty thousand are enough to pass every bound; what ten million cost is for a longer run.
  it(
    'are counted exactly in all and in `(other)`, in bounded answers, and other sites are unharmed',
    { timeout: 30_000 },
    async () => {
      const { send, settled, history, get } = await serve()
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
      const snapshot = await settled(({ currentVisitors }) => currentVisitors === count)
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
      const all = await history('name')
      expect(all.reduce((sum, { events }) => sum + events, 0)).toBe(count)
      expect((await (await get('realtime')).text()).length).toBeLessThan(50_000)
      expect((await (await get('realtime', 'blog')).json()) as Snapshot).toMatchObject({
        currentVisitors: 1,
        activePages: [{ path: '/', visitors: 1 }],
      })
    },
  )
})

describe('replayed, reordered, concurrent batches', () => {
  it('come to the same numbers', async () => {
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
    const numbers = async (servers: { order: typeof batches; atOnce: number }) => {
      const { send, settled, history } = await serve()
      for (let from = 0; from < servers.order.length; from += servers.atOnce) {
        const some = servers.order.slice(from, from + servers.atOnce)
        await Promise.all(some.map(async batch => verdictOf(await send(batch))))
      }
      const expected = 6 * 13
      const { activePages, currentVisitors, pageViews, devices } = await settled(
        snapshot => snapshot.pageViews === expected,
      )
      return { activePages, currentVisitors, pageViews, devices, history: await history('path') }
    }
    const once = await numbers({ order: batches, atOnce: 1 })
    const twice = await numbers({ order: [...batches, ...batches], atOnce: 1 })
    const reversed = await numbers({ order: batches.toReversed(), atOnce: 1 })
    const atOnce = await numbers({ order: [...batches, ...batches, ...batches], atOnce: 72 })
    expect(twice).toEqual(once)
    expect(reversed).toEqual(once)
    expect(atOnce).toEqual(once)
  })
})

describe('another site’s id, in the path, subscription, cursor', () => {
  it('is 404 on every endpoint, and nothing leaks', async () => {
    const { send, get, socketUrl, settled } = await serve({ sites: ['shop', 'blog'] })
    await send({ name: 'secret event', url: `${url}secret`, title: 'Secret' })
    const { cursor } = await settled(({ currentVisitors }) => currentVisitors === 1)
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
    // A cursor is no key: with that of one site, another gives its own frames or none.
    const frames = await (
      await get(`realtime/frames?since=${cursor.replace(/\d+$/, '0')}`, 'blog')
    ).text()
    expect(frames).not.toMatch(/secret/i)
    const socket = new WebSocket(socketUrl('blog'))
    onTestFinished(() => socket.terminate())
    const heard: string[] = []
    await new Promise<void>(resolve => {
      socket.on('open', () => {
        socket.send(JSON.stringify({ type: 'sub', site: 'shop', channels: ['recentEvents'] }))
      })
      socket.on('message', data => {
        heard.push((data as Buffer).toString())
        if (heard.length === 2) resolve()
      })
    })
    expect(heard.join()).not.toMatch(/secret/i)
    expect(JSON.parse(heard[1] ?? '')).toMatchObject({
      type: 'snap',
      snapshot: { recentEvents: [] },
    })
  })
})

describe('a socket from a foreign Origin, or without what it needs', () => {
  it('is refused before the upgrade with 403, and the right one is let in', async () => {
    const { socketUrl } = await serve({
      access: {
        // Without this, a page of another origin that shows no token is refused before `authorize` is called.
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

describe('`<script>`, `javascript:` with a newline inside, as name, path, referrer', () => {
  it('is text in JSON, and never an address', async () => {
    const { send, get, settled } = await serve()
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
    expect(await settled(({ currentVisitors }) => currentVisitors === 1)).toMatchObject({
      recentEvents: [{ name: script, title: script, path: '/%3Cscript%3Ealert(1)%3C/script%3E' }],
      referrers: [{ source: '(direct)' }],
    })
    for (const path of ['realtime', 'metrics?by=name', `realtime?channels=${script}`]) {
      const answer = await get(path)
      expect(answer.headers.get('Content-Type')).toMatch(/^application\/(problem\+)?json/)
    }
  })
})

describe('forged X-Forwarded-For', () => {
  const from = (address: string) => ({ 'X-Forwarded-For': address, 'User-Agent': 'Firefox' })

  it('is ignored but for trusted proxies', async () => {
    const open = await serve()
    const behindProxy = await serve({ proxy: { trusted: ['127.0.0.0/8', '::1'] } })
    for (const { send } of [open, behindProxy]) {
      for (const address of ['198.51.100.1', '198.51.100.2', '6.6.6.6, 198.51.100.2']) {
        await verdictOf(await send({ name: 'page_view', url }, from(address)))
      }
    }
    const seen = async ({ settled }: typeof open) =>
      (await settled(({ pageViews }) => pageViews === 3)).currentVisitors
    expect(await seen(open)).toBe(1)
    expect(await seen(behindProxy)).toBe(2)
  })

  it('and so is a forged country', async () => {
    const countryHeader = 'CF-IPCountry'
    const countriesBy = async (trusted: string[]): Promise<string[] | undefined> => {
      const { send, settled } = await serve({ proxy: { countryHeader, trusted } })
      await verdictOf(await send({ name: 'page_view', url }, { [countryHeader]: 'FR' }))
      const { countries } = await settled(({ pageViews }) => pageViews === 1)
      return countries?.map(({ country }) => country)
    }
    expect(await countriesBy(['192.0.2.1'])).toEqual(['(unknown)'])
    expect(await countriesBy(['127.0.0.0/8', '::1'])).toEqual(['FR'])
  })
})

describe('WebSocket messages too large, too many, not JSON, unknown kind', () => {
  async function connect() {
    const { socketUrl, api } = await serve()
    const socket = new WebSocket(socketUrl('shop'))
    onTestFinished(() => socket.terminate())
    const heard: ServerMessage[] = []
    socket.on('message', data =>
      heard.push(JSON.parse((data as Buffer).toString()) as ServerMessage),
    )
    const closed = new Promise<number>(resolve => socket.once('close', resolve))
    await new Promise<void>(resolve => socket.once('open', resolve))
    socket.on('error', () => undefined)
    return { socket, heard, closed, api }
  }

  it.each<[string, (socket: WebSocket) => void, number]>([
    ['too large', socket => socket.send('x'.repeat(20_000)), 1009],
    ['not JSON', socket => socket.send('sub'), 4400],
    ['binary', socket => socket.send(Buffer.from('{}')), 4400],
    [
      'too many',
      socket => {
        for (let count = 0; count < 61; count++) socket.send('{"type":"pong"}')
      },
      4429,
    ],
  ])('%s: closed with a code, and the server lives', async (_, say, code) => {
    const { socket, closed, api } = await connect()
    say(socket)
    expect(await closed).toBe(code)
    expect((await fetch(`${api}/health`)).status).toBe(200)
  })

  it('unknown kind: said so, and the connection stays', async () => {
    const { socket, heard } = await connect()
    socket.send('{"type":"later"}')
    socket.send('{"type":"sub","channels":["currentVisitors"]}')
    await expect
      .poll(() => heard.map(({ type }) => type), { timeout: 5000 })
      .toEqual(['hello', 'error', 'snap'])
    expect(heard[1]).toMatchObject({ code: 'message_unknown' })
  })
})

describe('CRLF in any header-bound or logged text', () => {
  it('makes no header, and no second line', async () => {
    const { get, send } = await serve()
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
