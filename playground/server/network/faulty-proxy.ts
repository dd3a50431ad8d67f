import { type RequestListener, type Server, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Switches } from '../switches.ts'
import { forwardRequest, forwardUpgrade, rejectUpgrade } from './forward.ts'

export interface FaultyProxyOptions {
  /** Port to listen on; 0 for any free port. */
  port: number
  hostname: string
  /** Port of the analytics server on this machine; `undefined` while it is down. */
  upstreamPort(): number | undefined
  /** Answers all requests that are not for the analytics server. */
  pages: RequestListener
}

/** The switches that affect the network. */
export type NetworkSwitches = Pick<Switches, 'websocket' | 'streams' | 'network'>

/**
 * Reverse proxy between browsers and the analytics server, on the playground's only public port. Its
 * switches simulate network faults.
 */
export interface FaultyProxy {
  readonly port: number
  /** `http://127.0.0.1:4711`. */
  readonly url: string
  readonly switches: NetworkSwitches
  /** Applies the switches immediately, also to open connections. */
  setSwitches(switches: Partial<NetworkSwitches>): void
  /** Closes all connections. */
  close(): Promise<void>
}

/** Starts to listen. Rejects with the system's error when listening fails, such as `EADDRINUSE`. */
export async function startFaultyProxy(options: FaultyProxyOptions): Promise<FaultyProxy> {
  const switches: NetworkSwitches = { websocket: 'open', streams: 'open', network: 'up' }
  /** Connections with an open request to the analytics server. */
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
        if (switches.streams === 'buffered') return undefined
      }
      return forwardRequest(request, response, options.upstreamPort())
    },
  )

  server.on('upgrade', (request, socket, head) => {
    if (switches.network === 'cut') return void socket.destroy()
    if (switches.websocket === 'blocked') return rejectUpgrade(socket, 403, 'Forbidden')
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    forwardUpgrade(request, socket, head, options.upstreamPort())
  })

  const port = await listen(server, options)
  return {
    port,
    url: `http://${options.hostname.includes(':') ? `[${options.hostname}]` : options.hostname}:${port}`,
    switches,
    setSwitches(changes) {
      Object.assign(switches, changes)
      const isCut = switches.network === 'cut'
      if (isCut) for (const socket of requests) socket.destroy()
      if (switches.streams === 'buffered') for (const socket of streams) socket.destroy()
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

function listen(server: Server, { port, hostname }: FaultyProxyOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function isForServer(url = ''): boolean {
  return isApi(url) || /^\/tidemark\.(?:[\w-]+\.)*js(?:\.map)?(?:\?|$)/.test(url)
}

function isApi(url = ''): boolean {
  return /^\/api([/?]|$)/.test(url)
}

/** Whether a URL is that of server-sent events. */
function isStream(url = ''): boolean {
  return /^\/api\/sites\/[^/]+\/realtime\/sse(\?|$)/.test(url)
}

function isWebSocket(headers: { upgrade?: string | undefined }): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}
