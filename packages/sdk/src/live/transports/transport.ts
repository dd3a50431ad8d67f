import { type Selection, closeCodes } from '@tidemark/protocol'
import type { Reader } from '../reader.ts'
import type { TokenProvider } from '../token.ts'
import type { LivePlatform } from '../types.ts'

/** Connection that delivers frames beside or instead of polling, and applies them to the same reader. */
export interface TransportConnection {
  /** Whether the connection is open; it may not be verified yet. */
  readonly isOpen: boolean
  /** Time of the last scheduled attempt to connect, in milliseconds since 1970; in the past when it has begun. */
  readonly retryAt: number | undefined
  /** Longest silence of a working connection, in milliseconds. */
  readonly maxSilenceMs: number
  /** Subscribes again after the selection has changed. */
  resubscribe(): void
  /** Closes the current connection and opens another one. */
  reconnect(): void
  /** Closes the connection for good; no callback is called afterwards. */
  stop(): void
}

export interface TransportOptions extends TransportEvents {
  platform: LivePlatform
  /** URL of the site: `https://stats.example.com/api/sites/shop`. */
  siteUrl: string
  reader: Reader
  token: TokenProvider
  selection(): Selection
}

export interface TransportEvents {
  /**
   * Called for received data, with `isCurrent` when it shows that the reader matches the server's state, and for other
   * changes of the connection.
   */
  onActivity(isCurrent: boolean): void
  /** Called when the connection is subscribed, has received a heartbeat and misses no frame. `onActivity` follows. */
  onVerified(): void
  /** Called when the connection has closed. After the reason `broken` it reconnects by itself. */
  onLost(loss: ConnectionLoss): void
}

/** `refused`: no request can succeed. `unauthorized`: only a request with a fresh token can succeed. */
export type RejectionReason = 'refused' | 'unauthorized'

export interface ConnectionLoss {
  readonly reason: 'broken' | RejectionReason
  /** Shortest delay that the server requests, in milliseconds; 0 for none. */
  readonly retryAfterMs: number
}

/** Returns the reason for a WebSocket close code or an HTTP status. */
export function toLossReason(code: number | undefined): ConnectionLoss['reason'] {
  if (code === closeCodes.refused || code === 403) return 'refused'
  return code === closeCodes.tokenExpired || code === 401 ? 'unauthorized' : 'broken'
}
