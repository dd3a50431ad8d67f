import { DDSketch } from '@datadog/sketches-js'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { memoizeLast } from '../../shared/memoize-last.ts'
import { Bins } from './bins.ts'
import { ExactSum } from './exact-sum.ts'

/** Maps a magnitude to its bin, and a bin to a magnitude at most 1 % from every magnitude in it. */
const { mapping } = new DDSketch({ relativeAccuracy: 0.01 })
/** Memoized, because the value of an event counts by its name and by each of its properties. */
const keyOf = memoizeLast((magnitude: number) => mapping.key(magnitude))

/**
 * A DDSketch of values (Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error
 * guarantees", 2019) with exact count, sum, minimum and maximum.
 *
 * Only the mapping is from the library. The library's `merge` drops negative values (sketches-js #22), its collapsing
 * store sometimes counts a bin twice, and its bins take 2 KB for the first value.
 */
export class ManyValues {
  /** Counts by the key of the magnitude. */
  #negative = new Bins()
  #positive = new Bins()
  #zeros = 0
  #sum = new ExactSum()
  #min = Infinity
  #max = -Infinity

  constructor(values: readonly number[] = []) {
    for (const value of values) this.add(value)
  }

  get count(): number {
    return this.#negative.total + this.#zeros + this.#positive.total
  }

  get sum(): number {
    return this.#sum.value()
  }

  get min(): number {
    return this.#min
  }

  get max(): number {
    return this.#max
  }

  add(value: number): void {
    const magnitude = Math.abs(value)
    if (magnitude <= mapping.minPossible) this.#zeros++
    else if (value < 0) this.#negative.add(keyOf(magnitude))
    else this.#positive.add(keyOf(magnitude))
    this.#sum.add(value)
    this.#min = Math.min(this.#min, value)
    this.#max = Math.max(this.#max, value)
  }

  merge(other: ManyValues): void {
    this.#negative.merge(other.#negative)
    this.#positive.merge(other.#positive)
    this.#zeros += other.#zeros
    this.#sum.merge(other.#sum)
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
  }

  /** Returns an estimate of the value with a rank, counted from 0 in ascending order. */
  valueAt(rank: number): number {
    return Math.min(Math.max(this.#estimate(rank), this.#min), this.#max)
  }

  /** Writes everything except the count, which `read` needs as a parameter. */
  write(writer: ByteWriter): void {
    writer.float(this.#min)
    writer.float(this.#max)
    this.#sum.write(writer)
    this.#negative.write(writer)
    this.#positive.write(writer)
  }

  /** @throws {RangeError} when the bytes are not in the format of `write`, or have more values than `count` */
  static read(reader: ByteReader, count: number): ManyValues {
    const values = new ManyValues()
    values.#min = reader.float()
    values.#max = reader.float()
    values.#sum = ExactSum.read(reader)
    values.#negative = Bins.read(reader)
    values.#positive = Bins.read(reader)
    values.#zeros = count - values.#negative.total - values.#positive.total
    if (values.#zeros < 0)
      throw new RangeError(`A sketch of ${count} values has more values in its bins.`)
    return values
  }

  #estimate(rank: number): number {
    const negative = this.#negative.total
    // The smallest negative value has the largest magnitude.
    if (rank < negative) return -mapping.value(this.#negative.keyAt(negative - 1 - rank))
    if (rank < negative + this.#zeros) return 0
    return mapping.value(this.#positive.keyAt(rank - negative - this.#zeros))
  }
}
