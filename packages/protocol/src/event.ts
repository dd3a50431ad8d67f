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

/**
 * Facts about a visitor that a sender with a write key may state, for an event or for all events of a batch. The server
 * ignores those of other senders, stores neither `userAgent` nor `address`, and otherwise takes them from the request.
 */
export interface VisitorFacts {
  /** `User-Agent` header of the visitor. */
  userAgent?: string
  /** IP address of the visitor. */
  address?: string
  /** Country of the visitor, as two letters (ISO 3166-1). @default by `address`, if the server knows countries */
  country?: string
}

/** One event, as sent by a tracker. */
export interface TrackedEvent extends EventContext, VisitorFacts {
  /** Name of the event: `page_view`, or any text of at most `limits.maxNameLength` characters. */
  name: string
  /** Number of the event within its `client`, from 1. With both, an event that is sent again counts once. */
  n?: number
  /** Time of the event, in milliseconds since 1970 by the sender's clock. @default the arrival time */
  timestamp?: number
  /** A finite number to aggregate, such as a price, a duration or a score. */
  value?: number
}

/** Facts about the browser of a batch. The server ignores an invalid one. */
export interface BrowserFacts {
  /** Size of the screen in CSS pixels, such as `390x844`. */
  screen?: string
  /** Preferred language as a BCP 47 tag, such as `de-DE`. */
  language?: string
  /** Number of touch points (`navigator.maxTouchPoints`). */
  touch?: number
  /** UTC day on which the browser stored its `visitorId`, such as `2026-12-01`. */
  firstSeen?: string
}

/** The body of `POST /sites/:site/events`. The server also accepts one bare `TrackedEvent`. */
export interface EventBatch extends EventContext, BrowserFacts, VisitorFacts {
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

/** The event names with a built-in meaning. docs/protocol.md lists the fields of automatic events. */
export const eventNames = {
  pageView: 'page_view',
  /** Reports that the page is still visible. Affects presence only: not stored, not counted. */
  heartbeat: 'heartbeat',
  /** Reports that the visitor left the page. Affects presence only: not stored, not counted. */
  leave: 'leave',
  /** Measurement: time in which the page was visible and had the focus. */
  engagement: 'engagement',
  /** Measurement: greatest scroll depth of a view. */
  scrollDepth: 'scroll_depth',
  outbound: 'outbound',
  download: 'download',
  formSubmit: 'form_submit',
  notFound: 'not_found',
  siteSearch: 'site_search',
  /** Measurement: a metric of loading or reaction times, or of layout shifts. */
  webVital: 'web_vital',
  jsError: 'js_error',
} as const

/** Returns whether an event affects presence only. */
export function isPresenceOnly(name: string): boolean {
  return name === eventNames.heartbeat || name === eventNames.leave
}

/** Returns whether an event measures a view, instead of reporting an action. Live lists do not show these events. */
export function isMeasurement(name: string): boolean {
  return (
    name === eventNames.engagement ||
    name === eventNames.scrollDepth ||
    name === eventNames.webVital
  )
}

/**
 * Returns whether the tracker sends an event by itself, beside page views and presence. An automatic event counts by
 * name and value, but it neither begins a session nor keeps a visitor active. Only `engagement` continues a session.
 */
export function isAutomatic(name: string): boolean {
  return (
    isMeasurement(name) ||
    name === eventNames.outbound ||
    name === eventNames.download ||
    name === eventNames.formSubmit ||
    name === eventNames.notFound ||
    name === eventNames.siteSearch ||
    name === eventNames.jsError
  )
}
