import { type ChannelName, type EventProperty, formatProperty } from '@tidemark/protocol'
import {
  type LiveClient,
  type LiveError,
  type LiveOptions,
  type LiveStatus,
  type LiveView,
  type SelectedRows,
  checkSubscription,
} from '@tidemark/sdk/live'
import { type Ref, type ShallowRef, readonly, ref, shallowReadonly, shallowRef } from 'vue'
import { type ConnectionTarget, toLiveOptions } from '../config.ts'
import { type ClientLease, createClientLease } from './client-lease.ts'
import { type FrameTimers, createFrameBatch } from './frame-batch.ts'
import { type LastFrame, createFrameRecord } from './frame-record.ts'
import { idleView } from './idle-view.ts'

export type ClientFactory = (options: LiveOptions) => LiveClient

/** A subscriber to channels of a connection. */
export interface Subscriber {
  readonly channels: readonly ChannelName[]
  /** Pages for the channel `pageVisitors`, which needs one. @default none */
  readonly paths?: readonly string[] | undefined
  /** Properties for the channel `properties`, which needs one. @default none */
  readonly properties?: readonly EventProperty[] | undefined
  readonly pollIntervalMs: number
  /**
   * Calls `onView` also while the page is hidden. Otherwise a call with the latest view follows when the page is
   * visible again. @default false
   */
  readonly whileHidden?: boolean | undefined
  /** Called with the latest view, at most once per animation frame. */
  onView(view: LiveView): void
}

export interface Subscription {
  /** Current view of the connection, for a first render without waiting. */
  readonly view: LiveView
  /** Polls now; resolves when the response has been applied or the poll has failed. */
  refresh(): Promise<void>
  close(): void
}

/** Channels, and the rows of those on demand, without duplicates and in any order. */
export interface ConnectionSelection extends SelectedRows {
  readonly channels: ReadonlySet<ChannelName>
}

/** One shared connection to a site. */
export interface Connection {
  readonly target: ConnectionTarget
  readonly subscriberCount: Readonly<Ref<number>>
  readonly status: Readonly<ShallowRef<LiveStatus>>
  /** Channels, paths and properties of all subscribers. */
  selection(): ConnectionSelection
  lastFrame(): LastFrame | undefined
  /** @throws {TypeError} for an unknown channel, an invalid path or property, and a channel without its rows */
  subscribe(subscriber: Subscriber): Subscription
  /** Stops the client, if there are no subscribers. */
  close(): void
}

export interface ConnectionOptions {
  target: ConnectionTarget
  createClient: ClientFactory
  /** Called after the last subscriber has left. The client runs until `close`. */
  onUnused(): void
  /** Called after the client has stopped. */
  onClosed(): void
  timers: FrameTimers
}

/**
 * Shares one live client among subscribers. Subscriptions change in a microtask: widgets that mount
 * together open one connection with all their channels, and replacing one widget by another does not
 * close the connection in between.
 *
 * The connection polls at the shortest interval of its subscribers. A client's interval is fixed, so a
 * new interval creates a new client; the old client serves until the new one has its first response.
 */
export function createConnection(options: ConnectionOptions): Connection {
  const { target } = options
  const subscribers = new Map<Subscriber, SelectedRows>()
  const subscriberCount = ref(0)
  const status = shallowRef<LiveStatus>(idleView.status)
  const batch = createFrameBatch(publish, options.timers)
  const frames = createFrameRecord()
  let current: ClientLease | undefined
  /** Replaces `current` after its first response. */
  let next: ClientLease | undefined
  let pendingUpdate: Promise<void> | undefined

  function notify(view: LiveView): void {
    frames.record(view.state)
    status.value = view.status
    // The client reports when the page is visible again; all subscribers get that view.
    const isHidden = view.status.paused
    for (const subscriber of subscribers.keys()) {
      if (!isHidden || subscriber.whileHidden) subscriber.onView(view)
    }
  }

  function publish(): void {
    if (current) notify(current.client.view)
  }

  function onClientChange(lease: ClientLease): void {
    if (lease === next && lease.client.view.status.syncedAt !== undefined) {
      current?.select([], noRows)
      current = next
      next = undefined
    }
    if (lease === current) batch.schedule()
  }

  /** Creates a client. If `baseUrl` is not a URL, notifies subscribers of the error and returns `undefined`. */
  function openLease(pollIntervalMs: number): ClientLease | undefined {
    try {
      const client = options.createClient(toLiveOptions(target, pollIntervalMs))
      return createClientLease(client, pollIntervalMs, onClientChange)
    } catch (cause) {
      const error: LiveError = { code: 'not_found', message: String(cause) }
      notify({ state: {}, status: { ...idleView.status, error } })
      return undefined
    }
  }

  /** Opens `current`, and `next` if the shortest interval has changed. */
  function updateLeases(): void {
    const shortestMs = Math.min(...[...subscribers.keys()].map(each => each.pollIntervalMs))
    current ??= openLease(shortestMs)
    if (next?.pollIntervalMs === shortestMs) return
    next?.select([], noRows)
    next = !current || current.pollIntervalMs === shortestMs ? undefined : openLease(shortestMs)
  }

  function updateSubscriptions(): void {
    pendingUpdate = undefined
    if (subscribers.size === 0) return options.onUnused()
    updateLeases()
    select(selection())
  }

  function select({ channels, ...rows }: ConnectionSelection): void {
    current?.select(channels, rows)
    next?.select(channels, rows)
  }

  const selection = (): ConnectionSelection => ({
    channels: new Set([...subscribers.keys()].flatMap(each => each.channels)),
    ...unite([...subscribers.values()]),
  })

  function scheduleUpdate(): void {
    subscriberCount.value = subscribers.size
    pendingUpdate ??= Promise.resolve().then(updateSubscriptions)
  }

  return {
    target,
    subscriberCount: readonly(subscriberCount),
    status: shallowReadonly(status),
    selection,
    lastFrame: () => frames.last,
    close() {
      if (subscribers.size > 0) return
      select(selection())
      batch.cancel()
      publish()
      next = undefined
      options.onClosed()
    },
    subscribe(subscriber) {
      subscribers.set(subscriber, checkSubscription(subscriber.channels, toRows(subscriber)))
      scheduleUpdate()
      return {
        get view() {
          return current?.client.view ?? idleView
        },
        async refresh() {
          await pendingUpdate
          await current?.client.refresh()
        },
        close() {
          if (subscribers.delete(subscriber)) scheduleUpdate()
        },
      }
    },
  }
}

const noRows: SelectedRows = { paths: [], properties: [] }

function toRows({ paths = [], properties = [] }: Subscriber): SelectedRows {
  return { paths, properties }
}

/** Returns the different rows of several subscribers. */
function unite(all: readonly SelectedRows[]): SelectedRows {
  const properties = all.flatMap(rows => rows.properties)
  return {
    paths: [...new Set(all.flatMap(({ paths }) => paths))],
    properties: [...new Map(properties.map(each => [formatProperty(each), each])).values()],
  }
}
