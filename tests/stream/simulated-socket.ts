import type { MessageSocket } from '../../packages/server/src/live/connection.ts'

/** The server's end of a connection. */
export interface SocketEnd {
  receive(text: string): void
  closed(): void
}

/** A connection, seen from the network between its ends. */
export interface SocketPeer {
  readonly wire: MessageSocket
  /** Ends it at once for both ends, with this code. */
  lose(code: number): void
  /** Carries nothing any more, in either direction. */
  goSilent(): void
  /** Loses the next messages of the server. */
  loseMessages(count: number): void
}

export interface SocketWorld {
  latencyMs(): number
  accepts(): boolean
  connect(peer: SocketPeer): SocketEnd
}

/** A class that a client takes for the browser's `WebSocket`, on a network that the test owns. */
export function createSocketClass(world: SocketWorld): typeof WebSocket {
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
    private end: SocketEnd | undefined
    private isSilent = false
    private toLose = 0
    /** When what was sent last arrives. */
    private arrivesAt = 0

    constructor() {
      super()
      this.later(() => this.handshake())
    }

    send(text: string): void {
      this.carry(() => this.end?.receive(text))
    }

    /** As browsers do it: the `close` event waits for the other end to agree. */
    close(code = 1000): void {
      if (this.readyState >= 2) return
      this.readyState = 2
      this.carry(() => this.lose(code))
    }

    private handshake(): void {
      if (this.readyState !== 0) return
      if (!world.accepts()) {
        this.dispatchEvent(new Event('error'))
        this.lose(1006)
        return
      }
      this.readyState = 1
      const wire: MessageSocket = {
        send: message => {
          if (this.toLose > 0) this.toLose--
          else this.carry(() => this.deliver(message))
        },
        sendShared: ({ text }) => wire.send(text),
        close: code => this.carry(() => this.lose(code)),
        terminate: () => this.carry(() => this.lose(1006)),
        bufferedBytes: () => 0,
      }
      const peer: SocketPeer = {
        wire,
        lose: code => this.lose(code),
        goSilent: () => {
          this.isSilent = true
        },
        loseMessages: count => {
          this.toLose = count
        },
      }
      this.dispatchEvent(new Event('open'))
      this.end = world.connect(peer)
    }

    private deliver(text: string): void {
      if (this.readyState === 1) this.dispatchEvent(new MessageEvent('message', { data: text }))
    }

    private lose(code: number): void {
      if (this.readyState === 3) return
      this.readyState = 3
      this.end?.closed()
      this.dispatchEvent(Object.assign(new Event('close'), { code }))
    }

    private carry(act: () => void): void {
      if (!this.isSilent) this.later(() => !this.isSilent && act())
    }

    /** A connection is a stream: what was sent later never arrives earlier, even if the network is faster by then. */
    private later(act: () => void): void {
      const now = Date.now()
      this.arrivesAt = Math.max(this.arrivesAt, now + world.latencyMs())
      setTimeout(act, this.arrivesAt - now)
    }
  }
  return FakeWebSocket as unknown as typeof WebSocket
}
