import { type Server, createServer } from 'node:http'
import { type Durability, createTidemark } from '@tidemark/server'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { Server as SocketIo } from 'socket.io'
import { type WebSocket, WebSocketServer } from 'ws'

/*
 * One server to be measured, in a process of its own: `node server.ts parse | tidemark | fsync | broadcast | socketio`.
 * Says its port to its parent, and how much processor time it has used whenever it is asked.
 */

export type ServerKind = 'parse' | 'tidemark' | 'fsync' | 'broadcast' | 'socketio'

/** What a start found in the log. */
export interface Recovered {
  events: number
  durationMs: number
}

export type FromServer = { port: number; recovered?: Recovered } | { cpuMs: number; rssMiB: number }

export type ToServer = 'usage' | { broadcast: string }

const [, , kind, dataDir, wantedPort] = process.argv

function say(message: FromServer): void {
  process.send?.(message)
}

/** The baseline of ingest: the same framework and the same body, parsed and answered. */
function startParse(): void {
  const app = new Hono()
  app.post('/api/sites/:site/events', async c => {
    const body: { events: unknown[] } = await c.req.json()
    return c.json({ accepted: body.events.length, rejected: [] }, 202)
  })
  serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => say({ port }))
}

async function startTidemark(durability: Durability): Promise<void> {
  const tidemark = createTidemark(dataDir ? { storage: { dataDir, durability } } : {})
  const { port } = await tidemark.listen({ port: Number(wantedPort) })
  say({ port, recovered: await tidemark.ready })
}

/** The baseline of fan-out: `ws` alone, sending the bytes it is given to everyone. */
function startBroadcast(): void {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  const clients: ReadonlySet<WebSocket> = sockets.clients
  process.on('message', (message: ToServer) => {
    if (message === 'usage') return
    for (const client of clients) client.send(message.broadcast)
  })
  server.listen(0, '127.0.0.1', () => sayPort(server))
}

/** The peer of fan-out: Socket.IO, that lets readers come back to where they were, as Tidemark does. */
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
  http.listen(0, '127.0.0.1', () => sayPort(http))
}

function sayPort(server: Server): void {
  const address = server.address()
  if (address && typeof address === 'object') say({ port: address.port })
}

process.on('message', (message: ToServer) => {
  if (message !== 'usage') return
  const { user, system } = process.cpuUsage()
  say({ cpuMs: (user + system) / 1000, rssMiB: process.memoryUsage.rss() / 2 ** 20 })
})
process.on('disconnect', () => process.exit())

if (kind === 'parse') startParse()
else if (kind === 'tidemark') await startTidemark('process')
else if (kind === 'fsync') await startTidemark('fsync')
else if (kind === 'socketio') startSocketIo()
else startBroadcast()
