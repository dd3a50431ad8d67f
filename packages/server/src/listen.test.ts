import { connect as connectSocket } from 'node:net'
import { type ServerMessage, type Snapshot, subprotocol } from '@tidemark/protocol'
import { Hono } from 'hono'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { TidemarkOptions } from './config.ts'
import { createTestServer } from './testing/server.ts'

/** Tests that need a real socket. All other tests call the server without one. */

/** Longest wait for the operating system. */
const patience = { timeout: 5000 }

async function listen(options: TidemarkOptions = {}) {
  const server = createTestServer(options)
  const { port, url } = await server.tidemark.listen({ port: 0 })
  return { ...server, port, url, socketUrl: `ws://127.0.0.1:${port}/api/sites/shop/realtime/ws` }
}

interface Reader {
  readonly socket: WebSocket
  /** Resolves with the next message of the server. */
  next(): Promise<ServerMessage>
  /** Resolves with the close code. */
  readonly closed: Promise<number>
}

async function connect(url: string, protocols: string[] = [subprotocol]): Promise<Reader> {
  const socket = new WebSocket(url, protocols)
  onTestFinished(() => socket.terminate())
  const arrived: ServerMessage[] = []
  const waiting: ((message: ServerMessage) => void)[] = []
  socket.on('message', data => {
    const message = JSON.parse((data as Buffer).toString()) as ServerMessage
    const first = waiting.shift()
    if (first) first(message)
    else arrived.push(message)
  })
  const closed = new Promise<number>(resolve => socket.once('close', resolve))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  // From here on, errors show in the close code.
  socket.on('error', () => undefined)
  return {
    socket,
    closed,
    next: () =>
      new Promise(resolve => {
        const first = arrived.shift()
        if (first) resolve(first)
        else waiting.push(resolve)
      }),
  }
}

/** Resolves with the status of a refused upgrade. */
function refusal(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [subprotocol], { headers })
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode))
    socket.once('open', () => reject(new Error('It was let in.')))
    socket.on('error', () => undefined)
  })
}

