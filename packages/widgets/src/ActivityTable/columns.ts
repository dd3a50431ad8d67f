/** Columns that the kit knows. */
export type ActivityColumnKey = 'time' | 'type' | 'name' | 'title' | 'country' | 'device'

/** A column of the host. */
export interface ActivityColumn<Row extends object = object> {
  /** A known column, or a property of the items. */
  key: string
  /** Heading. @default the text of a known column, else `key` */
  label?: string | undefined
  /** Returns the text of a cell. @default the value as text */
  format?: ((value: unknown, row: Row) => string) | undefined
  /** Whether the heading sorts the rows. @default true */
  sortable?: boolean | undefined
  /** Width, as a track of a CSS grid. @default by the column */
  width?: string | undefined
}

/** Order of the rows. */
export interface ActivitySort {
  /** Key of a column. */
  key: string
  /** @default false */
  descending?: boolean | undefined
}

/** Columns without the `columns` prop. */
export const defaultColumns: readonly ActivityColumnKey[] = [
  'time',
  'type',
  'name',
  'title',
  'country',
  'device',
]

const widths: ReadonlyMap<string, string> = new Map([
  ['time', '12.5em'],
  ['type', 'minmax(7.5em, 9em)'],
  ['name', 'minmax(8em, 2fr)'],
  ['title', 'minmax(5em, 2fr)'],
  ['country', 'minmax(6em, 1fr)'],
  ['device', 'minmax(6em, 8em)'],
])

/** Returns the width of a column, as a track of a CSS grid. */
export function columnWidth({ key, width }: Pick<ActivityColumn, 'key' | 'width'>): string {
  return width ?? widths.get(key) ?? 'minmax(5em, 1fr)'
}
