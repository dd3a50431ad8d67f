import type { Hash } from '../hash.ts'
import { createHyperLogLog } from '../hyper-log-log.ts'

export interface CountErrorOptions {
  precisions: readonly number[]
  /** How many distinct items, ascending. */
  sizes: readonly number[]
  /** How many times, with other items each time. */
  streams: number
  hashOf(stream: number, item: number): Hash
}

/**
 * By how much counts are wrong: for each precision, at each size, the root of the mean square of the
 * relative error. All sketches are given the same items, as these take the longest to make.
 */
export function measureCountErrors({
  precisions,
  sizes,
  streams,
  hashOf,
}: CountErrorOptions): number[][] {
  const squares = precisions.map(() => sizes.map(() => 0))
  for (let stream = 0; stream < streams; stream++) {
    const sketches = precisions.map(precision => createHyperLogLog(precision))
    let added = 0
    for (const [at, size] of sizes.entries()) {
      for (; added < size; added++) {
        const hash = hashOf(stream, added)
        for (const sketch of sketches) sketch.add(hash)
      }
      for (const [of, sketch] of sketches.entries()) {
        const row = squares[of] ?? []
        row[at] = (row[at] ?? 0) + (sketch.count() / size - 1) ** 2
      }
    }
  }
  return squares.map(row => row.map(sum => Math.sqrt(sum / streams)))
}
