import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'

/** From the highest key down; what would be below is counted in the lowest bin. */
const maxBins = 2048

/**
 * How many there are of each key: the store of a DDSketch that collapses its lowest bins. Where they end
 * depends on the highest key alone, and what was counted in a lowest bin is never below a later one, so
 * the bins do not depend on the order of the keys. Bins that are empty take no memory.
 */
export class Bins {
  /** Ascending, with the count of each at the same place. */
  #keys: number[] = []
  #counts: number[] = []
  #total = 0

  get total(): number {
    return this.#total
  }

  add(key: number, count = 1): void {
    const kept = Math.max(key, lowestBeside(this.#keys.at(-1) ?? key))
    const at = this.#find(kept)
    this.#total += count
    if (this.#keys[at] === kept) {
      this.#counts[at] = (this.#counts[at] ?? 0) + count
      return
    }
    this.#keys.splice(at, 0, kept)
    this.#counts.splice(at, 0, count)
    if (at === this.#keys.length - 1) this.#collapse(lowestBeside(kept))
  }

  merge(other: Bins): void {
    for (const [at, key] of other.#keys.entries()) this.add(key, other.#counts[at])
  }

  /** The key of the item that `rank` others come before, when all are in the order of their keys. */
  keyAt(rank: number): number {
    let before = 0
    for (const [at, key] of this.#keys.entries()) {
      before += this.#counts[at] ?? 0
      if (rank < before) return key
    }
    throw new RangeError(`There is no item of rank ${rank}.`)
  }

  write(writer: ByteWriter): void {
    writer.uint(this.#keys.length)
    let before = 0
    for (const [at, key] of this.#keys.entries()) {
      writer.int(key - before)
      writer.uint(this.#counts[at] ?? 0)
      before = key
    }
  }

  /** @throws {RangeError} when the bytes are not such as `write` writes */
  static read(reader: ByteReader): Bins {
    const bins = new Bins()
    let key = 0
    for (let left = reader.uint(); left > 0; left--) {
      const step = reader.int()
      const count = reader.uint()
      const isFirst = bins.#keys.length === 0
      if (count === 0 || (step <= 0 && !isFirst)) throw new RangeError('A bin is wrong.')
      key += step
      bins.add(key, count)
    }
    return bins
  }

  /** The place of the first bin with this key or a higher one. */
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

  /** Counts all that is below the lowest key in its bin. */
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

function lowestBeside(highest: number): number {
  return highest - maxBins + 1
}
