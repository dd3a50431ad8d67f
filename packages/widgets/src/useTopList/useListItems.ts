import { type ComputedRef, computed } from 'vue'
import type { RealtimeConfig } from '../config.ts'
import { useHistory } from '../history/useHistory.ts'
import { listTexts } from '../messages/en/list.ts'
import { useCountryName, useNameTexts } from '../settings/useNames.ts'
import { useTexts } from '../settings/useTexts.ts'
import {
  type DataSource,
  historySource,
  hostSource,
  liveSource,
  selectSource,
} from '../status/data-source.ts'
import { useRealtime } from '../useRealtime/useRealtime.ts'
import { channelItems } from './channel-items.ts'
import { hiddenRows, historyItems } from './history-items.ts'
import type { ListItem } from './list-item.ts'
import type { ListSource, TopListChannel } from './list-source.ts'
import { propItems } from './prop-items.ts'

export interface ListItemsOptions<Item extends object> {
  /** Properties are read one by one. */
  source: () => ListSource<Item>
  config: ComputedRef<RealtimeConfig | undefined>
  paused: ComputedRef<boolean>
  /** Number of rows to request from the history. */
  limit: () => number
}

export interface ListItems<Item extends object> {
  /** `undefined` before the first data. */
  readonly items: ComputedRef<readonly ListItem<Item>[] | undefined>
  /** Visitors of the whole time range, for a list of the history. */
  readonly visitors: ComputedRef<number | undefined>
  readonly source: DataSource
}

/** Items of the host, with the keys that they were read with. */
interface HostItems<Item extends object> {
  readonly key: string
  readonly items: readonly ListItem<Item>[]
}

/** The most rows that the server returns, without the rest row. */
export const maxRows = 1000

/** Returns the items of a list from its source: the host, the live state, or the history. */
export function useListItems<Item extends object>(
  options: ListItemsOptions<Item>,
): ListItems<Item> {
  const { config, paused } = options
  const texts = {
    country: useCountryName(),
    text: useNameTexts(),
    list: useTexts('list', listTexts),
  }
  const host = computed<HostItems<Item> | undefined>(previous => {
    const { items, labelKey, valueKey } = options.source()
    // A host without types may pass anything.
    if (!Array.isArray(items)) return undefined
    const key = JSON.stringify([labelKey, valueKey])
    if (paused.value && previous?.key === key) return previous
    return { key, items: propItems<Item>(items, labelKey, valueKey) }
  })
  const channel = computed(() => (host.value ? undefined : options.source().channel))
  const by = computed(() => (host.value || channel.value ? undefined : options.source().by))

  const live = useRealtime<TopListChannel>(
    () => channel.value && config.value,
    () => (channel.value ? [channel.value] : []),
    { paused },
  )
  const history = useHistory(
    config,
    () => {
      const { range } = options.source()
      const extra = by.value === 'name' ? hiddenRows : 0
      const limit = Math.min(options.limit() + extra, maxRows)
      return by.value && range ? { by: by.value, range, limit } : undefined
    },
    { paused },
  )

  const items = computed<readonly ListItem<Item>[] | undefined>(() => {
    if (host.value) return host.value.items
    if (channel.value) return channelItems(channel.value, live.state, texts)
    return by.value && history.data.value && historyItems(by.value, history.data.value, texts)
  })

  const liveData = liveSource(live)
  const historyData = historySource(history)
  const hostData = hostSource(
    () => options.source().status,
    () => host.value !== undefined,
  )
  return {
    items,
    visitors: computed(() => by.value && history.data.value?.totals.visitors),
    source: selectSource(() => {
      if (channel.value) return liveData
      return by.value ? historyData : hostData
    }),
  }
}
