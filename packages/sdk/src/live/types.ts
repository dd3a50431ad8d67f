import type { ChannelName, ErrorCode, State, WindowMinutes } from '@tidemark/protocol'
import type { TokenSource } from './token.ts'

/** The part of the platform that a live client touches; a test or another runtime hands in its own. */
export interface Platform {
  /** Milliseconds since 1970. */
  now(): number
  setTimeout(run: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
  /** In [0, 1). */
  random(): number
  fetch: typeof globalThis.fetch
  /** Absent where there are no WebSockets: the client then takes what comes after them. */
  WebSocket: typeof globalThis.WebSocket | undefined
  /** Address of the page, that a relative `baseUrl` is relative to; absent outside a browser. */
  href: string | undefined
  /** Absent outside a browser: the client then counts as visible and online. */
  page: PageSignals | undefined
}

/** What a page knows about itself. */
export interface PageSignals {
  isHidden(): boolean
  isOnline(): boolean
  /** Whether it is on its way into the back/forward cache, or frozen: what is open then keeps it from there. */
  isAway(): boolean
  /** Calls back when either may have changed, and when the page returns from sleep or the back/forward cache. */
  onChange(listener: () => void): () => void
}

export interface LiveOptions {
  /** Where the server's API is mounted: `https://stats.example.com/api`, or `/api` for the page's own. */
  baseUrl: string
  siteId: string
  /** Window of the windowed channels, in minutes. @default 5 */
  minutes?: WindowMinutes
  /** Time between polls while there is no better transport, in milliseconds up to 2 ** 31 - 1. @default 5000 */
  pollIntervalMs?: number
  /**
   * What to move up to from polling, best first; none to stay on polling.
   * @default ['websocket', 'sse', 'long-poll']
   */
  transports?: readonly StreamingTransport[]
  /**
   * The token that the server asks for, or a function that gives a fresh one: it is called for the first
   * request, and again whenever the server says that the token ends. @default none
   */
  token?: TokenSource
  /** Parts of the platform to use in place of the page's own. */
  platform?: Partial<Platform>
}

/**
 * How the client is connected: to nothing (`idle`), by polling, by polling while a better transport proves
 * itself (`upgrading`), or by one that has (`live`).
 */
export type LivePhase = 'idle' | 'polling' | 'upgrading' | 'live'

/** What frames come by, as they are made. */
export type StreamingTransport = 'websocket' | 'sse' | 'long-poll'

export type LiveTransport = 'none' | 'poll' | StreamingTransport

/** What went wrong last, until something goes right again. */
export interface LiveError {
  /**
   * A code of the server's answer; or `network` when there was no answer, `answer_invalid`, or
   * `token_unavailable` when the page's own function gave no token.
   */
  code: ErrorCode | 'network' | 'answer_invalid' | 'token_unavailable'
  message: string
}

/** How far the data on screen can be trusted. */
export interface LiveStatus {
  readonly phase: LivePhase
  /** What brings the data now; `none` while nothing does: offline, or after a request that has failed. */
  readonly transport: LiveTransport
  /** The cursor of the state, `epoch.seq`. */
  readonly cursor: string | undefined
  /** When the state was last known to be the server's own, by this machine's clock. */
  readonly syncedAt: number | undefined
  /** Nothing has confirmed the state for longer than the transport's own rhythm explains. */
  readonly stale: boolean
  /** The browser says that there is no network. */
  readonly offline: boolean
  /** The page is hidden, so the client has slowed down. */
  readonly paused: boolean
  /** The server refuses this reader; only a new client, with other options, will help. */
  readonly unauthorized: boolean
  readonly error: LiveError | undefined
}

/** What a subscriber sees: the last known state, and how far it can be trusted. */
export interface LiveView {
  /** Channels that any subscriber asked for and that have arrived. Unchanged channels keep their identity. */
  readonly state: State
  readonly status: LiveStatus
}

/** One connection to one site of one server, shared by all who subscribe. */
export interface LiveClient {
  readonly view: LiveView
  /**
   * Takes channels until the returned function is called. The first subscriber starts the connection,
   * the last one to leave stops it; the state stays for whoever comes back.
   * @param listener called after every change of the view, never before `subscribe` has returned
   */
  subscribe(channels: readonly ChannelName[], listener: (view: LiveView) => void): () => void
  /** Polls now, whatever the rhythm says; resolves when the answer has been taken in or has failed. */
  refresh(): Promise<void>
}
