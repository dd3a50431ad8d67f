import type { Snapshot } from './channels.ts'
import type { ResetReason } from './codes.ts'
import type { EventProperty } from './event-property.ts'
import type { Frame } from './frame.ts'

/** The WebSocket subprotocol. It also names the version of these messages. */
export const subprotocol = 'tidemark.v1'

/**
 * Prefix of the subprotocol that carries a token. A page cannot set a header on a WebSocket, and URLs end up in
 * logs. The server never selects this subprotocol.
 */
export const tokenSubprotocol = 'tidemark.token.'

/** A message of a reader on a WebSocket. */
export type ClientMessage =
  /**
   * Replaces the selection; with `since`, after a replay of the frames since that cursor. The answer carries the
   * `id`, so that the reader knows which frames belong to which subscription.
   */
  | {
      type: 'sub'
      id?: number
      channels?: readonly string[]
      minutes?: number
      /** Pages of the channel `pageVisitors`. */
      paths?: readonly string[]
      /** Properties of the channel `properties`. */
      properties?: readonly EventProperty[]
      since?: string
    }
  /** Replaces the connection's token. */
  | { type: 'auth'; token: string }
  /** Answers a `ping`. */
  | { type: 'pong' }

/** A message of the server, on a WebSocket and as `data` of a server-sent event. Readers ignore unknown types. */
export type ServerMessage =
  /** First message of every connection. `heartbeat` is the longest silence to expect, in milliseconds. */
  | { type: 'hello'; epoch: number; heartbeat: number }
  /** Confirms a subscription. The frames from `from` to `to` follow immediately. */
  | { type: 'ok'; id?: number; from: string; to: string }
  /** The complete state of the selection. */
  | { type: 'snap'; id?: number; snapshot: Snapshot }
  | ({ type: 'frame' } & Frame)
  /** Heartbeat. `head` is the site's last frame, `cursor` the selection's. A reader behind `cursor` missed a frame. */
  | { type: 'ping'; head: string; cursor: string }
  /** Reports that the frames since the reader's cursor cannot be replayed. A `snap` follows. */
  | { type: 'reset'; reason: ResetReason }
  /** Refuses a message. Connection and subscription stay as they are. */
  | { type: 'error'; id?: number; code: MessageErrorCode; detail: string }
  /** Milliseconds until the token expires. The connection then closes, unless an `auth` arrives first. */
  | { type: 'expiring'; in: number }
  /** Announces a close with this code. `retry` is the shortest time until reconnecting, in milliseconds. */
  | { type: 'bye'; code: number; retry: number }

/** The body of `GET realtime/frames`. */
export interface FramesAnswer {
  /** The requested cursor. */
  from: string
  /** The cursor after the last of `frames`. */
  to: string
  frames: Frame[]
  /** Whether more frames exist after `to`. The reader requests them immediately. */
  more: boolean
}

export type MessageErrorCode =
  | 'message_unknown'
  | 'selection_invalid'
  | 'selection_forbidden'
  | 'cursor_invalid'
  | 'token_invalid'
  | 'too_busy'
