import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { createExactSum } from './exact-sum.ts'
import { ManyValues } from './many-values.ts'

/** The most values that are kept as they are. */
const maxFew = 16

/** The largest magnitude of a value. */
const largestValue = 2 ** 53

const none: readonly number[] = []

/** All of it is 0 where there are no values. */
export interface ValueSummary {
  count: number
  /** Rounded once, whatever the order of the values. */
  sum: number
  mean: number
  min: number
  max: number
  /** The nearest rank: the value of rank ⌈count · 0.5⌉ in ascending order, counted from 1; and so on. */
  p50: number
  p90: number
  p95: number
  p99: number
}

/**
 * What there is to say about many numbers, in bounded memory. Count, least and greatest are exact, and the
 * sum is rounded once. Quantiles are exact of up to 16 values, then at most 1 % from the value of their
 * rank; what is lost is that a value more than 6 · 10^17 times smaller than the largest of its sign counts
 * as the smallest that is not, and one below 1.1 · 10^−308 as 0. It is a function of the values alone:
 * whatever the order in which they came, and however they were split, the merged summary and bytes are
 * the same.
 */
export class ValueSketch {
  /** Ascending, and all there are as long as there is nothing else. */
  #few: readonly number[] = none
  #many: ManyValues | undefined

  /** Whether it was taken: NaN, and what is beyond ±2^53, is not. */
  add(value: number): boolean {
    if (!(Math.abs(value) <= largestValue)) return false
    // There is but one zero, so that the same values are the same bytes.
    const added = value === 0 ? 0 : value
    if (this.#many) this.#many.add(added)
    else this.#keep(insert(this.#few, added))
    return true
  }

  /** Takes in all values of another. */
  merge(other: ValueSketch): void {
    if (other.#many) this.#toMany().merge(other.#many)
    else for (const value of other.#few) this.add(value)
  }

  summary(): ValueSummary {
    const values = this.#many ?? new FewValues(this.#few)
    const { count, sum, min, max } = values
    // The nearest rank: the least value that so many of a hundred are not above.
    const quantile = (percent: number): number =>
      values.at(Math.max(0, Math.ceil((count * percent) / 100) - 1))
    return {
      count,
      sum,
      // Rounding takes the mean of equal values beside them.
      mean: count === 0 ? 0 : Math.min(Math.max(sum / count, min), max),
      min,
      max,
      p50: quantile(50),
      p90: quantile(90),
      p95: quantile(95),
      p99: quantile(99),
    }
  }

  write(writer: ByteWriter): void {
    writer.uint(this.#many?.count ?? this.#few.length)
    if (this.#many) this.#many.write(writer)
    else for (const value of this.#few) writer.float(value)
  }

  /** @throws {RangeError} when the bytes are not such as `write` writes */
  static read(reader: ByteReader): ValueSketch {
    const sketch = new ValueSketch()
    const count = reader.uint()
    if (count > maxFew) {
      sketch.#many = ManyValues.read(reader, count)
      return sketch
    }
    for (let left = count; left > 0; left--) {
      const value = reader.float()
      if (!sketch.add(value)) throw new RangeError(`${value} is not a value.`)
    }
    return sketch
  }

  #keep(values: readonly number[]): void {
    this.#few = values
    if (values.length > maxFew) this.#toMany()
  }

  #toMany(): ManyValues {
    this.#many ??= new ManyValues(this.#few)
    this.#few = none
    return this.#many
  }
}

export function createValueSketch(): ValueSketch {
  return new ValueSketch()
}

/** @throws {RangeError} when the bytes are not such as `write` writes */
export function readValueSketch(reader: ByteReader): ValueSketch {
  return ValueSketch.read(reader)
}

/** A few values in ascending order, described as `ManyValues` describes many; where there are none, by 0. */
class FewValues {
  readonly #values: readonly number[]

  constructor(values: readonly number[]) {
    this.#values = values
  }

  get count(): number {
    return this.#values.length
  }

  get sum(): number {
    const sum = createExactSum()
    for (const value of this.#values) sum.add(value)
    return sum.value()
  }

  get min(): number {
    return this.at(0)
  }

  get max(): number {
    return this.at(this.count - 1)
  }

  at(rank: number): number {
    return this.#values[rank] ?? 0
  }
}

/** A copy, as an array that is added to in its place has room for many more. */
function insert(values: readonly number[], value: number): readonly number[] {
  const at = values.findIndex(other => other > value)
  return values.toSpliced(at === -1 ? values.length : at, 0, value)
}
