import { type ChannelName, channelNames } from '@tidemark/protocol'
import type { LiveClient, LiveError, LiveOptions, LiveStatus, LiveView } from '@tidemark/sdk/live'
import { type Ref, type ShallowRef, readonly, ref, shallowReadonly, shallowRef } from 'vue'
import { type ConnectionTarget, toLiveOptions } from '../config.ts'
import { type FrameTimers, createFrameBatch } from './frame-batch.ts'
import { type ClientLease, createClientLease } from './client-lease.ts'
import { idleView } from './idle-view.ts'

export type ClientFactory = (options: LiveOptions) => LiveClient

/** Who takes channels from a connection. */
export interface Subscriber {
  readonly channels: readonly ChannelName[]
  readonly pollIntervalMs: number
  /** Called with the latest view, at most once an animation frame. */
  take(view: LiveView): void
}

export interface Subscription {
  /** What the connection holds now, for a first paint without waiting. */
  readonly view: LiveView
  /** Polls now; resolves when the answer has been taken in or has failed. */
  refresh(): Promise<void>
  close(): void
}

/** One shared connection to a site. */
export interface Connection {
  readonly target: ConnectionTarget
  readonly subscriberCount: Readonly<Ref<number>>
  readonly status: Readonly<ShallowRef<LiveStatus>>
  /** @throws {TypeError} when one of the channels is not a channel */
  subscribe(subscriber: Subscriber): Subscription
}

export interface ConnectionOptions {
  target: ConnectionTarget
  createClient: ClientFactory
  /** Called after the last subscriber has left and the client was told. */
  onIdle(): void
  timers?: FrameTimers | undefined
}

/**
 * Shares one live client among subscribers. Who comes and who goes is settled once, in a microtask:
 * widgets that mount together open one connection with all their channels, and a page that swaps one
 * widget for another does not close it in between.
 *
 * It polls at the shortest interval that a subscriber asks for. The interval of a client is fixed, so
 * another one means another client; the old one serves until the new one has its first answer.
 */
export function createConnection(options: ConnectionOptions): Connection {
  const { target } = options
  const subscribers = new Set<Subscriber>()
  const subscriberCount = ref(0)
  const status = shallowRef<LiveStatus>(idleView.status)
  const batch = createFrameBatch(publish, options.timers)
  let current: ClientLease | undefined
  let next: ClientLease | undefined
  let settling: Promise<void> | undefined

  function publish(): void {
    if (!current) return
    const { view } = current.client
    status.value = view.status
    for (const subscriber of subscribers) subscriber.take(view)
  }

  function onChange(line: ClientLease): void {
    if (line === next && line.client.view.status.syncedAt !== undefined) {
      current?.select([])
      current = next
      next = undefined
    }
    if (line === current) batch.schedule()
  }

  /** `undefined` when the base is not an address, so that no client can be made; subscribers are told. */
  function open(pollIntervalMs: number): ClientLease | undefined {
    try {
      const client = options.createClient(toLiveOptions(target, pollIntervalMs))
      return createClientLease(client, pollIntervalMs, onChange)
    } catch (cause) {
      const error: LiveError = { code: 'not_found', message: String(cause) }
      status.value = { ...idleView.status, error }
      const failed: LiveView = { state: {}, status: status.value }
      for (const subscriber of subscribers) subscriber.take(failed)
      return undefined
    }
  }

  function settle(): void {
    settling = undefined
    if (subscribers.size > 0) {
      const shortestMs = Math.min(...[...subscribers].map(each => each.pollIntervalMs))
      current ??= open(shortestMs)
      if (next?.pollIntervalMs !== shortestMs) {
        next?.select([])
        next = !current || current.pollIntervalMs === shortestMs ? undefined : open(shortestMs)
      }
    }
    const channels = [...subscribers].flatMap(each => each.channels)
    current?.select(channels)
    next?.select(channels)
    if (subscribers.size > 0) return
    batch.cancel()
    publish()
    next = undefined
    options.onIdle()
  }

  function settleSoon(): Promise<void> {
    subscriberCount.value = subscribers.size
    settling ??= Promise.resolve().then(settle)
    return settling
  }

  return {
    target,
    subscriberCount: readonly(subscriberCount),
    status: shallowReadonly(status),
    subscribe(subscriber) {
      const stranger = subscriber.channels.find(channel => !channelNames.includes(channel))
      if (stranger !== undefined) throw new TypeError(`There is no channel ${stranger}`)
      subscribers.add(subscriber)
      void settleSoon()
      return {
        get view() {
          return current?.client.view ?? idleView
        },
        async refresh() {
          await settling
          await current?.client.refresh()
        },
        close() {
          if (subscribers.delete(subscriber)) void settleSoon()
        },
      }
    },
  }
}
