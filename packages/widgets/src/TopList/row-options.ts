import type { NumberFormat } from '../text/format-number.ts'
import type { ListRow, ListUnit } from '../useTopList/list-item.ts'
import type { PropertyStat } from '../useTopList/list-source.ts'

/** Slots of the rows of a list. */
export interface ListRowSlots<Item extends object = object> {
  /** Replaces the content of a row. `value` and `share` are formatted. */
  row?(props: { row: ListRow<Item>; value: string; share: string | undefined }): unknown
  /** Adds an icon before the label; replaces the flag of a country. */
  icon?(props: { row: ListRow<Item> }): unknown
  /** Replaces the text of the label. */
  label?(props: { row: ListRow<Item>; label: string }): unknown
  /** Replaces the number. `value` is formatted. */
  value?(props: { row: ListRow<Item>; value: string }): unknown
}

/** Options that all rows of a list share. */
export interface RowOptions<Item extends object = object> {
  readonly locale: string
  readonly unit: ListUnit | undefined
  /** Text after the number of an item of the host, for screen readers. */
  readonly unitText: string | undefined
  readonly format: NumberFormat | undefined
  readonly showBar: boolean
  readonly showShare: boolean
  readonly showVisitors: boolean
  /** Statistic of the values of a property, in a column of its own. */
  readonly stat: PropertyStat | undefined
  readonly isClickable: boolean
  readonly link: ((row: ListRow<Item>) => string | null | undefined) | undefined
  readonly slots: ListRowSlots<Item>
}
