import { once } from 'node:events'
import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type ChannelName,
  type ClientMessage,
  type Frame,
  type ServerMessage,
  channelNames,
  subprotocol,
} from '@tidemark/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import { createScriptedState } from './scripted-state.ts'

/** A server on a free port with one scripted site and the files of a page. It cannot lack the speed of the real one. */
export interface ScriptedSite {
  readonly url: string
  /** Number of open WebSockets. */
  readonly socketCount: number
  /** Sends frames to all subscribers until the returned function is called. */
  publish(framesPerSecond: number): () => void
  close(): Promise<void>
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
}

/** Shortest interval of a timer that Node keeps under load, in milliseconds. */
const burstMs = 10

/** @param files contents by path, such as `/index.html` */
export async function startScriptedSite(files: ReadonlyMap<string, string>): Promise<ScriptedSite> {
  const site = createScriptedState()
  const subscriptions = new Map<WebSocket, readonly ChannelName[]>()
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const channels = toChannels(searchParams.get('channels')?.split(','))
    if (pathname.endsWith('/realtime')) sendJson(response, site.snapshot(channels))
    else sendFile(response, files.get(pathname === '/' ? '/index.html' : pathname), pathname)
  })
  const sockets = new WebSocketServer({ server, handleProtocols: () => subprotocol })

  sockets.on('connection', socket => {
    const send = (message: ServerMessage): void => socket.send(JSON.stringify(message))
    const ping = (): void => send({ type: 'ping', head: site.cursor, cursor: site.cursor })
    send({ type: 'hello', epoch: 7, heartbeat: 15_000 })
    const heartbeat = setInterval(ping, 1000)
    socket.on('close', () => {
      clearInterval(heartbeat)
      subscriptions.delete(socket)
    })
    socket.on('message', data => {
      const message = JSON.parse(String(data)) as ClientMessage
      if (message.type !== 'sub') return
      const channels = toChannels(message.channels)
      subscriptions.set(socket, channels)
      const { id } = message
      send({ type: 'snap', ...(id !== undefined && { id }), snapshot: site.snapshot(channels) })
      ping()
    })
  })

  function sendFrame(): void {
    const frame = site.advance()
    for (const [socket, channels] of subscriptions) {
      socket.send(JSON.stringify({ type: 'frame', ...selectChannels(frame, channels) }))
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    get socketCount() {
      return sockets.clients.size
    },
    publish(framesPerSecond) {
      const startedAt = performance.now()
      let sent = 0
      const timer = setInterval(() => {
        const due = Math.floor(((performance.now() - startedAt) / 1000) * framesPerSecond)
        for (; sent < due; sent++) sendFrame()
      }, burstMs)
      return () => clearInterval(timer)
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function toChannels(names: readonly string[] | undefined): readonly ChannelName[] {
  return names ? channelNames.filter(name => names.includes(name)) : channelNames
}

function selectChannels({ patch, ...frame }: Frame, channels: readonly ChannelName[]): Frame {
  const entries = Object.entries(patch).filter(([name]) => channels.some(each => each === name))
  return { ...frame, patch: Object.fromEntries(entries) }
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}

function sendFile(response: ServerResponse, content: string | undefined, path: string): void {
  response.statusCode = content === undefined ? 404 : 200
  response.setHeader('content-type', types[path.split('.').at(-1) ?? ''] ?? 'text/html')
  response.end(content)
}
