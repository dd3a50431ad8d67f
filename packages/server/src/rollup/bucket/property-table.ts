import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { Hash } from '../sketch/hash.ts'
import { PropertyRow } from './property-row.ts'

/** Shared memory for a sort, because V8 allocates each typed array outside of its heap. */
let sortedCounts = new Float64Array(256)

/**
 * Events by the value of one property. As in `BreakdownTable`, the names with the highest counts have rows, and `other`
 * has the exact sum of all others.
 *
 * A table that was full once is crowded: there are more names than rows, and most of them are rare. A new name then
 * gets a row when it comes again soon. Its first event counts in `other`, because a row that is removed soon costs
 * more time than all other counting.
 */
export class PropertyTable {
  readonly rows: Map<string, PropertyRow> = new Map()
  readonly other: PropertyRow = new PropertyRow()
  readonly #maxRows: number
  // Most events of a batch have the same visitor, and so the same values of some properties.
  #lastName: string | undefined
  #lastRow: PropertyRow | undefined
  /** New names that came once to a crowded table; `undefined` before the table was full. */
  #newcomers: Set<string> | undefined

  constructor(maxRows: number) {
    this.#maxRows = maxRows
  }

  /** Counts an event. Returns the number of counts that moved to `other` to make room. */
  add(name: string, visitor: Hash, value: number | undefined, at: number): number {
    const row = this.#find(name)
    if (row) {
      row.add(visitor, value, at)
      return 0
    }
    if (this.#isRare(name)) {
      this.other.add(visitor, value, at)
      return 1
    }
    this.#rowFor(name).add(visitor, value, at)
    return this.#makeRoom()
  }

  /** Keeps the names with the highest counts. Returns the number of counts that moved to `other`. */
  trim(): number {
    const before = this.other.count
    if (this.rows.size > this.#maxRows) {
      for (const [name, row] of rankProperties(this.rows).slice(this.#maxRows)) {
        this.#moveToOther(name, row)
      }
    }
    return this.other.count - before
  }

  /** Returns the sum of all rows, as a copy. */
  sum(): PropertyRow {
    return sumOf([this.other, ...this.rows.values()])
  }

  write(writer: ByteWriter): void {
    const ranked = rankProperties(this.rows)
    const top = ranked.slice(0, this.#maxRows)
    const rest = ranked.slice(this.#maxRows).map(([, row]) => row)
    sumOf([this.other, ...rest]).write(writer)
    writer.uint(top.length)
    // By name, so that equal counts have equal bytes in any order of arrival.
    for (const [name, row] of top.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      writer.text(name)
      row.write(writer)
    }
  }

  /** Adds the counts in the bytes of `write`. */
  merge(reader: ByteReader): void {
    this.other.merge(PropertyRow.read(reader))
    for (let remaining = reader.uint(); remaining > 0; remaining--) {
      this.#rowFor(reader.text()).merge(PropertyRow.read(reader))
    }
    this.#makeRoom()
  }

  /** Adds the counts of another table, which stays as it is. */
  mergeTable(from: PropertyTable): void {
    this.other.merge(from.other)
    for (const [name, row] of from.rows) this.#rowFor(name).merge(row)
    this.#makeRoom()
  }

  #find(name: string): PropertyRow | undefined {
    if (this.#lastRow && name === this.#lastName) return this.#lastRow
    const row = this.rows.get(name)
    if (!row) return undefined
    this.#lastName = name
    this.#lastRow = row
    return row
  }

  #rowFor(name: string): PropertyRow {
    const existing = this.#find(name)
    if (existing) return existing
    const row = new PropertyRow()
    this.rows.set(name, row)
    return row
  }

  /** Returns whether a name without a row is new to a crowded table. */
  #isRare(name: string): boolean {
    const newcomers = this.#newcomers
    if (!newcomers || newcomers.delete(name)) return false
    if (newcomers.size >= 4 * this.#maxRows) newcomers.clear()
    newcomers.add(name)
    return true
  }

  /**
   * Trims a table of more than twice as many names as it keeps. Returns the number of counts that moved to `other`.
   * Unlike `trim`, it removes the earliest of equal counts, because sorting by name takes longer.
   */
  #makeRoom(): number {
    if (this.rows.size <= 2 * this.#maxRows) return 0
    this.#newcomers ??= new Set()
    const before = this.other.count
    const removed = this.rows.size - this.#maxRows
    const counts = this.#sortedCounts()
    // The highest count that is removed, and the number of its rows that are.
    const limit = counts[removed - 1] ?? 0
    let removedAtLimit = removed - counts.indexOf(limit)
    for (const [name, row] of this.rows) {
      if (row.count > limit) continue
      if (row.count < limit || removedAtLimit-- > 0) this.#moveToOther(name, row)
    }
    return this.other.count - before
  }

  /** Returns the counts of all rows in ascending order. */
  #sortedCounts(): Float64Array {
    const { size } = this.rows
    if (sortedCounts.length < size) sortedCounts = new Float64Array(size)
    let index = 0
    for (const row of this.rows.values()) sortedCounts[index++] = row.count
    // oxlint-disable-next-line unicorn/no-array-sort -- `toSorted` allocates a copy
    return sortedCounts.subarray(0, size).sort()
  }

  #moveToOther(name: string, row: PropertyRow): void {
    if (row === this.#lastRow) this.#lastRow = undefined
    this.rows.delete(name)
    this.other.merge(row)
  }
}

/** Sorts rows by descending count, then by name. */
export function rankProperties(
  rows: ReadonlyMap<string, PropertyRow>,
): [name: string, row: PropertyRow][] {
  return [...rows].toSorted(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
}

/** Returns the sum of rows, as a copy. */
export function sumOf(rows: Iterable<PropertyRow>): PropertyRow {
  const sum = new PropertyRow()
  for (const row of rows) sum.merge(row)
  return sum
}
