import {
  type ComputedRef,
  type MaybeRefOrGetter,
  type ShallowRef,
  computed,
  onScopeDispose,
  shallowReadonly,
  shallowRef,
  toValue,
  watch,
} from 'vue'
import type { SiteConfig } from '../config.ts'
import type { BreakdownDimension, Metrics } from '../fetchMetrics/metrics.ts'
import type { TidemarkError } from '../request/tidemark-error.ts'
import { useSettings } from '../settings/useSettings.ts'
import { useIsActive } from '../store/useIsActive.ts'
import { currentPinia } from '../store/useTidemarkStore.ts'
import type { HistorySubscription } from './history-cache.ts'
import type { HistoryView } from './history-entry.ts'
import { type HistoryQuery, queryKeyOf, shapeKeyOf } from './history-query.ts'
import { historyStoreOf } from './history-store.ts'

export interface UseHistoryOptions {
  /** While true, the data stays as it is and is not refreshed; the first data is requested anyway. @default false */
  paused?: MaybeRefOrGetter<boolean | undefined>
}

export interface UseHistoryReturn<
  By extends BreakdownDimension | undefined,
  Compare extends 'previous' | undefined,
> {
  /** Last response; equal responses keep their identity. It stays after an error of a refresh. */
  readonly data: Readonly<ShallowRef<Metrics<By, Compare> | undefined>>
  /** True until there is a response or an error. */
  readonly isLoading: ComputedRef<boolean>
  /** Error of the last request, until one succeeds again. */
  readonly error: Readonly<ShallowRef<TidemarkError | undefined>>
  /** Time of the last response, in milliseconds since 1970. */
  readonly fetchedAt: Readonly<ShallowRef<number | undefined>>
  /** Whether `data` answers an earlier query, or a call of `refresh` has not ended. */
  readonly isRefreshing: ComputedRef<boolean>
  /** Requests now; resolves when the response has been applied or the request has failed. */
  refresh(): Promise<void>
}

/**
 * Reads the history of a site. Equal queries of a page share one request. A range that includes now is requested again
 * every 2 to 60 seconds, by its granularity, while the page is visible.
 *
 * In a component, it requests when mounted and stops when unmounted or deactivated by `<KeepAlive>`. In another effect
 * scope, it requests at once and stops with the scope. During server-side rendering it does nothing.
 *
 * A query that changes keeps the data until the response arrives, unless the site, `by` or the rows that it selects have
 * changed.
 *
 * @param config the site; `undefined` for the site of `TidemarkPlugin`, or while there is none
 * @param query `undefined` while nothing is requested
 */
export function useHistory<
  By extends BreakdownDimension | undefined = undefined,
  Compare extends 'previous' | undefined = undefined,
>(
  config: MaybeRefOrGetter<SiteConfig | undefined>,
  query: MaybeRefOrGetter<HistoryQuery<By, Compare> | undefined>,
  options: UseHistoryOptions = {},
): UseHistoryReturn<By, Compare> {
  const pinia = currentPinia()
  const provided = useSettings().config
  const siteOf = (): SiteConfig | undefined => toValue(config) ?? provided.value
  const data = shallowRef<Metrics<By, Compare>>()
  const error = shallowRef<TidemarkError>()
  const fetchedAt = shallowRef<number>()
  const isActive = useIsActive()
  const refreshCount = shallowRef(0)
  /** Key of the query that `data` answers. */
  const dataKey = shallowRef<string>()
  let subscription: HistorySubscription | undefined

  const isPaused = computed(() => toValue(options.paused) ?? false)
  /** A string, because an inline query in a template is a new object at every render. */
  const key = computed(() => {
    const [site, settings] = [siteOf(), toValue(query)]
    return site && settings && queryKeyOf(site, settings)
  })
  const shapeKey = computed(() => {
    const site = siteOf()
    return site && shapeKeyOf(site, toValue(query))
  })

  function clear(): void {
    data.value = undefined
    error.value = undefined
    fetchedAt.value = undefined
    dataKey.value = undefined
  }

  function applyView(view: HistoryView, viewKey: string): void {
    const isFrozen = isPaused.value && dataKey.value === viewKey
    if (isFrozen || (!view.data && !view.error)) return
    // The key includes `by` and `compare`, so the response has their type.
    data.value = view.data as Metrics<By, Compare> | undefined
    error.value = view.error
    fetchedAt.value = view.fetchedAt
    dataKey.value = view.data && viewKey
  }

  function resubscribe(): void {
    const previous = subscription
    const [site, settings, current] = [siteOf(), toValue(query), key.value]
    subscription = undefined
    if (site && settings && current !== undefined && isActive.value) {
      if (dataKey.value !== current) error.value = undefined
      subscription = historyStoreOf(pinia).cache.subscribe(settings, {
        config: site,
        paused: isPaused.value,
        onView: view => applyView(view, current),
      })
      applyView(subscription.view, current)
    } else if (current === undefined) clear()
    previous?.close()
  }

  async function refresh(): Promise<void> {
    refreshCount.value += 1
    await subscription?.refresh()
    refreshCount.value -= 1
  }

  // Synchronous: numbers of one site never appear under the name of another, not for one frame.
  watch(shapeKey, clear, { flush: 'sync' })
  watch([key, isPaused, isActive], resubscribe, { flush: 'post', immediate: true })
  onScopeDispose(() => subscription?.close())

  return {
    data: shallowReadonly(data),
    isLoading: computed(() => key.value !== undefined && !data.value && !error.value),
    error: shallowReadonly(error),
    fetchedAt: shallowReadonly(fetchedAt),
    isRefreshing: computed(
      () =>
        data.value !== undefined &&
        (refreshCount.value > 0 || (dataKey.value !== key.value && !error.value)),
    ),
    refresh,
  }
}
