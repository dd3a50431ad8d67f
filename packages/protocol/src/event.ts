import type { EventCode } from './codes.ts'

/** What a property of an event may be. Nothing nests: a property is one thing to group or filter by. */
export type PropertyValue = string | number | boolean

/**
 * Everything about an event that may also be said once for its whole batch. What an event says
 * itself wins over what its batch says.
 */
export interface EventContext {
  /** Who: a stable pseudonym. Without one the server derives one that changes every day. */
  visitorId?: string
  /** Which visit. Without one the server cuts visits by time. */
  sessionId?: string
  /** The site's own name for a signed-in person. */
  userId?: string
  /** Absolute address of the page, http or https. Only its path is kept. */
  url?: string
  /** Absolute address of the page that led here; empty when there was none. */
  referrer?: string
  /** The page's title. */
  title?: string
  properties?: Record<string, PropertyValue>
}

/** One thing that happened, as a tracker sends it. */
export interface TrackedEvent extends EventContext {
  /** What happened: `page_view`, or any text of at most `limits.maxNameLength` characters. */
  name: string
  /** Counts this client's events from 1; with `client` it makes a re-sent event count once. */
  n?: number
  /** When, in milliseconds since 1970 by the sender's clock. Default: the moment of arrival. */
  timestamp?: number
  /** A number to aggregate: a price, a duration, a score. Finite. */
  value?: number
}

/** The body of `POST /sites/:site/events`. One bare `TrackedEvent` is taken as well. */
export interface EventBatch extends EventContext {
  /** One page load, or one run of a server-side sender: never reused, never copied. */
  client?: string
  /** When this request was sent, by the same clock as the timestamps; it corrects a wrong clock. */
  sentAt?: number
  /** A program drives the browser (`navigator.webdriver`), so these are a bot's. */
  automated?: boolean
  events: TrackedEvent[]
}

/** Why the event at `index` of the batch was not taken. */
export interface Rejection {
  index: number
  code: EventCode
}

/** The answer to a batch, with status 202. */
export interface BatchVerdict {
  /** Events that are now durable; one that had been taken before is among them and counts once. */
  accepted: number
  rejected: Rejection[]
}

/** The event names with a meaning of their own. */
export const eventNames = {
  pageView: 'page_view',
  /** The page is still visible. Presence alone: not stored, not counted. */
  heartbeat: 'heartbeat',
  /** The page was left. Presence alone: not stored, not counted. */
  leave: 'leave',
  outbound: 'outbound',
  download: 'download',
} as const

/** Heartbeats and leaves move presence and nothing else. */
export function isPresenceOnly(name: string): boolean {
  return name === eventNames.heartbeat || name === eventNames.leave
}
