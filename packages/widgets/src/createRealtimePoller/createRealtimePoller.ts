import type { ChannelName, EventProperty, State, WindowMinutes } from '@tidemark/protocol'
import {
  type LiveError,
  type LiveView,
  type TokenSource,
  checkPollInterval,
} from '@tidemark/sdk/live'
import {
  type ComputedRef,
  type ShallowRef,
  computed,
  getCurrentScope,
  onScopeDispose,
  shallowRef,
} from 'vue'
import { defaultPollIntervalMs, toTarget } from '../config.ts'
import type { Subscription } from '../store/connection.ts'
import { currentPinia, storeOf } from '../store/useTidemarkStore.ts'

export interface RealtimePollerOptions {
  /** URL of the server's API. */
  baseUrl: string
  siteId: string
  /** Time between polls, in milliseconds. @default 5000 */
  interval?: number
  /** Channels to poll. @default ['currentVisitors', 'activePages', 'pageViews', 'recentEvents'] */
  channels?: readonly ChannelName[]
  /** Pages for the channel `pageVisitors`, which needs one. @default none */
  paths?: readonly string[]
  /** Properties for the channel `properties`, which needs one. @default none */
  properties?: readonly EventProperty[]
  /** Time window of `pageViews`, `events` and `goals`, in minutes. @default 5 */
  minutes?: WindowMinutes
  /** Access token, or a function that returns a fresh one. @default none */
  token?: TokenSource
}

export interface RealtimePoller {
  /** Last known state; `undefined` until all channels have arrived. Remains after `stop`. */
  readonly data: Readonly<ShallowRef<State | undefined>>
  /** True until the first complete response or an error, also before `start`. */
  readonly isLoading: ComputedRef<boolean>
  /** Last error, until a poll succeeds again. */
  readonly error: ComputedRef<LiveError | undefined>
  /** Starts polling, with a first poll at once. Does nothing if the poller is running. */
  start(): void
  /** Stops polling. A poller stops automatically with its component or effect scope. */
  stop(): void
}

const defaultChannels: readonly ChannelName[] = [
  'currentVisitors',
  'activePages',
  'pageViews',
  'recentEvents',
]

/**
 * Creates a poller of a site's live state by plain HTTP, for use inside or outside components. It retries
 * failed polls. Pollers of the same site share one connection, at the shortest interval.
 * @throws {TypeError} for an invalid option
 */
export function createRealtimePoller(options: RealtimePollerOptions): RealtimePoller {
  const { interval = defaultPollIntervalMs, channels = defaultChannels } = options
  checkPollInterval(interval, 'interval')
  const pinia = currentPinia()
  const target = toTarget({ ...options, transports: [] })
  const view = shallowRef<LiveView>()
  let isRunning = false
  let subscription: Subscription | undefined

  const data = computed(() => {
    const state = view.value?.state
    return state && channels.every(name => state[name] !== undefined) ? state : undefined
  })
  const error = computed(() => view.value?.status.error)

  function onView(latest: LiveView): void {
    view.value = latest
  }

  function subscribe(): void {
    if (!isRunning || subscription) return
    const { paths, properties } = options
    const rows = { channels, paths, properties }
    const subscriber = { ...rows, pollIntervalMs: interval, whileHidden: true, onView }
    subscription = storeOf(pinia).registry.subscribe(target, subscriber)
    onView(subscription.view)
  }

  function stop(): void {
    isRunning = false
    subscription?.close()
    subscription = undefined
  }

  if (getCurrentScope()) onScopeDispose(stop)

  return {
    data,
    isLoading: computed(() => !data.value && !error.value),
    error,
    start() {
      isRunning = true
      // In a microtask, outside the component that may call `start`: see `withoutActivating` in the store.
      queueMicrotask(subscribe)
    },
    stop,
  }
}
