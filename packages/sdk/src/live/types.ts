import type {
  ChannelName,
  ErrorCode,
  EventProperty,
  State,
  WindowMinutes,
} from '@tidemark/protocol'
import type { TokenSource } from './token.ts'

/** Platform functions that a live client uses; tests and other runtimes pass their own. */
export interface LivePlatform {
  /** Milliseconds since 1970. */
  now(): number
  setTimeout(run: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
  /** In [0, 1). */
  random(): number
  fetch: typeof globalThis.fetch
  /** `undefined` in a runtime without WebSockets; the client then skips that transport. */
  WebSocket: typeof globalThis.WebSocket | undefined
  /** URL of the page, against which a relative `baseUrl` is resolved; `undefined` outside a browser. */
  href: string | undefined
  /** `undefined` outside a browser; the client then counts as visible and online. */
  page: PageSignals | undefined
}

/** Visibility, network and lifecycle state of a page. */
export interface PageSignals {
  isHidden(): boolean
  isOnline(): boolean
  /**
   * Returns whether the page is frozen or entering the back/forward cache. An open connection would keep it out
   * of that cache.
   */
  isFrozen(): boolean
  /**
   * Calls the listener when one of these states may have changed, including when the page resumes from sleep or
   * from the back/forward cache. Returns a function that removes the listener.
   */
  onChange(listener: () => void): () => void
}

export interface LiveOptions {
  /** URL of the server's API: `https://stats.example.com/api`, or `/api` on the page's own server. */
  baseUrl: string
  siteId: string
  /** Window of the channels that count over a window, in minutes. @default 5 */
  minutes?: WindowMinutes
  /** Time between polls without a better transport, in milliseconds, at most 2 ** 31 - 1. @default 5000 */
  pollIntervalMs?: number
  /**
   * Transports that may replace polling, best first; `[]` to use polling only.
   * @default ['websocket', 'sse', 'long-poll']
   */
  transports?: readonly StreamingTransport[]
  /**
   * Access token, or a function that returns a fresh one. The client calls the function before its first request,
   * when the server reports that the token expires soon, and after the server has rejected a token. @default none
   */
  token?: TokenSource
  /** Platform functions that replace those of the runtime. */
  platform?: Partial<LivePlatform>
}

/**
 * Connection phase: not connected (`idle`), polling only (`polling`), polling while another transport is being
 * verified (`upgrading`), or receiving frames through a verified transport (`live`).
 */
export type LivePhase = 'idle' | 'polling' | 'upgrading' | 'live'

/** Transports that deliver frames as the server creates them, best first. */
export const streamingTransports = ['websocket', 'sse', 'long-poll'] as const

export type StreamingTransport = (typeof streamingTransports)[number]

export type LiveTransport = 'none' | 'poll' | StreamingTransport

/** Last error; the next success clears it. */
export interface LiveError {
  /**
   * Error code of the server; or `network` without a response, `answer_invalid` for a response that is not
   * Tidemark's, `token_unavailable` when the token function returned no token.
   */
  code: ErrorCode | 'network' | 'answer_invalid' | 'token_unavailable'
  message: string
}

/** Connection status and age of the data. */
export interface LiveStatus {
  readonly phase: LivePhase
  /** Transport that delivers data now; `none` when idle, offline, or after a failed request. */
  readonly transport: LiveTransport
  /** Cursor of the state, `epoch.seq`. */
  readonly cursor: string | undefined
  /** Last time the state matched the server's state, in milliseconds since 1970 on the client's clock. */
  readonly syncedAt: number | undefined
  /** Whether the server has not confirmed the state for longer than the transport's normal interval. */
  readonly stale: boolean
  /** Whether the browser reports that there is no network. */
  readonly offline: boolean
  /** Whether the page is hidden; the client then polls less often. */
  readonly paused: boolean
  /** Whether the server has refused this client; only a new client with other options can connect. */
  readonly unauthorized: boolean
  readonly error: LiveError | undefined
  /**
   * Time of the next attempt to reach the server after a failed poll, or to connect again after a lost connection, in
   * milliseconds since 1970 on the client's clock. `undefined` when none is scheduled, also while one is running.
   */
  readonly retryAt: number | undefined
}

/** Last known state and its status. */
export interface LiveView {
  /** Channels that a subscriber requested and that have arrived. Unchanged channels keep their identity. */
  readonly state: State
  readonly status: LiveStatus
}

export interface SubscribeOptions {
  /**
   * Pages for the channel `pageVisitors`, such as `['/boots']`: texts that start with a slash, with or without a query.
   * The rows of the channel have the paths of all subscribers as `toPagePath` of `@tidemark/protocol` normalizes them,
   * each also with 0 visitors. One client reads at most 100 paths of together 4,096 characters; the paths of later
   * subscribers beyond that have no rows.
   * @default none; required with `pageVisitors`
   */
  paths?: readonly string[]
  /**
   * Properties for the channel `properties`, such as `[{ event: 'purchase', property: 'plan' }]`. The channel has one row
   * for each property of all subscribers, also without events. One client reads at most 20 properties of together 4,096
   * characters in a URL; later ones beyond that have no rows.
   * @default none; required with `properties`
   */
  properties?: readonly EventProperty[]
}

/** Connection to one site, shared by all subscribers. */
export interface LiveClient {
  readonly view: LiveView
  /**
   * Subscribes to channels and returns a function that unsubscribes. The first subscriber opens the connection, the
   * last one to leave closes it; the client retains the state for the next subscriber.
   *
   * To change the paths or properties of a subscriber, subscribe again before you unsubscribe: the connection stays open,
   * and other channels and rows keep their values.
   * @param listener called after every change of the view, never before `subscribe` has returned
   * @throws {TypeError} for an unknown channel, an invalid path or property, paths without the channel `pageVisitors`,
   * properties without the channel `properties`, and these channels without any
   */
  subscribe(
    channels: readonly ChannelName[],
    listener: (view: LiveView) => void,
    options?: SubscribeOptions,
  ): () => void
  /** Polls immediately; resolves when the client has applied the response or the poll has failed. */
  refresh(): Promise<void>
}
