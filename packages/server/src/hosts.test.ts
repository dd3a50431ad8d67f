import { once } from 'node:events'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { getRequestListener, serve } from '@hono/node-server'
import { subprotocol } from '@tidemark/protocol'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { TidemarkOptions } from './config.ts'
import { ServerWarning } from './shared/server-warning.ts'
import { createTestServer } from './testing/server.ts'

/** Tests of programs that run the server without its own `listen`. */

const view = { name: 'page_view', url: 'https://shop.example/boots' }
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0'

const post = (body: unknown = view): Request =>
  new Request('http://stats.example/api/sites/shop/events', {
    method: 'POST',
    headers: { 'User-Agent': firefox },
    body: JSON.stringify(body),
  })

/** Creates a server that records what it reports. */
function createHosted(options: TidemarkOptions = {}) {
  const reported: unknown[] = []
  return { reported, ...createTestServer({ onError: error => reported.push(error), ...options }) }
}

type HostedServer = ReturnType<typeof createHosted>

/** Runs the server in a bare server of Node. */
async function startNode(
  { tidemark }: HostedServer,
  before: (incoming: IncomingMessage & { body?: unknown }) => Promise<void> = async () => {},
): Promise<string> {
  const listener = getRequestListener(tidemark.fetch)
  const server = createServer((incoming, outgoing) => {
    void before(incoming).then(() => listener(incoming, outgoing))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const codeOf = async (answer: Response): Promise<unknown> =>
  ((await answer.json()) as { code?: unknown }).code

describe('tidemark.fetch: the address of a client', () => {
  it('distinguishes visitors without an ID', async () => {
    const { tidemark, read, reported } = createHosted()
    for (const address of ['192.0.2.1', '192.0.2.2', '::ffff:192.0.2.2', '2001:db8::1']) {
      expect((await tidemark.fetch(post(), { address })).status).toBe(202)
    }
    expect(await read()).toMatchObject({ currentVisitors: 3 })
    expect(reported).toEqual([])
  })

  it('is the address of a proxy when it is a trusted one', async () => {
    const { tidemark, read } = createHosted({ proxy: { trusted: ['10.0.0.1'] } })
    for (const client of ['192.0.2.1', '192.0.2.2']) {
      const request = post()
      request.headers.set('X-Forwarded-For', client)
      await tidemark.fetch(request, { address: '10.0.0.1' })
    }
    expect(await read()).toMatchObject({ currentVisitors: 2 })
  })

  it.each([undefined, {}, { address: 'localhost' }])(
    'is reported once as unknown for %o, when a visitor is derived from it',
    async client => {
      const { tidemark, reported } = createHosted()
      await tidemark.fetch(new Request('http://stats.example/api/sites/shop/realtime'), client)
      await tidemark.fetch(post({ ...view, visitorId: 'ada' }), client)
      expect(reported).toEqual([])
      for (let count = 0; count < 2; count++) await tidemark.fetch(post(), client)
      expect(reported).toHaveLength(1)
      expect(reported[0]).toBeInstanceOf(ServerWarning)
      expect(String(reported[0])).toContain('tidemark.fetch(request, { address })')
    },
  )
})

describe('A host that has read the body', () => {
  it.each([
    ['an object', (body: string): unknown => JSON.parse(body)],
    ['text', (body: string): unknown => body],
    ['bytes', (body: string): unknown => Buffer.from(body)],
  ])('passes %s of its parser on', async (_, parse) => {
    const server = createHosted()
    const url = await startNode(server, async incoming => {
      if (incoming.method === 'POST') incoming.body = parse(await text(incoming))
    })
    const init = { method: 'POST', body: JSON.stringify({ ...view, visitorId: 'v' }) }
    expect((await fetch(`${url}/api/sites/shop/events`, init)).status).toBe(202)
    const large = { method: 'POST', body: JSON.stringify({ name: 'x'.repeat(600_000) }) }
    expect((await fetch(`${url}/api/sites/shop/events`, large)).status).toBe(413)
    expect(await server.read()).toMatchObject({ pageViews: 1 })
    expect(server.reported).toEqual([])
  })

  it('and keeps nothing of it gets body_consumed, and one warning', async () => {
    const server = createHosted()
    const url = await startNode(server, async incoming => void (await text(incoming)))
    const body = JSON.stringify(view)
    const chunked = { method: 'POST', body: new Blob([body]).stream(), duplex: 'half' } as const
    for (const init of [{ method: 'POST', body }, chunked]) {
      const answer = await fetch(`${url}/api/sites/shop/events`, init)
      expect([answer.status, await codeOf(answer)]).toEqual([500, 'body_consumed'])
    }
    expect(server.reported).toHaveLength(1)
    expect(String(server.reported[0])).toContain('before body parsers')
  })

  it('of a Request gets body_consumed', async () => {
    const { tidemark } = createHosted()
    const request = post()
    await request.text()
    expect(await codeOf(await tidemark.fetch(request))).toBe('body_consumed')
  })
})

describe('A WebSocket through a host that provides none', () => {
  const handshake = { Connection: 'Upgrade', Upgrade: 'websocket' }
  const path = '/api/sites/shop/realtime/ws'

  it.each([undefined, {}, { address: '127.0.0.1' }])(
    'is refused with 426 and reported once for the bindings %o',
    async client => {
      const { tidemark, reported } = createHosted()
      for (let attempt = 0; attempt < 2; attempt++) {
        const request = new Request(`http://stats.example${path}`, { headers: handshake })
        const answer = await tidemark.fetch(request, client)
        expect([answer.status, answer.headers.get('Upgrade')]).toEqual([426, 'websocket'])
        expect(await codeOf(answer)).toBe('upgrade_required')
      }
      expect(reported).toHaveLength(1)
      expect(reported[0]).toBeInstanceOf(ServerWarning)
    },
  )

  it('is refused with 426 by a bare server of Node', async () => {
    const server = createHosted()
    const url = await startNode(server)
    const socket = new WebSocket(`${url}${path}`, [subprotocol])
    socket.on('error', () => undefined)
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(426)
    expect(server.reported).toHaveLength(1)
  })

  it('is closed when the host has a WebSocket server of its own', async () => {
    const { tidemark, reported } = createHosted()
    const own: unknown = new WebSocketServer({ noServer: true })
    const websocket = { server: own } as typeof tidemark.websocket
    const server = serve({ fetch: tidemark.fetch, websocket, port: 0, hostname: '127.0.0.1' })
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, [subprotocol])
    expect(await once(socket, 'close')).toContain(1011)
    expect(reported).toHaveLength(1)
  })
})

describe('A wrong base path', () => {
  it.each<TidemarkOptions>([{}, { access: { allowedOrigins: ['https://dash.example'] } }])(
    'can be read by pages of every origin with %j',
    async options => {
      const { ask } = createHosted(options)
      const headers = { Origin: 'https://shop.example' }
      for (const path of ['/sites/shop/events', '/wrong/sites/shop/realtime']) {
        const answer = await ask(path, { headers })
        expect([answer.status, await codeOf(answer)]).toEqual([404, 'not_found'])
        expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
        const preflight = await ask(path, { method: 'OPTIONS', headers })
        expect(preflight.status).toBe(204)
        expect(preflight.headers.get('Access-Control-Allow-Headers')).toContain('Content-Type')
      }
    },
  )
})

it('createTidemark: writes a warning as one line to standard error', async () => {
  const { tidemark } = createTestServer()
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => write.mockRestore())
  await tidemark.fetch(post())
  const [[line] = [], ...others] = write.mock.calls
  expect(others).toEqual([])
  expect(String(line)).toMatch(/^\{.*\}\n$/)
  expect(JSON.parse(String(line))).toMatchObject({
    level: 'warn',
    kind: 'configuration',
    msg: expect.stringMatching(/^The addresses of clients are unknown, .*\.$/),
  })
})
