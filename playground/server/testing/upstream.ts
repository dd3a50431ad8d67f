import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

/** A server behind the proxy that records its requests. */
export interface Upstream {
  readonly port: number
  readonly requests: readonly IncomingMessage[]
  readonly sockets: WebSocketServer
  close(): Promise<void>
}

/** Starts an upstream server that answers requests with `listener` and echoes WebSocket messages. */
export async function startUpstream(listener: RequestListener): Promise<Upstream> {
  const requests: IncomingMessage[] = []
  const server: Server = createServer((request, response) => {
    requests.push(request)
    listener(request, response)
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', socket => {
    socket.on('message', data => socket.send(data, { binary: false }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    sockets,
    close() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}
