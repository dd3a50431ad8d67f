import type { Device } from '@tidemark/protocol'

/** One event as the reducer takes it: checked, cleaned, and with all decisions made. */
export interface SiteEvent {
  /** Its place in its request, so that its id does not depend on what else was taken. */
  index: number
  /** Of whom it is: the same object for all events of a request that are of one visitor and visit. */
  sender: EventSender
  name: string
  /** When it happened, in milliseconds since 1970; never later than its arrival. */
  at: number
  /** Its number among those of its client; without both it cannot be told from a repetition. */
  n: number | undefined
  path: string | undefined
  title: string | undefined
  /**
   * What led here from elsewhere: the host of the page, or what the link was tagged with; `(direct)`
   * where the sender says that there was none, and nothing where the site itself did.
   */
  source: string | undefined
  /** What the link was tagged with as its campaign. */
  campaign: string | undefined
  /** The goals that it reaches, by their names. */
  goals: readonly string[]
  /** A number to aggregate by the event's name. */
  value: number | undefined
}

/** Of whom events are, from where and with what they were sent. */
export interface EventSender {
  visitor: string
  /** One page load, or one run of a server that sends. */
  client: string | undefined
  /** The sender's own name for a visit; without it visits are told apart by time. */
  session: string | undefined
  country: string | undefined
  device: Device
  browser: string
  os: string
  /** A program's and not a person's: counted apart, and nowhere else. */
  isBot: boolean
}

/** What a view has for its source when nothing led to it. */
export const directSource = '(direct)'

/** The events of one log record. */
export interface SiteBatch {
  offset: number
  receivedAt: number
  events: readonly SiteEvent[]
}

/** A sign of life, or of leaving, that moves presence and nothing else. */
export interface PresenceSignal {
  kind: 'heartbeat' | 'leave'
  visitor: string
  path: string | undefined
  source: string | undefined
  country: string | undefined
  device: Device | undefined
}
