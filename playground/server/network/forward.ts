import { type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { endToEnd, onward } from './headers.ts'

/** The analytics server is always on this machine. */
const host = '127.0.0.1'

/** Sends a request on to the server and its answer back, both as they come; without a server, 502. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  port: number | undefined,
): void {
  if (port === undefined) return refuse(response)
  const { method, url } = request
  const upstream = send({ host, port, method, path: url, headers: onward(request), agent: false })
  upstream.on('response', answer => {
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers))
    // A stream says nothing for a while, and yet its reader has to know that it is there.
    response.flushHeaders()
    // Either end may go at any moment, and then takes the other with it: that is what networks do.
    pipeline(answer, response).catch(() => {})
  })
  upstream.on('error', () => refuse(response))
  // A visitor who goes away before the answer is not waited for.
  response.on('close', () => upstream.destroy())
  request.pipe(upstream)
}

function refuse(response: ServerResponse): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  response.writeHead(502, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' })
  response.end('The analytics server does not answer.\n')
}

/** Sends a WebSocket handshake on, and joins both sockets when the server takes it. */
export function forwardUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  port: number | undefined,
): void {
  socket.on('error', () => socket.destroy())
  if (port === undefined) return endWith(socket, 502, 'Bad Gateway')
  const headers = { ...onward(request), connection: 'Upgrade', upgrade: 'websocket' }
  const upstream = send({ host, port, path: request.url, headers, agent: false })
  upstream.on('upgrade', (answer, peer, peerHead) => {
    socket.write(rawHead(answer))
    // What came in one packet with the handshake belongs to the stream.
    peer.unshift(peerHead)
    socket.unshift(head)
    join(socket, peer)
  })
  upstream.on('response', answer => {
    const body: Buffer[] = []
    answer.on('data', (chunk: Buffer) => body.push(chunk))
    answer.on('end', () => socket.end(Buffer.concat([Buffer.from(rawHead(answer)), ...body])))
    answer.on('error', () => socket.destroy())
  })
  upstream.on('error', () => endWith(socket, 502, 'Bad Gateway'))
  socket.on('close', () => upstream.destroy())
  upstream.end()
}

/** Answers a handshake in place of the server. */
export function endWith(socket: Duplex, status: number, reason: string): void {
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Two sockets as one connection: bytes both ways, and the end of one is the end of the other. */
function join(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.on('error', () => from.destroy())
    from.on('close', () => to.destroy())
    from.pipe(to)
  }
}

/** The head of an answer as it came, but that a refusal ends the connection. */
function rawHead(answer: IncomingMessage): string {
  const isUpgrade = answer.statusCode === 101
  const headers = isUpgrade
    ? pairs(answer.rawHeaders)
    : Object.entries({ ...endToEnd(answer.headers), connection: 'close' })
  const lines = headers.map(([name, value]) => `${name}: ${String(value)}\r\n`)
  return `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${lines.join('')}\r\n`
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const names = rawHeaders.filter((_, index) => index % 2 === 0)
  return names.map((name, index) => [name, rawHeaders[index * 2 + 1] ?? ''])
}
