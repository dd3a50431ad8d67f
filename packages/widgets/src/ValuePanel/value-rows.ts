import type { ValueRow } from '@tidemark/protocol'
import type { ValueMetricsRow } from '../fetchMetrics/metrics.ts'
import type { ValueStat, ValueWindowName } from '../useMetric/metric-options.ts'

/** Statistics of one event name, in one window or range; `undefined` without values. */
export interface ValueLine {
  readonly name: string
  readonly stats: Readonly<Partial<Record<ValueStat, number>>>
}

/** Names that the panel shows, in this order; all names in order of the source without a list. */
function selectNames<Row extends { name: string }>(
  rows: readonly Row[],
  names: readonly string[] | undefined,
): readonly (Row | string)[] {
  if (!names) return rows
  const byName = new Map(rows.map(row => [row.name, row]))
  return names.map(name => byName.get(name) ?? name)
}

/** Returns the lines of the live channel `values` in a window. A window without events has a count and a rate of 0. */
export function liveLines(
  rows: readonly ValueRow[],
  window: ValueWindowName,
  names?: readonly string[],
): ValueLine[] {
  return selectNames(rows, names).map(row => {
    if (typeof row === 'string') return { name: row, stats: { count: 0, rate: 0 } }
    const { count, rate, ...others } = row[window]
    return {
      name: row.name,
      stats: count === 0 ? { count, rate } : { count, rate, ...others },
    }
  })
}

/** Returns the lines of a history query `by: 'value'`. */
export function historyLines(
  rows: readonly ValueMetricsRow[],
  names?: readonly string[],
): ValueLine[] {
  return selectNames(rows, names).map(row => {
    if (typeof row === 'string') return { name: row, stats: { count: 0 } }
    const { name, ...stats } = row
    return { name, stats: stats.count === 0 ? { count: 0 } : stats }
  })
}
