import { type ComputedRef, computed } from 'vue'
import type { RealtimeConfig } from '../config.ts'
import type { HistoryQuery } from '../history/history-query.ts'
import type { RangeSelection } from '../history/range-selection.ts'
import { resolveRange } from '../history/resolve-range.ts'
import { useHistory } from '../history/useHistory.ts'
import { dimensionTexts } from '../messages/en/dimensions.ts'
import { listTexts } from '../messages/en/list.ts'
import { useCountryName, useNameTexts } from '../settings/useNames.ts'
import { useSettings } from '../settings/useSettings.ts'
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
import { hiddenRows, hidesRows, historyItems } from './history-items.ts'
import type { ListItem } from './list-item.ts'
import type { ListSource, TopListChannel, TopListDimension } from './list-source.ts'
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
  /** Range that the rows count, if it exceeds the requested one because the dimension is counted by hours. */
  readonly wholeHours: ComputedRef<TimeSpan | undefined>
  readonly source: DataSource
}

/** Half-open range, in milliseconds since 1970. */
export interface TimeSpan {
  readonly from: number
  readonly to: number
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
  const { locale } = useSettings()
  const texts = {
    locale: () => locale.value,
    country: useCountryName(),
    text: useNameTexts(),
    list: useTexts('list', listTexts),
    dimension: useTexts('dimensions', dimensionTexts),
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
      const extra = hidesRows(by.value) ? hiddenRows : 0
      return historyQueryOf(options.source(), by.value, Math.min(options.limit() + extra, maxRows))
    },
    { paused },
  )

  const items = computed<readonly ListItem<Item>[] | undefined>(() => {
    if (host.value) return host.value.items
    if (channel.value) return channelItems(channel.value, live.state, texts)
    return by.value && history.data.value && historyItems(by.value, history.data.value.rows, texts)
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
    wholeHours: computed(() => {
      const [data, { range }] = [history.data.value, options.source()]
      if (!by.value || !data || !range || data.granularity !== 'hour') return undefined
      const { granularity } = resolveRange(range, history.fetchedAt.value ?? data.to)
      return granularity === 'second' || granularity === 'minute' ? data : undefined
    }),
    source: selectSource(() => {
      if (channel.value) return liveData
      return by.value ? historyData : hostData
    }),
  }
}

/** Fields of a source that select rows of the history. */
interface SelectedRows {
  readonly range?: RangeSelection | undefined
  readonly referrer?: string | undefined
  readonly name?: string | undefined
  readonly property?: string | undefined
}

function historyQueryOf(
  { range, referrer, name, property }: SelectedRows,
  by: TopListDimension | 'property' | undefined,
  limit: number,
): HistoryQuery<TopListDimension | 'property', undefined> | undefined {
  if (!by || !range) return undefined
  const filter = name === undefined ? {} : { name, property }
  return { by, range, limit, referrer, ...filter }
}
