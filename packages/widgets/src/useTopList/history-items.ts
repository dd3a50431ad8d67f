import { isMeasurement } from '@tidemark/protocol'
import type { MetricsRow, MetricsTotals } from '../fetchMetrics/metrics.ts'
import { serverItem } from './channel-items.ts'
import type { ListItem } from './list-item.ts'
import type { NameTexts } from './list-names.ts'
import type { TopListDimension } from './list-source.ts'

/** Parts of the response to a query with `by`. */
export interface HistoryRows {
  readonly rows: readonly MetricsRow<TopListDimension>[]
  readonly totals: MetricsTotals
}

/** Rows to request beyond the limit of a list, in place of the measurements that it hides. */
export const hiddenRows = 3

/**
 * Converts the rows of a response to items with readable labels. Hides measurements, such as `engagement`, as the live
 * channel of events does; they report no action of a visitor.
 */
export function historyItems(
  by: TopListDimension,
  { rows }: HistoryRows,
  texts: NameTexts,
): ListItem<never>[] {
  const shown = by === 'name' ? rows.filter(row => !isMeasurement(nameOf(row))) : rows
  return shown.map(row => serverItem(by, nameOf(row), countOf(row), row, texts))
}

function nameOf(row: MetricsRow<TopListDimension>): string {
  if ('path' in row) return row.path
  if ('referrer' in row) return row.referrer
  if ('country' in row) return row.country
  if ('device' in row) return row.device
  if ('browser' in row) return row.browser
  if ('os' in row) return row.os
  if ('campaign' in row) return row.campaign
  return 'name' in row ? row.name : row.goal
}

function countOf(row: MetricsRow<TopListDimension>): number {
  if ('pageViews' in row) return row.pageViews
  return 'events' in row ? row.events : row.count
}
