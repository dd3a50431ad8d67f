import { DDSketch } from '@datadog/sketches-js'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { Bins } from './bins.ts'
import { ExactSum } from './exact-sum.ts'

/** Which bin a magnitude is in, and which magnitude is for all in it: at most 1 % from any of them. */
const { mapping } = new DDSketch({ relativeAccuracy: 0.01 })

/**
 * Values as DDSketch has them (Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch
 * with relative-error guarantees", 2019), with their exact count, sum, least and greatest.
 *
 * Of the library there is the mapping alone. Its `merge` leaves out what is negative (sketches-js #22),
 * its collapsing store at times counts a bin twice, and its bins take 2 KB for the first value.
 */
export class ManyValues {
  /** By the key of their magnitude. */
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
    else if (value < 0) this.#negative.add(mapping.key(magnitude))
    else this.#positive.add(mapping.key(magnitude))
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

  /** About the value that `rank` others come before in ascending order. */
  at(rank: number): number {
    return Math.min(Math.max(this.#estimate(rank), this.#min), this.#max)
  }

  /** All but the count, which a reader has to know. */
  write(writer: ByteWriter): void {
    writer.float(this.#min)
    writer.float(this.#max)
    this.#sum.write(writer)
    this.#negative.write(writer)
    this.#positive.write(writer)
  }

  /** @throws {RangeError} when the bytes are not such as `write` writes of that many values */
  static read(reader: ByteReader, count: number): ManyValues {
    const read = new ManyValues()
    read.#min = reader.float()
    read.#max = reader.float()
    read.#sum = ExactSum.read(reader)
    read.#negative = Bins.read(reader)
    read.#positive = Bins.read(reader)
    read.#zeros = count - read.#negative.total - read.#positive.total
    if (read.#zeros < 0) throw new RangeError('There are more values than are counted.')
    return read
  }

  #estimate(rank: number): number {
    const negative = this.#negative.total
    // The least of what is negative has the greatest magnitude.
    if (rank < negative) return -mapping.value(this.#negative.keyAt(negative - 1 - rank))
    if (rank < negative + this.#zeros) return 0
    return mapping.value(this.#positive.keyAt(rank - negative - this.#zeros))
  }
}
