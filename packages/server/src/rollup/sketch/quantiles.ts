import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { createExactSum } from './exact-sum.ts'
import { ManyValues } from './many-values.ts'

/** Most values that are stored exactly. */
const maxFew = 16

/** Largest magnitude of a value. */
const largestValue = 2 ** 53

const none: readonly number[] = []

/** Summary of values. All fields are 0 without values. */
export interface ValueSummary {
  count: number
  /** Exact sum, rounded once. It does not depend on the order of the values. */
  sum: number
  mean: number
  min: number
  max: number
  /** Quantiles by nearest rank: p50 is the value of rank ⌈count · 0.5⌉, counted from 1 in ascending order. */
  p50: number
  p75: number
  p90: number
  p95: number
  p99: number
}

/**
 * Summarizes values in bounded memory. Count, minimum and maximum are exact, and the sum is rounded once. Quantiles are
 * exact for up to 16 values, then at most 1 % from the value of their rank. Very small magnitudes are less precise: a
 * value more than 6 · 10^17 times smaller than the largest of its sign counts as that limit, and a magnitude below
 * 1.1 · 10^−308 as 0. Summary and bytes depend only on the values: not on their order, nor on how they were split and
 * merged.
 */
export class ValueSketch {
  /** All values in ascending order, until there are too many. */
  #few: readonly number[] = none
  #many: ManyValues | undefined

  /** Adds a value. Returns false and ignores it when it is NaN or beyond ±2^53. */
  add(value: number): boolean {
    if (!(Math.abs(value) <= largestValue)) return false
    // Replaces −0 by 0, so that equal values have equal bytes.
    const added = value === 0 ? 0 : value
    if (this.#many) this.#many.add(added)
    else this.#setFew(insert(this.#few, added))
    return true
  }

  /** Adds all values of another sketch. */
  merge(other: ValueSketch): void {
    if (other.#many) this.#toMany().merge(other.#many)
    else for (const value of other.#few) this.add(value)
  }

  summary(): ValueSummary {
    const values = this.#many ?? new FewValues(this.#few)
    const { count, sum, min, max } = values
    // Nearest rank: the smallest value that at least `percent` of the values do not exceed.
    const quantile = (percent: number): number =>
      values.valueAt(Math.max(0, Math.ceil((count * percent) / 100) - 1))
    return {
      count,
      sum,
      // Rounding can move the mean of equal values outside their range.
      mean: count === 0 ? 0 : Math.min(Math.max(sum / count, min), max),
      min,
      max,
      p50: quantile(50),
      p75: quantile(75),
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

  /** @throws {RangeError} when the bytes are not in the format of `write` */
  static read(reader: ByteReader): ValueSketch {
    const sketch = new ValueSketch()
    const count = reader.uint()
    if (count > maxFew) {
      sketch.#many = ManyValues.read(reader, count)
      return sketch
    }
    for (let remaining = count; remaining > 0; remaining--) {
      const value = reader.float()
      if (!sketch.add(value))
        throw new RangeError(`${value} is not a number between -2^53 and 2^53.`)
    }
    return sketch
  }

  #setFew(values: readonly number[]): void {
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

/** @throws {RangeError} when the bytes are not in the format of `write` */
export function readValueSketch(reader: ByteReader): ValueSketch {
  return ValueSketch.read(reader)
}

/** A few values in ascending order, with the accessors of `ManyValues`. All are 0 without values. */
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
    return this.valueAt(0)
  }

  get max(): number {
    return this.valueAt(this.count - 1)
  }

  valueAt(rank: number): number {
    return this.#values[rank] ?? 0
  }
}

/** Returns a copy with one more value. An insertion in place would reserve spare capacity. */
function insert(values: readonly number[], value: number): readonly number[] {
  const index = values.findIndex(other => other > value)
  return values.toSpliced(index === -1 ? values.length : index, 0, value)
}
