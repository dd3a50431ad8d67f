import type { RealtimeConfig } from '../config.ts'
import type { Granularity } from '../fetchMetrics/metrics.ts'
import type { RangeSelection } from '../history/range-selection.ts'
import type { HostStatus } from '../status/connection-state.ts'
import type { SeriesDatum } from './data-points.ts'
import type { LiveMetric, SeriesMetric } from './series-point.ts'

export type SeriesChannel = 'secondSeries' | 'minuteSeries'

interface SiteOptions {
  /** Site to show. @default the site of `TidemarkPlugin` */
  config?: RealtimeConfig | undefined
  /** Keeps the current points. @default false */
  paused?: boolean | undefined
}

/** The last seconds or minutes, live. */
export interface LiveSeriesOptions extends SiteOptions {
  /** Live series: the last minute by second, or the last hour by minute. */
  channel: SeriesChannel
  /** Count to return. @default 'pageViews' */
  metric?: LiveMetric | undefined
  /**
   * Number of buckets, at most 3,600. The server has those of the last minute or hour; older ones are those that arrived
   * since the page was opened. @default the last minute or hour
   */
  maxPoints?: number | undefined
}

/** A range of history. */
export interface HistorySeriesOptions extends SiteOptions {
  channel?: undefined
  /** Time range of history. @default the last 60 minutes, 24 hours or 30 days, by `granularity` */
  range?: RangeSelection | undefined
  /** Length of a bucket. @default by the length of `range` */
  granularity?: Granularity | undefined
  /** Count or share to return. @default 'pageViews' */
  metric?: SeriesMetric | undefined
  /** Adds the range of equal length before. @default none */
  compare?: 'previous' | undefined
}

/** Buckets of the host. */
export interface DataSeriesOptions {
  channel?: undefined
  /** Buckets in any order; `undefined` while they load. */
  data: readonly SeriesDatum[] | undefined
  /** Buckets of an earlier range, one for each bucket of `data`. @default none */
  previous?: readonly SeriesDatum[] | undefined
  /** Length of a bucket. @default the smallest distance of two buckets */
  granularity?: Granularity | undefined
  /** State of the host's source. @default none */
  status?: HostStatus | undefined
  /** Largest number of buckets, at most 3,660; the last ones stay. @default 3660 */
  maxPoints?: number | undefined
}

/** Exactly one source: a live channel, history, or data of the host. */
export type SeriesOptions = LiveSeriesOptions | HistorySeriesOptions | DataSeriesOptions
