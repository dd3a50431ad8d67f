/**
 * Counts by name, and the names with the highest counts. A name exists while its count is above 0.
 *
 * Each name has an id: a small integer that a visitor's row stores instead of the text, as there can be a million rows.
 */
export interface Ranking {
  /** Adds 1 to the count of a name. Returns the name's id, which stays the same while the name exists. */
  add(name: string): number
  /** Subtracts 1 from the count of the name with this id. At 0, the id becomes free for another name. */
  remove(id: number): void
  nameOf(id: number): string
  /** Returns the count of a name; 0 for a name that does not exist. Takes constant time. */
  countOf(name: string): number
  /**
   * Calls the listener before each change of a count, with the name and its count so far. Replaces the previous
   * listener.
   */
  observe(listener: CountListener): void
  /** Returns a copy of all names; the index of each name is its id. */
  names(): readonly string[]
  /**
   * Returns at most `maxRows` names by count, then by name, and one row "(other)" with the count of all other names if
   * there are any. Returns the same array until a count changes.
   */
  top(): readonly RankedName[]
}

export interface RankedName {
  name: string
  count: number
  /** Whether this is the row "(other)", for all names that are not listed. */
  rest: boolean
}

/** Receives a name whose count is about to change by 1, and its count before. */
export type CountListener = (name: string, count: number) => void

export function createRanking(maxRows: number): Ranking {
  const ids = new Map<string, number>()
  /** Names by id. The id of a removed name is reused. */
  const names: string[] = []
  const counts: number[] = []
  const freeIds: number[] = []
  let total = 0
  let listener: CountListener | undefined
  let ranked: readonly RankedName[] | undefined = []

  function idOf(name: string): number {
    const existing = ids.get(name)
    if (existing !== undefined) return existing
    const id = freeIds.pop() ?? names.length
    ids.set(name, id)
    names[id] = name
    counts[id] = 0
    return id
  }

  const nameOf = (id: number): string => names[id] ?? ''

  function change(id: number, by: 1 | -1): void {
    const before = counts[id] ?? 0
    listener?.(nameOf(id), before)
    const count = before + by
    counts[id] = count
    total += by
    ranked = undefined
    if (count > 0) return
    ids.delete(nameOf(id))
    freeIds.push(id)
  }

  return {
    add(name) {
      const id = idOf(name)
      change(id, 1)
      return id
    },
    remove: id => change(id, -1),
    nameOf,
    countOf(name) {
      const id = ids.get(name)
      return id === undefined ? 0 : (counts[id] ?? 0)
    },
    observe(next) {
      listener = next
    },
    names: () => names.slice(),
    top() {
      ranked ??= rank(ids, counts, total, maxRows)
      return ranked
    },
  }
}

/**
 * Selects the top rows in one pass. There can be as many names as visitors, and a ranking is read several times per
 * second, so sorting all names would block the event loop.
 */
function rank(
  ids: ReadonlyMap<string, number>,
  counts: readonly number[],
  total: number,
  maxRows: number,
): RankedName[] {
  const rows: RankedName[] = []
  for (const [name, id] of ids) {
    const count = counts[id] ?? 0
    let index = rows.length
    while (comesBefore(name, count, rows[index - 1])) index--
    if (index >= maxRows) continue
    rows.splice(index, 0, { name, count, rest: false })
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
