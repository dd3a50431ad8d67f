import ReconnectingWebSocket from 'reconnecting-websocket'
import type { Platform } from '../types.ts'

export interface SocketOptions {
  platform: Platform
  url: string
  /** The subprotocols to offer; asked for each connection anew. */
  protocols(): readonly string[]
  /** How long to wait before each connection, in milliseconds; asked for each one anew. */
  nextDelayMs(): number
  onOpen(send: (text: string) => void): void
  onMessage(text: string): void
  /** The connection, or the try to make one, has ended with this code (1006 for a failed handshake). */
  onClose(code: number): void
}

export interface Socket {
  /** Ends it for good; no callback is called any more. */
  stop(): void
  /** Gives up the present connection, whose own close may be minutes away, and lets the next one be tried. */
  drop(): void
}

/** How long a handshake may take before it is given up. */
const connectTimeoutMs = 8000

/**
 * A WebSocket that comes back until it is stopped. `reconnecting-websocket` 4.4.0 does the coming back;
 * this is the one file that knows what has to be done around it:
 *
 * - It fixes its random delay once for the page, so all its own delays are 0 and the waiting is done in
 *   the URL provider. That must not reject, as the library would then wait for ever, and it does not. Nor
 *   must the constructor of a socket throw, as it does where the browser forbids the connection.
 * - It fixes the subprotocols at construction, so they are given to each socket here.
 * - It reports a failed handshake as a clean close with 1000, and hides the socket's own close
 *   after a time-out, so the events of the socket itself are what counts here. A socket that has been
 *   given up is silenced, because a late event of it would be taken for one of its successor.
 * - It sends what was queued before `open` handlers run, so nothing is ever queued.
 * - `close()` within its `onclose`, then `reconnect()`, locks it up, as does its retry limit. So
 *   one instance is one generation: it is stopped once, and a new one is made to start again.
 */
export function openSocket(options: SocketOptions): Socket {
  const { platform } = options
  const Native = platform.WebSocket
  if (!Native) return { stop() {}, drop() {} }
  let current: WebSocket | undefined
  let isStopped = false
  let endWait: (() => void) | undefined

  const connect = (url: string): EventTarget => {
    // A predecessor that never said that it closed has ended now.
    end(1006)
    // Whoever was told of that may have had enough.
    if (isStopped) return closed()
    let socket: WebSocket
    try {
      socket = new Native(url, [...options.protocols()])
    } catch {
      return forbidden()
    }
    current = socket
    socket.addEventListener('open', () => {
      if (current === socket && !isStopped) options.onOpen(text => socket.send(text))
    })
    socket.addEventListener('message', event => {
      const isOurs = current === socket && !isStopped && typeof event.data === 'string'
      if (isOurs) options.onMessage(event.data)
    })
    socket.addEventListener('close', event => {
      if (current === socket) end(event.code)
    })
    return socket
  }

  /** What mixed content or a policy makes impossible fails as any other try does: a moment later. */
  function forbidden(): EventTarget {
    const socket = closed()
    queueMicrotask(() => {
      if (!isStopped) options.onClose(1006)
      socket.dispatchEvent(new Event('close'))
    })
    return socket
  }

  function closed(): EventTarget {
    return Object.assign(new EventTarget(), { close() {}, readyState: 3 })
  }

  function end(code: number): void {
    if (!current || isStopped) return
    current = undefined
    options.onClose(code)
  }

  function wait(): Promise<void> {
    // The library asks for the next URL also when it was stopped a moment ago.
    if (isStopped) return Promise.resolve()
    return new Promise(resolve => {
      const timer = platform.setTimeout(resolve, options.nextDelayMs())
      endWait = () => platform.clearTimeout(timer)
    })
  }

  /** What the library takes for the browser's own class; `new` gives what `connect` returns. */
  class ConnectingWebSocket {
    static readonly CLOSING = 2
    constructor(url: string) {
      return connect(url)
    }
  }

  const socket = new ReconnectingWebSocket(() => wait().then(() => options.url), [], {
    WebSocket: ConnectingWebSocket,
    connectionTimeout: connectTimeoutMs,
    maxEnqueuedMessages: 0,
    maxReconnectionDelay: 0,
  })

  return {
    stop() {
      isStopped = true
      socket.close()
      endWait?.()
    },
    drop() {
      if (isStopped) return
      socket.reconnect()
      end(1006)
    },
  }
}
