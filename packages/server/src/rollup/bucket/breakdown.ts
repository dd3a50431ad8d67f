import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { Hash } from '../sketch/hash.ts'
import { HyperLogLog } from '../sketch/hyper-log-log.ts'
import { type RankArena, createRankArena } from '../sketch/rank-arena.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'

/** Precision of the visitors of one row: 2^11 registers, a standard error of 2.3 %. */
export const rowPrecision = 11

/** Count and visitors of one name. */
export interface BreakdownRow {
  /** Negative in a change that moves a count to another name or bucket. */
  count: number
  readonly visitors: HyperLogLog
}

/**
 * Counts by name, such as page views by path. The table stores the `maxRows` names with the highest counts. The row
 * `other` counts all remaining names, so the sum of all rows is exact. While counting, the table has up to twice as
 * many names, so that a late frequent name can rise (lossy counting; Manku and Motwani, 2002). If a removed name
 * returns, its earlier counts remain in `other`.
 */
export interface BreakdownTable {
  readonly rows: ReadonlyMap<string, BreakdownRow>
  /** Sum of the names without a row. */
  readonly other: BreakdownRow
  readonly isEmpty: boolean
  /**
   * Counts a name. Returns the number of counts that moved to `other` to make room.
   * @param times number of equal events. @default 1
   */
  add(name: string, visitor: Hash, times?: number): number
  /**
   * Changes the count of a name, without a visitor. Returns the number of counts that moved to `other`.
   * @param name the name; `undefined` changes `other`
   */
  change(name: string | undefined, by: number): number
  /** Returns the row of a name, to count in. Call `trimWhenFull` after a series of `rowFor` calls. */
  rowFor(name: string): BreakdownRow
  /** Trims a table that has more than twice `maxRows` names. Returns the number of counts that moved to `other`. */
  trimWhenFull(): number
  /** Keeps the `maxRows` names with the highest counts. Returns the number of counts that moved to `other`. */
  trim(): number
  /**
   * Adds the counts of a table that `write` has written, a row per step. A row is garbage at once, so that the heap does
   * not grow by the tables of a long range.
   */
  mergeEncoded(reader: ByteReader): CooperativeTask<void>
  /** Writes at most `maxRows` names, a row per step. Nothing may be counted until the task is complete. */
  write(writer: ByteWriter): CooperativeTask<void>
}

export function createBreakdown(maxRows: number): BreakdownTable {
  return toBreakdown(maxRows, new Map(), emptyRow())
}

export function* readBreakdown(
  reader: ByteReader,
  maxRows: number,
): CooperativeTask<BreakdownTable> {
  const other = readRow(reader)
  const rows = new Map<string, BreakdownRow>()
  for (let remaining = reader.uint(); remaining > 0; remaining--) {
    rows.set(reader.text(), readRow(reader))
    yield
  }
  return toBreakdown(maxRows, rows, other)
}

function toBreakdown(
  maxRows: number,
  rows: Map<string, BreakdownRow>,
  other: BreakdownRow,
): BreakdownTable {
  const arena = createRankArena()

  function rowFor(name: string): BreakdownRow {
    const existing = rows.get(name)
    if (existing) return existing
    const row = emptyRow(arena)
    rows.set(name, row)
    return row
  }

  // Most events of a batch have the same visitor, and so the same country, device and so on.
  let lastName: string | undefined
  let lastVisitor: Hash | undefined
  let lastRow: BreakdownRow = other

  function trim(): number {
    if (rows.size <= maxRows) return 0
    // `lastRow` may be removed.
    lastVisitor = undefined
    let moved = 0
    for (const [name, row] of rankBySize(rows).slice(maxRows)) {
      rows.delete(name)
      mergeRow(other, row)
      moved += Math.max(0, row.count)
    }
    return moved
  }

  const trimWhenFull = (): number => (rows.size > 2 * maxRows ? trim() : 0)

  return {
    rows,
    other,
    get isEmpty() {
      return other.count === 0 && ![...rows.values()].some(hasCounts)
    },
    add(name, visitor, times = 1) {
      if (visitor === lastVisitor && name === lastName) {
        lastRow.count += times
        return 0
      }
      const row = rowFor(name)
      row.count += times
      row.visitors.add(visitor)
      lastName = name
      lastVisitor = visitor
      lastRow = row
      return trimWhenFull()
    },
    change(name, by) {
      const row = name === undefined ? other : rowFor(name)
      row.count += by
      return trimWhenFull()
    },
    rowFor,
    trimWhenFull,
    trim,
    *mergeEncoded(reader) {
      mergeRow(other, readRow(reader))
      for (let remaining = reader.uint(); remaining > 0; remaining--) {
        mergeRow(rowFor(reader.text()), readRow(reader))
        yield
      }
      trimWhenFull()
    },
    *write(writer) {
      const counted = [...rows].filter(([, row]) => hasCounts(row))
      const ranked = counted.length > maxRows ? rankBySize(counted) : counted
      const top = ranked.slice(0, maxRows)
      const rest = ranked.slice(maxRows).map(([, row]) => row)
      writeRow(rest.length > 0 ? sumRows([other, ...rest]) : other, writer)
      writer.uint(top.length)
      // By name, so that equal counts have equal bytes in any order of arrival.
      for (const [name, row] of top.toSorted(([a], [b]) => compareText(a, b))) {
        writer.text(name)
        writeRow(row, writer)
        yield
      }
    },
  }
}

/** Sorts rows by descending count, then by name. */
export function rank(rows: ReadonlyMap<string, BreakdownRow>): [string, BreakdownRow][] {
  return [...rows].toSorted(([a, x], [b, y]) => y.count - x.count || compareText(a, b))
}

/** Sorts rows as `rank` does, but a negative count as the positive one: it belongs to a stored row. */
function rankBySize(rows: Iterable<[string, BreakdownRow]>): [string, BreakdownRow][] {
  return [...rows].toSorted(
    ([a, x], [b, y]) => Math.abs(y.count) - Math.abs(x.count) || compareText(a, b),
  )
}

/** Returns whether a row has counts, or had some that were taken back. */
function hasCounts({ count, visitors }: BreakdownRow): boolean {
  return count !== 0 || visitors.count() > 0
}

/** Returns the sum of several rows as a new row. */
export function sumRows(rows: readonly BreakdownRow[]): BreakdownRow {
  const sum = emptyRow()
  for (const row of rows) mergeRow(sum, row)
  return sum
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function emptyRow(arena?: RankArena): BreakdownRow {
  return { count: 0, visitors: new HyperLogLog(rowPrecision, arena) }
}

function mergeRow(into: BreakdownRow, from: BreakdownRow): void {
  into.count += from.count
  into.visitors.merge(from.visitors)
}

function writeRow(row: BreakdownRow, writer: ByteWriter): void {
  writer.int(row.count)
  row.visitors.write(writer)
}

function readRow(reader: ByteReader): BreakdownRow {
  return { count: reader.int(), visitors: HyperLogLog.read(reader) }
}
