import { type ChannelName, channelNames, channels } from './channels.ts'

/** Allowed values of `minutes`. The list is short, so that readers share few encodings. */
export const windowMinutes = [1, 5, 15, 30, 60] as const
export type WindowMinutes = (typeof windowMinutes)[number]
export const defaultMinutes: WindowMinutes = 5

/** The channels that a reader subscribes to, and the window of the windowed ones. */
export interface Selection {
  /** At least one channel, without duplicates, in canonical order. */
  readonly channels: readonly ChannelName[]
  readonly minutes: WindowMinutes
}

/**
 * Creates a selection from names in any order, with or without duplicates. Returns `undefined` if a name or the
 * window is unknown, or if there is no name.
 */
export function toSelection(
  names: readonly unknown[],
  minutes: unknown = defaultMinutes,
): Selection | undefined {
  const requested = new Set(names)
  const known = channelNames.filter(name => requested.has(name))
  const window = windowMinutes.find(each => each === minutes)
  if (known.length === 0 || known.length !== requested.size || window === undefined)
    return undefined
  return { channels: known, minutes: window }
}

/** Returns a key for rooms and caches. Selections with the same data have the same key. */
export function selectionKey(selection: Selection): string {
  const windowed = selection.channels.some(name => channels[name].windowed)
  return selection.channels.join(',') + (windowed ? `@${selection.minutes}` : '')
}

/** Returns the query string of `GET realtime` for a selection. */
export function selectionQuery(selection: Selection): string {
  return `channels=${selection.channels.join(',')}&minutes=${selection.minutes}`
}
