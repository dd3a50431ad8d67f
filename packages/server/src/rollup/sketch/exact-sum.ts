import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'

/** Fewer than 2^53 terms of this size stay within the range of doubles, whichever come first. */
const largestTerm = 2 ** 970
const largestSum = 2 ** 1023

/**
 * A sum of doubles without any rounding but that of its result, so that it does not depend on the order
 * of its terms. It keeps an expansion: a few doubles that do not overlap, whose exact sum it is, in
 * ascending order (Shewchuk, "Adaptive precision floating-point arithmetic and fast robust geometric
 * predicates", 1997; so does `math.fsum` of Python). Whole numbers below 2^53 need one of them.
 */
export class ExactSum {
  #parts: number[] = []

  /** @throws {RangeError} when a value is beyond ±2^970 or is NaN */
  add(value: number): void {
    if (!(Math.abs(value) <= largestTerm)) throw new RangeError(`${value} cannot be summed.`)
    addTo(this.#parts, value)
  }

  merge(other: ExactSum): void {
    // A copy, as the other one may be this one.
    for (const part of other.#parts.slice()) addTo(this.#parts, part)
  }

  /** The double that is nearest to the sum, ties to even. Never −0. */
  value(): number {
    return round(this.#parts)
  }

  /**
   * Writes the one expansion whose every part is the nearest double to what is left; what is kept may be
   * one of many, as the terms came.
   */
  write(writer: ByteWriter): void {
    const left = this.#parts.slice()
    const parts: number[] = []
    for (let part = round(left); part !== 0; part = round(left)) {
      parts.push(part)
      addTo(left, -part)
    }
    writer.uint(parts.length)
    for (const part of parts) writer.float(part)
  }

  /** @throws {RangeError} when the bytes are not such as `write` writes */
  static read(reader: ByteReader): ExactSum {
    const sum = new ExactSum()
    let largest = largestSum
    for (let left = reader.uint(); left > 0; left--) {
      const part = reader.float()
      if (!(Math.abs(part) <= largest)) throw new RangeError(`${part} cannot be part of a sum.`)
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

/** Adds a value to an expansion: from the smallest part up, each with the error of its sum in its place. */
function addTo(parts: number[], value: number): void {
  let carry = value
  let length = 0
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] ?? 0
    const sum = carry + part
    const error = errorOf(sum, carry, part)
    if (error !== 0) parts[length++] = error
    carry = sum
  }
  if (carry !== 0) parts[length++] = carry
  // An array that is made shorter gives up its memory, so not for each of many whole numbers.
  if (parts.length > length) parts.length = length
}

/** What the rounding of a sum lost, exactly. */
function errorOf(sum: number, a: number, b: number): number {
  return Math.abs(a) < Math.abs(b) ? a - (sum - b) : b - (sum - a)
}

/** The nearest double to what an expansion sums to. */
function round(parts: readonly number[]): number {
  let sum = 0
  for (let at = parts.length - 1; at >= 0; at--) {
    const larger = sum
    const part = parts[at] ?? 0
    sum = larger + part
    const error = errorOf(sum, larger, part)
    if (error !== 0) return roundTie(sum, error, parts[at - 1] ?? 0)
  }
  return sum
}

/** A sum that was rounded half way to even is one further off, if what is below it points the other way. */
function roundTie(sum: number, error: number, below: number): number {
  if (below === 0 || error < 0 !== below < 0) return sum
  const next = sum + 2 * error
  return next - sum === 2 * error ? next : sum
}
