/** One thing to rank. */
export interface RankItem {
  readonly key: string
  readonly label: string
  readonly value: number
  /** Whether it holds everything that is not listed by itself. */
  readonly isRest: boolean
}

export interface RankedRow extends RankItem {
  /** Part of the total, from 0 to 1. */
  readonly share: number
  /** Part of the largest row, from 0 to 1: the length of the bar. The rest has none. */
  readonly fill: number
}

/**
 * The largest first, and all that is beyond `limit` in one rest row, so that the rows still sum to the
 * total. Items of the same value keep their order. What is not a positive number counts as 0.
 */
export function rankRows(items: readonly RankItem[], limit: number): RankedRow[] {
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
    { key: restKey, label: 'Other', value: rest, isRest: true, share: rest / total, fill: 0 },
  ]
}

/** No text that a visitor can name has this key, so a path called `Other` is not the rest row. */
const restKey = '\u0000rest'

function sum(items: readonly RankItem[]): number {
  return items.reduce((total, item) => total + item.value, 0)
}
