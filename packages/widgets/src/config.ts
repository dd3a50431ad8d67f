import { type WindowMinutes, defaultMinutes } from '@tidemark/protocol'
import type { LiveOptions } from '@tidemark/sdk/live'

/** Which site to show, and how to reach its server. Every widget takes one as `config`. */
export interface RealtimeConfig {
  /** Where the server's API is mounted: `https://stats.example.com/api`, or `/api` on the same origin. */
  baseUrl: string
  siteId: string
  /** Window of `pageViews`, in minutes; of `events` and `goals` too, once a server serves them. @default 5 */
  minutes?: WindowMinutes
  /** Time between polls while there is no WebSocket, in milliseconds. @default 5000 */
  pollIntervalMs?: number
  /** Whether to try a WebSocket at all. @default true */
  upgrade?: boolean
}

export const defaultPollIntervalMs = 5000

/** What makes two configurations ask for the same connection: everything but the poll interval. */
export interface ConnectionTarget {
  readonly baseUrl: string
  readonly siteId: string
  readonly minutes: WindowMinutes
  readonly upgrade: boolean
}

export function toTarget(config: RealtimeConfig): ConnectionTarget {
  return {
    // A slash at the end changes nothing about where the server is.
    baseUrl: config.baseUrl.replace(/\/+$/, ''),
    siteId: config.siteId,
    minutes: config.minutes ?? defaultMinutes,
    upgrade: config.upgrade ?? true,
  }
}

/** The same text for the same target; it keys the shared connections. */
export function targetKey(target: ConnectionTarget): string {
  return JSON.stringify([target.baseUrl, target.siteId, target.minutes, target.upgrade])
}

export function toLiveOptions(target: ConnectionTarget, pollIntervalMs: number): LiveOptions {
  return { ...target, pollIntervalMs }
}
