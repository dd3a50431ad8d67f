import type { ClientMessage, ServerMessage } from '@tidemark/protocol'

/** The server's end of a `FakeSocket`. */
export interface SocketPeer {
  /** Called when a handshake starts. An error that it throws is thrown by the constructor. */
  onConnect(socket: FakeSocket): void
  onMessage(socket: FakeSocket, text: string): void
  /** Called when the client has closed the socket or cancelled the handshake. */
  onClose(socket: FakeSocket, code: number): void
  /** Returns whether the server answers a close, so that the close event follows. */
  answersClose(): boolean
}

/**
 * A WebSocket without a network. It follows the standard (WHATWG WebSockets, sections 3 and 4) in `send` before the
 * socket is open, in the order of events, and in firing no message event while the socket is closing.
 */
export class FakeSocket extends EventTarget implements WebSocket {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSING = 2
  readonly CLOSED = 3

  declare addEventListener: WebSocket['addEventListener']
  declare removeEventListener: WebSocket['removeEventListener']
  onopen: WebSocket['onopen'] = null
  onmessage: WebSocket['onmessage'] = null
  onerror: WebSocket['onerror'] = null
  onclose: WebSocket['onclose'] = null

  binaryType: BinaryType = 'blob'
  readonly bufferedAmount = 0
  readonly extensions = ''
  readonly url: string
  /** Subprotocols that the client offered. */
  readonly offered: readonly string[]
  protocol = ''
  readyState: WebSocket['readyState'] = FakeSocket.CONNECTING
  readonly #peer: SocketPeer

  constructor(peer: SocketPeer, url: string | URL, protocols: string | string[] = []) {
    super()
    this.#peer = peer
    this.url = String(url)
    this.offered = [protocols].flat()
    peer.onConnect(this)
  }

  // Client side

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (this.readyState === FakeSocket.CONNECTING) {
      throw new DOMException('Still in CONNECTING state.', 'InvalidStateError')
    }
    if (typeof data !== 'string') throw new TypeError('FakeSocket sends text only.')
    if (this.readyState === FakeSocket.OPEN) this.#peer.onMessage(this, data)
  }

  close(code?: number): void {
    if (this.readyState >= FakeSocket.CLOSING) return
    const wasOpen = this.readyState === FakeSocket.OPEN
    this.readyState = FakeSocket.CLOSING
    this.#peer.onClose(this, code ?? 1005)
    if (!this.#peer.answersClose()) return
    queueMicrotask(() => (wasOpen ? this.end(code ?? 1005) : this.fail()))
  }

  // Server and network side

  /** Completes the handshake. */
  accept(): void {
    if (this.readyState !== FakeSocket.CONNECTING) return
    this.readyState = FakeSocket.OPEN
    this.protocol = this.offered[0] ?? ''
    this.dispatchEvent(new Event('open'))
  }

  /** Fails the handshake (any response but 101, or none) or breaks an open connection. */
  fail(): void {
    if (this.readyState === FakeSocket.CLOSED) return
    this.readyState = FakeSocket.CLOSED
    this.dispatchEvent(new Event('error'))
    this.#dispatchClose(1006, false)
  }

  /** Closes the connection cleanly with the server's code. */
  end(code: number): void {
    if (this.readyState === FakeSocket.CLOSED) return
    this.readyState = FakeSocket.CLOSED
    this.#dispatchClose(code, true)
  }

  /** Delivers a message from the server. */
  deliver(message: ServerMessage): void {
    this.deliverText(JSON.stringify(message))
  }

  deliverText(data: string | ArrayBuffer): void {
    if (this.readyState !== FakeSocket.OPEN) return
    this.dispatchEvent(new MessageEvent('message', { data }))
  }

  #dispatchClose(code: number, wasClean: boolean): void {
    this.dispatchEvent(new CloseEvent('close', { code, wasClean }))
  }
}

/** Parses a message from the client. */
export function readMessage(text: string): ClientMessage {
  return JSON.parse(text) as ClientMessage
}
