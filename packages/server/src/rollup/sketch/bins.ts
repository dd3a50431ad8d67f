import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'

/** Number of keys from the highest one down that have bins. Lower keys count in the lowest bin. */
const maxBins = 2048

/**
 * Counts by key: the store of a DDSketch that collapses its lowest bins. The lowest bin depends only on the highest
 * key, and a collapsed bin is never below a later lowest bin. The bins thus do not depend on the order of the keys.
 * Empty bins take no memory.
 */
export class Bins {
  /** Ascending keys. The count of each key has the same index. */
  #keys: number[] = []
  #counts: number[] = []
  #total = 0

  get total(): number {
    return this.#total
  }

  add(key: number, count = 1): void {
    const binKey = Math.max(key, lowestBelow(this.#keys.at(-1) ?? key))
    const index = this.#find(binKey)
    this.#total += count
    if (this.#keys[index] === binKey) {
      this.#counts[index] = (this.#counts[index] ?? 0) + count
      return
    }
    this.#keys.splice(index, 0, binKey)
    this.#counts.splice(index, 0, count)
    if (index === this.#keys.length - 1) this.#collapse(lowestBelow(binKey))
  }

  merge(other: Bins): void {
    for (const [index, key] of other.#keys.entries()) this.add(key, other.#counts[index])
  }

  /** Returns the key of the item with a rank, counted from 0 in ascending order of keys. */
  keyAt(rank: number): number {
    let before = 0
    for (const [index, key] of this.#keys.entries()) {
      before += this.#counts[index] ?? 0
      if (rank < before) return key
    }
    throw new RangeError(`Rank ${rank} is not below the number of items, ${this.#total}.`)
  }

  write(writer: ByteWriter): void {
    writer.uint(this.#keys.length)
    let before = 0
    for (const [index, key] of this.#keys.entries()) {
      writer.int(key - before)
      writer.uint(this.#counts[index] ?? 0)
      before = key
    }
  }

  /** @throws {RangeError} when the bytes are not in the format of `write` */
  static read(reader: ByteReader): Bins {
    const bins = new Bins()
    let key = 0
    for (let remaining = reader.uint(); remaining > 0; remaining--) {
      const step = reader.int()
      const count = reader.uint()
      const isFirst = bins.#keys.length === 0
      if (count === 0 || (step <= 0 && !isFirst))
        throw new RangeError(`A bin has step ${step} and count ${count}; both must be positive.`)
      key += step
      bins.add(key, count)
    }
    return bins
  }

  /** Returns the index of the first bin with this key or a higher one. */
  #find(key: number): number {
    let from = 0
    let to = this.#keys.length
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.#keys[middle] ?? 0) < key) from = middle + 1
      else to = middle
    }
    return from
  }

  /** Moves all counts below the lowest key into its bin. */
  #collapse(lowest: number): void {
    const below = this.#find(lowest)
    if (below === 0) return
    const count = this.#counts.slice(0, below).reduce((sum, each) => sum + each)
    this.#keys.splice(0, below)
    this.#counts.splice(0, below)
    this.#total -= count
    this.add(lowest, count)
  }
}

function lowestBelow(highest: number): number {
  return highest - maxBins + 1
}
