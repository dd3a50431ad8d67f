import { once } from 'node:events'
import {
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from 'node:http'
import { type Socket, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Upstream, startUpstream } from '../testing/upstream.ts'
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts'

const opened: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const closable of opened.splice(0)) await closable.close()
})

async function open(
  listener: Parameters<typeof startUpstream>[0] = (_request, response) => response.end('analytics'),
): Promise<{ proxy: FaultyProxy; upstream: Upstream }> {
  const upstream = await startUpstream(listener)
  const proxy = await startFaultyProxy({
    port: 0,
    hostname: '127.0.0.1',
    upstreamPort: () => upstream.port,
    pages: (_request, response) => response.end('pages'),
  })
  opened.push(proxy, upstream)
  return { proxy, upstream }
}

const compare = (a: string, b: string): number => a.localeCompare(b)

/** Options of a proxy without an upstream server. */
const optionsWithoutUpstream = {
  port: 0,
  hostname: '127.0.0.1',
  upstreamPort: () => undefined,
  pages: () => {},
}

function connectSocket(proxy: FaultyProxy): WebSocket {
  return new WebSocket(`${proxy.url.replace('http', 'ws')}/api/sites/demo/realtime/ws`)
}

/** Resolves with the status of a refused handshake. */
function refusalOf(socket: WebSocket): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      resolve(response.statusCode)
    })
    socket.on('open', () => reject(new Error('The proxy accepted the handshake.')))
    socket.on('error', reject)
  })
}

function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
    request.end()
  })
}

/** Resolves with the next WebSocket at the upstream server and its handshake request. */
function connectionAt(
  upstream: Upstream,
): Promise<{ socket: WebSocket; request: IncomingMessage }> {
  return new Promise(resolve => {
    upstream.sockets.once('connection', (socket, request) => resolve({ socket, request }))
  })
}

/** Resolves when a connection has closed, with or without an error. */
function closed(socket: Socket | WebSocket): Promise<unknown> {
  return new Promise(resolve => {
    socket.on('error', () => {})
    socket.on('close', resolve)
  })
}

