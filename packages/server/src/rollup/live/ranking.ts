/**
 * How many there are of each name, and which have the most. A name with none is forgotten. Whoever has a name
 * keeps its number in place of the text, as there may be a million of them.
 */
export interface Ranking {
  /** One more of a name. Returns its number, which is the name's for as long as there is one of it. */
  add(name: string): number
  /** One less of the name that has a number. */
  remove(number: number): void
  /** The name that has a number. */
  nameOf(number: number): string
  /** All names as they are now, each at its number. */
  names(): readonly string[]
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
  const numbers = new Map<string, number>()
  /** By number; those of a name that was forgotten are given to another. */
  const names: string[] = []
  const counts: number[] = []
  const free: number[] = []
  let total = 0
  let ranked: readonly RankedName[] | undefined = []

  function numberOf(name: string): number {
    const known = numbers.get(name)
    if (known !== undefined) return known
    const number = free.pop() ?? names.length
    numbers.set(name, number)
    names[number] = name
    counts[number] = 0
    return number
  }

  const nameOf = (number: number): string => names[number] ?? ''

  function change(number: number, by: 1 | -1): void {
    const count = (counts[number] ?? 0) + by
    counts[number] = count
    total += by
    ranked = undefined
    if (count > 0) return
    numbers.delete(nameOf(number))
    free.push(number)
  }

  return {
    add(name) {
      const number = numberOf(name)
      change(number, 1)
      return number
    },
    remove: number => change(number, -1),
    nameOf,
    names: () => names.slice(),
    top() {
      ranked ??= rank(numbers, counts, total, maxRows)
      return ranked
    },
  }
}

/**
 * Keeps the best rows in one pass: there may be as many names as visitors, several times a second, and
 * sorting them all would hold up everyone else.
 */
function rank(
  numbers: ReadonlyMap<string, number>,
  counts: readonly number[],
  total: number,
  maxRows: number,
): RankedName[] {
  const rows: RankedName[] = []
  for (const [name, number] of numbers) {
    const count = counts[number] ?? 0
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
