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
import { type Gate, openGate } from './gate.ts'

const opened: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

async function open(
  listener: Parameters<typeof startUpstream>[0] = (_request, response) => response.end('analytics'),
): Promise<{ gate: Gate; upstream: Upstream }> {
  const upstream = await startUpstream(listener)
  const gate = await openGate({
    port: 0,
    hostname: '127.0.0.1',
    target: () => upstream.port,
    pages: (_request, response) => response.end('pages'),
  })
  opened.push(gate, upstream)
  return { gate, upstream }
}

const compare = (a: string, b: string): number => a.localeCompare(b)

/** What a gate without a server behind it is opened with. */
const alone = {
  port: 0,
  hostname: '127.0.0.1',
  target: () => undefined,
  pages: () => {},
}

function connectSocket(gate: Gate): WebSocket {
  return new WebSocket(`${gate.url.replace('http', 'ws')}/api/sites/demo/realtime/ws`)
}

/** Resolves with the status that a handshake was refused with. */
function refusalOf(socket: WebSocket): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      resolve(response.statusCode)
    })
    socket.on('open', () => reject(new Error('It was let through.')))
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

/** Resolves with the next WebSocket at the server, and the request that it came with. */
function connectionAt(
  upstream: Upstream,
): Promise<{ socket: WebSocket; request: IncomingMessage }> {
  return new Promise(resolve => {
    upstream.sockets.once('connection', (socket, request) => resolve({ socket, request }))
  })
}

/** Resolves when the other end has ended a connection, in whichever way. */
function gone(socket: Socket | WebSocket): Promise<unknown> {
  return new Promise(resolve => {
    socket.on('error', () => {})
    socket.on('close', resolve)
  })
}

