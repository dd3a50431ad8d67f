import {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  createServer,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import { type SocketGuard, checkIntervalOf, guardSockets } from './sockets/guard-sockets.ts'
import { limitPipelining } from './sockets/pipelining.ts'
import type { SocketLimits } from './sockets/socket-limits.ts'
import type { HostNames } from './guard/host-names.ts'
import type { Reporter } from './logging/reporter.ts'
import { type HostedRequest, checkHost } from './routes/host-check.ts'
import { observeOutside } from './routes/observe-request.ts'
import type { WebSockets } from './routes/websocket-server.ts'

export interface ListenOptions {
  /** Port to listen on; 0 for any free port. @default 4711 */
  port?: number
  /** @default '127.0.0.1' */
  hostname?: string
  /**
   * App in which the API is mounted; it serves WebSockets too. @default the API at `/api`, the tracker at
   * `/tidemark.js`
   */
  app?: FetchApp
}

/** Time for last messages when the server closes, and between two checks for stalled connections, in milliseconds. */
const closeStepMs = 500

/** A Hono app, also one of another copy of Hono. */
export interface FetchApp {
  fetch(request: Request, env: object): Response | Promise<Response>
}

export interface Listening {
  port: number
  /** Address of the server, such as `http://127.0.0.1:4711`. */
  url: string
}

export interface RunningServer extends Listening {
  /** Number of open connections. */
  readonly openSockets: number
  /**
   * Accepts no more connections, finishes the requests under way, and closes every connection. Last messages of
   * WebSockets have half a second to leave, and stalled clients half a second to act.
   * @param timeoutMs longest time for requests under way
   */
  close(timeoutMs: number): Promise<void>
}

/** The parts of a server that a port needs. */
export interface ListenContext {
  websockets: WebSockets
  limits: SocketLimits
  hosts: HostNames
  /** Returns whether an address is that of a trusted proxy. */
  isProxy(address: string): boolean
  /** Receives refused hosts, and a `ServerWarning` each time that a limit of connections takes effect. */
  reporter: Pick<Reporter, 'report' | 'refused'>
}

/** Opens a port. Rejects with the system's error when it cannot, such as `EADDRINUSE`. */
export function listen(
  app: FetchApp,
  context: ListenContext,
  { port = 4711, hostname = '127.0.0.1' }: ListenOptions = {},
): Promise<RunningServer> {
  const { websockets, limits, reporter } = context
  return new Promise((resolve, reject) => {
    // A request reads it before it is assigned.
    // oxlint-disable-next-line prefer-const
    let guard: SocketGuard | undefined
    const server = serve(
      {
        fetch: (request, env) => refuse(env.incoming) ?? app.fetch(request, env),
        websocket: websockets.option,
        port,
        hostname,
        createServer: createGuardedServer,
        serverOptions: {
          // `Upgrade: h2c`, and a handshake at another path, are answered as plain requests.
          shouldUpgradeCallback(request: IncomingMessage) {
            if (!isWebSocket(request)) return false
            guard?.release(request.socket)
            return true
          },
          headersTimeout: Math.min(limits.headersMs, limits.requestMs),
          requestTimeout: limits.requestMs,
          keepAliveTimeout: limits.keepAliveMs,
          connectionsCheckingInterval: checkIntervalOf(limits),
        },
      },
      (info: AddressInfo) => {
        const host = info.family === 'IPv6' ? `[${info.address}]` : info.address
        resolve({
          port: info.port,
          url: `http://${host}:${info.port}`,
          get openSockets() {
            return guard?.count ?? 0
          },
          close,
        })
      },
    ) as Server
    guard = guardSockets(server, { ...context, onError: reporter.report })

    function refuse(incoming: HostedRequest): Response | undefined {
      const refusal = checkHost(context.hosts, incoming)
      return refusal && observeOutside(refusal, reporter)
    }

    function createGuardedServer(
      first: ServerOptions | RequestListener = {},
      second?: RequestListener,
    ): Server {
      const [options, listener] = typeof first === 'function' ? [{}, first] : [first, second]
      return createServer(options, listener && limitPipelining(listener, limits.maxPipelined))
    }

    async function close(timeoutMs: number): Promise<void> {
      let isClosed = false
      const closed = new Promise<void>(done => {
        server.close(() => {
          isClosed = true
          done()
        })
      })
      const endsAt = performance.now() + timeoutMs
      guard?.endStalled()
      // Repeated, as a connection that gets its answer meanwhile becomes idle and would stay open.
      const closeIdle = setInterval(() => server.closeIdleConnections(), 20)
      while (!isClosed && performance.now() < endsAt) {
        const waitMs = Math.min(closeStepMs, endsAt - performance.now())
        await Promise.race([closed, setTimeout(waitMs, undefined, { ref: false })])
        websockets.terminateAll()
        guard?.endStalled()
      }
      clearInterval(closeIdle)
      // `close` waits for open connections, so the remaining ones are terminated.
      websockets.terminateAll()
      server.closeAllConnections()
      await closed
    }

    server.on('error', reject)
  })
}

function isWebSocket({ headers, url = '' }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && /\/realtime\/ws(\?|$)/.test(url)
}
