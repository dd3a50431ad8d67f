import type { HostStatus } from '../status/connection-state.ts'
import type { ChartProps } from './chart-props.ts'
import type { ValueKey } from './rows-plot.ts'

/** Property of a row with numbers, alone or with the name of its line or bars. */
export type YKey<Row extends object> = (keyof Row & string) | ValueKey<keyof Row & string>

/** Props of `LineChart` and `BarChart`. */
export interface RowsChartProps<Row extends object> extends ChartProps {
  /**
   * Rows to draw; `undefined` shows a skeleton. Numbers may be text or big integers; `null` and `NaN` are gaps. The last
   * 3,660 rows are drawn.
   */
  data: readonly Row[] | undefined
  /**
   * Property along the axis: times (`Date` or ISO 8601), numbers, or names. Times and numbers are sorted.
   */
  xKey: keyof Row & string
  /** Properties with the numbers, one line or set of bars for each. */
  yKeys: YKey<Row> | readonly YKey<Row>[]
  /** Name of `xKey`, in the table. @default 'Time' for times, else `xKey` */
  xLabel?: string | undefined
  /** State of the source of `data`. @default none */
  status?: HostStatus | undefined
}

export function toValueKeys<Row extends object>(
  yKeys: YKey<Row> | readonly YKey<Row>[],
): ValueKey<keyof Row & string>[] {
  const keys = typeof yKeys === 'string' || 'key' in yKeys ? [yKeys] : yKeys
  return keys.map(each => (typeof each === 'object' ? each : { key: each, label: each }))
}
