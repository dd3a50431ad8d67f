import ReconnectingWebSocket from 'reconnecting-websocket'
import type { LivePlatform } from '../types.ts'

export interface SocketOptions {
  platform: LivePlatform
  url: string
  /** Returns the subprotocols to offer; called for each connection. */
  protocols(): readonly string[]
  /** Returns the delay before the next connection, in milliseconds; called for each connection. */
  nextDelayMs(): number
  onOpen(send: (text: string) => void): void
  onMessage(text: string): void
  /** Called when the connection has closed or its handshake has failed (code 1006). */
  onClose(code: number): void
}

export interface Socket {
  /** Closes the socket for good; no callback is called afterwards. */
  stop(): void
  /** Abandons the current connection without waiting for its close event, and opens another one. */
  reconnect(): void
}

/** Time after which a handshake fails. */
const connectTimeoutMs = 8000

/** `WebSocket.CONNECTING`. */
const connecting = 0

/**
 * Opens a WebSocket that reconnects until it is stopped. `reconnecting-websocket` 4.4.0 reconnects; this file works
 * around its faults:
 *
 * - It chooses its random delay once per page. So its own delays are 0, and the URL provider waits instead.
 * - It stops permanently when the URL provider rejects or the WebSocket constructor throws. The provider never rejects,
 *   and a constructor that the browser forbids counts as a failed handshake.
 * - It fixes the subprotocols at construction. Here each socket reads them again.
 * - It reports a failed handshake as a clean close with code 1000, and hides the socket's own close event after a
 *   timeout. So this file listens to the socket itself, and ignores sockets that it has abandoned: a late event would
 *   be attributed to the next socket.
 * - It sends queued messages before `open` handlers run. So nothing is queued.
 * - It closes a socket during the handshake, for which browsers print a warning in the console. Here a stopped socket
 *   closes after its handshake.
 * - It locks up after `close()` in its `onclose` handler followed by `reconnect()`, and after its retry limit. So one
 *   instance is stopped once and never restarted.
 */
export function openSocket(options: SocketOptions): Socket {
  const { platform } = options
  const Native = platform.WebSocket
  if (!Native) return { stop() {}, reconnect() {} }
  let current: WebSocket | undefined
  let isStopped = false
  let cancelWait: (() => void) | undefined

  const connect = (url: string): EventTarget => {
    // The previous socket may never have reported that it closed.
    reportClose(1006)
    // `onClose` may have stopped this socket.
    if (isStopped) return createClosedSocket()
    let socket: WebSocket
    try {
      socket = new Native(url, [...options.protocols()])
    } catch {
      return failLater()
    }
    current = socket
    socket.addEventListener('open', () => {
      if (current === socket && !isStopped) options.onOpen(text => socket.send(text))
    })
    socket.addEventListener('message', event => {
      const isCurrent = current === socket && !isStopped
      if (isCurrent && typeof event.data === 'string') options.onMessage(event.data)
    })
    socket.addEventListener('close', event => {
      if (current === socket) reportClose(event.code)
    })
    return socket
  }

  /** Reports a connection that mixed-content rules or a policy forbid, asynchronously like any failed handshake. */
  function failLater(): EventTarget {
    const socket = createClosedSocket()
    queueMicrotask(() => {
      if (!isStopped) options.onClose(1006)
      socket.dispatchEvent(new Event('close'))
    })
    return socket
  }

  function reportClose(code: number): void {
    if (!current || isStopped) return
    current = undefined
    options.onClose(code)
  }

  function waitForNextAttempt(): Promise<void> {
    // The library requests the next URL even after it was stopped.
    if (isStopped) return Promise.resolve()
    return new Promise(resolve => {
      const timer = platform.setTimeout(resolve, options.nextDelayMs())
      cancelWait = () => platform.clearTimeout(timer)
    })
  }

  /** Replaces the browser's `WebSocket` in the library; `new` returns the result of `connect`. */
  class ConnectingWebSocket {
    static readonly CLOSING = 2
    constructor(url: string) {
      return connect(url)
    }
  }

  const socket = new ReconnectingWebSocket(() => waitForNextAttempt().then(() => options.url), [], {
    WebSocket: ConnectingWebSocket,
    connectionTimeout: connectTimeoutMs,
    maxEnqueuedMessages: 0,
    maxReconnectionDelay: 0,
  })

  return {
    stop() {
      isStopped = true
      // An open connection would keep a page out of the back/forward cache.
      if (current && !platform.page?.isFrozen()) closeAfterHandshake(current, platform)
      socket.close()
      cancelWait?.()
    },
    reconnect() {
      if (isStopped) return
      socket.reconnect()
      reportClose(1006)
    },
  }
}

/** Delays the close of a socket that is connecting until it is open or the handshake takes too long. */
function closeAfterHandshake(socket: WebSocket, platform: LivePlatform): void {
  if (socket.readyState !== connecting) return
  const timer = platform.setTimeout(close, connectTimeoutMs)
  function close(): void {
    platform.clearTimeout(timer)
    Reflect.deleteProperty(socket, 'close')
    socket.close()
  }
  // Hides the method of the prototype from the library, which closes the socket at once.
  socket.close = () => {}
  socket.addEventListener('open', close)
  socket.addEventListener('close', () => platform.clearTimeout(timer))
}

function createClosedSocket(): EventTarget {
  return Object.assign(new EventTarget(), { close() {}, readyState: 3 })
}
