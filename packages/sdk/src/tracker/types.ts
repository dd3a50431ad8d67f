import type { PropertyValue } from '@tidemark/protocol'
import type { ViewOptions } from './page-views.ts'
import type { TrackerPlatform } from './platform.ts'

export interface TrackerOptions {
  /** Id of the site. */
  siteId: string
  /** URL of the server's API: `https://stats.example.com/api`. */
  baseUrl: string
  /**
   * Stable pseudonym of the visitor, at most 128 characters.
   * @default the server derives one that changes every day
   */
  visitorId?: string | undefined
  /**
   * Whether page views are tracked automatically: when the page is first visible, when a single-page app changes
   * the URL, and when the page returns from the back/forward cache.
   * @default true
   */
  pageViews?: boolean
  /** Whether another fragment, such as `#/about`, is another page. @default false */
  hash?: boolean
  /**
   * Longest time without an event on a visible page, in milliseconds. A heartbeat then reports that the visitor
   * is still active. The minimum is 1000; 0 disables heartbeats.
   * @default 30000
   */
  heartbeatIntervalMs?: number | undefined
  /**
   * Whether to send nothing if the browser sends Do Not Track or Global Privacy Control. It is off by default,
   * because without `visitorId` no data identifies a person from one day to the next.
   * @default false
   */
  respectDoNotTrack?: boolean
  /** Whether to write events and verdicts to the console. @default false */
  debug?: boolean
  /** Replacements for parts of the platform. */
  platform?: Partial<TrackerPlatform>
}

/** Options of an event besides its name and properties. */
export interface TrackOptions {
  /** A finite number to aggregate, such as a price, a duration or a score. Its magnitude is at most 2^53. */
  value?: number
}

/** Numbers of events by state. Each event is in exactly one of them; heartbeats are in none. */
export interface TrackerCounts {
  /** Events without a decision of the server. */
  readonly waiting: number
  /** Events that the server has stored durably. */
  readonly accepted: number
  /** Events that the server rejected because of the event itself. */
  readonly rejected: number
  /** Events that were given up: too old, too many, too large, refused as a batch, or invalid. */
  readonly dropped: number
}

/** The tracker of one page. Its methods never throw. */
export interface Tracker {
  /**
   * Sends an event.
   * @param name name of the event, at most 200 characters: `sign_up`
   * @param properties at most 50 texts, finite numbers and booleans; other values are omitted
   */
  track(name: string, properties?: Record<string, PropertyValue>, options?: TrackOptions): void
  /** Sends a page view that the tracker cannot detect, or each page view with `pageViews: false`. */
  pageView(options?: ViewOptions): void
  /** Sends all waiting events immediately. Resolves when the requests are answered or have failed. */
  flush(): Promise<void>
  /** Sends all waiting events once and stops the tracker. Later calls have no effect. */
  stop(): void
  readonly counts: TrackerCounts
}
