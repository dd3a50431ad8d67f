import type { PropertyValueRow } from '@tidemark/protocol'
import type { PropertyRow } from './property-row.ts'
import { type PropertyTable, rankProperties, sumOf } from './property-table.ts'

/** Returns at most `limit` rows, and one for the rest. Rows with fewer visitors than `minCount` are part of the rest. */
export function toPropertyRows(
  { rows, other }: Pick<PropertyTable, 'rows' | 'other'>,
  limit: number,
  minCount: number,
): PropertyValueRow[] {
  const isLarge = (row: PropertyRow): boolean => minCount <= 1 || row.countVisitors() >= minCount
  const ranked = rankProperties(rows)
  const listed = ranked.filter(([, row]) => isLarge(row)).slice(0, limit)
  const isListed = new Set(listed)
  const unlisted = ranked.filter(each => !isListed.has(each)).map(([, row]) => row)
  const rest = sumOf([other, ...unlisted])
  const all = listed.map(([property, row]) => toPropertyRow(property, row))
  return rest.count > 0 && isLarge(rest)
    ? [...all, { ...toPropertyRow('(other)', rest), rest: true }]
    : all
}

export function toPropertyRow(property: string, row: PropertyRow): PropertyValueRow {
  const visitors = row.countVisitors()
  return { property, events: row.count, visitors, ...row.values?.summary() }
}
