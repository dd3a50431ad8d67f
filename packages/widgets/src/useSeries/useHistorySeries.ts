import { type ComputedRef, computed } from 'vue'
import type { SiteConfig } from '../config.ts'
import type { Granularity, MetricsSeries } from '../fetchMetrics/metrics.ts'
import { type RangeSelection, isDateOnly } from '../history/range-selection.ts'
import { bucketMs, previousRange } from '../history/resolve-range.ts'
import { useHistory } from '../history/useHistory.ts'
import { type DataSource, historySource } from '../status/data-source.ts'
import { alignPrevious, historyPoints } from './history-points.ts'
import type { HistorySeriesOptions } from './series-options.ts'
import { type SeriesPoint, keepEqual } from './series-point.ts'
import { toTime } from './to-number.ts'

interface HistorySeries {
  /** `undefined` until there is a response. */
  readonly points: ComputedRef<readonly SeriesPoint[] | undefined>
  /** Points of the previous range, one for each point. */
  readonly comparison: ComputedRef<readonly (SeriesPoint | undefined)[] | undefined>
  readonly granularity: ComputedRef<Granularity | undefined>
  readonly source: DataSource
}

/**
 * Follows a range of history. A comparison is a second query, for the range before the received one. When it fails,
 * as for a range that is no longer stored, there is no comparison.
 * @param options `undefined` while another source is in use
 */
export function useHistorySeries(
  config: () => SiteConfig | undefined,
  options: () => HistorySeriesOptions | undefined,
): HistorySeries {
  const paused = (): boolean => options()?.paused ?? false
  const site = computed(() => (options() ? config() : undefined))
  const history = useHistory(
    site,
    () => {
      const current = options()
      return current && { range: current.range, granularity: current.granularity }
    },
    { paused },
  )
  const earlier = useHistory(
    site,
    () => {
      const { data } = history
      return options()?.compare && data.value ? previousRange(data.value) : undefined
    },
    { paused },
  )
  const metric = computed(() => options()?.metric ?? 'pageViews')
  const points = computed<readonly SeriesPoint[] | undefined>(before => {
    const { data, fetchedAt } = history
    if (!data.value || fetchedAt.value === undefined) return undefined
    const from = requestedStart(options()?.range)
    const next = historyPoints(data.value, metric.value, { fetchedAt: fetchedAt.value, from })
    return keepEqual(before, next)
  })
  const comparison = computed<readonly (SeriesPoint | undefined)[] | undefined>(before => {
    const { data, fetchedAt } = earlier
    const current = history.data.value
    if (!points.value || !current || !data.value || fetchedAt.value === undefined) return undefined
    if (!options()?.compare || data.value.granularity !== current.granularity) return undefined
    const previous = historyPoints(data.value, metric.value, { fetchedAt: fetchedAt.value })
    const next = alignPrevious(points.value, previous, bucketsBetween(data.value, current))
    return keepEqual(before, next)
  })
  return {
    points,
    comparison,
    granularity: computed(() => history.data.value?.granularity),
    source: historySource(history),
  }
}

/** Returns the start that the reader asked for; `undefined` for a range that starts with a bucket. */
function requestedStart(range: RangeSelection | undefined): number | undefined {
  if (!range || !('from' in range) || isDateOnly(range.from)) return undefined
  return toTime(range.from)
}

function bucketsBetween(previous: MetricsSeries, { from, granularity }: MetricsSeries): number {
  return Math.round((from - previous.to) / bucketMs[granularity])
}
