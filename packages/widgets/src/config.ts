import { type WindowMinutes, defaultMinutes } from '@tidemark/protocol'
import {
  type LiveOptions,
  type StreamingTransport,
  type TokenSource,
  checkLiveOptions,
} from '@tidemark/sdk/live'

/** Which site to show, and how to reach its server. Every widget takes one as `config`. */
export interface RealtimeConfig {
  /** Where the server's API is mounted: `https://stats.example.com/api`, or `/api` on the same origin. */
  baseUrl: string
  siteId: string
  /** Window of `pageViews`, in minutes; of `events` and `goals` too, once a server serves them. @default 5 */
  minutes?: WindowMinutes
  /** Time between polls while there is no better transport, in milliseconds. @default 5000 */
  pollIntervalMs?: number
  /**
   * What to move up to from polling, best first; none to stay on polling.
   * @default ['websocket', 'sse', 'long-poll']
   */
  transports?: readonly StreamingTransport[]
  /** The token that the server asks for, or a function that gives a fresh one. @default none */
  token?: TokenSource
}

export const defaultPollIntervalMs = 5000

/** What makes two configurations ask for the same connection: everything but the poll interval, and who gives the token. */
export interface ConnectionTarget {
  readonly baseUrl: string
  readonly siteId: string
  readonly minutes: WindowMinutes
  readonly transports: readonly StreamingTransport[] | undefined
  readonly token: TokenSource | undefined
}

/** @throws {TypeError} as `createLiveClient` does, but where the mistake is made and not where a connection is shared */
export function toTarget(config: RealtimeConfig): ConnectionTarget {
  checkLiveOptions(config)
  return {
    // A slash at the end changes nothing about where the server is.
    baseUrl: config.baseUrl.replace(/\/+$/, ''),
    siteId: config.siteId,
    minutes: config.minutes ?? defaultMinutes,
    transports: config.transports,
    token: config.token,
  }
}

/** The same text for the same target; it keys the shared connections. */
export function targetKey(target: ConnectionTarget): string {
  const fixedToken = typeof target.token === 'string' ? target.token : undefined
  return JSON.stringify([
    target.baseUrl,
    target.siteId,
    target.minutes,
    target.transports,
    fixedToken,
  ])
}

export function toLiveOptions(target: ConnectionTarget, pollIntervalMs: number): LiveOptions {
  const { transports, token, ...others } = target
  return {
    ...others,
    pollIntervalMs,
    ...(transports && { transports }),
    ...(token !== undefined && { token }),
  }
}
