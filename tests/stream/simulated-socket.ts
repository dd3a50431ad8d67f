import type { MessageSocket } from '../../packages/server/src/live/connection.ts'

/** The server's end of a simulated WebSocket. */
export interface ServerEnd {
  receive(text: string): void
  closed(): void
}

/** The network's control over a simulated WebSocket. */
export interface SimulatedSocket {
  readonly messageSocket: MessageSocket
  /** Closes both ends immediately with a close code. */
  disconnect(code: number): void
  /** Stops delivering messages in both directions, without closing. */
  silence(): void
  /** Drops the next messages of the server. */
  dropMessages(count: number): void
}

export interface SocketNetwork {
  latencyMs(): number
  accepts(): boolean
  connect(socket: SimulatedSocket): ServerEnd
}

/** Creates a replacement for the browser's `WebSocket` class, connected to a simulated network. */
export function createSocketClass(network: SocketNetwork): typeof WebSocket {
  class FakeWebSocket extends EventTarget {
    static readonly CONNECTING = 0
    static readonly OPEN = 1
    static readonly CLOSING = 2
    static readonly CLOSED = 3
    readonly CONNECTING = 0
    readonly OPEN = 1
    readonly CLOSING = 2
    readonly CLOSED = 3
    binaryType = 'blob'
    readyState = 0
    private serverEnd: ServerEnd | undefined
    private isSilent = false
    private messagesToDrop = 0
    /** Arrival time of the last message. */
    private arrivesAt = 0

    constructor() {
      super()
      this.afterLatency(() => this.handshake())
    }

    send(text: string): void {
      this.transmit(() => this.serverEnd?.receive(text))
    }

    /** Starts the closing handshake. As in browsers, the `close` event waits for the other end. */
    close(code = 1000): void {
      if (this.readyState >= 2) return
      this.readyState = 2
      this.transmit(() => this.disconnect(code))
    }

    private handshake(): void {
      if (this.readyState !== 0) return
      if (!network.accepts()) {
        this.dispatchEvent(new Event('error'))
        this.disconnect(1006)
        return
      }
      this.readyState = 1
      const messageSocket: MessageSocket = {
        send: message => {
          if (this.messagesToDrop > 0) this.messagesToDrop--
          else this.transmit(() => this.deliver(message))
        },
        sendShared: ({ text }) => messageSocket.send(text),
        close: code => this.transmit(() => this.disconnect(code)),
        terminate: () => this.transmit(() => this.disconnect(1006)),
        bufferedBytes: () => 0,
      }
      const socket: SimulatedSocket = {
        messageSocket,
        disconnect: code => this.disconnect(code),
        silence: () => {
          this.isSilent = true
        },
        dropMessages: count => {
          this.messagesToDrop = count
        },
      }
      this.dispatchEvent(new Event('open'))
      this.serverEnd = network.connect(socket)
    }

    private deliver(text: string): void {
      if (this.readyState === 1) this.dispatchEvent(new MessageEvent('message', { data: text }))
    }

    private disconnect(code: number): void {
      if (this.readyState === 3) return
      this.readyState = 3
      this.serverEnd?.closed()
      this.dispatchEvent(Object.assign(new Event('close'), { code }))
    }

    private transmit(action: () => void): void {
      if (!this.isSilent) this.afterLatency(() => !this.isSilent && action())
    }

    /** Runs an action after the latency. Messages arrive in order, even when the latency decreases. */
    private afterLatency(action: () => void): void {
      const now = Date.now()
      this.arrivesAt = Math.max(this.arrivesAt, now + network.latencyMs())
      setTimeout(action, this.arrivesAt - now)
    }
  }
  return FakeWebSocket as unknown as typeof WebSocket
}
