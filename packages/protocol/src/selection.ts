import { type ChannelName, channelNames, channels } from './channels.ts'
import { readerLimits } from './limits.ts'
import { toPagePath } from './page-path.ts'

/** Allowed values of `minutes`. The list is short, so that readers share few encodings. */
export const windowMinutes = [1, 2, 5, 10, 15, 20, 30, 45, 60] as const
export type WindowMinutes = (typeof windowMinutes)[number]
export const defaultMinutes: WindowMinutes = 5

/** The channels that a reader subscribes to, the window of the windowed ones, and the pages of `pageVisitors`. */
export interface Selection {
  /** At least one channel, without duplicates, in canonical order. */
  readonly channels: readonly ChannelName[]
  readonly minutes: WindowMinutes
  /** Normalized paths, without duplicates, in the order of code units. Empty exactly without `pageVisitors`. */
  readonly paths: readonly string[]
}

/**
 * Creates a selection from names and paths in any order, with or without duplicates. Returns `undefined` if a name or
 * the window is unknown, if there is no name, for invalid or too many paths, and if only one of `pageVisitors` and
 * paths is there.
 */
export function toSelection(
  names: readonly unknown[],
  minutes: unknown = defaultMinutes,
  paths: readonly unknown[] = [],
): Selection | undefined {
  const requested = new Set(names)
  const known = channelNames.filter(name => requested.has(name))
  const window = windowMinutes.find(each => each === minutes)
  const pages = toPaths(paths)
  if (known.length === 0 || known.length !== requested.size || window === undefined || !pages)
    return undefined
  if (known.includes('pageVisitors') !== pages.length > 0) return undefined
  return { channels: known, minutes: window, paths: pages }
}

/**
 * Normalizes, sorts and deduplicates the paths of a selection. Returns `undefined` if one of them is invalid, or if
 * there are more than `limits.maxPaths`, or more than `limits.maxPathsLength` characters.
 */
export function toPaths(paths: readonly unknown[]): string[] | undefined {
  const normalized = new Set<string>()
  let length = 0
  for (const each of paths) {
    const path = toPagePath(each)
    if (path === undefined) return undefined
    if (normalized.has(path)) continue
    normalized.add(path)
    length += path.length
    if (normalized.size > readerLimits.maxPaths || length > readerLimits.maxPathsLength)
      return undefined
  }
  return [...normalized].toSorted()
}

/** Returns a key for rooms and caches. Selections with the same data have the same key. */
export function selectionKey({ channels: names, minutes, paths }: Selection): string {
  const windowed = names.some(name => channels[name].windowed)
  // A normalized path has no space.
  return [names.join(',') + (windowed ? `@${minutes}` : ''), ...paths].join(' ')
}

/** Returns the query string of `GET realtime` for a selection. */
export function selectionQuery({ channels: names, minutes, paths }: Selection): string {
  const pages = paths.map(path => `&path=${path.replaceAll(/[%&+#]/g, encodeURIComponent)}`)
  return `channels=${names.join(',')}&minutes=${minutes}${pages.join('')}`
}
