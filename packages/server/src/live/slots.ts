import {
  type ChannelName,
  type Selection,
  type WindowMinutes,
  channels,
  defaultMinutes,
  windowMinutes,
} from '@tidemark/protocol'
import type { LiveSource } from './source.ts'

/** A channel, or for a windowed channel one of its windows: what frames and the ring keep apart. */
export interface Slot {
  readonly name: string
  readonly channel: ChannelName
  readonly minutes: WindowMinutes
  /** As published: what every reader at the head holds. */
  value: unknown
  /** JSON of `value`, made when it is first asked for. */
  json: string | undefined
  /** The last frame that changed it, and when. */
  seq: number
  at: number
  /** Rooms that take it. */
  rooms: number
  /** Until when it counts as read after somebody looked. */
  watchedUntil: number
}

export interface Slots extends Iterable<Slot> {
  of(selection: Selection): Slot[]
}

/** All that a source has to publish, as it is now. */
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

/** Whether somebody takes it, or has looked at it a short while ago. */
export function isRead(slot: Slot, now: number): boolean {
  return slot.rooms > 0 || now < slot.watchedUntil
}

/** The last frame that changed one of these. */
export function lastOf(slots: readonly Slot[]): number {
  return Math.max(0, ...slots.map(slot => slot.seq))
}
