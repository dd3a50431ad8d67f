import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { TidemarkOptions } from './config.ts'
import type { FetchApp } from './listen.ts'
import { ServerWarning } from './shared/server-warning.ts'
import type { SocketOptions } from './sockets/socket-limits.ts'
import { createTestServer } from './testing/server.ts'

/** Clients that misuse their connections, on real sockets. */

async function listen(sockets: SocketOptions = {}, options: TidemarkOptions = {}) {
  const reported: unknown[] = []
  const onError = (error: unknown): void => void reported.push(error)
  const server = createTestServer({ sockets, onError, ...options })
  let requests = 0
  const app: FetchApp = {
    fetch(request, env) {
      requests++
      return server.tidemark.fetch(request, env)
    },
  }
  const { port, url } = await server.tidemark.listen({ app, port: 0 })
  return { ...server, port, url, reported, requestCount: () => requests }
}

interface Client {
  readonly socket: Socket
  /** Text that the client has read. */
  text(): string
  /** Resolves when the connection has ended. */
  readonly closed: Promise<unknown>
}

async function open(port: number, text = ''): Promise<Client> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  const closed = new Promise(resolve => socket.once('close', resolve))
  let read = ''
  socket.setEncoding('utf8')
  await once(socket, 'connect')
  socket.write(text)
  return {
    socket,
    closed,
    text() {
      for (let part = socket.read() as unknown; part !== null; part = socket.read()) read += part
      return read
    },
  }
}

const realtime = 'GET /api/sites/shop/realtime HTTP/1.1\r\nHost: stats.example\r\n\r\n'
const health = (path = '/api/health'): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
const post = (length: number, body = ''): string =>
  `POST /api/sites/shop/events HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${body}`

/** Makes the live state about 100 KB large. */
async function fill({ send }: Pick<Awaited<ReturnType<typeof listen>>, 'send'>): Promise<void> {
  const events = Array.from({ length: 50 }, (_, page) => ({
    name: 'page_view',
    visitorId: `v${page}`,
    title: 't'.repeat(290),
    url: `https://shop.example/${page}-${'p'.repeat(980)}`,
  }))
  expect((await send({ events })).status).toBe(202)
}

describe('Pipelined requests', () => {
  it('that nobody reads take bounded time and memory, and end the connection', async () => {
    const server = await listen({ answerMs: 400 })
    await fill(server)
    const delay = monitorEventLoopDelay({ resolution: 5 })
    const before = process.memoryUsage()
    delay.enable()
    const clients = await Promise.all(
      Array.from({ length: 50 }, () => open(server.port, realtime.repeat(200))),
    )
    await Promise.all(clients.map(({ closed }) => closed))
    delay.disable()
    const after = process.memoryUsage()
    expect(server.requestCount()).toBeLessThanOrEqual(2 * clients.length)
    expect(delay.max / 1e6).toBeLessThan(1000)
    expect(after.rss - before.rss).toBeLessThan(96 * 2 ** 20)
    expect((await fetch(`${server.url}/api/health`)).status).toBe(200)
  })

  it('within the limit wait for their reader, who has to read within `answerMs`', async () => {
    const server = await listen({ answerMs: 400, maxPipelined: 400 })
    await fill(server)
    // More than the buffers of the system take.
    const { socket } = await open(server.port, realtime.repeat(400))
    // A client that does not read learns of the end when it writes.
    await expect
      .poll(() => [socket.write('\r\n'), socket.destroyed][1], { timeout: 8000, interval: 50 })
      .toBe(true)
    expect(server.requestCount()).toBeLessThan(400)
  })

  it('within the limit are answered in order', async () => {
    const { port } = await listen()
    const paths = Array.from({ length: 20 }, (_, index) => `/api/${index}`)
    const client = await open(port, paths.map(health).join('') + health())
    await expect.poll(client.text).toMatch(/"status":"ok"/)
    expect(client.text().match(/HTTP\/1\.1 404/g)).toHaveLength(20)
    expect(client.text().lastIndexOf('404')).toBeLessThan(client.text().indexOf('200 OK'))
  })

  it('of a slow reader, who reads something, all get their answers', async () => {
    const server = await listen({ answerMs: 400 })
    await fill(server)
    const client = await open(server.port, realtime.repeat(32))
    await expect
      .poll(() => client.text().match(/HTTP\/1\.1 200/g)?.length, { timeout: 8000, interval: 20 })
      .toBe(32)
  })
})

describe('Slow clients', () => {
  it.each([
    ['nothing', ''],
    ['half of a header', 'GET /api/hea'],
  ])('that send %s are disconnected after `headersMs`', async (_, text) => {
    const { port } = await listen({ headersMs: 100, requestMs: 60_000 })
    const { socket, closed } = await open(port, text)
    socket.resume()
    expect(await closed).toBe(false)
  })

  it('that send a part of a body are disconnected after `requestMs`, with 408', async () => {
    const { port, ask } = await listen({ requestMs: 100 })
    const client = await open(port, post(1000, '{"events":['))
    client.text()
    await expect.poll(client.text).toContain('HTTP/1.1 408')
    client.socket.resume()
    await client.closed
    expect((await ask('/api/health')).status).toBe(200)
  })

  it('with the oldest unfinished bodies are disconnected beyond `maxUnfinishedBytes`', async () => {
    const body = 'x'.repeat(60_000)
    const limits = { maxUnfinishedBytes: 150_000, answerMs: 100, requestMs: 60_000 }
    const { port, url, reported } = await listen(limits)
    const text = post(100_000)
    const clients: Client[] = []
    for (let count = 0; count < 4; count++) {
      const client = await open(port, text)
      clients.push(client)
      // The server has the headers before the next client sends its own.
      await fetch(`${url}/api/health`)
      client.socket.write(body)
    }
    await Promise.all(clients.slice(0, 2).map(({ closed }) => closed))
    for (const { socket } of clients.slice(2)) expect(socket.destroyed).toBe(false)
    expect(reported).toEqual([])
  })

  it('do not end WebSockets and event streams', async () => {
    const { url, tidemark, clock } = await listen({ headersMs: 60, requestMs: 60, answerMs: 60 })
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/sites/shop/realtime/ws`)
    onTestFinished(() => socket.terminate())
    await once(socket, 'message')
    const streamed = await fetch(`${url}/api/sites/shop/realtime/sse`)
    const silent = await open(Number(new URL(url).port))
    silent.socket.resume()
    await silent.closed
    clock.advance(1000)
    const [ping] = (await once(socket, 'message')) as [Buffer]
    expect(JSON.parse(ping.toString())).toMatchObject({ type: 'ping' })
    await tidemark.close()
    expect(await streamed.text()).toContain('"type":"ping"')
  })
})

it('listen: refuses connections beyond `maxOpen`, with one warning', async () => {
  const { port, reported } = await listen({ maxOpen: 2 })
  const clients = [await open(port), await open(port), await open(port), await open(port)]
  await Promise.all(clients.slice(2).map(({ closed }) => closed))
  expect(clients.map(({ socket }) => socket.destroyed)).toEqual([false, false, true, true])
  expect(reported).toHaveLength(1)
  expect(reported[0]).toBeInstanceOf(ServerWarning)
})

it.each([{ headersMs: 0 }, { maxOpen: 1.5 }, { answerMs: Number.NaN }, { requestMs: 2 ** 31 }])(
  'createTidemark: rejects the limits %o of sockets',
  sockets => {
    expect(() => createTestServer({ sockets })).toThrow(/^sockets\.\w+: .* is not a whole number/)
  },
)
