import type { PropertyValue } from '@tidemark/protocol'
import type { Capture, EventHook } from './capture-context.ts'
import type { ViewOptions } from './page-views.ts'

export interface TrackerOptions {
  /** Id of the site. */
  siteId: string
  /** URL of the server's API: `https://stats.example.com/api`. A relative URL is relative to the page. */
  baseUrl: string
  /**
   * Stable pseudonym of the visitor, at most 128 characters. An empty one means none.
   * @default the server derives one that changes every day
   */
  visitorId?: string | undefined
  /**
   * Whether waiting events are stored in `localStorage`, so that they survive the page. Needs the visitor's consent in
   * some countries.
   * @default false
   */
  persist?: boolean
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
   * Effect of Global Privacy Control. `anonymous` sends no visitor id and no user id and stores nothing, so that the
   * visit still counts; `off` sends nothing; `ignore` has no effect.
   * @default 'anonymous'
   */
  privacyControl?: 'anonymous' | 'off' | 'ignore'
  /** Whether to send nothing if the browser sends Do Not Track. @default false */
  respectDoNotTrack?: boolean
  /**
   * Is called with each event before it is stored or sent, with heartbeats and leaves too. Returns the event to send,
   * which may be changed; any other value drops the event, as does an exception.
   */
  beforeSend?: EventHook | undefined
  /** Is called with each event and each verdict: `console.debug`. @default none */
  debug?: ((...message: unknown[]) => void) | undefined
}

/** Names of a site's events with the type of their properties: an interface or a type. */
export type EventMap<Events> = Record<keyof Events, object | undefined>

/** The map of a site that does not declare its events. */
export type AnyEvents = Record<string, Record<string, PropertyValue> | undefined>

/** Options of an event besides its name and properties. */
export interface TrackOptions {
  /** A finite number to aggregate, such as a price, a duration or a score. Its magnitude is at most 2^53. */
  value?: number
}

/** Numbers of events by state. Each event is in exactly one of them; heartbeats are in none. */
export interface TrackerCounts {
  /** Events without a decision of the server. */
  readonly waiting: number
  /** Events that the server has stored durably. With `persist`, also those of earlier pages. */
  readonly accepted: number
  /** Events that the server rejected because of the event itself. */
  readonly rejected: number
  /**
   * Events that were given up: too old, too many, too large, refused as a batch, or invalid. One that was already on its
   * way may still arrive.
   */
  readonly dropped: number
}

/**
 * - `active`: the last request worked, or there was none;
 * - `retrying`: the last request failed;
 * - `blocked`: ten or more requests in succession got no answer, as with a content blocker. Attempts are rare now;
 * - `opted_out`: by `optOut()`, on this page or an earlier one;
 * - `privacy_signal`: the browser sends a signal, and the options say to send nothing;
 * - `stopped`: by `stop()`.
 */
export type TrackerState =
  'active' | 'retrying' | 'blocked' | 'opted_out' | 'privacy_signal' | 'stopped'

/** Arguments of `track` after the name: properties are required if the event's type requires one. */
export type TrackArguments<Properties> = undefined extends Properties
  ? [properties?: Properties, options?: TrackOptions]
  : Partial<Properties> extends Properties
    ? [properties?: Properties, options?: TrackOptions]
    : [properties: Properties, options?: TrackOptions]

/** The tracker of one page. Its methods never throw. */
export interface Tracker<Events extends EventMap<Events> = AnyEvents> {
  /**
   * Sends an event.
   * @param name name of the event, at most 200 characters: `sign_up`
   * @param rest properties: at most 50 texts, finite numbers and booleans; other values are omitted. Then options
   */
  track<Name extends keyof Events & string>(name: Name, ...rest: TrackArguments<Events[Name]>): void
  /** Sends a page view that the tracker cannot detect, or each page view with `pageViews: false`. */
  pageView(options?: ViewOptions): void
  /** Sets your own id of the signed-in user for all later events, at most 128 characters. */
  identify(userId: string | undefined): void
  /** Sets properties of all later events. A property of an event itself takes precedence. */
  setProperties(properties: Record<string, PropertyValue>): void
  /** Forgets the user, the properties of all events, and the stored visitor id, as after a sign-out. */
  reset(): void
  /** Begins or ends storing waiting events, as after the visitor's consent. Ending deletes all stored events. */
  persist(isAllowed?: boolean): void
  /** Sends nothing from this browser any more, deletes everything that is stored, and leaves one flag. */
  optOut(): void
  /** The same as `optOut`, for your own visits. */
  exclude(): void
  /** Ends `optOut`. */
  optIn(): void
  /** Adds automatic events, such as `outboundLinks()`. */
  use(capture: Capture): void
  /** Sends all waiting events immediately. Resolves when the requests are answered or have failed. */
  flush(): Promise<void>
  /** Sends all waiting events once and stops the tracker. Later calls have no effect. */
  stop(): void
  readonly counts: TrackerCounts
  readonly state: TrackerState
}
