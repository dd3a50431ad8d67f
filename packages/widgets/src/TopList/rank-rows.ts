export interface RankItem {
  readonly key: string
  readonly label: string
  readonly value: number
  /** The item combines everything that is not listed separately. */
  readonly isRest: boolean
}

export interface RankedRow extends RankItem {
  /** Share of the total, from 0 to 1. */
  readonly share: number
  /** Length of the bar: the value relative to the largest row, from 0 to 1. 0 for the rest row. */
  readonly fill: number
}

/**
 * Sorts items by value, largest first, and combines items beyond `limit` into one rest row, so that the
 * rows sum to the total. Items of equal value keep their order. Invalid and negative values count as 0.
 */
export function rankRows(
  items: readonly RankItem[],
  limit: number,
  restLabel: string,
): RankedRow[] {
  const counted = items.map(item => ({
    ...item,
    value: item.value > 0 && item.value < Infinity ? item.value : 0,
  }))
  const ranked = counted.filter(item => !item.isRest).toSorted((a, b) => b.value - a.value)
  const listed = ranked.slice(0, limit)
  const total = sum(counted)
  const listedTotal = sum(listed)
  const largest = listed[0]?.value ?? 0
  const rows = listed.map(item => ({
    ...item,
    share: total > 0 ? item.value / total : 0,
    fill: largest > 0 ? item.value / largest : 0,
  }))
  const rest = total - listedTotal
  if (rest <= 0) return rows
  return [
    ...rows,
    { key: restKey, label: restLabel, value: rest, isRest: true, share: rest / total, fill: 0 },
  ]
}

/** No label can produce this key, so a path called `Other` is not the rest row. */
const restKey = '\u0000rest'

function sum(items: readonly RankItem[]): number {
  return items.reduce((total, item) => total + item.value, 0)
}
