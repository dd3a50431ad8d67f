import type { ChannelName, Selection, WindowMinutes } from '@tidemark/protocol'
import type { EncodedFrame } from './encoded-frame.ts'

/**
 * The unit of change in frames and the ring: a channel, one window of a windowed channel, one page of `pageVisitors`, or
 * one property of `properties`.
 */
export interface Slot {
  readonly channel: ChannelName
  readonly minutes: WindowMinutes
  /** Key of the row of a slot that is one row of a channel: a page, or the text of a property. */
  readonly rowKey: string | undefined
  /** The published value: the state of every reader at the head. */
  value: unknown
  /** JSON of `value`, created when it is first read. A row has its own JSON. */
  json: string | undefined
  /** Sequence number and time of the last frame that changed it. */
  seq: number
  at: number
  /** Its changes up to this sequence number cannot be replayed. */
  evictedSeq: number
  /** Rooms that contain it. */
  readonly rooms: Set<Room>
  /** End of the time for which it counts as watched after a poll, in milliseconds since 1970. */
  watchedUntil: number
}

/** The subscribers of one selection. */
export interface Room {
  readonly selection: Selection
  readonly slots: readonly Slot[]
  readonly listeners: Set<(frame: EncodedFrame) => void>
  /** Sequence number of the last frame that changed one of the slots. */
  seq: number
}

/** How long a polled slot stays in frames, in milliseconds. A polling reader polls more often. */
export const watchedMs = 60_000

/** Returns whether a subscriber reads the slot, or a poll did a short time ago. */
export function isWatched(slot: Slot, now: number): boolean {
  return slot.rooms.size > 0 || now < slot.watchedUntil
}

/** Returns the sequence number of the last frame that changed one of the slots. */
export function lastSeqOf(slots: readonly Slot[]): number {
  return Math.max(0, ...slots.map(slot => slot.seq))
}
