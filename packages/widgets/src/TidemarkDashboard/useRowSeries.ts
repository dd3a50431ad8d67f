import { type ComputedRef, computed } from 'vue'
import type { Granularity } from '../fetchMetrics/metrics.ts'
import { readRow } from '../fetchMetrics/row-fields.ts'
import type { RangeSelection } from '../history/range-selection.ts'
import { bucketMs } from '../history/resolve-range.ts'
import { type UseHistoryReturn, useHistory } from '../history/useHistory.ts'
import { useSettings } from '../settings/useSettings.ts'
import type { SeriesDatum } from '../useSeries/data-points.ts'
import type { TopListDimension } from '../useTopList/list-source.ts'
import type { RowSelection } from './row-selection.ts'

export interface RowSeriesQuery {
  row: RowSelection
  range: RangeSelection
  granularity?: Granularity | undefined
}

export interface RowSeries {
  /** One bucket for each interval of the range; `undefined` until the first data. */
  readonly data: ComputedRef<readonly SeriesDatum[] | undefined>
  readonly history: UseHistoryReturn<TopListDimension | 'property', undefined>
}

/** Returns the series of one row: page views of a page, source, country or device; counts of an event or goal. */
export function useRowSeries(query: () => RowSeriesQuery | undefined): RowSeries {
  const { config, paused } = useSettings()
  const history = useHistory(
    config,
    () => {
      const current = query()
      return (
        current && {
          range: current.range,
          granularity: current.granularity,
          by: current.row.by,
          ...current.row.filter,
          row: current.row.name,
          limit: 1,
        }
      )
    },
    { paused },
  )
  const data = computed(() => {
    const [current, response] = [query(), history.data.value]
    if (!current || response?.by !== current.row.by) return undefined
    const now = history.fetchedAt.value ?? Infinity
    const lengthMs = bucketMs[response.granularity]
    return response.buckets.map(({ at, row }): SeriesDatum => ({
      at,
      value: row ? readRow(response.by, row).count : undefined,
      isPartial: at + lengthMs > now,
    }))
  })
  return { data, history }
}
