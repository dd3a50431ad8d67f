import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { Hash } from '../sketch/hash.ts'
import { HyperLogLog } from '../sketch/hyper-log-log.ts'
import { rowPrecision } from './breakdown.ts'
import { ValueAggregate } from './value-aggregate.ts'

/** Events with one value of a property: their number, visitors and the values of the events that have one. */
export interface PropertyRow {
  count: number
  readonly visitors: HyperLogLog
  /** Aggregate of `value` of the events; `undefined` without any. */
  values: ValueAggregate | undefined
  /** Visitor of the event that was counted last. */
  lastVisitor: Hash | undefined
}

/**
 * Events by the value of one property. As in `BreakdownTable`, the names with the highest counts have rows, and `other`
 * has the exact sum of all others.
 */
export class PropertyTable {
  readonly rows: Map<string, PropertyRow> = new Map()
  readonly other: PropertyRow = createRow()
  readonly #maxRows: number

  constructor(maxRows: number) {
    this.#maxRows = maxRows
  }

  /** Counts an event. Returns the number of counts that moved to `other` to make room. */
  add(name: string, visitor: Hash, value: number | undefined, at: number): number {
    const row = this.rows.get(name) ?? this.#addRow(name)
    row.count++
    // Most events of a batch have the same visitor.
    if (row.lastVisitor !== visitor) {
      row.visitors.add(visitor)
      row.lastVisitor = visitor
    }
    if (value !== undefined) (row.values ??= new ValueAggregate()).add(value, at)
    return this.rows.size > 2 * this.#maxRows ? this.trim() : 0
  }

  /** Keeps the names with the highest counts. Returns the number of counts that moved to `other`. */
  trim(): number {
    if (this.rows.size <= this.#maxRows) return 0
    const before = this.other.count
    for (const [name, row] of rankProperties(this.rows).slice(this.#maxRows)) {
      this.rows.delete(name)
      mergeRow(this.other, row)
    }
    return this.other.count - before
  }

  /** Returns the sum of all rows, as a copy. */
  sum(): PropertyRow {
    const sum = createRow()
    for (const row of [this.other, ...this.rows.values()]) mergeRow(sum, row)
    return sum
  }

  write(writer: ByteWriter): void {
    const ranked = rankProperties(this.rows)
    const top = ranked.slice(0, this.#maxRows)
    const rest = createRow()
    mergeRow(rest, this.other)
    for (const [, row] of ranked.slice(this.#maxRows)) mergeRow(rest, row)
    writeRow(rest, writer)
    writer.uint(top.length)
    // By name, so that equal counts have equal bytes in any order of arrival.
    for (const [name, row] of top.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      writer.text(name)
      writeRow(row, writer)
    }
  }

  /** Adds the counts in the bytes of `write`. */
  merge(reader: ByteReader): void {
    mergeRow(this.other, readRow(reader))
    for (let remaining = reader.uint(); remaining > 0; remaining--) {
      const name = reader.text()
      mergeRow(this.rows.get(name) ?? this.#addRow(name), readRow(reader))
    }
    if (this.rows.size > 2 * this.#maxRows) this.trim()
  }

  /** Adds the counts of another table, which stays as it is. */
  mergeTable(from: PropertyTable): void {
    mergeRow(this.other, from.other)
    for (const [name, row] of from.rows) mergeRow(this.rows.get(name) ?? this.#addRow(name), row)
    if (this.rows.size > 2 * this.#maxRows) this.trim()
  }

  #addRow(name: string): PropertyRow {
    const row = createRow()
    this.rows.set(name, row)
    return row
  }
}

/** Sorts rows by descending count, then by name. */
export function rankProperties(
  rows: ReadonlyMap<string, PropertyRow>,
): [name: string, row: PropertyRow][] {
  return [...rows].toSorted(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
}

function createRow(): PropertyRow {
  return {
    count: 0,
    visitors: new HyperLogLog(rowPrecision),
    values: undefined,
    lastVisitor: undefined,
  }
}

export function mergeRow(into: PropertyRow, from: PropertyRow): void {
  into.count += from.count
  into.visitors.merge(from.visitors)
  if (from.values) (into.values ??= new ValueAggregate()).merge(from.values)
}

function writeRow({ count, visitors, values }: PropertyRow, writer: ByteWriter): void {
  writer.uint(count)
  visitors.write(writer)
  writer.uint(values ? 1 : 0)
  values?.write(writer)
}

function readRow(reader: ByteReader): PropertyRow {
  return {
    count: reader.uint(),
    visitors: HyperLogLog.read(reader),
    values: reader.uint() === 1 ? ValueAggregate.read(reader) : undefined,
    lastVisitor: undefined,
  }
}
