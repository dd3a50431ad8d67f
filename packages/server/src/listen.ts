import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import type { WebSockets } from './routes/websocket-server.ts'

export interface ListenOptions {
  /** 0 for any that is free. @default 4711 */
  port?: number
  /** @default '127.0.0.1' */
  hostname?: string
  /** An app that `app` is mounted in, WebSockets too. @default the API at `/api`, the tracker at `/tidemark.js` */
  app?: FetchApp
}

/** How long what was said last, and an answer that was under way, may take to leave, in milliseconds. */
const longestGoodbyeMs = 500

/** What a Hono app is, of whatever copy of Hono. */
export interface FetchApp {
  fetch(request: Request, env: object): Response | Promise<Response>
}

export interface Listening {
  port: number
  /** Where it is: `http://127.0.0.1:4711`. */
  url: string
}

export interface RunningServer extends Listening {
  /** Ends every connection: what was said last has half a second to leave, and then those go that would stay. */
  close(): Promise<void>
}

/** Opens a port. Rejects with the system's error when that cannot be, such as `EADDRINUSE`. */
export function listen(
  app: FetchApp,
  websockets: WebSockets,
  { port = 4711, hostname = '127.0.0.1' }: ListenOptions = {},
): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const server = serve(
      {
        fetch: (request, env) => app.fetch(request, env),
        websocket: websockets.option,
        port,
        hostname,
        serverOptions: {
          // `Upgrade: h2c`, and a handshake where there is no WebSocket, are answered as the plain requests that they also are.
          shouldUpgradeCallback: isWebSocket,
        },
      },
      (info: AddressInfo) => {
        const host = info.family === 'IPv6' ? `[${info.address}]` : info.address
        resolve({ port: info.port, url: `http://${host}:${info.port}`, close })
      },
    ) as Server

    async function close(): Promise<void> {
      const closed = new Promise<void>(done => server.close(() => done()))
      // Whoever was answered meanwhile would keep the connection alive.
      const letGo = setInterval(() => server.closeIdleConnections(), 20)
      await Promise.race([closed, setTimeout(longestGoodbyeMs, undefined, { ref: false })])
      clearInterval(letGo)
      // `close` waits for open sockets, so those that did not go by themselves are ended.
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
