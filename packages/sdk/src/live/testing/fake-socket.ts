import type { ClientMessage, ServerMessage } from '@tidemark/protocol'

/** What happens at the other end of a `FakeSocket`. */
export interface SocketPeer {
  /** A socket was made: a handshake has begun. Throws what the constructor is to throw. */
  onConnect(socket: FakeSocket): void
  onMessage(socket: FakeSocket, text: string): void
  /** The page has closed it, or given up the handshake. */
  onClose(socket: FakeSocket, code: number): void
  /** Whether a socket that is closed is done with in a moment; else it says nothing more by itself. */
  answersClose(): boolean
}

/**
 * A WebSocket without a network, that does as the standard says (WHATWG WebSockets, sections 3 and 4): what is
 * sent while it is not open, in which order it fires its events, and that none comes while it is being closed.
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
  /** The subprotocols that were offered. */
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

  // What the page does

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (this.readyState === FakeSocket.CONNECTING) {
      throw new DOMException('Still in CONNECTING state.', 'InvalidStateError')
    }
    if (typeof data !== 'string') throw new TypeError('Nothing but text is sent here.')
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

  // What the server and the network do

  /** The handshake has succeeded. */
  accept(): void {
    if (this.readyState !== FakeSocket.CONNECTING) return
    this.readyState = FakeSocket.OPEN
    this.protocol = this.offered[0] ?? ''
    this.dispatchEvent(new Event('open'))
  }

  /** The handshake has failed (any answer but 101, or none), or an open connection has broken. */
  fail(): void {
    if (this.readyState === FakeSocket.CLOSED) return
    this.readyState = FakeSocket.CLOSED
    this.dispatchEvent(new Event('error'))
    this.#dispatchClose(1006, false)
  }

  /** The connection was closed in good order, with the server's code. */
  end(code: number): void {
    if (this.readyState === FakeSocket.CLOSED) return
    this.readyState = FakeSocket.CLOSED
    this.#dispatchClose(code, true)
  }

  /** The server says something. */
  say(message: ServerMessage): void {
    this.sayText(JSON.stringify(message))
  }

  sayText(data: string | ArrayBuffer): void {
    if (this.readyState !== FakeSocket.OPEN) return
    this.dispatchEvent(new MessageEvent('message', { data }))
  }

  #dispatchClose(code: number, wasClean: boolean): void {
    this.dispatchEvent(new CloseEvent('close', { code, wasClean }))
  }
}

/** What a page has sent, as the server would read it. */
export function readMessage(text: string): ClientMessage {
  return JSON.parse(text) as ClientMessage
}
