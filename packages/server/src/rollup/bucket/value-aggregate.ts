import type { ValueStats } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { ValueSketch } from '../sketch/quantiles.ts'

/**
 * Aggregates values with their times in bounded memory: a sketch, and the latest value. `last` depends on order only
 * among values with the same time. Additions and merges must therefore be in order of arrival within a millisecond.
 */
export class ValueAggregate {
  #sketch = new ValueSketch()
  #last = 0
  /** Time of `#last`, in milliseconds since 1970; −1 without values. */
  #lastAt = -1

  /**
   * Adds a value. A value that is NaN or beyond ±2^53 is ignored.
   * @param at time of the value, in whole milliseconds since 1970
   */
  add(value: number, at: number): void {
    // Replaces −0 by 0, as the sketch does.
    if (this.#sketch.add(value)) this.#setLast(value === 0 ? 0 : value, at)
  }

  /** Adds all values of another aggregate. At equal times, the values of `other` count as later. */
  merge(other: ValueAggregate): void {
    this.#sketch.merge(other.#sketch)
    this.#setLast(other.#last, other.#lastAt)
  }

  /** Returns the summary of all values. All fields are 0 without values. */
  summary(): ValueStats {
    return { ...this.#sketch.summary(), last: this.#last }
  }

  write(writer: ByteWriter): void {
    writer.int(this.#lastAt)
    writer.float(this.#last)
    this.#sketch.write(writer)
  }

  /** @throws {RangeError} when the bytes are not in the format of `write` */
  static read(reader: ByteReader): ValueAggregate {
    const aggregate = new ValueAggregate()
    aggregate.#lastAt = reader.int()
    aggregate.#last = reader.float()
    aggregate.#sketch = ValueSketch.read(reader)
    return aggregate
  }

  #setLast(value: number, at: number): void {
    if (at < this.#lastAt) return
    this.#last = value
    this.#lastAt = at
  }
}
