import { type ChannelName, channelNames, channels } from './channels.ts'

/** The windows that `minutes` may name. A short list, so that all readers share a few encodings. */
export const windowMinutes = [1, 5, 15, 30, 60] as const
export type WindowMinutes = (typeof windowMinutes)[number]
export const defaultMinutes: WindowMinutes = 5

/** What a reader takes of a site: some channels, and the window of those that have one. */
export interface Selection {
  /** In canonical order, none twice, at least one. */
  readonly channels: readonly ChannelName[]
  readonly minutes: WindowMinutes
}

/**
 * Makes a selection from what a reader asked for: names in any order, repeated or not.
 * `undefined` when a name or the window is not one of ours, or no name is left.
 */
export function toSelection(
  names: readonly unknown[],
  minutes: unknown = defaultMinutes,
): Selection | undefined {
  const wanted = new Set(names)
  const known = channelNames.filter(name => wanted.has(name))
  const window = windowMinutes.find(each => each === minutes)
  if (known.length === 0 || known.length !== wanted.size || window === undefined) return undefined
  return { channels: known, minutes: window }
}

/** The same text for the same selection; it keys rooms and caches. */
export function selectionKey(selection: Selection): string {
  const windowed = selection.channels.some(name => channels[name].windowed)
  return selection.channels.join(',') + (windowed ? `@${selection.minutes}` : '')
}

/** The query string of `GET realtime` for a selection. */
export function selectionQuery(selection: Selection): string {
  return `channels=${selection.channels.join(',')}&minutes=${selection.minutes}`
}
