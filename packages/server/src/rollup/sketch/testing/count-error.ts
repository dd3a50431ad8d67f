import type { Hash } from '../hash.ts'
import { createHyperLogLog } from '../hyper-log-log.ts'

export interface CountErrorOptions {
  precisions: readonly number[]
  /** Numbers of distinct items at which to measure, ascending. */
  sizes: readonly number[]
  /** Number of repetitions with different items. */
  streams: number
  hashOf(stream: number, item: number): Hash
}

/**
 * Measures the root mean square of the relative error of counts, by precision and size. All sketches of a stream count
 * the same items, because hashing takes most of the time.
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
    for (const [sizeIndex, size] of sizes.entries()) {
      for (; added < size; added++) {
        const hash = hashOf(stream, added)
        for (const sketch of sketches) sketch.add(hash)
      }
      for (const [sketchIndex, sketch] of sketches.entries()) {
        const row = squares[sketchIndex] ?? []
        row[sizeIndex] = (row[sizeIndex] ?? 0) + (sketch.count() / size - 1) ** 2
      }
    }
  }
  return squares.map(row => row.map(sum => Math.sqrt(sum / streams)))
}
