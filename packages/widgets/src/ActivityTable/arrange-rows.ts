import type { FeedEntryType } from '@tidemark/protocol'
import { memoizeByLocale } from '../text/locale.ts'
import type { ActivitySort } from './columns.ts'
import type { TableRow } from './table-rows.ts'
import type { TableColumn } from './useColumns.ts'

export interface Arrangement<Row extends object> {
  readonly columns: readonly TableColumn<Row>[]
  readonly sort: ActivitySort
  /** Type to show; `undefined` for all. */
  readonly type: FeedEntryType | undefined
  /** Text that a row must contain, in any of its columns. */
  readonly search: string
  readonly locale: string
}

const collators = memoizeByLocale(locale => new Intl.Collator(locale, { numeric: true }))

/** Selects and sorts rows. Rows with equal values keep their order. */
export function arrangeRows<Row extends object>(
  rows: readonly TableRow<Row>[],
  { columns, locale, search, sort, type }: Arrangement<Row>,
): readonly TableRow<Row>[] {
  const wanted = search.trim().toLocaleLowerCase(locale)
  const selected = rows.filter(
    row =>
      (type === undefined || row.entry.type === type) &&
      (wanted === '' ||
        columns.some(column => column.text(row).toLocaleLowerCase(locale).includes(wanted))),
  )
  const column = columns.find(({ key }) => key === sort.key)
  if (!column) return selected
  const direction = sort.descending ? -1 : 1
  const { compare } = collators(locale)
  return selected
    .map(row => ({ row, value: column.sortValue(row) }))
    .toSorted((a, b) => direction * compareValues(a.value, b.value, compare))
    .map(({ row }) => row)
}

/** Numbers come before texts. */
function compareValues(
  a: string | number,
  b: string | number,
  compareTexts: (a: string, b: string) => number,
): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : Number(a > b)
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  return typeof a === 'number' ? -1 : 1
}
