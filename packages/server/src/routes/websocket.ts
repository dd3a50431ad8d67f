import { type WebSocketServerLike, upgradeWebSocket } from '@hono/node-server'
import { type ChannelName, limits, subprotocol } from '@tidemark/protocol'
import type { MiddlewareHandler } from 'hono'
import { WebSocket, WebSocketServer } from 'ws'
import { problem } from '../http/problem.ts'
import type { Access } from '../guard/access.ts'
import {
  type Connection,
  type ConnectionBounds,
  type Wire,
  openConnection,
} from '../live/connection.ts'
import {
  type ConnectionOwner,
  type ConnectionLimiter,
  tooManyConnections,
} from '../live/connection-limiter.ts'
import type { ReaderSettings } from '../live/reader.ts'
import type { Stream } from '../live/stream.ts'

/** The `websocket` option of `serve` in `@hono/node-server`. */
export interface WebSocketOption {
  server: WebSocketServerLike
}

/** The connection under a socket, of which no more is used. */
interface Connected {
  /** Bytes may be written to it between the messages that the socket sends, each of which is written at once, as nothing is compressed. */
  write(bytes: Buffer): unknown
  /** Bytes that it was given, by the socket too, and that the peer has not taken yet. */
  readonly writableLength: number
}

export interface WebSockets {
  readonly option: WebSocketOption
  /** What a reader needs of a socket of this server; `undefined` for any other. */
  wireOf(socket: WebSocket): Wire | undefined
  /** Ends every socket without waiting for its peer. */
  terminateAll(): void
}

export function createWebSockets(): WebSockets {
  const server = new WebSocketServer({
    noServer: true,
    // A larger message is refused before it is in memory, with close code 1009 (RFC 6455, 7.4.1).
    maxPayload: limits.maxMessageBytes,
    perMessageDeflate: false,
    // A plain WebSocket without a subprotocol is welcome; with others than ours it gets none of them.
    handleProtocols: offered => (offered.has(subprotocol) ? subprotocol : false),
  })
  const connections = new WeakMap<WebSocket, Connected>()
  server.on('connection', (socket, request) => connections.set(socket, request.socket))
  return {
    // `ws` is what the adapter is made for, but its types allow `undefined` where the adapter's do not.
    option: { server: server as unknown as WebSocketServerLike },
    wireOf(socket) {
      const connected = connections.get(socket)
      return connected && toWire(socket, connected)
    },
    terminateAll() {
      for (const socket of server.clients) socket.terminate()
    },
  }
}

export interface WebSocketRoute {
  /** Upgrades; the request has been admitted before. */
  handler(stream: Stream, holder: ConnectionOwner, access: Access): MiddlewareHandler
}

/** The app is mounted in a server that does not pass WebSockets on to it. */
export class NoSocketError extends Error {
  override readonly name = 'NoSocketError'

  constructor() {
    super(
      'A WebSocket was asked for, and the server that runs this app has none to give. Open the port with ' +
        '`tidemark.listen({ app })`, or pass `websocket: tidemark.websocket` to `serve` of the very copy of ' +
        '`@hono/node-server` that Tidemark has.',
    )
  }
}

export interface WebSocketRouteOptions extends ReaderSettings {
  channels: readonly ChannelName[]
  bounds: ConnectionBounds
  limiter: ConnectionLimiter
  websockets: Pick<WebSockets, 'wireOf'>
  /** Told once when the server around the app passes no sockets on. */
  onError(error: unknown): void
}

export function createWebSocketRoute(options: WebSocketRouteOptions): WebSocketRoute {
  const { limiter, websockets, onError, ...settings } = options
  let isNoSocketTold = false
  return {
    handler: (stream, holder, access) => async (c, next) => {
      if (!limiter.hasRoom(holder)) return tooManyConnections()
      const upgrade = upgradeWebSocket(() => {
        let connection: Connection | undefined
        let release = (): void => {}
        return {
          onOpen(_event, context) {
            const socket = context.raw
            const wire = socket instanceof WebSocket ? websockets.wireOf(socket) : undefined
            if (!wire) return
            connection = openConnection({ ...settings, stream, wire, access })
            release = limiter.add('websocket', holder, connection.bye)
          },
          onMessage({ data }: { data: unknown }) {
            connection?.receive(typeof data === 'string' ? data : undefined)
          },
          onClose() {
            connection?.closed()
            release()
          },
        }
      })
      const answer = await upgrade(c, next)
      // The helper's way to say that the server which runs this app gave it no socket.
      if (!(answer instanceof Response) || answer.status !== 500) return answer
      const error = new NoSocketError()
      if (!isNoSocketTold) onError(error)
      isNoSocketTold = true
      return problem('internal', { detail: error.message })
    },
  }
}

/**
 * What is asked of it for each frame and each of thousands of readers is asked of the connection itself: what
 * lies between takes longer to fetch from memory than to run.
 */
function toWire(socket: WebSocket, connected: Connected): Wire {
  return {
    send: message => socket.send(message),
    sendShared({ bytes }) {
      // Nothing may follow its close frame.
      if (socket.readyState === WebSocket.OPEN) connected.write(bytes)
    },
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    bufferedBytes: () => connected.writableLength,
  }
}
