import {
  type ChannelName,
  type EventProperty,
  type Selection,
  type WindowMinutes,
  channelNames,
  formatProperty,
  propertyLength,
  readerLimits,
  selectionKey,
  toPagePath,
  toProperty,
  toSelection,
} from '@tidemark/protocol'
import type { LiveClient, LiveView, SubscribeOptions } from './types.ts'

/** Normalized paths and properties. */
export interface SelectedRows {
  readonly paths: readonly string[]
  readonly properties: readonly EventProperty[]
}

export interface Subscriber extends SelectedRows {
  readonly channels: readonly ChannelName[]
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

/** Subscribers and the union of their channels, paths and properties. */
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
    const properties = firstProperties(all.flatMap(subscriber => subscriber.properties))
    const next = toSelection(channels, minutes, paths, properties) ?? selection
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
    subscribe(channels, listener, rows = {}) {
      const key = add({ channels, ...checkSubscription(channels, rows), listener })
      return () => remove(key)
    },
  }
}

/**
 * Checks the channels, paths and properties of a subscriber.
 * @returns the normalized paths and properties
 * @throws {TypeError} for an unknown channel, an invalid path or property, and only one of a channel and its rows
 */
export function checkSubscription(
  channels: readonly ChannelName[],
  { paths = [], properties = [] }: SubscribeOptions = {},
): SelectedRows {
  const unknown = channels.find(name => !channelNames.includes(name))
  if (unknown !== undefined) {
    throw new TypeError(`channels: '${unknown}' is not one of ${channelNames.join(', ')}.`)
  }
  if (channels.includes('pageVisitors') !== paths.length > 0) {
    throw new TypeError("paths: the channel 'pageVisitors' needs a path, and a path this channel.")
  }
  if (channels.includes('properties') !== properties.length > 0) {
    throw new TypeError(
      "properties: the channel 'properties' needs a property, and a property this channel.",
    )
  }
  return { paths: toPagePaths(paths), properties: toEventProperties(properties) }
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

/**
 * Normalizes properties of events.
 * @throws {TypeError} for a value without the names of an event and a property, or with a longer name than events have
 */
export function toEventProperties(properties: readonly EventProperty[]): EventProperty[] {
  return properties.map(value => {
    const property = toProperty(value)
    if (property) return property
    throw new TypeError(
      `properties: ${JSON.stringify(value)} names no property; for example { event: 'purchase', property: 'plan' }.`,
    )
  })
}

/** Returns the first different paths that fit into a selection. */
function firstPaths(paths: readonly string[]): string[] {
  const { maxPaths, maxPathsLength } = readerLimits
  return firstOf(new Set(paths), maxPaths, maxPathsLength, path => path.length)
}

/** Returns the first different properties that fit into a selection. */
function firstProperties(properties: readonly EventProperty[]): EventProperty[] {
  const byText = new Map(properties.map(each => [formatProperty(each), each]))
  const { maxSelectedProperties, maxPropertiesLength } = readerLimits
  return firstOf(byText.values(), maxSelectedProperties, maxPropertiesLength, propertyLength)
}

/** Returns the first `maxCount` items, without those that exceed the length of all together. */
function firstOf<Item>(
  items: Iterable<Item>,
  maxCount: number,
  maxLength: number,
  lengthOf: (item: Item) => number,
): Item[] {
  let length = 0
  return [...items].filter((item, index) => {
    const fits = index < maxCount && length + lengthOf(item) <= maxLength
    if (fits) length += lengthOf(item)
    return fits
  })
}
