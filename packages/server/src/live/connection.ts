import {
  type ChannelName,
  type MessageErrorCode,
  type ServerMessage,
  closeCodes,
  isObject,
} from '@tidemark/protocol'
import type { Authorization } from '../guard/authorization.ts'
import { memoizePerFrame } from './memoize-per-frame.ts'
import { type ReaderBounds, type ReaderSettings, defaultReaderBounds } from './reader-bounds.ts'
import { openReader } from './reader.ts'
import { type SharedMessage, toSharedMessage } from './shared-message.ts'
import type { Stream } from './stream.ts'
import { createSubscriptions } from './subscriptions.ts'

/** The parts of a WebSocket that a connection uses, independent of its library. */
export interface MessageSocket {
  send(message: string): void
  /** Sends a message that other sockets get too. */
  sendShared(message: SharedMessage): void
  close(code: number, reason: string): void
  /** Closes the connection without waiting for the peer: the only way when the peer does not read. */
  terminate(): void
  /** Bytes that were sent and that the peer has not received. */
  bufferedBytes(): number
}

export interface ConnectionBounds extends ReaderBounds {
  /** Most messages that a reader may send in one heartbeat. @default 60 */
  maxMessages: number
}

export const defaultConnectionBounds: ConnectionBounds = {
  ...defaultReaderBounds,
  maxMessages: 60,
}

export interface ConnectionOptions extends ReaderSettings {
  stream: Stream
  /** Returns the stream in which counts below a minimum are hidden. @default `stream` for every minimum */
  streamOf?: (minCount: number) => Stream
  channels: readonly ChannelName[]
  socket: MessageSocket
  bounds: ConnectionBounds
  authorization?: Authorization | undefined
}

/** One reader on a WebSocket. */
export interface Connection {
  /** Handles a message; `undefined` for a binary one. */
  receive(text: string | undefined): void
  /** Releases everything after the socket has closed. */
  stop(): void
  /** Closes the connection; the reader reconnects after `retryMs`. */
  disconnect(code: number, retryMs: number): void
  /** Authorizes the reader again if the access rules have changed, and closes the connection when they refuse it. */
  recheck(): Promise<void>
}

/** Pings in a row that a reader may leave unanswered. */
const maxUnanswered = 2

const messageOf = memoizePerFrame(({ json }) => toSharedMessage(`{"type":"frame",${json.slice(1)}`))

export function openConnection(options: ConnectionOptions): Connection {
  const { socket, bounds } = options
  let messages = 0
  let unanswered = 0

  const reader = openReader({
    ...options,
    sink: {
      send: json => socket.send(json),
      sendFrame: frame => socket.sendShared(messageOf(frame)),
      close: code => socket.close(code, ''),
      terminate: socket.terminate,
      bufferedBytes: socket.bufferedBytes,
    },
    onBeat() {
      messages = 0
    },
    onPing() {
      if (unanswered++ < maxUnanswered) return true
      reader.terminate(closeCodes.silent)
      return false
    },
    isUnanswered: () => unanswered > 0,
  })

  const send = (message: ServerMessage): void => socket.send(JSON.stringify(message))

  function refuse(code: MessageErrorCode, detail: string, id?: number): void {
    send({ type: 'error', ...(id !== undefined && { id }), code, detail })
  }

  /** Handles the request of a message for figures or a new token, in the order of the messages. */
  const requests = createSubscriptions({ ...options, reader, refuse })

  function handle(message: Record<string, unknown>): void {
    if (message['type'] === 'pong') unanswered = 0
    else if (message['type'] === 'sub') requests.subscribe(message, idOf(message))
    else if (message['type'] === 'auth') requests.renew(message['token'], idOf(message))
    else refuse('message_unknown', 'A reader sends `sub`, `auth` and `pong`.', idOf(message))
  }

  return {
    receive(text) {
      if (!reader.isOpen) return
      if (++messages > bounds.maxMessages) {
        reader.disconnect(closeCodes.backOff, bounds.heartbeatMs)
        return
      }
      if (reader.terminateIfTooSlow()) return
      const message = text === undefined ? undefined : parseMessage(text)
      if (message) handle(message)
      else reader.disconnect(closeCodes.badMessage, 0)
    },
    stop: reader.stop,
    disconnect: reader.disconnect,
    recheck: reader.recheck,
  }
}

function idOf({ id }: Record<string, unknown>): number | undefined {
  return Number.isSafeInteger(id) ? Number(id) : undefined
}

/** Parses an object with a `type`; `undefined` for anything else. */
function parseMessage(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) && typeof value['type'] === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
