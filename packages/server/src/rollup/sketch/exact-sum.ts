import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'

/** Largest term. Any order of fewer than 2^53 such terms stays within the range of doubles. */
const largestTerm = 2 ** 970
const largestSum = 2 ** 1023

/**
 * Exact sum of doubles. Only its result is rounded, so the result does not depend on the order of the terms. The sum
 * is an expansion: a few doubles in ascending order that do not overlap (Shewchuk, "Adaptive precision floating-point
 * arithmetic and fast robust geometric predicates", 1997; Python's `math.fsum` uses it too). Sums of whole numbers
 * below 2^53 have one part.
 */
export class ExactSum {
  #parts: number[] = []

  /** @throws {RangeError} when a value is beyond ±2^970 or is NaN */
  add(value: number): void {
    if (!(Math.abs(value) <= largestTerm))
      throw new RangeError(`${value} is not a number between -2^970 and 2^970.`)
    addTo(this.#parts, value)
  }

  merge(other: ExactSum): void {
    // A copy, because `other` may be this sum.
    for (const part of other.#parts.slice()) addTo(this.#parts, part)
  }

  /** Returns the double nearest to the sum, ties to even. Never −0. */
  value(): number {
    return round(this.#parts)
  }

  /**
   * Writes the canonical expansion: each part is the double nearest to the rest of the sum. The expansion in memory
   * depends on the order of the terms.
   */
  write(writer: ByteWriter): void {
    const rest = this.#parts.slice()
    const parts: number[] = []
    for (let part = round(rest); part !== 0; part = round(rest)) {
      parts.push(part)
      addTo(rest, -part)
    }
    writer.uint(parts.length)
    for (const part of parts) writer.float(part)
  }

  /** @throws {RangeError} when the bytes are not in the format of `write` */
  static read(reader: ByteReader): ExactSum {
    const sum = new ExactSum()
    let largest = largestSum
    for (let remaining = reader.uint(); remaining > 0; remaining--) {
      const part = reader.float()
      if (!(Math.abs(part) <= largest))
        throw new RangeError(`Part ${part} of a sum is larger than ${largest}.`)
      addTo(sum.#parts, part)
      largest = Math.abs(part) / 2
    }
    return sum
  }
}

export function createExactSum(): ExactSum {
  return new ExactSum()
}

export function readExactSum(reader: ByteReader): ExactSum {
  return ExactSum.read(reader)
}

/** Adds a value to an expansion, from the smallest part up. The error of each addition replaces the part. */
function addTo(parts: number[], value: number): void {
  let carry = value
  let length = 0
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? 0
    const sum = carry + part
    const error = errorOf(sum, carry, part)
    if (error !== 0) parts[length++] = error
    carry = sum
  }
  if (carry !== 0) parts[length++] = carry
  // A shorter length reallocates the array, so it is not set for each of many whole numbers.
  if (parts.length > length) parts.length = length
}

/** Returns the exact rounding error of a sum of two doubles. */
function errorOf(sum: number, a: number, b: number): number {
  return Math.abs(a) < Math.abs(b) ? a - (sum - b) : b - (sum - a)
}

/** Returns the double nearest to the sum of an expansion. */
function round(parts: readonly number[]): number {
  let sum = 0
  for (let index = parts.length - 1; index >= 0; index--) {
    const larger = sum
    const part = parts[index] ?? 0
    sum = larger + part
    const error = errorOf(sum, larger, part)
    if (error !== 0) return roundTie(sum, error, parts[index - 1] ?? 0)
  }
  return sum
}

/** Corrects a sum that was rounded from a tie to even, when the parts below point in the other direction. */
function roundTie(sum: number, error: number, below: number): number {
  if (below === 0 || error < 0 !== below < 0) return sum
  const next = sum + 2 * error
  return next - sum === 2 * error ? next : sum
}
