import { isMeasurement } from '@tidemark/protocol'
import { readRow } from '../fetchMetrics/row-fields.ts'
import { serverItem } from './channel-items.ts'
import type { ListItem } from './list-item.ts'
import type { NameTexts } from './list-names.ts'
import type { TopListDimension } from './list-source.ts'

/** Rows to request beyond the limit of a list, in place of the measurements that it hides. */
export const hiddenRows = 3

/**
 * Converts the rows of a response to items with readable labels. Hides measurements, such as `engagement`, as the live
 * channel of events does; they report no action of a visitor.
 */
export function historyItems(
  by: TopListDimension | 'property',
  rows: readonly object[],
  texts: NameTexts,
): ListItem<never>[] {
  const read = rows.map(row => readRow(by, row))
  const shown = by === 'name' ? read.filter(({ name }) => !isMeasurement(name)) : read
  return shown.map(row => serverItem(by, row, texts))
}
