import { type ComputedRef, type MaybeRefOrGetter, type Ref, computed, toValue } from 'vue'
import type { Granularity } from '../fetchMetrics/metrics.ts'
import { useSettings } from '../settings/useSettings.ts'
import type { ConnectionState } from '../status/connection-state.ts'
import { type DataSource, hostSource, selectSource } from '../status/data-source.ts'
import { dataPoints } from './data-points.ts'
import { granularityOf } from './granularity-of.ts'
import type {
  DataSeriesOptions,
  HistorySeriesOptions,
  LiveSeriesOptions,
  SeriesOptions,
} from './series-options.ts'
import type { SeriesPoint } from './series-point.ts'
import { useHistorySeries } from './useHistorySeries.ts'
import { useLiveSeries } from './useLiveSeries.ts'

export interface UseSeriesReturn {
  /** Buckets, oldest first; `undefined` until the first data. */
  readonly points: ComputedRef<readonly SeriesPoint[] | undefined>
  /** Buckets of the earlier range, one for each point; `undefined` without a comparison. */
  readonly comparison: ComputedRef<readonly (SeriesPoint | undefined)[] | undefined>
  /** Length of a bucket. */
  readonly granularity: ComputedRef<Granularity>
  /** True until the first data or the first error. */
  readonly isLoading: Readonly<Ref<boolean>>
  /** Error of the last request, until one succeeds again. The points stay. */
  readonly error: DataSource['error']
  /** State of the connection; `undefined` while there is nothing to report. */
  readonly status: Readonly<Ref<ConnectionState | undefined>>
  /** Time of the last confirmed data, in milliseconds since 1970. */
  readonly syncedAt: Readonly<Ref<number | undefined>>
  /** Requests the data now. */
  refresh(): Promise<void>
}

const maxDataPoints = 3660

/**
 * Returns a series of numbers over time, from a live channel, from history, or from data of the host. Memory is bounded:
 * a live window slides, and keeps at most `maxPoints` buckets.
 *
 * In a component it reads data while the component is mounted, else with its effect scope. During server-side rendering
 * it does nothing.
 *
 * @param options reactive; the source may change
 */
export function useSeries(options: MaybeRefOrGetter<SeriesOptions>): UseSeriesReturn {
  const settings = useSettings()
  const selected = computed(() => selectKind(toValue(options)))
  const config = () => {
    const { live, history } = selected.value
    return (live ?? history)?.config ?? settings.config.value
  }
  const live = useLiveSeries(config, () => selected.value.live)
  const history = useHistorySeries(config, () => selected.value.history)

  const hostPoints = computed(() => {
    const { data, maxPoints = maxDataPoints } = selected.value.host ?? { data: undefined }
    return data && dataPoints(data, toCount(maxPoints))
  })
  const hostComparison = computed(() => {
    const { previous } = selected.value.host ?? {}
    const count = hostPoints.value?.length ?? 0
    if (!previous) return undefined
    const points = dataPoints(previous, count)
    return Array.from({ length: count }, (_, index) => points[index])
  })
  const host = hostSource(
    () => selected.value.host?.status,
    () => hostPoints.value !== undefined,
  )
  const source = selectSource(() => {
    if (selected.value.live) return live.source
    return selected.value.history ? history.source : host
  })

  return {
    points: computed(() => {
      if (selected.value.live) return live.points.value
      return selected.value.history ? history.points.value : hostPoints.value
    }),
    comparison: computed(() => {
      if (selected.value.live) return undefined
      return selected.value.history ? history.comparison.value : hostComparison.value
    }),
    granularity: computed(() => {
      const { live: liveOptions, history: historyOptions, host: hostOptions } = selected.value
      if (liveOptions) return liveOptions.channel === 'secondSeries' ? 'second' : 'minute'
      if (historyOptions) return history.granularity.value ?? historyOptions.granularity ?? 'minute'
      return hostOptions?.granularity ?? granularityOf(hostPoints.value ?? [])
    }),
    isLoading: source.isLoading,
    error: source.error,
    status: source.state,
    syncedAt: source.syncedAt,
    refresh: source.refresh,
  }
}

interface SelectedOptions {
  readonly live?: LiveSeriesOptions
  readonly history?: HistorySeriesOptions
  readonly host?: DataSeriesOptions
}

function selectKind(options: SeriesOptions): SelectedOptions {
  if (options.channel !== undefined) return { live: options }
  // A host's data is `undefined` while it loads, so the name counts.
  return 'data' in options ? { host: options } : { history: options }
}

function toCount(requested: number): number {
  return Math.min(Math.max(1, Math.floor(requested) || 1), maxDataPoints)
}
