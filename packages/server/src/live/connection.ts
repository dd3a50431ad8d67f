import {
  type ChannelName,
  type MessageErrorCode,
  type ServerMessage,
  closeCodes,
  isObject,
  parseCursor,
} from '@tidemark/protocol'
import type { Access } from '../guard/access.ts'
import { memoizePerFrame } from './memoize-per-frame.ts'
import {
  type ReaderBounds,
  type ReaderSettings,
  defaultReaderBounds,
  openReader,
} from './reader.ts'
import { readSelection } from './selection.ts'
import { type SharedMessage, toSharedMessage } from './shared-message.ts'
import type { Stream } from './stream.ts'

/** What a connection needs of a socket, whichever library it is of. */
export interface Wire {
  send(message: string): void
  /** Sends what others are sent too. */
  sendShared(message: SharedMessage): void
  close(code: number, reason: string): void
  /** Ends it without waiting for the peer: the only way to be rid of one that does not read. */
  terminate(): void
  /** Bytes that were sent and that the peer has not taken yet. */
  bufferedBytes(): number
}

export interface ConnectionBounds extends ReaderBounds {
  /** Messages that a reader may send in a heartbeat. @default 60 */
  maxMessages: number
}

export const defaultConnectionBounds: ConnectionBounds = {
  ...defaultReaderBounds,
  maxMessages: 60,
}

export interface ConnectionOptions extends ReaderSettings {
  stream: Stream
  channels: readonly ChannelName[]
  wire: Wire
  bounds: ConnectionBounds
  access?: Access | undefined
}

/** One reader on a WebSocket. */
export interface Connection {
  /** Takes a message; `undefined` for one that is not text. */
  receive(text: string | undefined): void
  /** Says that the socket is gone. */
  closed(): void
  /** Tells the reader to go away and come back after `retryMs`. */
  bye(code: number, retryMs: number): void
}

/** Pings that a reader may leave unanswered. */
const maxUnanswered = 2

const messageOf = memoizePerFrame(({ json }) => toSharedMessage(`{"type":"frame",${json.slice(1)}`))

export function openConnection(options: ConnectionOptions): Connection {
  const { wire, bounds } = options
  let messages = 0
  let unanswered = 0

  const reader = openReader({
    ...options,
    sink: {
      send: json => wire.send(json),
      sendFrame: frame => wire.sendShared(messageOf(frame)),
      close: code => wire.close(code, ''),
      terminate: wire.terminate,
      bufferedBytes: wire.bufferedBytes,
    },
    onBeat() {
      messages = 0
    },
    onPing() {
      if (unanswered++ < maxUnanswered) return true
      reader.abandon(closeCodes.silent)
      return false
    },
    isUnanswered: () => unanswered > 0,
  })

  const send = (message: ServerMessage): void => wire.send(JSON.stringify(message))

  function refuse(code: MessageErrorCode, detail: string, id?: number): void {
    send({ type: 'error', ...(id !== undefined && { id }), code, detail })
  }

  function takeSub(message: Record<string, unknown>): void {
    const { channels, minutes, since } = message
    const id = idOf(message)
    const result = readSelection(options.channels, channels, minutes)
    const from = typeof since === 'string' ? parseCursor(since) : undefined
    if ('detail' in result) refuse('selection_invalid', result.detail, id)
    else if (from || since === undefined) reader.subscribe(id, result.selection, from)
    else refuse('cursor_invalid', '`since` takes a cursor exactly as the server gave it.', id)
  }

  async function takeAuth(message: Record<string, unknown>): Promise<void> {
    const { token } = message
    const isGood = typeof token === 'string' && (await reader.renew(token))
    if (isGood || !reader.isOpen) return
    refuse(
      'token_invalid',
      'The token does not let you in here; the one before holds.',
      idOf(message),
    )
  }

  function take(message: Record<string, unknown>): void {
    if (message['type'] === 'pong') unanswered = 0
    else if (message['type'] === 'sub') takeSub(message)
    else if (message['type'] === 'auth') void takeAuth(message)
    else refuse('message_unknown', 'A reader sends `sub`, `auth` and `pong`.', idOf(message))
  }

  return {
    receive(text) {
      if (!reader.isOpen) return
      if (++messages > bounds.maxMessages) {
        reader.bye(closeCodes.backOff, bounds.heartbeatMs)
        return
      }
      if (reader.endIfTooSlow()) return
      const message = text === undefined ? undefined : parseMessage(text)
      if (message) take(message)
      else reader.bye(closeCodes.badMessage, 0)
    },
    closed: reader.closed,
    bye: reader.bye,
  }
}

function idOf({ id }: Record<string, unknown>): number | undefined {
  return Number.isSafeInteger(id) ? Number(id) : undefined
}

/** An object with a `type`, or `undefined` for anything else. */
function parseMessage(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) && typeof value['type'] === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