describe('FaultyProxy', () => {
  it('forwards the API and the tracker, and answers everything else with the pages', async () => {
    const { proxy, upstream } = await open()
    const forwarded = ['/api', '/api/health?a=1', '/tidemark.js', '/tidemark.0a.extra.js.map?b=2']
    const answers = await Promise.all(
      [...forwarded, '/', '/apiary', '/tidemark.json'].map(path =>
        fetch(proxy.url + path).then(response => response.text()),
      ),
    )
    expect(answers).toEqual([...forwarded.map(() => 'analytics'), 'pages', 'pages', 'pages'])
    expect(upstream.requests.map(({ url = '' }) => url).toSorted(compare)).toEqual(
      forwarded.toSorted(compare),
    )
  })

  it('forwards method, headers and body, and returns status, headers and body', async () => {
    const { proxy, upstream } = await open((request, response) => {
      response.writeHead(202, { 'X-Answer': 'yes', ETag: '"1.2"' })
      request.pipe(response)
    })
    const response = await fetch(`${proxy.url}/api/sites/demo/events`, {
      method: 'POST',
      headers: { 'User-Agent': 'a browser', 'Demo-Country': 'NO' },
      body: '{"events":[]}',
    })
    expect(response.status).toBe(202)
    expect(response.headers.get('x-answer')).toBe('yes')
    expect(response.headers.get('etag')).toBe('"1.2"')
    expect(await response.text()).toBe('{"events":[]}')
    const [request] = upstream.requests
    expect(request?.method).toBe('POST')
    expect(request?.headers['user-agent']).toBe('a browser')
    expect(request?.headers['demo-country']).toBe('NO')
  })

  it('replaces client address headers with the address of the socket', async () => {
    const { proxy, upstream } = await open()
    await fetch(`${proxy.url}/api/health`, {
      headers: {
        'X-Forwarded-For': '203.0.113.7, 10.0.0.1',
        'X-Real-IP': '203.0.113.7',
        Forwarded: 'for=203.0.113.7',
      },
    })
    const { headers } = upstream.requests[0] ?? {}
    expect(headers?.['x-forwarded-for']).toBe('127.0.0.1')
    expect(headers).not.toHaveProperty('x-real-ip')
    expect(headers).not.toHaveProperty('forwarded')
  })

  it('replaces client address headers of a WebSocket handshake', async () => {
    const { proxy, upstream } = await open()
    const connected = connectionAt(upstream)
    const socket = new WebSocket(`${proxy.url.replace('http', 'ws')}/api/ws`, {
      headers: { 'X-Forwarded-For': '203.0.113.7' },
    })
    const { request } = await connected
    expect(request.headers['x-forwarded-for']).toBe('127.0.0.1')
    await once(socket, 'open')
    socket.terminate()
  })

  it('forwards hop-by-hop headers in neither direction', async () => {
    const { proxy, upstream } = await open((_request, response) => {
      response.setHeader('Connection', 'close, X-Inner')
      response.setHeader('X-Inner', '1')
      response.end()
    })
    const request = send(`${proxy.url}/api/health`, {
      headers: { Connection: 'keep-alive, X-Hop', 'X-Hop': '1', TE: 'trailers' },
    })
    const answer = await answerOf(request)
    expect(answer.headers).not.toHaveProperty('x-inner')
    expect(upstream.requests[0]?.headers).not.toHaveProperty('x-hop')
    expect(upstream.requests[0]?.headers).not.toHaveProperty('te')
    answer.resume()
  })

  it('streams a response before it is complete', async () => {
    const answers: ServerResponse[] = []
    const { proxy } = await open((_request, response) => {
      answers.push(response)
      response.flushHeaders()
    })
    const response = await fetch(`${proxy.url}/api/stream`)
    answers[0]?.write('first')
    const reader = response.body?.getReader()
    const chunk = await reader?.read()
    expect(new TextDecoder().decode(chunk?.value)).toBe('first')
    await reader?.cancel()
  })

  it('cancels the upstream request when the client disconnects', async () => {
    const { proxy, upstream } = await open(() => {})
    const client = new AbortController()
    const answer = fetch(`${proxy.url}/api/slow`, { signal: client.signal })
    answer.catch(() => {})
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1))
    const closing = closed(upstream.requests[0]?.socket as Socket)
    client.abort()
    await closing
    await expect(answer).rejects.toThrow('aborted')
  })

  it('aborts the response when the upstream server aborts it', async () => {
    const { proxy } = await open((request, response) => {
      response.writeHead(200, { 'Content-Length': '100' })
      response.write('half of', () => request.socket.resetAndDestroy())
    })
    const response = await fetch(`${proxy.url}/api/broken`)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  it('keeps working after a client resets a connection in the middle of a body', async () => {
    const { proxy } = await open((request, response) => {
      request.on('error', () => {})
      request.resume().on('end', () => response.end('analytics'))
    })
    const socket = connect(proxy.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write('POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf', () =>
      socket.resetAndDestroy(),
    )
    await closed(socket)
    const response = await fetch(`${proxy.url}/api/health`)
    expect(await response.text()).toBe('analytics')
  })

  it('answers 502 to requests and handshakes without an upstream server', async () => {
    const proxy = await startFaultyProxy(optionsWithoutUpstream)
    opened.push(proxy)
    const response = await fetch(`${proxy.url}/api/health`)
    expect(response.status).toBe(502)
    expect(await response.text()).toContain('does not answer')
    expect(await refusalOf(connectSocket(proxy))).toBe(502)
  })

  it('answers 502 when the upstream server refuses the connection', async () => {
    const { proxy, upstream } = await open()
    await upstream.close()
    expect((await fetch(`${proxy.url}/api/health`)).status).toBe(502)
    expect(await refusalOf(connectSocket(proxy))).toBe(502)
  })

  it('rejects when the port is in use', async () => {
    const { proxy } = await open()
    await expect(
      startFaultyProxy({ ...optionsWithoutUpstream, port: proxy.port }),
    ).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })
})

describe('FaultyProxy: WebSocket', () => {
  it('forwards messages in both directions', async () => {
    const { proxy } = await open()
    const socket = connectSocket(proxy)
    await once(socket, 'open')
    socket.send('hello')
    const [data] = await once(socket, 'message')
    expect(String(data)).toBe('hello')
    socket.close()
    await closed(socket)
  })

  it('closes both connections when either closes', async () => {
    const { proxy, upstream } = await open()
    const first = connectSocket(proxy)
    const { socket: peerOfFirst } = await connectionAt(upstream)
    await once(first, 'open')
    const peerClosed = closed(peerOfFirst)
    first.terminate()
    await peerClosed

    const second = connectSocket(proxy)
    const { request } = await connectionAt(upstream)
    await once(second, 'open')
    const secondClosed = closed(second)
    request.socket.resetAndDestroy()
    await secondClosed
    expect(upstream.sockets.clients.size).toBe(0)
  })

  it('returns the response of an upstream server that refuses the handshake', async () => {
    const upstream = await startUpstream((_request, response) => {
      response.writeHead(404, { 'Content-Type': 'application/problem+json' })
      response.end('{"code":"site_unknown"}')
    })
    upstream.sockets.shouldHandle = () => false
    const proxy = await startFaultyProxy({
      ...optionsWithoutUpstream,
      upstreamPort: () => upstream.port,
    })
    opened.push(proxy, upstream)
    expect(await refusalOf(connectSocket(proxy))).toBe(400)
  })

  it('ignores the upgrade header outside the API', async () => {
    const { proxy } = await open()
    const request = send(`${proxy.url}/`, {
      headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
    })
    const answer = await answerOf(request)
    expect(answer.statusCode).toBe(200)
    expect(await text(answer)).toBe('pages')
  })
})

describe('FaultyProxy: WebSocket switch', () => {
  it('closes open WebSockets and refuses new ones with 403 until it is open again', async () => {
    const { proxy } = await open()
    const socket = connectSocket(proxy)
    await once(socket, 'open')
    const ended = closed(socket)

    proxy.setSwitches({ websocket: 'blocked' })
    await ended
    expect(await refusalOf(connectSocket(proxy))).toBe(403)
    expect((await fetch(`${proxy.url}/api/health`)).status).toBe(200)

    proxy.setSwitches({ websocket: 'open' })
    const again = connectSocket(proxy)
    await once(again, 'open')
    again.terminate()
  })
})

describe('FaultyProxy: stream switch', () => {
  it('closes open streams and answers no new one until it is open again', async () => {
    const { proxy, upstream } = await open((request, response) => {
      response.write('data: 1\n\n')
      if (!request.url?.includes('/sse')) response.end()
    })
    const url = `${proxy.url}/api/sites/demo/realtime/sse`
    const stream = await fetch(url)
    const reader = stream.body?.getReader()
    expect((await reader?.read())?.done).toBe(false)

    proxy.setSwitches({ streams: 'buffered' })
    await expect(reader?.read()).rejects.toThrow('terminated')
    const waiting = new AbortController()
    const answer = fetch(url, { signal: waiting.signal })
    answer.catch(() => {})
    expect((await fetch(`${proxy.url}/api/health`)).status).toBe(200)
    expect(upstream.requests.filter(({ url: path }) => path?.includes('/sse'))).toHaveLength(1)
    waiting.abort()
    await expect(answer).rejects.toThrow('aborted')

    proxy.setSwitches({ streams: 'open' })
    const again = await fetch(url)
    expect(again.status).toBe(200)
    await again.body?.cancel()
  })
})

describe('FaultyProxy: network switch', () => {
  it('closes open API connections and new ones until it is up again', async () => {
    const { proxy, upstream } = await open((request, response) => {
      if (request.url !== '/api/slow') response.end('analytics')
    })
    const socket = connectSocket(proxy)
    await once(socket, 'open')
    const socketEnded = closed(socket)
    const slow = fetch(`${proxy.url}/api/slow`)
    slow.catch(() => {})
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1))

    proxy.setSwitches({ network: 'cut' })
    await socketEnded
    await expect(slow).rejects.toThrow('fetch failed')
    await expect(fetch(`${proxy.url}/api/health`)).rejects.toThrow('fetch failed')
    await expect(refusalOf(connectSocket(proxy))).rejects.toThrow('socket hang up')
    expect(upstream.requests).toHaveLength(1)

    proxy.setSwitches({ network: 'up' })
    expect((await fetch(`${proxy.url}/api/health`)).status).toBe(200)
  })

  it('keeps the pages and the tracker reachable', async () => {
    const { proxy } = await open()
    proxy.setSwitches({ network: 'cut' })
    expect(await (await fetch(proxy.url)).text()).toBe('pages')
    expect(await (await fetch(`${proxy.url}/tidemark.js`)).text()).toBe('analytics')
  })

  it('keeps WebSockets blocked when the network is up again', async () => {
    const { proxy } = await open()
    proxy.setSwitches({ network: 'cut', websocket: 'blocked' })
    proxy.setSwitches({ network: 'up' })
    expect(await refusalOf(connectSocket(proxy))).toBe(403)
    expect(proxy.switches).toEqual({ network: 'up', websocket: 'blocked', streams: 'open' })
  })
})
