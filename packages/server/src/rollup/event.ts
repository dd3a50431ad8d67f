import type { Device } from '@tidemark/protocol'

/** A validated event with all fields derived, ready to be counted. */
export interface SiteEvent {
  /** Position of the event in its request, counted before any event is rejected, so that the event's id is stable. */
  index: number
  /** Sender of the event. All events of a request with the same visitor and visit share one object. */
  sender: EventSender
  name: string
  /** Time of the event, in milliseconds since 1970; never later than its arrival. */
  at: number
  /** Number of the event among the events of its client. Deduplication needs both `n` and `sender.client`. */
  n: number | undefined
  path: string | undefined
  title: string | undefined
  /** Host of an outbound link, or file name of a download. */
  target: string | undefined
  /** Detail of an automatic event by which history counts it, such as the address of an outbound link. */
  detail: string | undefined
  /** Properties by which history counts the event: names and texts in turn. */
  properties: readonly string[] | undefined
  /** Origin of the visit, as the page's address and referrer tell. Equal origins of a site are one object. */
  origin: EventOrigin
  /** Names of the goals that the event reaches. */
  goals: readonly string[]
  /** Number to aggregate by event name. */
  value: number | undefined
}

/** Origin of a visit: the fields that depend on the page's address and referrer alone. */
export interface EventOrigin {
  /**
   * The referrer's host or the source tag of the link. `(direct)` if the sender states that there is none, `(unknown)` if
   * it does not say; `undefined` if the previous page is on the same site.
   */
  readonly source: string | undefined
  /** Group of sources, such as `Search`; `Internal` if the previous page is on the same site. @default unknown */
  readonly channel: string | undefined
  /**
   * Source and referring page, joined by `pageSeparator`: host and path, or an app. `(none)` without a referring page.
   * `undefined` without a source.
   */
  readonly referringPage: string | undefined
  /** Host of the page; `(other host)` if the site lists its hosts and this is none. `undefined` without a page. */
  readonly hostName: string | undefined
  /** Campaign tag of the link. */
  readonly campaign: string | undefined
  /** Medium tag of the link, such as `email`. */
  readonly medium: string | undefined
  /** Term tag of the link: the keyword of an ad. */
  readonly term: string | undefined
  /** Content tag of the link: the variant of an ad. */
  readonly content: string | undefined
  /** Kind of the click id of the link: the name of its parameter, such as `gclid`. Its value is not read. */
  readonly clickId: string | undefined
}

/** Visitor, client and user agent of an event. */
export interface EventSender {
  visitor: string
  /** Id of one page load, or of one run of a sending server. */
  client: string | undefined
  /** The sender's session id. Without an id, gaps in time separate the visitor's sessions. */
  session: string | undefined
  /** The site's own id of a signed-in user. */
  user: string | undefined
  /** UTC day on which the browser stored the visitor's id, in days since 1970; `undefined` for an id that may change. */
  firstDay: number | undefined
  country: string | undefined
  /** Region and country, such as `Bavaria, DE`; `undefined` if the server does not look up regions. */
  region: string | undefined
  /** City, region and country, such as `Munich, Bavaria, DE`; `undefined` if the server does not look up cities. */
  city: string | undefined
  device: Device
  browser: string
  /** Browser with its major version, such as `Chrome 142`. */
  browserVersion: string
  os: string
  /** System with its version, such as `Windows 11`. */
  osVersion: string
  /** Class of the screen's width in CSS pixels, such as `1400-1919`. */
  screen: string | undefined
  /** Preferred language without a region, such as `de`. */
  language: string | undefined
  /** Name of the program, if a bot sent the event. Its events count in `botEvents` and by dimensions of bots alone. */
  bot: string | undefined
}

/** Source of a visit without a referrer. */
export const directSource = '(direct)'

/** Source of a visit without a stated referrer. */
export const unknownSource = '(unknown)'

/** Name of all hosts that a site does not list. Their events count in no other figure. */
export const otherHost = '(other host)'

/** Stands between source and referring page. Neither has one, because ingest replaces control characters. */
export const pageSeparator = '\n'

/** Referring page of a source without one, such as a tag. */
export const noReferringPage = '(none)'

/** The events of one log record. */
export interface SiteBatch {
  offset: number
  receivedAt: number
  events: readonly SiteEvent[]
}
