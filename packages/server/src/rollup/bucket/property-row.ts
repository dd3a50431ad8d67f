import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { Hash } from '../sketch/hash.ts'
import { HyperLogLog } from '../sketch/hyper-log-log.ts'
import { rowPrecision } from './breakdown.ts'
import { ValueAggregate } from './value-aggregate.ts'

/** Events with one value of a property: their number, visitors, and the values of the events that have one. */
export class PropertyRow {
  #count = 0
  /** All visitors, once there are two. Most values of a property with many values have one visitor. */
  #visitors: HyperLogLog | undefined
  /** Visitor of the event that was counted last, or of the merged row with one visitor. */
  #lastVisitor: Hash | undefined
  #values: ValueAggregate | undefined

  get count(): number {
    return this.#count
  }

  /** Aggregate of `value` of the events; `undefined` without any. */
  get values(): ValueAggregate | undefined {
    return this.#values
  }

  countVisitors(): number {
    return this.#visitors?.count() ?? (this.#lastVisitor ? 1 : 0)
  }

  /**
   * Counts an event.
   * @param value value of the event, if it has one
   * @param at time of the event, in milliseconds since 1970
   */
  add(visitor: Hash, value: number | undefined, at: number): void {
    this.#count++
    this.#addVisitor(visitor)
    if (value !== undefined) (this.#values ??= new ValueAggregate()).add(value, at)
  }

  /** Adds the events of another row. */
  merge(other: PropertyRow): void {
    this.#count += other.#count
    if (other.#visitors) this.#toSketch().merge(other.#visitors)
    else if (other.#lastVisitor) this.#addVisitor(other.#lastVisitor)
    if (other.#values) (this.#values ??= new ValueAggregate()).merge(other.#values)
  }

  write(writer: ByteWriter): void {
    writer.uint(this.#count)
    this.#toSketch().write(writer)
    writer.uint(this.#values ? 1 : 0)
    this.#values?.write(writer)
  }

  /** @throws {RangeError} when the bytes are not in the format of `write` */
  static read(reader: ByteReader): PropertyRow {
    const row = new PropertyRow()
    row.#count = reader.uint()
    row.#visitors = HyperLogLog.read(reader)
    if (reader.uint() === 1) row.#values = ValueAggregate.read(reader)
    return row
  }

  #addVisitor(visitor: Hash): void {
    // Most events of a batch have the same visitor, and share its hash object.
    if (visitor === this.#lastVisitor) return
    if (this.#visitors) this.#visitors.add(visitor)
    else if (this.#lastVisitor) this.#toSketch().add(visitor)
    this.#lastVisitor = visitor
  }

  #toSketch(): HyperLogLog {
    if (!this.#visitors) {
      this.#visitors = new HyperLogLog(rowPrecision)
      if (this.#lastVisitor) this.#visitors.add(this.#lastVisitor)
    }
    return this.#visitors
  }
}
