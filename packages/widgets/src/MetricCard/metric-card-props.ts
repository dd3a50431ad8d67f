import type { WidgetProps } from '../card/widget-props.ts'
import type { RangeSelection } from '../history/range-selection.ts'
import type { HostStatus } from '../status/connection-state.ts'
import type { NumberFormat } from '../text/format-number.ts'
import type {
  MetricChannel,
  MetricName,
  Trend,
  ValueStat,
  ValueWindowName,
} from '../useMetric/metric-options.ts'

/** All props of `MetricCard`. */
export interface MetricCardProps extends WidgetProps {
  /** Number or text of the host; `undefined` shows a skeleton. */
  value?: number | string | undefined
  /** Number to compare `value` with. @default none */
  previous?: number | undefined
  /** State of the host's source. @default none */
  status?: HostStatus | undefined
  /** Live count to show. */
  channel?: MetricChannel | undefined
  /** Name of the events whose numeric values are shown, live. */
  valueName?: string | undefined
  /** Statistic of the values. @default 'last' */
  stat?: ValueStat | undefined
  /** Window of the values. @default '1m' */
  window?: ValueWindowName | undefined
  /** Number of a time range to show: a count, the share `bounceRate`, or a mean of visits. */
  metric?: MetricName | undefined
  /** Time range of `metric`. @default { last: '24h' } */
  range?: RangeSelection | undefined
  /** Compares `metric` with the range before. @default none */
  compare?: 'previous' | undefined
  /** Unit after the number, such as `ms`. @default none */
  unit?: string | undefined
  /** Direction of the change. @default that of the comparison */
  trend?: Trend | undefined
  /** Direction that is good news and gets the good color. @default 'up' */
  goodTrend?: 'up' | 'down' | undefined
  /** Numbers of a small line chart, oldest first; `undefined` is a gap. @default none */
  series?: readonly (number | undefined)[] | undefined
  /** Format of the number: options of `Intl.NumberFormat`, or a function. @default by the metric */
  format?: NumberFormat | undefined
}

type SourceProps =
  | 'value'
  | 'previous'
  | 'status'
  | 'channel'
  | 'valueName'
  | 'stat'
  | 'window'
  | 'metric'
  | 'range'
  | 'compare'

/** Allows only some of the props that choose the source. */
type Only<Allowed extends SourceProps> = {
  readonly [Name in Exclude<SourceProps, Allowed>]?: never
}

/** Exactly one source: `value`, `channel`, `valueName` or `metric`. */
export type MetricCardSource =
  | Only<'value' | 'previous' | 'status'>
  | ({ channel: MetricChannel } & Only<'channel'>)
  | ({ valueName: string } & Only<'valueName' | 'stat' | 'window'>)
  | ({ metric: MetricName } & Only<'metric' | 'range' | 'compare'>)
