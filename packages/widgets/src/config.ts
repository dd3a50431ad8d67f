import { type WindowMinutes, defaultMinutes } from '@tidemark/protocol'
import {
  type LiveOptions,
  type StreamingTransport,
  type TokenSource,
  checkLiveOptions,
} from '@tidemark/sdk/live'

/** Location of a site's data, and the permission to read it. */
export interface SiteConfig {
  /** URL of the server's API: `https://stats.example.com/api`, or `/api` on the same origin. */
  baseUrl: string
  /** ID of the site. */
  siteId: string
  /** Access token, or a function that returns a fresh one. @default none */
  token?: TokenSource
}

/** Connection to a site. Every widget takes one as `config`. */
export interface RealtimeConfig extends SiteConfig {
  /** Time window of `pageViews`, `events` and `goals`, in minutes. @default 5 */
  minutes?: WindowMinutes
  /** Time between polls while no better transport is connected, in milliseconds. @default 5000 */
  pollIntervalMs?: number
  /**
   * Transports that may replace polling, best first; an empty list keeps polling.
   * @default ['websocket', 'sse', 'long-poll']
   */
  transports?: readonly StreamingTransport[]
}

export const defaultPollIntervalMs = 5000

/** Parts of a configuration that identify a connection: all but the poll interval. */
export interface ConnectionTarget {
  readonly baseUrl: string
  readonly siteId: string
  readonly minutes: WindowMinutes
  readonly transports: readonly StreamingTransport[] | undefined
  readonly token: TokenSource | undefined
}

/**
 * Validates a configuration and returns its connection target.
 * @throws {TypeError} for an invalid field; thrown here, because a shared connection opens later
 */
export function toTarget(config: RealtimeConfig): ConnectionTarget {
  checkLiveOptions(config)
  return {
    // `/api/` and `/api` are the same server.
    baseUrl: config.baseUrl.replace(/\/+$/, ''),
    siteId: config.siteId,
    minutes: config.minutes ?? defaultMinutes,
    transports: config.transports,
    token: config.token,
  }
}

/** Returns the key of a target's shared connection. Token functions are not part of it. */
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
