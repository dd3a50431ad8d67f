import type { ChannelName, WindowMinutes } from '@tidemark/protocol'

/**
 * What a stream publishes. It knows nothing of events: only that channels have values, which may
 * change when the source says so, or when time passes.
 */
export interface LiveSource {
  /** Lets time pass, in milliseconds since 1970. */
  advance(now: number): void
  /** Whether time passing changes nothing. */
  isAtRest(): boolean
  /** The channels there are. */
  readonly channels: readonly ChannelName[]
  /** A channel's value now. The same object as before means that it has not changed. */
  read(channel: ChannelName, minutes: WindowMinutes): unknown
}
