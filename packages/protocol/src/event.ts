import type { EventCode } from './codes.ts'

/** A property's value. Properties are flat, so that each one can be a dimension or a filter. */
export type PropertyValue = string | number | boolean

/** Fields that an event has itself or takes from its batch. The event's own field takes precedence. */
export interface EventContext {
  /** Stable pseudonym of the visitor. @default derived by the server; changes every day */
  visitorId?: string
  /** Id of the session. @default the server separates sessions by time */
  sessionId?: string
  /** The site's own id of a signed-in user. */
  userId?: string
  /** Absolute URL of the page, http or https. The server counts its path and campaign. */
  url?: string
  /** Absolute URL of the referring page; empty if there is none. */
  referrer?: string
  /** Title of the page. */
  title?: string
  properties?: Record<string, PropertyValue>
}

/** One event, as sent by a tracker. */
export interface TrackedEvent extends EventContext {
  /** Name of the event: `page_view`, or any text of at most `limits.maxNameLength` characters. */
  name: string
  /** Number of the event within its `client`, from 1. With both, an event that is sent again counts once. */
  n?: number
  /** Time of the event, in milliseconds since 1970 by the sender's clock. @default the arrival time */
  timestamp?: number
  /** A finite number to aggregate, such as a price, a duration or a score. */
  value?: number
}

/** The body of `POST /sites/:site/events`. The server also accepts one bare `TrackedEvent`. */
export interface EventBatch extends EventContext {
  /** Id of one page load, or of one run of a server-side sender. It is never reused and never copied. */
  client?: string
  /** Time of this request by the sender's clock. The server uses it to correct timestamps of a wrong clock. */
  sentAt?: number
  /** Whether a program controls the browser (`navigator.webdriver`). The events then count as a bot's. */
  automated?: boolean
  events: TrackedEvent[]
}

/** The reason why the event at `index` of the batch is rejected. */
export interface Rejection {
  index: number
  code: EventCode
}

/** The answer to a batch, with status 202. */
export interface BatchVerdict {
  /** Number of events that are now durable. It includes repeated events, which count once. */
  accepted: number
  rejected: Rejection[]
}

/** The event names with a built-in meaning. */
export const eventNames = {
  pageView: 'page_view',
  /** Reports that the page is still visible. Affects presence only: not stored, not counted. */
  heartbeat: 'heartbeat',
  /** Reports that the visitor left the page. Affects presence only: not stored, not counted. */
  leave: 'leave',
  outbound: 'outbound',
  download: 'download',
} as const

/** Returns whether an event affects presence only. */
export function isPresenceOnly(name: string): boolean {
  return name === eventNames.heartbeat || name === eventNames.leave
}
