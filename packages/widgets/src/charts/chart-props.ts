import type { WidgetProps } from '../card/widget-props.ts'
import type { NumberFormat } from '../text/format-number.ts'

/** Props of every chart. */
export interface ChartProps extends WidgetProps {
  /** Format of the numbers. @default whole numbers, or as many decimals as they have */
  format?: NumberFormat | undefined
  /**
   * IANA name of the time zone of times, such as `'Europe/Berlin'`. @default the reader's; for days that of the data
   */
  timeZone?: string | undefined
  /** Text without data. @default 'No data yet.' */
  emptyText?: string | undefined
}
