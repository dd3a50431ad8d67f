import { upgradeWebSocket } from '@hono/node-server'
import { channelNames, isObject } from '@tidemark/protocol'
import type { MiddlewareHandler } from 'hono'
import type { Proxies } from './proxies.ts'
import { problem } from '../http/problem.ts'
import { isUpgrade } from '../http/upgrade.ts'
import { type Connection, openConnection } from '../live/connection.ts'
import type { Connections } from '../live/connections.ts'
import { type RouteEnv, ownerOf, streamOf } from './context.ts'
import { tooManyConnections } from './too-many-connections.ts'
import { createWarning } from '../shared/server-warning.ts'
import type { WebSockets } from './websocket-server.ts'

const noSockets =
  'A client requested a WebSocket, but the server that runs this app provides none; readers use another transport. ' +
  'To provide it, open the port with `tidemark.listen({ app })`, or pass `websocket: tidemark.websocket` to `serve` ' +
  'of the same copy of `@hono/node-server` that Tidemark uses.'

/** `close` as well: with `Upgrade` alone, a proxy would not see that the connection ends. */
const upgradeHeaders = { Upgrade: 'websocket', Connection: 'Upgrade, close' }

/** RFC 6455, section 7.4.1. */
const internalErrorCode = 1011

export interface WebSocketRouteOptions {
  connections: Connections
  proxies: Pick<Proxies, 'addressOf'>
  websockets: Pick<WebSockets, 'messageSocketOf'>
  /** Receives a `ServerWarning` once, when the server around the app passes no sockets on. */
  onError(error: unknown): void
}

/** Creates `GET realtime/ws`. Every refusal comes before the upgrade, as the socket is open after it. */
export function createWebSocketRoute(options: WebSocketRouteOptions): MiddlewareHandler<RouteEnv> {
  const { connections, proxies, websockets, onError } = options
  const { limiter } = connections
  const warnOfNoSockets = createWarning(onError, noSockets)

  function refuseUpgrade(): Response {
    warnOfNoSockets()
    const detail = 'The server around this app passes no WebSockets on. Use another transport.'
    return problem('upgrade_required', { detail, headers: upgradeHeaders })
  }

  return async (c, next) => {
    if (!isUpgrade(c)) return problem('upgrade_required', { headers: upgradeHeaders })
    // The helper reads it without a check.
    if (!isObject(c.env)) return refuseUpgrade()
    const { streams } = c.get('site')
    const stream = streamOf(c)
    const authorization = c.get('authorization')
    const owner = ownerOf(c, proxies)
    if (!limiter.hasRoom(owner)) return tooManyConnections()
    const upgrade = upgradeWebSocket(() => {
      let connection: Connection | undefined
      let release = (): void => {}
      return {
        onOpen(_event, context) {
          const socket = websockets.messageSocketOf(context.raw)
          if (!socket) {
            // The host gave the helper a WebSocket server of its own.
            warnOfNoSockets()
            context.close(internalErrorCode)
            return
          }
          connection = openConnection({
            ...connections,
            channels: channelNames,
            stream,
            streamOf: streams.of,
            socket,
            authorization,
          })
          release = limiter.add('websocket', owner, connection)
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
    return answer instanceof Response && answer.status === 500 ? refuseUpgrade() : answer
  }
}
