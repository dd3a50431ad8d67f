import type { Device } from '@tidemark/protocol'

/** One event as the reducer takes it: checked, cleaned, and with all decisions made. */
export interface SiteEvent {
  name: string
  /** When it happened, in milliseconds since 1970; never later than its arrival. */
  at: number
  visitor: string
  /** Who sent it and its number there; without both it cannot be told from a repetition. */
  client: string | undefined
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
  country: string | undefined
  device: Device
  browser: string
  os: string
  /** A program's and not a person's: counted apart, and nowhere else. */
  isBot: boolean
  /** The sender's own name for a visit; without it visits are told apart by time. */
  session: string | undefined
  /** The goals that it reaches, by their names. */
  goals: readonly string[]
  /** A number to aggregate by the event's name. */
  value: number | undefined
}

/** What a view has for its source when nothing led to it. */
export const directSource = '(direct)'

/** The events of one log record. */
export interface SiteBatch {
  offset: number
  receivedAt: number
  /** With the index of each in its request, so that an event's id does not depend on what else was taken. */
  events: readonly { index: number; event: SiteEvent }[]
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
