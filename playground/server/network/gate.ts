import { type RequestListener, type Server, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Switches } from '../switches.ts'
import { endWith, forward, forwardUpgrade } from './forward.ts'

export interface GateOptions {
  /** 0 for any that is free. */
  port: number
  hostname: string
  /** Port of the analytics server on this machine, or `undefined` while there is none. */
  target(): number | undefined
  /** Answers all that is not the analytics server's. */
  pages: RequestListener
}

/** What of the switches is the network's. */
export type NetworkSwitches = Pick<Switches, 'websocket' | 'streams' | 'network'>

/**
 * The network between browsers and the analytics server, on the one port that browsers know. It passes
 * on what is for the server, and can be told to behave badly.
 */
export interface Gate {
  readonly port: number
  /** `http://127.0.0.1:4711`. */
  readonly url: string
  readonly switches: NetworkSwitches
  /** Takes effect at once, also on connections that are open. */
  set(switches: Partial<NetworkSwitches>): void
  /** Ends every connection. */
  close(): Promise<void>
}

/** Opens the port. Rejects with the system's error when that cannot be, such as `EADDRINUSE`. */
export async function openGate(options: GateOptions): Promise<Gate> {
  const switches: NetworkSwitches = { websocket: 'open', streams: 'open', network: 'up' }
  /** The connections on which something of the analytics server is under way. */
  const requests = new Set<Socket>()
  const streams = new Set<Socket>()
  const sockets = new Set<Duplex>()

  const server = createServer(
    { shouldUpgradeCallback: request => isForServer(request.url) && isWebSocket(request.headers) },
    (request, response) => {
      if (!isForServer(request.url)) return options.pages(request, response)
      const { socket } = request
      if (switches.network === 'cut' && isApi(request.url)) return void socket.destroy()
      requests.add(socket)
      response.on('close', () => requests.delete(socket))
      if (isStream(request.url)) {
        streams.add(socket)
        response.on('close', () => streams.delete(socket))
        if (switches.streams === 'held') return undefined
      }
      return forward(request, response, options.target())
    },
  )

  server.on('upgrade', (request, socket, head) => {
    if (switches.network === 'cut') return void socket.destroy()
    if (switches.websocket === 'blocked') return endWith(socket, 403, 'Forbidden')
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    forwardUpgrade(request, socket, head, options.target())
  })

  const port = await listen(server, options)
  return {
    port,
    url: `http://${options.hostname.includes(':') ? `[${options.hostname}]` : options.hostname}:${port}`,
    switches,
    set(change) {
      Object.assign(switches, change)
      const isCut = switches.network === 'cut'
      if (isCut) for (const socket of requests) socket.destroy()
      if (switches.streams === 'held') for (const socket of streams) socket.destroy()
      if (isCut || switches.websocket === 'blocked') for (const socket of sockets) socket.destroy()
    },
    close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      return closed
    },
  }
}

function listen(server: Server, { port, hostname }: GateOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function isForServer(url = ''): boolean {
  return isApi(url) || /^\/tidemark\.js(\?|$)/.test(url)
}

function isApi(url = ''): boolean {
  return /^\/api([/?]|$)/.test(url)
}

/** An answer that goes on, as server-sent events do. */
function isStream(url = ''): boolean {
  return /^\/api\/sites\/[^/]+\/realtime\/sse(\?|$)/.test(url)
}

function isWebSocket(headers: { upgrade?: string | undefined }): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}