/** Sends raw bytes, and returns everything until the server closes the connection. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connectSocket(port, '127.0.0.1', () => socket.write(text))
    socket.setEncoding('utf8')
    socket.on('data', part => (answer += part))
    socket.once('close', () => resolve(answer))
    socket.once('error', reject)
  })
}

const handshake = [
  'Host: stats.example',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

function request(path: string, headers: string[], method = 'GET'): string {
  return `${[`${method} ${path} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n`
}

describe('listen: a WebSocket', () => {
  it('sends hello, a snapshot, then frames', async () => {
    const { socketUrl, send, tidemark } = await listen()
    await tidemark.ready
    const { socket, next } = await connect(socketUrl)
    const hello = await next()
    expect(hello).toMatchObject({ type: 'hello', heartbeat: 15_000 })
    socket.send(JSON.stringify({ type: 'sub', channels: ['currentVisitors'] }))
    expect(await next()).toMatchObject({ type: 'snap', snapshot: { currentVisitors: 0 } })
    await send({ name: 'page_view' })
    expect(await next()).toMatchObject({ type: 'frame', p: 0, s: 1, patch: { currentVisitors: 1 } })
  })

  it('has the same state as a poll at the same cursor', async () => {
    const { socketUrl, send, read } = await listen()
    await send({ name: 'page_view', url: 'https://shop.example/boots', title: 'Boots' })
    const { socket, next } = await connect(socketUrl)
    await next()
    socket.send('{"type":"sub"}')
    const snap = await next()
    const polled = (await read()) as unknown as Snapshot
    expect(snap).toEqual({ type: 'snap', snapshot: polled })
  })

  it.each<[string, string[], string]>([
    ['ours', [subprotocol], subprotocol],
    ['ours among others', ['graphql-ws', subprotocol], subprotocol],
    ['none', [], ''],
  ])('accepts %s as its subprotocol', async (_, offered, chosen) => {
    const { socketUrl } = await listen()
    const { socket, next } = await connect(socketUrl, offered)
    expect(socket.protocol).toBe(chosen)
    expect((await next()).type).toBe('hello')
  })

  it('is counted while it is open', async () => {
    const { socketUrl, ask } = await listen()
    const count = async (): Promise<unknown> =>
      ((await (await ask('/api/health')).json()) as { sockets: number }).sockets
    const { socket, next, closed } = await connect(socketUrl)
    await next()
    expect(await count()).toBe(1)
    socket.close()
    await closed
    await expect.poll(count, patience).toBe(0)
  })

  it('leaves no timer', async () => {
    const { socketUrl, clock } = await listen()
    const before = clock.pending
    const { socket, next } = await connect(socketUrl)
    await next()
    socket.terminate()
    // The site is open, and nothing changes.
    await expect.poll(() => clock.pending, patience).toBe(before)
  })
})

it('listen: serves a host app, with WebSockets', async () => {
  const { tidemark } = createTestServer()
  const app = new Hono()
  app.get('/', c => c.text('the shop'))
  app.route('/stats/v1', tidemark.app)
  const { url } = await tidemark.listen({ app, port: 0 })
  expect(await (await fetch(url)).text()).toBe('the shop')
  expect((await fetch(`${url}/api/health`)).status).toBe(404)
  const path = '/stats/v1/sites/shop/realtime/ws'
  const { next } = await connect(`${url.replace('http', 'ws')}${path}`)
  expect((await next()).type).toBe('hello')
})

describe('listen: an upgrade', () => {
  it('is refused with 404 for an unknown site', async () => {
    const { socketUrl, ask } = await listen({ sites: ['blog'] })
    expect(await refusal(socketUrl)).toBe(404)
    expect(await (await ask('/api/health')).json()).toMatchObject({ sites: 0, sockets: 0 })
  })

  it('is refused with 403 when `authorize` returns false', async () => {
    const { socketUrl } = await listen({
      access: {
        allowedOrigins: ['https://shop.example'],
        authorize: ({ headers }) => headers.get('Origin') === 'https://shop.example',
      },
    })
    expect(await refusal(socketUrl)).toBe(403)
    expect(await refusal(socketUrl, { Origin: 'https://foreign.example' })).toBe(403)
    const socket = new WebSocket(socketUrl, { headers: { Origin: 'https://shop.example' } })
    onTestFinished(() => socket.terminate())
    await new Promise<void>(resolve => socket.once('open', resolve))
  })

  it('is refused over HTTP before the socket opens', async () => {
    const { port } = await listen({ sites: ['blog'] })
    const answer = await sendRaw(port, request('/api/sites/shop/realtime/ws', handshake))
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
    expect(answer).not.toContain('101')
    expect(answer).not.toContain('blog')
  })

  it.each([
    ['no key', handshake.filter(line => !line.includes('Key'))],
    ['another version', handshake.map(line => line.replace('13', '7'))],
  ])('with %s is refused with 400', async (_, headers) => {
    const { port } = await listen()
    const answer = await sendRaw(port, request('/api/sites/shop/realtime/ws', headers))
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
  })

  it('at another path is answered as a plain request', async () => {
    const { port } = await listen()
    const plain = ['Host: stats.example', 'Connection: close']
    for (const path of ['/api/health', '/api/sites/shop/realtime?channels=devices']) {
      const bodyOf = (answer: string): string => answer.split('\r\n\r\n')[1] ?? ''
      const plainAnswer = bodyOf(await sendRaw(port, request(path, plain)))
      const upgrade = [
        ...handshake.filter(line => !line.startsWith('Connection')),
        'Connection: Upgrade, close',
      ]
      expect(plainAnswer).not.toBe('')
      expect(bodyOf(await sendRaw(port, request(path, upgrade)))).toBe(plainAnswer)
    }
  })

  it('without `Connection: Upgrade` is answered with 426 and no internal error', async () => {
    const { port } = await listen()
    const half = ['Host: stats.example', 'Connection: close', 'Upgrade: websocket']
    const answer = await sendRaw(port, request('/api/sites/shop/realtime/ws', half))
    expect(answer).toMatch(/^HTTP\/1\.1 426 /)
  })

  it('to h2c is answered as a plain request', async () => {
    const { port } = await listen()
    const h2c = [
      'Host: stats.example',
      'Connection: Upgrade, HTTP2-Settings, close',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
    ]
    const answer = await sendRaw(port, request('/api/health', h2c))
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(answer).toContain('"status":"ok"')
  })
})

describe('listen: invalid input', () => {
  it('closes with 1009 for a message of 20 KB', async () => {
    const { socketUrl, ask } = await listen()
    const { socket, closed } = await connect(socketUrl)
    socket.send(JSON.stringify({ type: 'sub', channels: ['x'.repeat(20_000)] }))
    expect(await closed).toBe(1009)
    expect((await ask('/api/health')).status).toBe(200)
    const { next } = await connect(socketUrl)
    expect((await next()).type).toBe('hello')
  })

  it('closes with 1009 for fragments that are too large together', async () => {
    const { socketUrl } = await listen()
    const { socket, closed } = await connect(socketUrl)
    for (let part = 0; part < 100; part++) socket.send('x'.repeat(1000), { fin: false })
    expect(await closed).toBe(1009)
  })

  it.each<[string, string | Buffer, number]>([
    ['text that is not JSON', 'hello', 4400],
    ['a list', '[]', 4400],
    ['binary', Buffer.from('{"type":"sub"}'), 4400],
    ['nothing', '', 4400],
  ])('closes with a code for %s', async (_, message, code) => {
    const { socketUrl } = await listen()
    const { socket, closed } = await connect(socketUrl)
    socket.send(message)
    expect(await closed).toBe(code)
  })

  it('closes with 4429 for a hundred messages at once', async () => {
    const { socketUrl } = await listen()
    const { socket, closed } = await connect(socketUrl)
    for (let count = 0; count < 100; count++) socket.send('{"type":"pong"}')
    expect(await closed).toBe(4429)
  })

  it('survives invalid UTF-8 and invalid frames', async () => {
    const { port, socketUrl, ask } = await listen()
    const { socket, closed } = await connect(socketUrl)
    socket.send(Buffer.from([0xff, 0xfe]), { binary: false })
    expect(await closed).toBe(1007)
    const garbage = `${request('/api/sites/shop/realtime/ws', handshake)}GET / HTTP/1.1\r\n\r\n`
    expect(await sendRaw(port, garbage)).toMatch(/^HTTP\/1\.1 101 /)
    expect((await ask('/api/health')).status).toBe(200)
  })

  it('answers an invalid request with 400', async () => {
    const { port, ask } = await listen()
    expect(await sendRaw(port, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    const twoLengths = ['Host: a', 'Content-Length: 1', 'Content-Length: 2']
    const split = request('/api/sites/shop/events', twoLengths, 'POST')
    expect(await sendRaw(port, split)).toMatch(/^HTTP\/1\.1 400 /)
    expect((await ask('/api/health')).status).toBe(200)
  })

  it('creates no header from a line break in a site, cursor or header', async () => {
    const { port } = await listen()
    const injected = 'x%0d%0aSet-Cookie:%20a=b'
    for (const path of [
      `/api/sites/${injected}/realtime`,
      `/api/sites/shop/realtime/frames?since=${injected}`,
      `/api/sites/shop/realtime?channels=${injected}`,
      `/api/sites/shop/metrics?by=${injected}`,
    ]) {
      const answer = await sendRaw(port, request(path, ['Host: a', 'Connection: close']))
      const [head = ''] = answer.split('\r\n\r\n')
      expect(head).toMatch(/^HTTP\/1\.1 40[04] /)
      expect(head.toLowerCase()).not.toContain('set-cookie')
    }
  })
})

it.each([
  ['a length that it said', 'Content-Length: 100', '{"name":'],
  ['chunks', 'Transfer-Encoding: chunked', '8\r\n{"name":\r\n'],
])(
  'listen: reports no internal error when a sender disconnects in the middle of %s',
  async (_, header, part) => {
    const errors: unknown[] = []
    const { port, url } = await listen({ onError: error => errors.push(error) })
    const socket = connectSocket(port, '127.0.0.1')
    const head = ['POST /api/sites/shop/events HTTP/1.1', 'Host: a', header, '', part].join('\r\n')
    await new Promise(resolve => socket.write(head, resolve))
    socket.resetAndDestroy()
    for (let round = 0; round < 3; round++) await fetch(`${url}/api/health`)
    await expect
      .poll(async () => (await fetch(`${url}/api/sites/shop/limits`)).status, patience)
      .toBe(200)
    expect(errors).toEqual([])
  },
)

describe('close', () => {
  it('disconnects every reader with a random delay, and frees the port', async () => {
    const { socketUrl, tidemark, port, url } = await listen()
    const readers = await Promise.all([connect(socketUrl), connect(socketUrl)])
    for (const { next } of readers) await next()
    const goodbyes = Promise.all(readers.map(({ next }) => next()))
    await tidemark.close()
    for (const bye of await goodbyes) {
      expect(bye).toMatchObject({ type: 'bye', code: 4503 })
      expect(bye.type === 'bye' && bye.retry >= 0 && bye.retry < 5000).toBe(true)
    }
    for (const { closed } of readers) expect(await closed).toBeGreaterThan(0)
    await expect(fetch(`${url}/api/health`)).rejects.toThrow(TypeError)
    const { tidemark: next } = createTestServer()
    expect((await next.listen({ port })).port).toBe(port)
  })

  it('answers long polls, ends streams with bye, closes idle connections, and leaves no timer', async () => {
    const { url, tidemark, clock, read } = await listen()
    const { cursor } = await read()
    await (await fetch(`${url}/api/health`)).text()
    const longPoll = fetch(`${url}/api/sites/shop/realtime/frames?wait=25&since=${String(cursor)}`)
    const before = clock.pending
    await expect.poll(() => clock.pending, patience).toBe(before + 1)
    const streamed = await fetch(`${url}/api/sites/shop/realtime/sse`)
    await tidemark.close()
    expect(await (await longPoll).json()).toEqual({
      from: cursor,
      to: cursor,
      more: false,
      frames: [],
    })
    const bye = (await streamed.text()).trim().split('\n').at(-1) ?? ''
    expect(JSON.parse(bye.replace('data: ', ''))).toMatchObject({ type: 'bye', code: 4503 })
    await expect.poll(() => clock.pending, patience).toBe(0)
  })

  it('does not wait for a reader that does not respond', async () => {
    const { port, tidemark } = await listen()
    const socket = connectSocket(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.write(request('/api/sites/shop/realtime/ws', handshake))
    await new Promise(resolve => socket.once('data', resolve))
    const ended = new Promise<string>(resolve => socket.once('close', () => resolve('ended')))
    await tidemark.close()
    expect(await ended).toBe('ended')
  })

  it('can be called twice, and before a port is open', async () => {
    const { tidemark } = createTestServer()
    await tidemark.close()
    await expect(tidemark.close()).resolves.toBeUndefined()
  })
})

describe('listen: a port', () => {
  it('in use rejects with the error of the system', async () => {
    const { port } = await listen()
    const { tidemark } = createTestServer()
    await expect(tidemark.listen({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('can be one of several of the same server', async () => {
    const { tidemark, url, send } = await listen()
    const second = await tidemark.listen({ port: 0 })
    await send({ name: 'page_view' })
    for (const base of [url, second.url]) {
      const answer = await fetch(`${base}/api/sites/shop/realtime`)
      expect(await answer.json()).toMatchObject({ pageViews: 1 })
    }
  })
})

it.each([
  ['br', 'br'],
  ['gzip', 'gzip'],
  ['gzip, deflate, br', 'br'],
  ['identity', null],
])('GET /tidemark.js: a client that accepts %s reads the script', async (accepted, encoding) => {
  const { url, tidemark } = await listen()
  const tag = (await tidemark.scriptTag({ site: 'shop', url })) ?? ''
  const [, versioned = ''] = /src="([^"]+)"/.exec(tag) ?? []
  const extra = versioned.replace('.js', '.extra.js')
  const addresses = [`${url}/tidemark.js`, `${url}/api/tidemark.js`, versioned, extra]
  for (const address of addresses) {
    const headers = { 'Accept-Encoding': accepted }
    const answer = await fetch(address, { headers })
    expect([answer.status, answer.headers.get('Content-Encoding')]).toEqual([200, encoding])
    const name = address === extra ? 'tidemark.extra.js' : 'tidemark.js'
    expect(await answer.text()).toBe(`/* ${name} */`)
    const head = await fetch(address, { headers, method: 'HEAD' })
    const length = answer.headers.get('Content-Length')
    expect([head.status, head.headers.get('Content-Length')]).toEqual([200, length])
    const etag = answer.headers.get('ETag') ?? ''
    const again = await fetch(address, { headers: { ...headers, 'If-None-Match': etag } })
    expect([again.status, again.headers.get('ETag')]).toEqual([304, etag])
  }
})
