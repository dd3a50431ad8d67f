import type { Granularity } from '../fetchMetrics/metrics.ts'
import type { RangeSelection } from '../history/range-selection.ts'
import type { HostStatus } from '../status/connection-state.ts'
import type { SeriesDatum } from '../useSeries/data-points.ts'
import type { SeriesChannel, SeriesOptions } from '../useSeries/series-options.ts'
import type { LiveMetric, SeriesMetric } from '../useSeries/series-point.ts'

interface SourceProps {
  readonly channel?: SeriesChannel | undefined
  readonly metric?: SeriesMetric | undefined
  readonly granularity?: Granularity | undefined
  readonly compare?: 'previous' | undefined
  readonly data?: readonly SeriesDatum[] | undefined
  readonly previous?: readonly SeriesDatum[] | undefined
  readonly status?: HostStatus | undefined
  readonly maxPoints?: number | undefined
}

const liveMetrics: readonly LiveMetric[] = ['pageViews', 'events', 'visitors']

/**
 * Returns the source that props select: a channel, data, else history if it has a range or a granularity. Without any of
 * them the host's data is still loading.
 */
export function toSeriesOptions(
  props: SourceProps,
  range: RangeSelection | undefined,
  paused: boolean,
): SeriesOptions {
  const { channel, metric, granularity, compare, data, previous, status, maxPoints } = props
  if (channel) {
    const live = liveMetrics.find(each => each === metric)
    return { channel, metric: live, maxPoints, paused }
  }
  const isHistory = range !== undefined || granularity !== undefined
  if (!data && isHistory) return { range, granularity, metric, compare, paused }
  return { data, previous, granularity, status, maxPoints }
}
