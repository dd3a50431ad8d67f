import type { PropertyValueRow } from '@tidemark/protocol'
import { type PropertyRow, PropertyTable, mergeRow, rankProperties } from './property-table.ts'

/** Returns at most `limit` rows, and one for the rest. Rows with fewer visitors than `minCount` are part of the rest. */
export function toPropertyRows(
  { rows, other }: Pick<PropertyTable, 'rows' | 'other'>,
  limit: number,
  minCount: number,
): PropertyValueRow[] {
  const isLarge = (row: PropertyRow): boolean => minCount <= 1 || row.visitors.count() >= minCount
  const ranked = rankProperties(rows)
  const listed = ranked.filter(([, row]) => isLarge(row)).slice(0, limit)
  const isListed = new Set(listed)
  const rest = new PropertyTable(1).other
  mergeRow(rest, other)
  for (const each of ranked) if (!isListed.has(each)) mergeRow(rest, each[1])
  const all = listed.map(([property, row]) => toPropertyRow(property, row))
  return rest.count > 0 && isLarge(rest)
    ? [...all, { ...toPropertyRow('(other)', rest), rest: true }]
    : all
}

export function toPropertyRow(
  property: string,
  { count, visitors, values }: PropertyRow,
): PropertyValueRow {
  return { property, events: count, visitors: visitors.count(), ...values?.summary() }
}
