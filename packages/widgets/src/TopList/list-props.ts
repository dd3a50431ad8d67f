import type { CardSlots } from '../card/card-slots.ts'
import type { WidgetProps } from '../card/widget-props.ts'
import type { NumberFormat } from '../text/format-number.ts'
import type { ListRow } from '../useTopList/list-item.ts'
import type { ListRowSlots } from './row-options.ts'

/** Common props of `TopList`, `GoalList` and `EventList`. */
export interface ListProps<Item extends object = object> extends WidgetProps {
  /** Shows the state of the connection also while the data is fresh. @default false */
  realtime?: boolean | undefined
  /** Number of rows before "Other". A button below the list shows all. @default 10 */
  limit?: number | undefined
  /** Lets the reader choose the order, by the headings of the columns. @default false */
  sortable?: boolean | undefined
  /** Shows the headings of the columns. @default the value of `sortable` */
  showColumns?: boolean | undefined
  /** Format of the numbers: options of `Intl.NumberFormat`, or a function. @default whole numbers */
  format?: NumberFormat | undefined
  /** Returns the URL of a row. Other URLs than relative, http and https ones are not linked. @default none */
  link?: ((row: ListRow<Item>) => string | null | undefined) | undefined
  /** Draws a bar behind each label. @default true */
  showBar?: boolean | undefined
  /** Shows each row's share of the total. @default true */
  showShare?: boolean | undefined
  /** Name of the selected row, as in the data: `/pricing`, `DE`. @default none */
  selected?: string | undefined
  /** Text for an empty list. @default a text for the content */
  emptyText?: string | undefined
}

/** Slots of `TopList`, `GoalList` and `EventList`. */
export type ListSlots<Item extends object = object> = CardSlots &
  ListRowSlots<Item> & {
    /** Adds tabs or other controls below the heading. */
    tabs?(): unknown
  }
