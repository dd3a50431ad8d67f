import {
  type ChannelName,
  type Cursor,
  type MessageErrorCode,
  type Selection,
  type ServerMessage,
  closeCodes,
  formatCursor,
  isObject,
  parseCursor,
} from '@tidemark/protocol'
import type { Clock } from '../clock.ts'
import { readSelection } from './selection.ts'
import { type EncodedFrame, type Stream, mergeEncoded } from './stream.ts'

/** What a connection needs of a socket, whichever library it is of. */
export interface Wire {
  send(text: string): void
  close(code: number, reason: string): void
  /** Ends it without waiting for the peer: the only way to be rid of one that does not read. */
  terminate(): void
  /** Bytes handed to `send` that the peer has not taken yet. */
  bufferedBytes(): number
}

export interface ConnectionBounds {
  /** Time between pings; a reader that answers none of two is gone. @default 15 seconds */
  heartbeatMs: number
  /** The first ping, by which a reader knows that the way holds. @default 1 second */
  firstHeartbeatMs: number
  /** Above this a reader gets no frames until it has caught up, and then one for all it missed. @default 64 KiB */
  softBufferBytes: number
  /** Above this it is ended. @default 1 MiB */
  maxBufferBytes: number
  /** Messages that a reader may send between two pings. @default 60 */
  maxMessages: number
}

export const defaultConnectionBounds: ConnectionBounds = {
  heartbeatMs: 15_000,
  firstHeartbeatMs: 1000,
  softBufferBytes: 64 * 1024,
  maxBufferBytes: 1024 * 1024,
  maxMessages: 60,
}

export interface ConnectionOptions {
  stream: Stream
  channels: readonly ChannelName[]
  wire: Wire
  clock: Clock
  bounds?: ConnectionBounds
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

interface Subscription {
  /** As the reader named it. */
  readonly id: number | undefined
  readonly selection: Selection
  /** Where the reader is once it has read all that was sent. */
  cursor: Cursor
  /** Frames were held back, because the reader does not take them as fast as they are made. */
  behind: boolean
  readonly end: () => void
}

export function openConnection(options: ConnectionOptions): Connection {
  const { stream, wire, clock, bounds = defaultConnectionBounds } = options
  let subscription: Subscription | undefined
  let messages = 0
  let unanswered = 0
  let cancelHeartbeat = clock.after(bounds.firstHeartbeatMs, heartbeat)
  let isOpen = true

  const send = (message: ServerMessage): void => wire.send(JSON.stringify(message))

  function stop(): void {
    isOpen = false
    cancelHeartbeat()
    subscription?.end()
    subscription = undefined
  }

  function bye(code: number, retryMs: number): void {
    if (!isOpen) return
    send({ type: 'bye', code, retry: retryMs })
    stop()
    wire.close(code, '')
  }

  /** Ends a reader for whom more is waiting than may be. Whatever makes more wait asks this first. */
  function endIfTooSlow(): boolean {
    if (wire.bufferedBytes() <= bounds.maxBufferBytes) return false
    bye(closeCodes.tooSlow, 0)
    wire.terminate()
    return true
  }

  function heartbeat(): void {
    cancelHeartbeat = clock.after(bounds.heartbeatMs, heartbeat)
    if (unanswered >= 2) {
      bye(closeCodes.silent, 0)
      wire.terminate()
      return
    }
    unanswered++
    messages = 0
    if (subscription?.behind && wire.bufferedBytes() <= bounds.softBufferBytes) {
      subscription.behind = false
      catchUp(subscription)
    }
    const head = formatCursor(stream.head)
    const cursor = subscription ? stream.cursorOf(subscription.selection) : stream.head
    send({ type: 'ping', head, cursor: formatCursor(cursor) })
  }

  function deliver(to: Subscription, frame: EncodedFrame): void {
    if (endIfTooSlow()) return
    if (wire.bufferedBytes() > bounds.softBufferBytes) {
      to.behind = true
    } else if (to.behind) {
      to.behind = false
      catchUp(to)
    } else {
      sendFrame(to, frame)
    }
  }

  /** Sends all that the reader has not had as one frame, or a snapshot when that cannot be. */
  function catchUp(to: Subscription, say?: (replayed: Cursor) => void): void {
    const replay = stream.since(to.selection, to.cursor)
    if ('reset' in replay) {
      send({ type: 'reset', reason: replay.reset })
      sendSnapshot(to)
      return
    }
    say?.(replay.to)
    const merged = mergeEncoded(replay.frames)
    if (merged) sendFrame(to, merged)
  }

  function sendFrame(to: Subscription, frame: EncodedFrame): void {
    wire.send(`{"type":"frame",${frame.json.slice(1)}`)
    to.cursor = { epoch: to.cursor.epoch, seq: frame.s }
  }

  function sendSnapshot(to: Subscription): void {
    const id = to.id === undefined ? '' : `"id":${to.id},`
    wire.send(`{"type":"snap",${id}"snapshot":${stream.snapshotOf(to.selection)}}`)
    to.cursor = stream.cursorOf(to.selection)
  }

  /** One turn of the loop from replay to subscription, so no frame can come between them. */
  function subscribe(
    id: number | undefined,
    selection: Selection,
    since: Cursor | undefined,
  ): void {
    subscription?.end()
    const next: Subscription = {
      id,
      selection,
      cursor: since ?? stream.cursorOf(selection),
      behind: false,
      end: stream.subscribe(selection, frame => deliver(next, frame)),
    }
    subscription = next
    if (!since) sendSnapshot(next)
    else {
      const from = formatCursor(since)
      catchUp(next, to => send({ type: 'ok', ...withId(id), from, to: formatCursor(to) }))
    }
  }

  function refuse(code: MessageErrorCode, detail: string, id?: number): void {
    send({ type: 'error', ...withId(id), code, detail })
  }

  function takeSub(message: Record<string, unknown>): void {
    const { channels, minutes, since } = message
    const id = idOf(message)
    const result = readSelection(options.channels, channels, minutes)
    const from = typeof since === 'string' ? parseCursor(since) : undefined
    if ('detail' in result) refuse('selection_invalid', result.detail, id)
    else if (from || since === undefined) subscribe(id, result.selection, from)
    else refuse('cursor_invalid', '`since` takes a cursor exactly as the server gave it.', id)
  }

  function take(message: Record<string, unknown>): void {
    if (message['type'] === 'pong') unanswered = 0
    else if (message['type'] === 'sub') takeSub(message)
    else refuse('message_unknown', 'A reader sends `sub` and `pong`.', idOf(message))
  }

  send({ type: 'hello', epoch: stream.head.epoch, heartbeat: bounds.heartbeatMs })

  return {
    receive(text) {
      if (!isOpen) return
      if (++messages > bounds.maxMessages) {
        bye(closeCodes.backOff, bounds.heartbeatMs)
        return
      }
      if (endIfTooSlow()) return
      const message = text === undefined ? undefined : parseMessage(text)
      if (message) take(message)
      else bye(closeCodes.badMessage, 0)
    },
    closed: stop,
    bye,
  }
}

function withId(id: number | undefined): { id?: number } {
  return id === undefined ? {} : { id }
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
