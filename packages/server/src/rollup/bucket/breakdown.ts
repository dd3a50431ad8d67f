import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { Hash } from '../sketch/hash.ts'
import { HyperLogLog } from '../sketch/hyper-log-log.ts'
import { type RankArena, createRankArena } from '../sketch/rank-arena.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'

/** How exactly the visitors of one row are told apart: 2^11 registers, a standard error of 2.3 %. */
export const rowPrecision = 11

/** One name of a breakdown: how often it was counted, and for how many visitors. */
export interface BreakdownRow {
  count: number
  readonly visitors: HyperLogLog
}

/**
 * Counts by name: page views by path, events by name, and so on. It keeps `maxRows` names, those with the most, and all
 * others are one row together, so the counts always sum to the whole. While it counts it holds up to twice as many:
 * a name that comes late has room until it is seen whether it is one of the most, which is how lossy counting finds
 * them (Manku and Motwani, 2002). Of a name that went and came again, what was before is in the row of the others.
 */
export interface BreakdownTable {
  readonly rows: ReadonlyMap<string, BreakdownRow>
  /** All names that have no row of their own. */
  readonly other: BreakdownRow
  /** Whether nothing was counted. */
  readonly isEmpty: boolean
  /**
   * Counts a name. Returns how many counts went to the row of the others over it.
   * @param times how often it is counted. @default 1
   */
  add(name: string, visitor: Hash, times?: number): number
  /** The row of a name, to be counted in. Whoever asks for rows calls `makeRoom` when all is counted. */
  rowFor(name: string): BreakdownRow
  /** Where there are more than twice as many names as are kept, those with the most stay. Returns how many counts went to the row of the others. */
  trimWhenFull(): number
  /** Leaves no more names than are kept. Returns how many counts went to the row of the others. */
  trim(): number
  /** Takes all of another in, row by row. */
  merge(from: BreakdownTable): CooperativeTask<void>
  /** Writes it row by row, with no more names than are kept. Nothing may be counted before that is done. */
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
): BreakdownTable {
  const arena = createRankArena()

  function rowFor(name: string): BreakdownRow {
    const known = rows.get(name)
    if (known) return known
    const row = emptyRow(arena)
    rows.set(name, row)
    return row
  }

  // The events of a batch are mostly of one visitor, with one country, device and so on.
  let lastName: string | undefined
  let lastVisitor: Hash | undefined
  let lastRow: BreakdownRow = other

  function trim(): number {
    if (rows.size <= maxRows) return 0
    // A row that went must not be counted on.
    lastVisitor = undefined
    const before = other.count
    for (const [name, row] of rank(rows).slice(maxRows)) {
      rows.delete(name)
      mergeRow(other, row)
    }
    return other.count - before
  }

  const trimWhenFull = (): number => (rows.size > 2 * maxRows ? trim() : 0)

  return {
    rows,
    other,
    get isEmpty() {
      return rows.size === 0 && other.count === 0
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
    rowFor,
    trimWhenFull,
    trim,
    *merge(from) {
      mergeRow(other, from.other)
      for (const [name, row] of from.rows) {
        mergeRow(rowFor(name), row)
        yield
      }
      trimWhenFull()
    },
    *write(writer) {
      const ranked = rows.size > maxRows ? rank(rows) : [...rows]
      const rest = ranked.slice(maxRows).map(([, row]) => row)
      const kept = ranked.slice(0, maxRows)
      writeRow(rest.length > 0 ? sumRows([other, ...rest]) : other, writer)
      writer.uint(kept.length)
      // By name, so that the same counts are the same bytes whichever came first.
      for (const [name, row] of kept.toSorted(([a], [b]) => compareText(a, b))) {
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
