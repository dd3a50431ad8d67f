import type { TableColumn } from './useColumns.ts'

/** Properties of the slots for cells. */
export interface CellSlotProps<Row extends object> {
  row: Row
  /** Key of the column. */
  column: string
  /** Text that the slot replaces. */
  text: string
}

/** Slots for cells. */
export interface CellSlots<Row extends object> {
  /** Replaces the content of each cell. */
  cell?(props: CellSlotProps<Row>): unknown
  /** `cell-<key>` replaces the content of the cells of one column. */
  [name: `cell-${string}`]: ((props: CellSlotProps<Row>) => unknown) | undefined
}

/** Settings of all rows of a table. */
export interface RowOptions<Row extends object> {
  readonly columns: readonly TableColumn<Row>[]
  /** Height of a row, in pixels. */
  readonly rowHeight: number
  readonly slots: CellSlots<Row>
}
