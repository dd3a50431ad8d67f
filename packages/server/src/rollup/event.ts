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
  /** Host of the page that led here from elsewhere. */
  source: string | undefined
  country: string | undefined
  device: Device | undefined
}

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
