/** How many there are of each name, and which have the most. A name with none is forgotten. */
export interface Ranking {
  add(name: string, count: number): void
  /**
   * The names with the most, ties by name, at most `maxRows`, and the count of all others together
   * where there are any. The same array until a count changes.
   */
  top(): readonly RankedName[]
}

export interface RankedName {
  name: string
  count: number
  /** The row for all names that are not listed. */
  rest: boolean
}

export function createRanking(maxRows: number): Ranking {
  const counts = new Map<string, number>()
  let total = 0
  let ranked: readonly RankedName[] | undefined = []

  return {
    add(name, count) {
      const sum = (counts.get(name) ?? 0) + count
      if (sum === 0) counts.delete(name)
      else counts.set(name, sum)
      total += count
      ranked = undefined
    },
    top() {
      ranked ??= rank(counts, total, maxRows)
      return ranked
    },
  }
}

/**
 * Keeps the best rows in one pass: there may be as many names as visitors, several times a second, and
 * sorting them all would hold up everyone else.
 */
function rank(counts: ReadonlyMap<string, number>, total: number, maxRows: number): RankedName[] {
  const rows: RankedName[] = []
  for (const [name, count] of counts) {
    let place = rows.length
    while (comesBefore(name, count, rows[place - 1])) place--
    if (place >= maxRows) continue
    rows.splice(place, 0, { name, count, rest: false })
    if (rows.length > maxRows) rows.pop()
  }
  const listed = rows.reduce((sum, row) => sum + row.count, 0)
  if (listed < total) rows.push({ name: '(other)', count: total - listed, rest: true })
  return rows
}

function comesBefore(name: string, count: number, other: RankedName | undefined): boolean {
  return (
    other !== undefined && (count > other.count || (count === other.count && name < other.name))
  )
}
