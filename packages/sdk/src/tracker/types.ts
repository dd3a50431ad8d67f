import type { PropertyValue } from '@tidemark/protocol'
import type { ViewOptions } from './page-views.ts'
import type { TrackerPlatform } from './platform.ts'

export interface TrackerOptions {
  /** The site that the events are for. */
  siteId: string
  /** Where the server's API is mounted: `https://stats.example.com/api`. */
  baseUrl: string
  /**
   * A stable pseudonym of the visitor, of at most 128 characters.
   * @default none: the server derives one that changes every day
   */
  visitorId?: string | undefined
  /**
   * Whether to count a view when the page is first seen, when a single-page app moves to another
   * address, and when the page comes back from the back/forward cache.
   * @default true
   */
  pageViews?: boolean
  /** Whether another fragment (`#/about`) is another page. @default false */
  hash?: boolean
  /**
   * Longest silence of a visible page, in milliseconds, at least 1000; then a heartbeat says that the
   * visitor is still here. 0 for no heartbeats.
   * @default 30000
   */
  heartbeatIntervalMs?: number | undefined
  /**
   * Whether to send nothing for visitors whose browser asks for it, by Do Not Track or Global Privacy
   * Control. Off, as elsewhere: without `visitorId` nothing that is sent follows a person from one day
   * to the next.
   * @default false
   */
  respectDoNotTrack?: boolean
  /** Whether to say on the console what becomes of events. @default false */
  debug?: boolean
  /** Parts of the platform to use in place of the page's own. */
  platform?: Partial<TrackerPlatform>
}

/** What is known of an event beside its name and properties. */
export interface TrackOptions {
  /** A number to aggregate: a price, a duration, a score. Finite, of magnitude at most 2^53. */
  value?: number
}

/** What has become of the events so far. Each is in exactly one of these; heartbeats are in none. */
export interface TrackerCounts {
  /** Not answered yet. */
  readonly waiting: number
  /** Taken by the server, durably. */
  readonly accepted: number
  /** Turned away by the server, by the event's own fault. */
  readonly rejected: number
  /** Given up: too old, too many, too large, refused as a batch, or not something that can be sent. */
  readonly dropped: number
}

/** Counts what happens on one page. None of its methods ever throws. */
export interface Tracker {
  /**
   * Counts an event.
   * @param name what happened, in at most 200 characters: `sign_up`
   * @param properties at most 50 texts, finite numbers and booleans; anything else is left out
   */
  track(name: string, properties?: Record<string, PropertyValue>, options?: TrackOptions): void
  /** Counts a view that the tracker cannot see by itself, or all of them with `pageViews: false`. */
  pageView(options?: ViewOptions): void
  /** Sends what waits without waiting for more; resolves when it was answered or has failed. */
  flush(): Promise<void>
  /** Sends what waits one last time and observes nothing any more; later calls do nothing. */
  stop(): void
  readonly counts: TrackerCounts
}
