import {
  type ChannelName,
  type Selection,
  type WindowMinutes,
  channelNames,
  readerLimits,
  selectionKey,
  toPagePath,
  toSelection,
} from '@tidemark/protocol'
import type { LiveClient, LiveView } from './types.ts'

export interface Subscriber {
  readonly channels: readonly ChannelName[]
  /** Normalized. */
  readonly paths: readonly string[]
  readonly listener: (view: LiveView) => void
}

export interface SelectionChange {
  readonly selection: Selection
  /** Whether the selection differs from the previous one. */
  readonly hasChanged: boolean
  /** Whether this is the first selection since there were no subscribers. */
  readonly isFirst: boolean
}

export interface SubscriptionsOptions {
  minutes: WindowMinutes
  /** Called when the first subscriber has joined. */
  onFirst(): void
  /** Called when the last subscriber has left. */
  onLast(): void
  /** Called in a microtask after subscribers have joined or left, once for all of them. */
  onSelection(change: SelectionChange): void
  /** Called immediately after a subscriber has joined or left. */
  onChange(): void
}

/** Subscribers and the union of their channels and paths. */
export interface Subscriptions {
  readonly subscribers: ReadonlyMap<symbol, Subscriber>
  /** Selected channels; none before the first subscriber. */
  readonly selection: Selection
  subscribe: LiveClient['subscribe']
}

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { minutes } = options
  const subscribers = new Map<symbol, Subscriber>()
  let selection: Selection = { channels: [], minutes, paths: [], properties: [] }
  let isScheduled = false
  let isFirst = false

  /** Defers the selection to a microtask: the widgets of a page subscribe one after the other. */
  function scheduleSelection(): void {
    if (!isScheduled) queueMicrotask(select)
    isScheduled = true
  }

  function select(): void {
    isScheduled = false
    if (subscribers.size === 0) return
    const all = [...subscribers.values()]
    const channels = all.flatMap(subscriber => subscriber.channels)
    const paths = firstPaths(all.flatMap(subscriber => subscriber.paths))
    const next = toSelection(channels, minutes, paths) ?? selection
    const hasChanged = selectionKey(next) !== selectionKey(selection)
    selection = next
    const change = { selection, hasChanged, isFirst }
    isFirst = false
    options.onSelection(change)
  }

  function add(subscriber: Subscriber): symbol {
    const key = Symbol('subscriber')
    subscribers.set(key, subscriber)
    if (subscribers.size === 1) {
      isFirst = true
      options.onFirst()
    }
    scheduleSelection()
    options.onChange()
    return key
  }

  function remove(key: symbol): void {
    if (!subscribers.delete(key)) return
    if (subscribers.size > 0) scheduleSelection()
    else {
      isFirst = false
      options.onLast()
    }
    options.onChange()
  }

  return {
    subscribers,
    get selection() {
      return selection
    },
    subscribe(channels, listener, { paths } = {}) {
      const key = add({ channels, paths: checkSubscription(channels, paths), listener })
      return () => remove(key)
    },
  }
}

/**
 * Checks the channels and paths of a subscriber.
 * @returns the normalized paths
 * @throws {TypeError} for an unknown channel, an invalid path, `pageVisitors` without a path, and a path without it
 */
export function checkSubscription(
  channels: readonly ChannelName[],
  paths: readonly string[] = [],
): string[] {
  const unknown = channels.find(name => !channelNames.includes(name))
  if (unknown !== undefined) {
    throw new TypeError(`channels: '${unknown}' is not one of ${channelNames.join(', ')}.`)
  }
  if (channels.includes('pageVisitors') !== paths.length > 0) {
    throw new TypeError("paths: the channel 'pageVisitors' needs a path, and a path this channel.")
  }
  return toPagePaths(paths)
}

/**
 * Normalizes paths of pages.
 * @throws {TypeError} for a path that does not start with a slash
 */
export function toPagePaths(paths: readonly string[]): string[] {
  return paths.map(text => {
    const path = toPagePath(text)
    if (path === undefined) throw new TypeError(`paths: '${text}' does not start with a slash.`)
    return path
  })
}

/** Returns the first different paths that fit into a selection. */
function firstPaths(paths: readonly string[]): string[] {
  let length = 0
  return [...new Set(paths)].filter((path, index) => {
    const fits =
      index < readerLimits.maxPaths && length + path.length <= readerLimits.maxPathsLength
    if (fits) length += path.length
    return fits
  })
}
