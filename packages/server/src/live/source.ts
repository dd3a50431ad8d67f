import type { ChannelName, WindowMinutes } from '@tidemark/protocol'

/**
 * The state that a stream publishes: channels with values. Values change when the owner of the source calls `touch` of
 * the stream, or as time passes.
 */
export interface LiveSource {
  /** Advances the state to a time in milliseconds since 1970. */
  advance(now: number): void
  /** Returns whether the state changes only with new events, not with time. */
  isIdle(): boolean
  /** All channels of the source. */
  readonly channels: readonly ChannelName[]
  /** Returns the current value of a channel. The same object as before means no change. */
  read(channel: ChannelName, minutes: WindowMinutes): unknown
}
