import type { RealtimeConfig } from '../config.ts'
import type { DetailedTotals, ValueMetricsRow } from '../fetchMetrics/metrics.ts'
import type { RangeSelection } from '../history/range-selection.ts'
import type { HostStatus } from '../status/connection-state.ts'

/** Live counts: active visitors, and page views in the last `minutes` of the configuration. */
export type MetricChannel = 'currentVisitors' | 'pageViews'

/** Counts, shares and means of a time range. */
export type MetricName = keyof DetailedTotals

/** Statistics of the `value` of events with one name. */
export type ValueStat = Exclude<keyof ValueMetricsRow, 'name'>

/** Live windows of numeric values: a second, five seconds, a minute. */
export type ValueWindowName = '1s' | '5s' | '1m'

/** Direction of a change. */
export type Trend = 'up' | 'down' | 'stable'

interface SiteOptions {
  /** Site to show. @default the site of `TidemarkPlugin` */
  config?: RealtimeConfig | undefined
  /** Keeps the current number. @default false */
  paused?: boolean | undefined
}

/** A live count. */
export interface LiveMetricOptions extends SiteOptions {
  /** Live count to return. */
  channel: MetricChannel
}

/** A live statistic of numeric values. */
export interface ValueMetricOptions extends SiteOptions {
  /** Name of the events with the numeric `value`. */
  valueName: string
  /** Statistic of the values. @default 'last' */
  stat?: ValueStat | undefined
  /** Window of the values. @default '1m' */
  window?: ValueWindowName | undefined
}

/** A count of a time range. */
export interface HistoryMetricOptions extends SiteOptions {
  /** Number of a time range to return: a count, the share `bounceRate`, or a mean of visits. Times are milliseconds. */
  metric: MetricName
  /** Time range of `metric`. @default the last 24 hours */
  range?: RangeSelection | undefined
  /** Adds the range of equal length before. @default none */
  compare?: 'previous' | undefined
}

/** A number of the host. */
export interface HostMetricOptions {
  /** `undefined` while it loads. */
  value: number | undefined
  /** Number to compare with. @default none */
  previous?: number | undefined
  /** State of the host's source. @default none */
  status?: HostStatus | undefined
}

/** Exactly one source: a live channel, numeric values, history, or a number of the host. */
export type MetricOptions =
  LiveMetricOptions | ValueMetricOptions | HistoryMetricOptions | HostMetricOptions
