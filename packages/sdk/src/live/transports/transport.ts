import { type Selection, closeCodes } from '@tidemark/protocol'
import type { Reader } from '../reader.ts'
import type { TokenKeeper } from '../token.ts'
import type { Platform, StreamingTransport } from '../types.ts'

/** A way for frames to come by, beside polling. It adds to the same mark as polling does. */
export interface Road {
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

export interface RoadOptions extends RoadEvents {
  platform: Platform
  /** Address of the site: `https://stats.example.com/api/sites/shop`. */
  siteUrl: string
  reader: Reader
  token: TokenKeeper
  selection(): Selection
}

export interface RoadEvents {
  /** Something has come; `isCurrent` when it shows that the mark is the server's own state. */
  onNews(isCurrent: boolean): void
  /** The connection has proved itself: subscribed, one heartbeat seen, and nothing missing. `onNews` follows. */
  onProved(): void
  /** It is gone. A road that is `broken` tries again by itself. */
  onLost(loss: Loss): void
}

export interface Loss {
  /** `refused`: coming back does not help. `unauthorised`: not without a fresh token. */
  readonly why: 'broken' | 'refused' | 'unauthorised'
  /** How long the server asks to stay away, in milliseconds; 0 when it did not say. */
  readonly retryAfterMs: number
}

export type OpenRoad = (options: RoadOptions) => Road

export type Roads = Readonly<Record<StreamingTransport, OpenRoad>>

/** What a close code of the server, or a status of an answer, says about coming back. */
export function whyOf(code: number | undefined): Loss['why'] {
  if (code === closeCodes.refused || code === 403) return 'refused'
  return code === closeCodes.tokenExpired || code === 401 ? 'unauthorised' : 'broken'
}
