import {
  type ChannelName,
  type Selection,
  type WindowMinutes,
  channels,
  defaultMinutes,
  windowMinutes,
} from '@tidemark/protocol'
import type { Slot } from './slot.ts'
import type { LiveSource, SiteChannel } from './source.ts'

/** A slot of a channel of the whole site. */
export interface ChannelSlot extends Slot {
  readonly channel: SiteChannel
}

/** The slots of all site channels. `RowSlots` has those of the other channels. */
export interface Slots extends Iterable<ChannelSlot> {
  of(selection: Selection): ChannelSlot[]
}

/** Creates the slots of a source with its current values, at a time and a sequence number. */
export function createSlots(source: LiveSource, at: number, seq: number): Slots {
  const byName = new Map<string, ChannelSlot>()
  for (const channel of source.channels) {
    for (const minutes of channels[channel].windowed ? windowMinutes : [defaultMinutes]) {
      byName.set(slotName(channel, minutes), {
        channel,
        minutes,
        rowKey: undefined,
        value: source.read(channel, minutes),
        json: undefined,
        seq,
        at,
        evictedSeq: seq,
        rooms: new Set(),
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

function slotName(channel: ChannelName, minutes: WindowMinutes): string {
  return channels[channel].windowed ? `${channel}@${minutes}` : channel
}
