import { type ComputedRef, type MaybeRefOrGetter, computed, toValue, warn, watch } from 'vue'
import { countFieldOf } from '../fetchMetrics/row-fields.ts'
import { toRowLimit } from '../card/row-limit.ts'
import type { RealtimeConfig } from '../config.ts'
import { listTexts } from '../messages/en/list.ts'
import { reuseEqual } from '../rows/reuse-equal.ts'
import { useSettings } from '../settings/useSettings.ts'
import { useTexts } from '../settings/useTexts.ts'
import type { DataSource } from '../status/data-source.ts'
import type { ListRow, ListUnit } from './list-item.ts'
import {
  type ListSource,
  type TopListChannel,
  type TopListDimension,
  type TopListSort,
  sourceProblem,
} from './list-source.ts'
import { rankRows } from './rank-rows.ts'
import { type TimeSpan, maxRows, useListItems } from './useListItems.ts'

// Replaced by every bundler; not a global of the page.
declare const process: { env: { NODE_ENV?: string } }

export interface TopListSettings {
  /** Site to show. @default the site of `TidemarkPlugin` */
  config?: RealtimeConfig | undefined
  /** Order of the rows. @default 'value' */
  sort?: TopListSort | undefined
  /** Number of rows before "Other". @default 10 */
  limit?: number | undefined
  /** Keeps the current rows, and applies the latest when it ends. @default false */
  paused?: boolean | undefined
}

/** Options of `useTopList`: the source of the list, and its settings. */
export type TopListOptions<Item extends object = object> = ListSource<Item> & TopListSettings

export interface UseTopListReturn<Item extends object = object> extends DataSource {
  /** Rows in their order; `undefined` before the first data. Unchanged rows keep their identity. */
  readonly rows: ComputedRef<readonly ListRow<Item>[] | undefined>
  /** Sum of the values of all rows, "Other" included; `undefined` before the first data. */
  readonly total: ComputedRef<number | undefined>
  /** Quantity that the values count; `undefined` for items of the host. */
  readonly unit: ComputedRef<ListUnit | undefined>
  /**
   * Range that the rows count, if it exceeds the requested one: some dimensions are counted by hours, so a range of
   * minutes has whole hours.
   */
  readonly wholeHours: ComputedRef<TimeSpan | undefined>
  /** Whether a larger `limit` shows more rows. */
  readonly hasMore: ComputedRef<boolean>
}

const defaultLimit = 10

const channelUnits: Readonly<Record<TopListChannel, ListUnit>> = {
  activePages: 'visitors',
  referrers: 'visitors',
  countries: 'visitors',
  devices: 'visitors',
  events: 'events',
  goals: 'completions',
}

/**
 * Ranks the items of a host, a channel of the live state, or a dimension of the history, without a component or a style
 * sheet. Call it in a component's setup or another effect scope. Labels are in the language of `TidemarkPlugin` or of
 * `<html lang>`.
 *
 * @param options a getter or a ref for options that change
 * @throws {TypeError} for an invalid field of `config`
 */
export function useTopList<Item extends object = object>(
  options: MaybeRefOrGetter<TopListOptions<Item>>,
): UseTopListReturn<Item> {
  const { config, locale, paused } = useSettings()
  const t = useTexts('list', listTexts)
  const source = (): TopListOptions<Item> => toValue(options)
  const limit = computed(() => toRowLimit(source().limit ?? defaultLimit))
  const list = useListItems<Item>({
    source,
    config: computed(() => source().config ?? config.value),
    paused: computed(() => source().paused === true || paused.value),
    limit: () => limit.value,
  })
  if (process.env.NODE_ENV !== 'production') {
    watch(
      () => sourceProblem(source()),
      problem => problem !== undefined && warn(`TopList: ${problem}`),
      { immediate: true },
    )
  }

  const unit = computed(() => unitOf(source()))
  const rows = computed<readonly ListRow<Item>[] | undefined>(previous => {
    const items = list.items.value
    if (!items) return undefined
    const ranked = rankRows(items, {
      limit: limit.value,
      sort: source().sort ?? 'value',
      locale: locale.value,
      restLabel: t('other'),
      share: shareFor(unit.value, list.visitors.value),
    })
    return reuseEqual(previous ?? [], ranked, row => row.key)
  })
  return {
    rows,
    total: computed(() => list.items.value?.reduce((sum, { value }) => sum + value, 0)),
    unit,
    wholeHours: list.wholeHours,
    hasMore: computed(() => {
      const items = list.items.value ?? []
      if (items.filter(item => !item.isRest).length > limit.value) return true
      const isLimited = source().by !== undefined && limit.value < maxRows
      return isLimited && items.some(item => item.isRest)
    }),
    state: list.source.state,
    syncedAt: list.source.syncedAt,
    error: list.source.error,
    isLoading: list.source.isLoading,
    get isLive() {
      return list.source.isLive
    },
    refresh: () => list.source.refresh(),
  }
}

interface UnitSource {
  readonly items?: unknown
  readonly valueKey?: unknown
  readonly channel?: TopListChannel | undefined
  readonly by?: TopListDimension | 'property' | undefined
}

/** Items of the host have a unit if their property has the name that Tidemark's own rows use. */
function unitOf({ items, valueKey, channel, by }: UnitSource): ListUnit | undefined {
  if (items) return hostUnits.find(unit => unit === valueKey)
  if (channel) return channelUnits[channel]
  return by && unitOfDimension(by)
}

const hostUnits: readonly ListUnit[] = ['visitors', 'pageViews', 'events', 'sessions']

function unitOfDimension(by: TopListDimension | 'property'): ListUnit {
  const count = countFieldOf(by)
  return count === 'count' ? 'completions' : count
}

/** A goal's share is its conversion rate. A visitor reaches several goals, so the sum of goals is no total. */
function shareFor(unit: ListUnit | undefined, allVisitors: number | undefined) {
  return (
    { value, visitors }: { value: number; visitors?: number | undefined },
    total: number,
  ): number | undefined => {
    if (unit !== 'completions') return total > 0 ? Math.max(value / total, 0) : 0
    if (visitors === undefined || allVisitors === undefined) return undefined
    return allVisitors > 0 ? Math.min(visitors / allVisitors, 1) : 0
  }
}
