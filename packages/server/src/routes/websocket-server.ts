import type { Duplex } from 'node:stream'
import type { WebSocketServerLike } from '@hono/node-server'
import { limits, subprotocol } from '@tidemark/protocol'
import { WebSocket, WebSocketServer } from 'ws'
import { noSniffHeaders } from '../http/no-sniff.ts'
import type { MessageSocket } from '../live/connection.ts'

/** The `websocket` option of `serve` in `@hono/node-server`. */
export interface WebSocketOption {
  server: WebSocketServerLike
}

export interface WebSockets {
  readonly option: WebSocketOption
  /**
   * Returns the message socket of a WebSocket of `ws`; `undefined` when another server accepted it. The published types
   * do not name `ws`, as it has none of its own.
   */
  messageSocketOf(socket: unknown): MessageSocket | undefined
  /** Terminates every socket without waiting for its peer. */
  terminateAll(): void
}

/** The parts of the TCP connection under a WebSocket that are used. */
interface TcpConnection {
  /** Bytes may be written between the messages of the WebSocket: without compression, it writes each at once. */
  write(bytes: Buffer): unknown
  /** Bytes that were written, also by the WebSocket, and that the peer has not received. */
  readonly writableLength: number
}

export function createWebSockets(): WebSockets {
  const server = new WebSocketServer({
    noServer: true,
    // A larger message is refused before it is in memory, with close code 1009 (RFC 6455, 7.4.1).
    maxPayload: limits.maxMessageBytes,
    perMessageDeflate: false,
    // A plain WebSocket without a subprotocol is accepted; one that offers only others gets none of them.
    handleProtocols: offered => (offered.has(subprotocol) ? subprotocol : false),
  })
  const connections = new WeakMap<WebSocket, TcpConnection>()
  server.on('connection', (socket, request) => connections.set(socket, request.socket))
  server.on('wsClientError', refuseHandshake)
  return {
    // The adapter is made for `ws`, but the types of `ws` allow `undefined` where the adapter's do not.
    option: { server: server as unknown as WebSocketServerLike },
    messageSocketOf(socket) {
      if (!(socket instanceof WebSocket)) return undefined
      const connection = connections.get(socket)
      return connection && toMessageSocket(socket, connection)
    },
    terminateAll() {
      for (const socket of server.clients) socket.terminate()
    },
  }
}

/** Answers an invalid handshake as `ws` does, but as plain text. */
function refuseHandshake({ message }: Error, socket: Duplex): void {
  const headers = {
    ...{ Connection: 'close', 'Content-Type': 'text/plain', ...noSniffHeaders },
    ...{ 'Content-Length': Buffer.byteLength(message), 'Sec-WebSocket-Version': '13' },
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.once('finish', () => socket.destroy())
  socket.end(['HTTP/1.1 400 Bad Request', ...lines, '', message].join('\r\n'))
}

/**
 * Calls that happen for each frame and reader go to the TCP connection directly: with thousands of readers, the
 * layers between take longer to fetch from memory than to run.
 */
function toMessageSocket(socket: WebSocket, connection: TcpConnection): MessageSocket {
  return {
    send: message => socket.send(message),
    sendShared({ bytes }) {
      // Nothing may follow the close frame.
      if (socket.readyState === WebSocket.OPEN) connection.write(bytes)
    },
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    bufferedBytes: () => connection.writableLength,
  }
}
