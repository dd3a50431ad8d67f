import { type ChannelName, type EventProperty, type State, channelNames } from '@tidemark/protocol'
import type { LiveError, LiveStatus, LiveView, SelectedRows } from '@tidemark/sdk/live'
import {
  type ComputedRef,
  type MaybeRefOrGetter,
  type ShallowRef,
  computed,
  onScopeDispose,
  shallowReactive,
  shallowReadonly,
  shallowRef,
  toValue,
  watch,
} from 'vue'
import { type RealtimeConfig, defaultPollIntervalMs, targetKey, toTarget } from '../config.ts'
import { useSettings } from '../settings/useSettings.ts'
import type { Subscription } from '../store/connection.ts'
import { idleView } from '../store/idle-view.ts'
import {
  copyChannel,
  hasArrived,
  normalizePaths,
  normalizeProperties,
  readableChannels,
} from '../store/selected-rows.ts'
import { useIsActive } from '../store/useIsActive.ts'
import { currentPinia, storeOf } from '../store/useTidemarkStore.ts'

/** Requested channels that have arrived. */
export type RealtimeState<Name extends ChannelName> = Readonly<Pick<State, Name>>

export interface UseRealtimeOptions {
  /**
   * Pages for the channel `pageVisitors`, such as `['/boots']`. While the list is empty, the channel is not read. The
   * rows have the normalized paths: without query. The connection reads 100 paths of all its subscribers.
   * @default none
   */
  paths?: MaybeRefOrGetter<readonly string[] | undefined> | undefined
  /**
   * Properties for the channel `properties`, such as `[{ event: 'purchase', property: 'plan' }]`. While the list is
   * empty, the channel is not read. The connection reads 20 properties of all its subscribers.
   * @default none
   */
  properties?: MaybeRefOrGetter<readonly EventProperty[] | undefined> | undefined
  /**
   * While true, the state keeps its values; the latest ones apply when it becomes false. Channels that have not
   * arrived yet still do, and the status follows the connection. @default false
   */
  paused?: MaybeRefOrGetter<boolean | undefined> | undefined
  /**
   * Changes the state also while the page is hidden, for example for a number in the page's title. Otherwise the latest
   * state and status apply when the page is visible again. @default false
   */
  whileHidden?: boolean | undefined
}

export interface UseRealtimeReturn<Name extends ChannelName> {
  /** Reactive state. Each channel is tracked separately. */
  readonly state: RealtimeState<Name>
  /** Status of the connection. */
  readonly status: Readonly<ShallowRef<LiveStatus>>
  /** True until all channels have arrived or an error has occurred. */
  readonly isLoading: ComputedRef<boolean>
  /** Last error, until a request succeeds again. The last known state remains. */
  readonly error: ComputedRef<LiveError | undefined>
  /** Polls now; resolves when the response has been applied or the poll has failed. */
  refresh(): Promise<void>
}

/**
 * Subscribes to channels of a site's live state, over the page's shared connection.
 *
 * In a component, subscribes when mounted and unsubscribes when unmounted or deactivated by
 * `<KeepAlive>`. In another effect scope, subscribes at once and unsubscribes with the scope. During
 * server-side rendering it does nothing and the state stays empty. State changes at most once per
 * animation frame, and not while the page is hidden. The connection stays open for a few seconds after
 * its last subscriber has left.
 *
 * @param config the site; `undefined` for the site of `TidemarkPlugin`, or while there is none. Subscribes
 *   again when a value changes; a new object with equal values changes nothing.
 * @param channels the channels to subscribe to; an empty list opens no connection
 * @throws {TypeError} for an invalid field of `config`, a path that does not start with a slash, and a property without
 *   two names
 */
export function useRealtime<Name extends ChannelName>(
  config: MaybeRefOrGetter<RealtimeConfig | undefined>,
  channels: MaybeRefOrGetter<readonly Name[]>,
  options: UseRealtimeOptions = {},
): UseRealtimeReturn<Name> {
  const pinia = currentPinia()
  const state = shallowReactive<State>({})
  const status = shallowRef<LiveStatus>(idleView.status)
  const isActive = useIsActive()
  let subscription: Subscription | undefined

  const isPaused = (): boolean => toValue(options.paused) ?? false
  const selected = computed(() => ({
    paths: normalizePaths(toValue(options.paths)),
    properties: normalizeProperties(toValue(options.properties)),
  }))
  const readable = (): readonly Name[] => readableChannels(toValue(channels), selected.value)
  const isKnown = (name: ChannelName): boolean => hasArrived(name, state, selected.value)
  const provided = useSettings().config
  const settingsOf = (): RealtimeConfig | undefined => toValue(config) ?? provided.value

  const siteKey = computed(() => {
    const settings = settingsOf()
    return settings && targetKey(toTarget(settings))
  })
  /** A string, because an inline `config` in a template is a new object at every render. */
  const subscriptionKey = computed(() => {
    const settings = settingsOf()
    if (!settings) return undefined
    const { pollIntervalMs = defaultPollIntervalMs } = settings
    return JSON.stringify([siteKey.value, pollIntervalMs, readable(), selected.value])
  })

  function applyView(view: LiveView): void {
    for (const name of readable()) {
      if (!isKnown(name) || !isPaused()) copyChannel(name, state, view.state, selected.value)
    }
    status.value = view.status
  }

  function clearChannelsExcept(retained: readonly ChannelName[]): void {
    for (const name of channelNames) if (!retained.includes(name)) delete state[name]
  }

  function resubscribe(): void {
    const previous = subscription
    const settings = settingsOf()
    clearChannelsExcept(readable())
    subscription = undefined
    if (settings && isActive.value && readable().length > 0) {
      const { pollIntervalMs = defaultPollIntervalMs } = settings
      subscription = storeOf(pinia).registry.subscribe(toTarget(settings), {
        channels: [...readable()],
        ...rowsOf(readable(), selected.value),
        pollIntervalMs,
        whileHidden: options.whileHidden,
        onView: applyView,
      })
      applyView(subscription.view)
    }
    previous?.close()
  }

  function reset(): void {
    clearChannelsExcept([])
    status.value = idleView.status
  }

  // Synchronous: numbers of one site never appear under the name of another, not for one frame.
  watch(siteKey, reset, { flush: 'sync' })
  watch([subscriptionKey, isActive], resubscribe, { flush: 'post', immediate: true })
  watch(isPaused, () => subscription && applyView(subscription.view))
  onScopeDispose(() => subscription?.close())

  return {
    state,
    status: shallowReadonly(status),
    isLoading: computed(
      () =>
        siteKey.value !== undefined &&
        status.value.error === undefined &&
        !status.value.unauthorized &&
        readable().some(name => !isKnown(name)),
    ),
    error: computed(() => status.value.error),
    refresh: async () => subscription?.refresh(),
  }
}

/** Returns the rows of the subscribed channels only. */
function rowsOf(
  channels: readonly ChannelName[],
  { paths, properties }: SelectedRows,
): SelectedRows {
  return {
    paths: channels.includes('pageVisitors') ? paths : [],
    properties: channels.includes('properties') ? properties : [],
  }
}
