import { isMeasurement } from '@tidemark/protocol'
import { readRow } from '../fetchMetrics/row-fields.ts'
import { serverItem } from './channel-items.ts'
import type { ListItem } from './list-item.ts'
import type { NameTexts } from './list-names.ts'
import type { TopListDimension } from './list-source.ts'

/** Rows to request beyond the limit of a list, in place of those that it hides. */
export const hiddenRows = 3

/** Returns whether a list of the dimension hides some rows. */
export function hidesRows(by: TopListDimension | 'property' | undefined): boolean {
  return by === 'name' || by === 'channel'
}

/**
 * Converts the rows of a response to items with readable labels. Hides measurements, such as `engagement`, as the live
 * channel of events does; they report no action of a visitor. Hides the channel of views that followed a link of the site
 * itself, which is no source of visits; such views have no referrer either.
 */
export function historyItems(
  by: TopListDimension | 'property',
  rows: readonly object[],
  texts: NameTexts,
): ListItem<never>[] {
  const read = rows.map(row => readRow(by, row))
  const isHidden = (name: string): boolean =>
    by === 'name' ? isMeasurement(name) : by === 'channel' && name === 'Internal'
  const shown = read.filter(({ name }) => !isHidden(name))
  return shown.map(row => serverItem(by, row, texts))
}
