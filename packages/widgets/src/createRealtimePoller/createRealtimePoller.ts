import type { ChannelName, State, WindowMinutes } from '@tidemark/protocol'
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
import { hostPinia, storeIn } from '../store/useTidemarkStore.ts'

export interface RealtimePollerOptions {
  /** Where the server's API is mounted. */
  baseUrl: string
  siteId: string
  /** Time between polls, in milliseconds. @default 5000 */
  interval?: number
  /** What to poll. @default ['currentVisitors', 'activePages', 'pageViews', 'recentEvents'] */
  channels?: readonly ChannelName[]
  /** Window of the windowed channels, in minutes. @default 5 */
  minutes?: WindowMinutes
  /** The token that the server asks for, or a function that gives a fresh one. @default none */
  token?: TokenSource
}

export interface RealtimePoller {
  /** The last known state; `undefined` before the first answer. It stays after `stop`. */
  readonly data: Readonly<ShallowRef<State | undefined>>
  /** Whether the first answer is being waited for. */
  readonly isLoading: ComputedRef<boolean>
  /** What went wrong last, until something goes right again. */
  readonly error: ComputedRef<LiveError | undefined>
  /** Begins to poll, at once and then at every interval. Does nothing when it is polling already. */
  start(): void
  /** Ends it. Inside of a component or an effect scope this happens by itself at its end. */
  stop(): void
}

const defaultChannels: readonly ChannelName[] = [
  'currentVisitors',
  'activePages',
  'pageViews',
  'recentEvents',
]

/**
 * Polls a site's live state by plain HTTP, with no WebSocket, inside of components and outside of them.
 * Failed polls are repeated; pollers of the same site share one connection, at the shortest interval.
 * @throws {TypeError} for an option that is not one, in a sentence that names it and says what it takes
 */
export function createRealtimePoller(options: RealtimePollerOptions): RealtimePoller {
  const { interval = defaultPollIntervalMs, channels = defaultChannels } = options
  checkPollInterval(interval, 'interval')
  const pinia = hostPinia()
  const target = toTarget({ ...options, transports: [] })
  const view = shallowRef<LiveView>()
  const isRunning = shallowRef(false)
  let subscription: Subscription | undefined

  const data = computed(() => {
    const held = view.value
    return held && channels.every(name => held.state[name] !== undefined) ? held.state : undefined
  })
  const error = computed(() => view.value?.status.error)

  function take(latest: LiveView): void {
    view.value = latest
  }

  function open(): void {
    if (!isRunning.value || subscription) return
    const subscriber = { channels, pollIntervalMs: interval, take }
    subscription = storeIn(pinia).registry.subscribe(target, subscriber)
    take(subscription.view)
  }

  function stop(): void {
    isRunning.value = false
    subscription?.close()
    subscription = undefined
  }

  if (getCurrentScope()) onScopeDispose(stop)

  return {
    data,
    isLoading: computed(() => isRunning.value && !data.value && !error.value),
    error,
    start() {
      isRunning.value = true
      // Not at once, so that it is outside of the component that may be starting it; see the store.
      queueMicrotask(open)
    },
    stop,
  }
}
