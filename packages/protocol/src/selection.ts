import { type ChannelName, channelNames, channels } from './channels.ts'
import { type EventProperty, formatProperty, toProperties } from './event-property.ts'
import { readerLimits } from './limits.ts'
import { toPagePath } from './page-path.ts'

/** Allowed values of `minutes`. The list is short, so that readers share few encodings. */
export const windowMinutes = [1, 2, 5, 10, 15, 20, 30, 45, 60] as const
export type WindowMinutes = (typeof windowMinutes)[number]
export const defaultMinutes: WindowMinutes = 5

/** The channels that a reader subscribes to, the window of the windowed ones, and the rows of those on demand. */
export interface Selection {
  /** At least one channel, without duplicates, in canonical order. */
  readonly channels: readonly ChannelName[]
  readonly minutes: WindowMinutes
  /** Normalized paths, without duplicates, in the order of code units. Empty exactly without `pageVisitors`. */
  readonly paths: readonly string[]
  /** Without duplicates, in the order of their texts. Empty exactly without the channel `properties`. */
  readonly properties: readonly EventProperty[]
}

/**
 * Creates a selection from names, paths and properties in any order, with or without duplicates. Returns `undefined` if
 * a name or the window is unknown, if there is no name, for invalid or too many paths or properties, and if only one of
 * `pageVisitors` and paths, or of the channel `properties` and properties, is there.
 */
export function toSelection(
  names: readonly unknown[],
  minutes: unknown = defaultMinutes,
  paths: readonly unknown[] = [],
  properties: readonly unknown[] = [],
): Selection | undefined {
  const requested = new Set(names)
  const known = channelNames.filter(name => requested.has(name))
  const window = windowMinutes.find(each => each === minutes)
  const pages = toPaths(paths)
  const selected = toProperties(properties)
  if (known.length === 0 || known.length !== requested.size || window === undefined)
    return undefined
  if (!pages || known.includes('pageVisitors') !== pages.length > 0) return undefined
  if (!selected || known.includes('properties') !== selected.length > 0) return undefined
  return { channels: known, minutes: window, paths: pages, properties: selected }
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
export function selectionKey({ channels: names, minutes, paths, properties }: Selection): string {
  const windowed = names.some(name => channels[name].windowed)
  const list = properties.length > 0 ? [JSON.stringify(properties.map(formatProperty))] : []
  // A normalized path has no space and starts with a slash.
  return [names.join(',') + (windowed ? `@${minutes}` : ''), ...paths, ...list].join(' ')
}

/** Returns the query string of `GET realtime` for a selection. */
export function selectionQuery(selection: Selection): string {
  const { channels: names, minutes, paths, properties } = selection
  const pages = paths.map(path => `&path=${path.replaceAll(/[%&+#]/g, encodeURIComponent)}`)
  const texts = properties.map(each => `&property=${encodeURIComponent(formatProperty(each))}`)
  return `channels=${names.join(',')}&minutes=${minutes}${pages.join('')}${texts.join('')}`
}
