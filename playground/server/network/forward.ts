import { type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { endToEndHeaders, upstreamHeaders } from './headers.ts'

/** The analytics server always runs on this machine. */
const host = '127.0.0.1'

/** Forwards a request and streams the response back. Answers 502 without a server. */
export function forwardRequest(
  request: IncomingMessage,
  response: ServerResponse,
  port: number | undefined,
): void {
  if (port === undefined) return answerBadGateway(response)
  const { method, url } = request
  const upstream = send({
    host,
    port,
    method,
    path: url,
    headers: upstreamHeaders(request),
    agent: false,
  })
  upstream.on('response', answer => {
    response.writeHead(answer.statusCode ?? 502, endToEndHeaders(answer.headers))
    // A stream may send its first data late; the client needs the headers now.
    response.flushHeaders()
    // Either connection may close at any time; `pipeline` then closes the other one.
    pipeline(answer, response).catch(() => {})
  })
  upstream.on('error', () => answerBadGateway(response))
  // Cancels the upstream request when the client disconnects before the response.
  response.on('close', () => upstream.destroy())
  request.pipe(upstream)
}

function answerBadGateway(response: ServerResponse): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  response.writeHead(502, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' })
  response.end('The analytics server does not answer. It may be restarting.\n')
}

/** Forwards a WebSocket handshake and connects both sockets when the server accepts it. */
export function forwardUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  port: number | undefined,
): void {
  socket.on('error', () => socket.destroy())
  if (port === undefined) return rejectUpgrade(socket, 502, 'Bad Gateway')
  const headers = { ...upstreamHeaders(request), connection: 'Upgrade', upgrade: 'websocket' }
  const upstream = send({ host, port, path: request.url, headers, agent: false })
  upstream.on('upgrade', (answer, peer, peerHead) => {
    socket.write(rawHead(answer))
    // Bytes that arrived in the same packet as the handshake belong to the stream.
    peer.unshift(peerHead)
    socket.unshift(head)
    connectSockets(socket, peer)
  })
  upstream.on('response', answer => {
    const body: Buffer[] = []
    answer.on('data', (chunk: Buffer) => body.push(chunk))
    answer.on('end', () => socket.end(Buffer.concat([Buffer.from(rawHead(answer)), ...body])))
    answer.on('error', () => socket.destroy())
  })
  upstream.on('error', () => rejectUpgrade(socket, 502, 'Bad Gateway'))
  socket.on('close', () => upstream.destroy())
  upstream.end()
}

/** Answers a handshake with an error status and closes the connection. */
export function rejectUpgrade(socket: Duplex, status: number, reason: string): void {
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Pipes two sockets into each other. When one closes, the other closes too. */
function connectSockets(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.on('error', () => from.destroy())
    from.on('close', () => to.destroy())
    from.pipe(to)
  }
}

/** Returns the raw status line and headers. A response other than 101 gets `connection: close`. */
function rawHead(answer: IncomingMessage): string {
  const isUpgrade = answer.statusCode === 101
  const headers = isUpgrade
    ? toPairs(answer.rawHeaders)
    : Object.entries({ ...endToEndHeaders(answer.headers), connection: 'close' })
  const lines = headers.map(([name, value]) => `${name}: ${String(value)}\r\n`)
  return `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${lines.join('')}\r\n`
}

function toPairs(rawHeaders: readonly string[]): [string, string][] {
  const names = rawHeaders.filter((_, index) => index % 2 === 0)
  return names.map((name, index) => [name, rawHeaders[index * 2 + 1] ?? ''])
}
