import type { ByteReader, ByteWriter } from '../../bytes.ts'
import type { Hash } from '../sketch/hash.ts'
import { HyperLogLog } from '../sketch/hyper-log-log.ts'
import { type RankArena, createRankArena } from '../sketch/rank-arena.ts'
import type { Steps } from '../steps.ts'

/** How exactly the visitors of one row are told apart: 2^11 registers, a standard error of 2.3 %. */
export const rowPrecision = 11

/** One name of a breakdown: how often it was counted, and for how many visitors. */
export interface BreakdownRow {
  count: number
  readonly visitors: HyperLogLog
}

/**
 * Counts by name: page views by path, events by name, and so on. It holds `maxRows` names; all others
 * are one row together, so the counts always sum to the whole.
 */
export interface Breakdown {
  readonly rows: ReadonlyMap<string, BreakdownRow>
  /** All names that have no row of their own. */
  readonly other: BreakdownRow
  /** Whether nothing was counted. */
  readonly isEmpty: boolean
  /**
   * Whether the name has a row, or got one.
   * @param times how often it is counted. @default 1
   */
  add(name: string, visitor: Hash, times?: number): boolean
  /** The row that counts a name: its own if it has one, or gets one, and else `other`. */
  rowFor(name: string): BreakdownRow
  /** Takes all of another in, row by row. Where there is no room for every name, those with the most stay. */
  merge(from: Breakdown): Steps<void>
  /** Writes it row by row. Nothing may be counted before that is done. */
  write(writer: ByteWriter): Steps<void>
}

export function createBreakdown(maxRows: number): Breakdown {
  return toBreakdown(maxRows, new Map(), emptyRow())
}

export function* readBreakdown(reader: ByteReader, maxRows: number): Steps<Breakdown> {
  const other = readRow(reader)
  const rows = new Map<string, BreakdownRow>()
  for (let left = reader.uint(); left > 0; left--) {
    rows.set(reader.text(), readRow(reader))
    yield
  }
  return toBreakdown(maxRows, rows, other)
}

function toBreakdown(
  maxRows: number,
  rows: Map<string, BreakdownRow>,
  other: BreakdownRow,
): Breakdown {
  const arena = createRankArena()

  function rowOf(name: string): BreakdownRow {
    const known = rows.get(name)
    if (known) return known
    const row = emptyRow(arena)
    rows.set(name, row)
    return row
  }

  const rowFor = (name: string): BreakdownRow =>
    rows.get(name) ?? (rows.size < maxRows ? rowOf(name) : other)

  // The events of a batch are mostly of one visitor, with one country, device and so on.
  let lastName: string | undefined
  let lastVisitor: Hash | undefined
  let lastRow: BreakdownRow = other

  function prune(): void {
    if (rows.size <= maxRows) return
    for (const [name, row] of rank(rows).slice(maxRows)) {
      rows.delete(name)
      mergeRow(other, row)
    }
  }

  return {
    rows,
    other,
    get isEmpty() {
      return rows.size === 0 && other.count === 0
    },
    add(name, visitor, times = 1) {
      if (visitor === lastVisitor && name === lastName) {
        lastRow.count += times
        return lastRow !== other
      }
      const row = rowFor(name)
      row.count += times
      row.visitors.add(visitor)
      lastName = name
      lastVisitor = visitor
      lastRow = row
      return row !== other
    },
    rowFor,
    *merge(from) {
      // What is pruned below must not be counted on.
      lastVisitor = undefined
      mergeRow(other, from.other)
      for (const [name, row] of from.rows) {
        mergeRow(rowOf(name), row)
        yield
      }
      prune()
    },
    *write(writer) {
      writeRow(other, writer)
      writer.uint(rows.size)
      // By name, so that the same counts are the same bytes whichever came first.
      for (const [name, row] of [...rows].toSorted(([a], [b]) => compareText(a, b))) {
        writer.text(name)
        writeRow(row, writer)
        yield
      }
    },
  }
}

/** Most first, ties by name. */
export function rank(rows: ReadonlyMap<string, BreakdownRow>): [string, BreakdownRow][] {
  return [...rows].toSorted(([a, x], [b, y]) => y.count - x.count || compareText(a, b))
}

/** Several rows as one, which shares nothing with them. */
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
  writer.uint(row.count)
  row.visitors.write(writer)
}

function readRow(reader: ByteReader): BreakdownRow {
  return { count: reader.uint(), visitors: HyperLogLog.read(reader) }
}
