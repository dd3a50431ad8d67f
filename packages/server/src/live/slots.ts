import {
  type ChannelName,
  type Selection,
  type WindowMinutes,
  channels,
  defaultMinutes,
  windowMinutes,
} from '@tidemark/protocol'
import type { LiveSource } from './source.ts'

/** A channel, or one window of a windowed channel: the unit of change in frames and the ring. */
export interface Slot {
  readonly name: string
  readonly channel: ChannelName
  readonly minutes: WindowMinutes
  /** The published value: the state of every reader at the head. */
  value: unknown
  /** JSON of `value`, created when it is first read. */
  json: string | undefined
  /** Sequence number and time of the last frame that changed it. */
  seq: number
  at: number
  /** Number of rooms that contain it. */
  rooms: number
  /** End of the time for which it counts as watched after a poll, in milliseconds since 1970. */
  watchedUntil: number
}

export interface Slots extends Iterable<Slot> {
  of(selection: Selection): Slot[]
}

/** Creates the slots of a source with its current values. */
export function createSlots(source: LiveSource, at: number): Slots {
  const byName = new Map<string, Slot>()
  for (const channel of source.channels) {
    for (const minutes of channels[channel].windowed ? windowMinutes : [defaultMinutes]) {
      const name = slotName(channel, minutes)
      byName.set(name, {
        name,
        channel,
        minutes,
        value: source.read(channel, minutes),
        json: undefined,
        seq: 0,
        at,
        rooms: 0,
        watchedUntil: -Infinity,
      })
    }
  }
  return {
    [Symbol.iterator]: () => byName.values(),
    of: ({ channels: names, minutes }) =>
      names.flatMap(channel => byName.get(slotName(channel, minutes)) ?? []),
  }
}

export function slotName(channel: ChannelName, minutes: WindowMinutes): string {
  return channels[channel].windowed ? `${channel}@${minutes}` : channel
}

/** Returns whether a subscriber reads the slot, or a poll did a short time ago. */
export function isWatched(slot: Slot, now: number): boolean {
  return slot.rooms > 0 || now < slot.watchedUntil
}

/** Returns the sequence number of the last frame that changed one of the slots. */
export function lastSeqOf(slots: readonly Slot[]): number {
  return Math.max(0, ...slots.map(slot => slot.seq))
}
