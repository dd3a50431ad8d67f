import { upgradeWebSocket } from '@hono/node-server'
import { channelNames } from '@tidemark/protocol'
import type { MiddlewareHandler } from 'hono'
import { WebSocket } from 'ws'
import type { Proxies } from './proxies.ts'
import { problem } from '../http/problem.ts'
import { isUpgrade } from '../http/upgrade.ts'
import { type Connection, openConnection } from '../live/connection.ts'
import type { Connections } from '../live/connections.ts'
import { type RouteEnv, ownerOf } from './context.ts'
import { tooManyConnections } from './too-many-connections.ts'
import type { WebSockets } from './websocket-server.ts'

/** Thrown when the server around the app does not pass WebSockets on to it. */
export class NoSocketError extends Error {
  override readonly name = 'NoSocketError'

  constructor() {
    super(
      'A client requested a WebSocket, but the server that runs this app provides none. Open the port with ' +
        '`tidemark.listen({ app })`, or pass `websocket: tidemark.websocket` to `serve` of the same copy of ' +
        '`@hono/node-server` that Tidemark uses.',
    )
  }
}

export interface WebSocketRouteOptions {
  connections: Connections
  proxies: Pick<Proxies, 'addressOf'>
  websockets: Pick<WebSockets, 'messageSocketOf'>
  /** Receives a `NoSocketError` once, when the server around the app passes no sockets on. */
  onError(error: unknown): void
}

/** Creates `GET realtime/ws`. Every refusal comes before the upgrade, as the socket is open after it. */
export function createWebSocketRoute(options: WebSocketRouteOptions): MiddlewareHandler<RouteEnv> {
  const { connections, proxies, websockets, onError } = options
  const { limiter } = connections
  let isErrorReported = false

  return async (c, next) => {
    if (!isUpgrade(c)) {
      return problem('upgrade_required', {
        // `close` as well: with `Upgrade` alone, a proxy would not see that the connection ends.
        headers: { Upgrade: 'websocket', Connection: 'Upgrade, close' },
      })
    }
    const { stream } = c.get('site')
    const authorization = c.get('authorization')
    const owner = ownerOf(c, proxies)
    if (!limiter.hasRoom(owner)) return tooManyConnections()
    const upgrade = upgradeWebSocket(() => {
      let connection: Connection | undefined
      let release = (): void => {}
      return {
        onOpen(_event, context) {
          const { raw } = context
          const socket = raw instanceof WebSocket ? websockets.messageSocketOf(raw) : undefined
          if (!socket) return
          connection = openConnection({
            ...connections,
            channels: channelNames,
            stream,
            socket,
            authorization,
          })
          release = limiter.add('websocket', owner, connection.disconnect)
        },
        onMessage({ data }: { data: unknown }) {
          connection?.receive(typeof data === 'string' ? data : undefined)
        },
        onClose() {
          connection?.stop()
          release()
        },
      }
    })
    const answer = await upgrade(c, next)
    // The helper answers with 500 when the server gave it no socket.
    if (!(answer instanceof Response) || answer.status !== 500) return answer
    const error = new NoSocketError()
    if (!isErrorReported) onError(error)
    isErrorReported = true
    return problem('internal', { detail: error.message })
  }
}