describe('the gate', () => {
  it('passes the API and the tracker on, and answers everything else itself', async () => {
    const { gate, upstream } = await open()
    const answers = await Promise.all(
      ['/api', '/api/health?a=1', '/tidemark.js', '/', '/apiary', '/tidemark.json'].map(path =>
        fetch(gate.url + path).then(response => response.text()),
      ),
    )
    expect(answers).toEqual(['analytics', 'analytics', 'analytics', 'pages', 'pages', 'pages'])
    expect(upstream.requests.map(({ url = '' }) => url).toSorted(compare)).toEqual([
      '/api',
      '/api/health?a=1',
      '/tidemark.js',
    ])
  })

  it('passes method, body, headers, status and headers of the answer on', async () => {
    const { gate, upstream } = await open((request, response) => {
      response.writeHead(202, { 'X-Answer': 'yes', ETag: '"1.2"' })
      request.pipe(response)
    })
    const response = await fetch(`${gate.url}/api/sites/demo/events`, {
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

  it('says where a request really comes from, whatever the request says itself', async () => {
    const { gate, upstream } = await open()
    await fetch(`${gate.url}/api/health`, {
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

  it('says so of a WebSocket too', async () => {
    const { gate, upstream } = await open()
    const connected = connectionAt(upstream)
    const socket = new WebSocket(`${gate.url.replace('http', 'ws')}/api/ws`, {
      headers: { 'X-Forwarded-For': '203.0.113.7' },
    })
    const { request } = await connected
    expect(request.headers['x-forwarded-for']).toBe('127.0.0.1')
    await once(socket, 'open')
    socket.terminate()
  })

  it('passes headers of the connection itself on in neither direction', async () => {
    const { gate, upstream } = await open((_request, response) => {
      response.setHeader('Connection', 'close, X-Inner')
      response.setHeader('X-Inner', '1')
      response.end()
    })
    const request = send(`${gate.url}/api/health`, {
      headers: { Connection: 'keep-alive, X-Hop', 'X-Hop': '1', TE: 'trailers' },
    })
    const answer = await answerOf(request)
    expect(answer.headers).not.toHaveProperty('x-inner')
    expect(upstream.requests[0]?.headers).not.toHaveProperty('x-hop')
    expect(upstream.requests[0]?.headers).not.toHaveProperty('te')
    answer.resume()
  })

  it('passes an answer on while it is still being made', async () => {
    const answers: ServerResponse[] = []
    const { gate } = await open((_request, response) => {
      answers.push(response)
      response.flushHeaders()
    })
    const response = await fetch(`${gate.url}/api/stream`)
    answers[0]?.write('first')
    const reader = response.body?.getReader()
    const chunk = await reader?.read()
    expect(new TextDecoder().decode(chunk?.value)).toBe('first')
    await reader?.cancel()
  })

  it('ends the request to the server when the visitor goes away', async () => {
    const { gate, upstream } = await open(() => {})
    const leaving = new AbortController()
    const answer = fetch(`${gate.url}/api/slow`, { signal: leaving.signal })
    answer.catch(() => {})
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1))
    const closed = gone(upstream.requests[0]?.socket as Socket)
    leaving.abort()
    await closed
    await expect(answer).rejects.toThrow('aborted')
  })

  it('breaks an answer off where the server broke it off', async () => {
    const { gate } = await open((request, response) => {
      response.writeHead(200, { 'Content-Length': '100' })
      response.write('half of', () => request.socket.resetAndDestroy())
    })
    const response = await fetch(`${gate.url}/api/broken`)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  it('goes on after a visitor has reset a connection in the middle of a body', async () => {
    const { gate } = await open((request, response) => {
      request.on('error', () => {})
      request.resume().on('end', () => response.end('analytics'))
    })
    const socket = connect(gate.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write('POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf', () =>
      socket.resetAndDestroy(),
    )
    await gone(socket)
    const response = await fetch(`${gate.url}/api/health`)
    expect(await response.text()).toBe('analytics')
  })

  it('answers 502 while there is no server, to requests and to handshakes', async () => {
    const gate = await openGate(alone)
    opened.push(gate)
    const response = await fetch(`${gate.url}/api/health`)
    expect(response.status).toBe(502)
    expect(await response.text()).toContain('does not answer')
    expect(await refusalOf(connectSocket(gate))).toBe(502)
  })

  it('answers 502 when the server has just died', async () => {
    const { gate, upstream } = await open()
    await upstream.close()
    expect((await fetch(`${gate.url}/api/health`)).status).toBe(502)
    expect(await refusalOf(connectSocket(gate))).toBe(502)
  })

  it('rejects when the port is taken', async () => {
    const { gate } = await open()
    await expect(openGate({ ...alone, port: gate.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })
})

describe('a WebSocket', () => {
  it('is passed on in both directions', async () => {
    const { gate } = await open()
    const socket = connectSocket(gate)
    await once(socket, 'open')
    socket.send('mark')
    const [data] = await once(socket, 'message')
    expect(String(data)).toBe('mark')
    socket.close()
    await gone(socket)
  })

  it('ends at both ends when either ends', async () => {
    const { gate, upstream } = await open()
    const first = connectSocket(gate)
    const { socket: peerOfFirst } = await connectionAt(upstream)
    await once(first, 'open')
    const peerGone = gone(peerOfFirst)
    first.terminate()
    await peerGone

    const second = connectSocket(gate)
    const { request } = await connectionAt(upstream)
    await once(second, 'open')
    const secondGone = gone(second)
    request.socket.resetAndDestroy()
    await secondGone
    expect(upstream.sockets.clients.size).toBe(0)
  })

  it('is refused by the server with the answer of the server', async () => {
    const upstream = await startUpstream((_request, response) => {
      response.writeHead(404, { 'Content-Type': 'application/problem+json' })
      response.end('{"code":"site_unknown"}')
    })
    upstream.sockets.shouldHandle = () => false
    const gate = await openGate({ ...alone, target: () => upstream.port })
    opened.push(gate, upstream)
    expect(await refusalOf(connectSocket(gate))).toBe(400)
  })

  it('is an upgrade for the API alone; a page that is asked for one is a page', async () => {
    const { gate } = await open()
    const request = send(`${gate.url}/`, {
      headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
    })
    const answer = await answerOf(request)
    expect(answer.statusCode).toBe(200)
    expect(await text(answer)).toBe('pages')
  })
})

describe('the switch for WebSockets', () => {
  it('ends those that are open and refuses others with 403, until it is open again', async () => {
    const { gate } = await open()
    const socket = connectSocket(gate)
    await once(socket, 'open')
    const ended = gone(socket)

    gate.set({ websocket: 'blocked' })
    await ended
    expect(await refusalOf(connectSocket(gate))).toBe(403)
    expect((await fetch(`${gate.url}/api/health`)).status).toBe(200)

    gate.set({ websocket: 'open' })
    const again = connectSocket(gate)
    await once(again, 'open')
    again.terminate()
  })
})

describe('the switch for streams', () => {
  it('ends those that are open and lets none begin, until it is open again', async () => {
    const { gate, upstream } = await open((request, response) => {
      response.write('data: 1\n\n')
      if (!request.url?.includes('/sse')) response.end()
    })
    const url = `${gate.url}/api/sites/demo/realtime/sse`
    const stream = await fetch(url)
    const reader = stream.body?.getReader()
    expect((await reader?.read())?.done).toBe(false)

    gate.set({ streams: 'held' })
    await expect(reader?.read()).rejects.toThrow('terminated')
    const held = new AbortController()
    const answer = fetch(url, { signal: held.signal })
    answer.catch(() => {})
    expect((await fetch(`${gate.url}/api/health`)).status).toBe(200)
    expect(upstream.requests.filter(({ url: asked }) => asked?.includes('/sse'))).toHaveLength(1)
    held.abort()
    await expect(answer).rejects.toThrow('aborted')

    gate.set({ streams: 'open' })
    const again = await fetch(url)
    expect(again.status).toBe(200)
    await again.body?.cancel()
  })
})

describe('the switch for the network', () => {
  it('ends what is open to the API and lets nothing else through, until it is up again', async () => {
    const { gate, upstream } = await open((request, response) => {
      if (request.url !== '/api/slow') response.end('analytics')
    })
    const socket = connectSocket(gate)
    await once(socket, 'open')
    const socketEnded = gone(socket)
    const slow = fetch(`${gate.url}/api/slow`)
    slow.catch(() => {})
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1))

    gate.set({ network: 'cut' })
    await socketEnded
    await expect(slow).rejects.toThrow('fetch failed')
    await expect(fetch(`${gate.url}/api/health`)).rejects.toThrow('fetch failed')
    await expect(refusalOf(connectSocket(gate))).rejects.toThrow('socket hang up')
    expect(upstream.requests).toHaveLength(1)

    gate.set({ network: 'up' })
    expect((await fetch(`${gate.url}/api/health`)).status).toBe(200)
  })

  it('leaves the pages and the tracker within reach', async () => {
    const { gate } = await open()
    gate.set({ network: 'cut' })
    expect(await (await fetch(gate.url)).text()).toBe('pages')
    expect(await (await fetch(`${gate.url}/tidemark.js`)).text()).toBe('analytics')
  })

  it('leaves a WebSocket that is blocked blocked when it is up again', async () => {
    const { gate } = await open()
    gate.set({ network: 'cut', websocket: 'blocked' })
    gate.set({ network: 'up' })
    expect(await refusalOf(connectSocket(gate))).toBe(403)
    expect(gate.switches).toEqual({ network: 'up', websocket: 'blocked', streams: 'open' })
  })
})
