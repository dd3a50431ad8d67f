import { type Selection, closeCodes } from '@tidemark/protocol'
import type { Reader } from '../reader.ts'
import type { TokenKeeper } from '../token.ts'
import type { Platform, StreamingTransport } from '../types.ts'

/** A way for frames to come by, beside polling. It adds to the same mark as polling does. */
export interface TransportConnection {
  /** Connected, and perhaps not proved yet. */
  readonly isOpen: boolean
  /** Longest silence to expect of a connection that holds, in milliseconds. */
  readonly silenceMs: number
  /** The selection has changed. */
  resubscribe(): void
  /** Gives up the present connection for the next one. */
  drop(): void
  /** Ends it for good; no callback is called any more. */
  stop(): void
}

export interface TransportOptions extends TransportEvents {
  platform: Platform
  /** Address of the site: `https://stats.example.com/api/sites/shop`. */
  siteUrl: string
  reader: Reader
  token: TokenKeeper
  selection(): Selection
}

export interface TransportEvents {
  /** Something has come; `isCurrent` when it shows that the mark is the server's own state. */
  onNews(isCurrent: boolean): void
  /** The connection has proved itself: subscribed, one heartbeat seen, and nothing missing. `onNews` follows. */
  onProved(): void
  /** It is gone. A road that is `broken` tries again by itself. */
  onLost(loss: ConnectionLoss): void
}

export interface ConnectionLoss {
  /** `refused`: coming back does not help. `unauthorized`: not without a fresh token. */
  readonly reason: 'broken' | 'refused' | 'unauthorized'
  /** How long the server asks to stay away, in milliseconds; 0 when it did not say. */
  readonly retryAfterMs: number
}

export type OpenTransport = (options: TransportOptions) => TransportConnection

export type TransportOpeners = Readonly<Record<StreamingTransport, OpenTransport>>

/** What a close code of the server, or a status of an answer, says about coming back. */
export function lossReasonOf(code: number | undefined): ConnectionLoss['reason'] {
  if (code === closeCodes.refused || code === 403) return 'refused'
  return code === closeCodes.tokenExpired || code === 401 ? 'unauthorized' : 'broken'
}
