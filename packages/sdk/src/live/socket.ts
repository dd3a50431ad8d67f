import ReconnectingWebSocket from 'reconnecting-websocket'
import type { Platform } from './types.ts'

export interface SocketOptions {
  platform: Platform
  url: string
  protocol: string
  /** How long to wait before each connection, in milliseconds; asked for each one anew. */
  nextDelayMs(): number
  onOpen(send: (text: string) => void): void
  onMessage(text: string): void
  /** The connection, or the try to make one, has ended with this code (1006 for a failed handshake). */
  onClose(code: number): void
}

/** How long a handshake may take before it is given up. */
const connectTimeoutMs = 8000

/**
 * A WebSocket that comes back until it is stopped. `reconnecting-websocket` 4.4.0 does the coming back;
 * this is the one file that knows what has to be done around it:
 *
 * - It fixes its random delay once for the page, so all its own delays are 0 and the waiting is done in
 *   the URL provider. That must not reject, as the library would then wait for ever, and it does not.
 * - It reports a failed handshake as a clean close with 1000, and hides the socket's own close
 *   after a time-out, so the events of the socket itself are what counts here. A socket that has been
 *   given up is silenced, because a late event of it would be taken for one of its successor.
 * - It sends what was queued before `open` handlers run, so nothing is ever queued.
 * - `close()` within its `onclose`, then `reconnect()`, locks it up, as does its retry limit. So
 *   one instance is one generation: it is stopped once, and a new one is made to start again.
 */
export function openSocket(options: SocketOptions): { stop(): void; drop(): void } {
  const { platform, protocol } = options
  const Native = platform.WebSocket
  if (!Native) return { stop() {}, drop() {} }
  let current: WebSocket | undefined
  let isStopped = false
  let endWait: (() => void) | undefined

  class ReportingWebSocket extends Native {
    constructor(url: string) {
      super(url, protocol)
      // A predecessor that never said that it closed has ended now.
      end(1006)
      // eslint-disable-next-line unicorn/no-this-assignment -- handlers compare it with the current one
      current = this
      this.addEventListener('open', () => {
        if (current === this && !isStopped) options.onOpen(text => this.send(text))
      })
      this.addEventListener('message', event => {
        const isOurs = current === this && !isStopped && typeof event.data === 'string'
        if (isOurs) options.onMessage(event.data)
      })
      this.addEventListener('close', event => {
        if (current === this) end(event.code)
      })
    }
  }

  function end(code: number): void {
    if (!current || isStopped) return
    current = undefined
    options.onClose(code)
  }

  function wait(): Promise<void> {
    return new Promise(resolve => {
      const timer = platform.setTimeout(resolve, options.nextDelayMs())
      endWait = () => {
        platform.clearTimeout(timer)
        resolve()
      }
    })
  }

  const socket = new ReconnectingWebSocket(() => wait().then(() => options.url), [], {
    WebSocket: ReportingWebSocket,
    connectionTimeout: connectTimeoutMs,
    maxEnqueuedMessages: 0,
    minReconnectionDelay: 0,
    maxReconnectionDelay: 0,
  })

  return {
    /** Ends it for good; no callback is called any more. */
    stop() {
      isStopped = true
      socket.close()
      endWait?.()
    },
    /** Gives up the present connection, whose own close may be minutes away, and lets the next one be tried. */
    drop() {
      socket.reconnect()
      end(1006)
    },
  }
}
