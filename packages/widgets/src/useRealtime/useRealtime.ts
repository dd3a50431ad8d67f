import { type ChannelName, type State, channelNames } from '@tidemark/protocol'
import type { LiveError, LiveStatus, LiveView } from '@tidemark/sdk/live'
import {
  type ComputedRef,
  type MaybeRefOrGetter,
  type ShallowRef,
  computed,
  getCurrentInstance,
  onActivated,
  onDeactivated,
  onMounted,
  onScopeDispose,
  shallowReactive,
  shallowReadonly,
  shallowRef,
  toValue,
  watch,
} from 'vue'
import { type RealtimeConfig, defaultPollIntervalMs, targetKey, toTarget } from '../config.ts'
import type { Subscription } from '../store/connection.ts'
import { idleView } from '../store/idle-view.ts'
import { hostPinia, storeIn } from '../store/useTidemarkStore.ts'

/** The channels that were asked for, as far as they have arrived. */
export type RealtimeState<Name extends ChannelName> = Readonly<Pick<State, Name>>

export interface UseRealtimeReturn<Name extends ChannelName> {
  /** Each channel is tracked by itself: who reads one is not told of changes to another. */
  readonly state: RealtimeState<Name>
  /** How far the state can be trusted. */
  readonly status: Readonly<ShallowRef<LiveStatus>>
  /** Whether a channel has not arrived yet, and nothing has gone wrong either. */
  readonly isLoading: ComputedRef<boolean>
  /** What went wrong last, until something goes right again. The last known state stays. */
  readonly error: ComputedRef<LiveError | undefined>
  /** Polls now; resolves when the answer has been taken in or has failed. */
  refresh(): Promise<void>
}

/**
 * Takes channels of a site's live state, over the connection that everyone on the page shares.
 *
 * It subscribes when the component is mounted (outside of a component: at once) and unsubscribes when
 * the scope is disposed of, or the component is put aside by `<KeepAlive>`. On a server it does nothing,
 * and the state stays empty. State changes at most once an animation frame.
 *
 * @param config the site; `undefined` for none yet. A change of values re-subscribes, a new object with
 *   the same values does not.
 * @param channels the channels to take
 * @throws {TypeError} for a field of the config that is not one, in a sentence that names it and says what it takes
 */
export function useRealtime<Name extends ChannelName>(
  config: MaybeRefOrGetter<RealtimeConfig | undefined>,
  channels: MaybeRefOrGetter<readonly Name[]>,
): UseRealtimeReturn<Name> {
  const pinia = hostPinia()
  const state = shallowReactive<State>({})
  const status = shallowRef<LiveStatus>(idleView.status)
  const isActive = shallowRef(false)
  let subscription: Subscription | undefined

  /** By value, because a template makes a new object of an inline `config` at every render. */
  const wanted = computed(() => {
    const settings = toValue(config)
    if (!settings) return undefined
    const key = targetKey(toTarget(settings))
    const { pollIntervalMs = defaultPollIntervalMs } = settings
    return JSON.stringify([key, pollIntervalMs, toValue(channels)])
  })
  const site = computed(() => {
    const settings = toValue(config)
    return settings && targetKey(toTarget(settings))
  })

  function take(view: LiveView): void {
    for (const name of toValue(channels)) takeChannel(name, state, view.state)
    status.value = view.status
  }

  function forget(except: readonly ChannelName[]): void {
    for (const name of channelNames) if (!except.includes(name)) delete state[name]
  }

  function resubscribe(): void {
    const before = subscription
    const settings = toValue(config)
    forget(toValue(channels))
    subscription = undefined
    if (settings && isActive.value) {
      const { pollIntervalMs = defaultPollIntervalMs } = settings
      const subscriber = { channels: [...toValue(channels)], pollIntervalMs, take }
      subscription = storeIn(pinia).registry.subscribe(toTarget(settings), subscriber)
      take(subscription.view)
    }
    before?.close()
  }

  // Numbers of one site are never shown under the name of another, not for one frame.
  const leaveSite = () => {
    forget([])
    status.value = idleView.status
  }
  watch(site, leaveSite, { flush: 'sync' })
  watch([wanted, isActive], resubscribe, { flush: 'post' })
  onScopeDispose(() => subscription?.close())

  if (getCurrentInstance()) {
    onMounted(() => (isActive.value = true))
    onActivated(() => (isActive.value = true))
    onDeactivated(() => (isActive.value = false))
  } else if (typeof document !== 'undefined') {
    isActive.value = true
  }

  return {
    state,
    status: shallowReadonly(status),
    isLoading: computed(
      () =>
        wanted.value !== undefined &&
        status.value.error === undefined &&
        !status.value.unauthorized &&
        toValue(channels).some(name => state[name] === undefined),
    ),
    error: computed(() => status.value.error),
    refresh: async () => subscription?.refresh(),
  }
}

function takeChannel<Name extends ChannelName>(name: Name, into: State, from: State): void {
  if (from[name] !== undefined) into[name] = from[name]
}
