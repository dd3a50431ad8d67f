import type { ListItem, ListRow } from './list-item.ts'
import type { TopListSort } from './list-source.ts'

export interface RankOptions {
  /** Number of rows before the rest row. */
  readonly limit: number
  readonly sort: TopListSort
  /** Locale for the order of labels. */
  readonly locale: string
  readonly restLabel: string
  /** Returns the share of an item; `total` is the sum of all values. */
  share(item: Pick<ListItem, 'value' | 'visitors'>, total: number): number | undefined
}

/**
 * Selects the items with the largest values and combines the others into one rest row, so that the rows sum to the
 * total. Items of equal value keep their order. A value that is not finite counts as 0.
 */
export function rankRows<Item extends object>(
  items: readonly ListItem<Item>[],
  { limit, sort, locale, restLabel, share }: RankOptions,
): ListRow<Item>[] {
  const counted = items.map(item => (Number.isFinite(item.value) ? item : { ...item, value: 0 }))
  const ranked = counted.filter(item => !item.isRest).toSorted((a, b) => b.value - a.value)
  const listed = ranked.slice(0, limit)
  const total = sumOf(counted)
  const largest = listed[0]?.value ?? 0
  const rows = listed.map(item => ({
    ...item,
    share: share(item, total),
    fill: largest > 0 ? Math.max(item.value / largest, 0) : 0,
  }))
  if (sort === 'label') rows.sort((a, b) => a.label.localeCompare(b.label, locale))
  const rest = restItem([...ranked.slice(limit), ...counted.filter(item => item.isRest)], restLabel)
  return rest.value > 0 ? [...rows, { ...rest, share: share(rest, total), fill: 0 }] : rows
}

/** Combines items. Visitors cannot be added, so only one item keeps its visitors. */
function restItem(items: readonly ListItem[], label: string): Omit<ListItem, 'item'> {
  const visitors = items.length === 1 ? items[0]?.visitors : undefined
  return { key: restKey, name: '(other)', label, value: sumOf(items), visitors, isRest: true }
}

/** No label can produce this key, so a path called `Other` is not the rest row. */
const restKey = '\u0000rest'

function sumOf(items: readonly ListItem[]): number {
  return items.reduce((total, item) => total + item.value, 0)
}
