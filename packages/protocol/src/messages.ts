import type { Snapshot } from './channels.ts'
import type { ResetReason } from './codes.ts'
import type { Frame } from './frame.ts'

/** The WebSocket subprotocol, and with it the version of these messages. */
export const subprotocol = 'tidemark.v1'

/**
 * A token travels to a WebSocket as one more subprotocol, this before it: a browser lets a page set no
 * header there, and an address ends up in logs. The server never chooses it.
 */
export const tokenSubprotocol = 'tidemark.token.'

/** What a reader sends. */
export type ClientMessage =
  /**
   * Takes this selection from now on, in place of any before; with `since`, after a replay. What
   * answers it carries its `id`, so a reader knows which frames are of which subscription.
   */
  | { type: 'sub'; id?: number; channels?: readonly string[]; minutes?: number; since?: string }
  /** A fresh token in place of the one that the connection was opened with. */
  | { type: 'auth'; token: string }
  /** Answers a `ping`. */
  | { type: 'pong' }

/** What the server sends, on a WebSocket and as the `data` of server-sent events. A reader ignores types that it does not know. */
export type ServerMessage =
  /** First on every connection; `heartbeat` is the longest silence to expect, in milliseconds. */
  | { type: 'hello'; epoch: number; heartbeat: number }
  /** The subscription holds, and frames from `from` to `to` follow at once. */
  | { type: 'ok'; id?: number; from: string; to: string }
  /** The whole state of the selection. */
  | { type: 'snap'; id?: number; snapshot: Snapshot }
  | ({ type: 'frame' } & Frame)
  /** Still here. `head` is the site's last frame, `cursor` the selection's: a reader behind it missed one. */
  | { type: 'ping'; head: string; cursor: string }
  /** The reader's cursor cannot be replayed; a `snap` follows. */
  | { type: 'reset'; reason: ResetReason }
  /** The message could not be done; the connection stays and the subscription is as before. */
  | { type: 'error'; id?: number; code: MessageErrorCode; detail: string }
  /** The token ends in this many milliseconds, and the connection with it, unless an `auth` comes before. */
  | { type: 'expiring'; in: number }
  /** A close with this code follows; `retry` is how long to stay away, in milliseconds. */
  | { type: 'bye'; code: number; retry: number }

/** The body of `GET realtime/frames`. */
export interface FramesAnswer {
  /** The cursor that was asked from. */
  from: string
  /** The cursor after the last of `frames`. */
  to: string
  frames: Frame[]
  /** Whether there are more after `to`: ask again at once. */
  more: boolean
}

export type MessageErrorCode =
  'message_unknown' | 'selection_invalid' | 'cursor_invalid' | 'token_invalid'
