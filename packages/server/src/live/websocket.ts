import { type WebSocketServerLike, upgradeWebSocket } from '@hono/node-server'
import { type ChannelName, limits, subprotocol } from '@tidemark/protocol'
import type { MiddlewareHandler } from 'hono'
import { WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../clock.ts'
import { type Connection, type ConnectionBounds, openConnection } from './connection.ts'
import type { Stream } from './stream.ts'

/** The `websocket` option of `serve` in `@hono/node-server`. */
export interface WebSocketOption {
  server: WebSocketServerLike
}

export interface WebSockets {
  readonly option: WebSocketOption
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
  return {
    // `ws` is what the adapter is made for, but its types allow `undefined` where the adapter's do not.
    option: { server: server as unknown as WebSocketServerLike },
    terminateAll() {
      for (const socket of server.clients) socket.terminate()
    },
  }
}

export interface WebSocketRoute {
  /** Upgrades; the request has been admitted before. */
  handler(stream: Stream): MiddlewareHandler
  /** Sends every reader away. */
  byeAll(code: number, retryMs: () => number): void
  readonly count: number
}

export function createWebSocketRoute(
  channels: readonly ChannelName[],
  clock: Clock,
  bounds?: ConnectionBounds,
): WebSocketRoute {
  const connections = new Set<Connection>()
  return {
    handler: stream =>
      upgradeWebSocket(() => {
        let connection: Connection | undefined
        return {
          onOpen(_event, context) {
            const socket = context.raw
            if (!(socket instanceof WebSocket)) return
            const wire = {
              send: (text: string) => socket.send(text),
              close: (code: number, reason: string) => socket.close(code, reason),
              terminate: () => socket.terminate(),
              bufferedBytes: () => socket.bufferedAmount,
            }
            connection = openConnection({
              stream,
              channels,
              wire,
              clock,
              ...(bounds && { bounds }),
            })
            connections.add(connection)
          },
          onMessage({ data }: { data: unknown }) {
            connection?.receive(typeof data === 'string' ? data : undefined)
          },
          onClose() {
            if (!connection) return
            connection.closed()
            connections.delete(connection)
          },
        }
      }),
    byeAll(code, retryMs) {
      for (const connection of connections) connection.bye(code, retryMs())
    },
    get count() {
      return connections.size
    },
  }
}
