import { type Server, createServer } from 'node:http'
import { type Durability, createTidemark } from '@tidemark/server'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { Server as SocketIo } from 'socket.io'
import { type WebSocket, WebSocketServer } from 'ws'

/*
 * Starts one server to be measured: `node server.ts parse | tidemark | fsync | broadcast | socketio`. It sends its port
 * to the parent process, and its CPU time and memory on each message `usage`.
 */

export type ServerKind = 'parse' | 'tidemark' | 'fsync' | 'broadcast' | 'socketio'

/** Result of a recovery. */
export interface Recovered {
  events: number
  durationMs: number
}

export type FromServer = { port: number; recovered?: Recovered } | { cpuMs: number; rssMiB: number }

export type ToServer = 'usage' | { broadcast: string }

const [, , kind, dataDir, requestedPort] = process.argv

function send(message: FromServer): void {
  process.send?.(message)
}

/** Starts the baseline of ingest: the same framework parses the same body and answers. */
function startParse(): void {
  const app = new Hono()
  app.post('/api/sites/:site/events', async c => {
    const body: { events: unknown[] } = await c.req.json()
    return c.json({ accepted: body.events.length, rejected: [] }, 202)
  })
  serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => send({ port }))
}

async function startTidemark(durability: Durability): Promise<void> {
  const tidemark = createTidemark({
    ...(dataDir && { storage: { dataDir, durability } }),
    // The benchmark measures the highest rate.
    rates: { requestsPerSecondPerSite: Infinity, eventsPerSecondPerSite: Infinity },
  })
  const { port } = await tidemark.listen({ port: Number(requestedPort) })
  send({ port, recovered: await tidemark.ready })
}

/** Starts the baseline of fan-out: `ws` alone, which sends given bytes to all clients. */
function startBroadcast(): void {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  const clients: ReadonlySet<WebSocket> = sockets.clients
  process.on('message', (message: ToServer) => {
    if (message === 'usage') return
    for (const client of clients) client.send(message.broadcast)
  })
  server.listen(0, '127.0.0.1', () => sendPort(server))
}

/** Starts the peer of fan-out: Socket.IO with connection state recovery. */
function startSocketIo(): void {
  const http = createServer()
  const io = new SocketIo(http, {
    transports: ['websocket'],
    perMessageDeflate: false,
    connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
  })
  process.on('message', (message: ToServer) => {
    if (message !== 'usage') io.emit('frame', JSON.parse(message.broadcast))
  })
  http.listen(0, '127.0.0.1', () => sendPort(http))
}

function sendPort(server: Server): void {
  const address = server.address()
  if (address && typeof address === 'object') send({ port: address.port })
}

process.on('message', (message: ToServer) => {
  if (message !== 'usage') return
  const { user, system } = process.cpuUsage()
  send({ cpuMs: (user + system) / 1000, rssMiB: process.memoryUsage.rss() / 2 ** 20 })
})
process.on('disconnect', () => process.exit())

if (kind === 'parse') startParse()
else if (kind === 'tidemark') await startTidemark('process')
else if (kind === 'fsync') await startTidemark('fsync')
else if (kind === 'socketio') startSocketIo()
else startBroadcast()
