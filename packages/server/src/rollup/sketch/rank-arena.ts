/**
 * Memory for the registers of many sketches, a byte each, in a few large arrays. The sketches share the arrays'
 * headers, which therefore stay in the processor's cache.
 */
export interface RankArena {
  /** Allocates ranks of 0, which are never released. `length` is a multiple of 16. */
  allocate(length: number): Ranks
}

export interface Ranks {
  readonly array: Uint8Array
  /** Index of the first rank in `array`. */
  readonly start: number
}

/** Largest array. Each array is twice as large as the previous one, up to this size, to limit unused memory. */
const maxArrayBytes = 128 * 1024

export function createRankArena(): RankArena {
  let array = new Uint8Array(0)
  let used = 0
  return {
    allocate(length) {
      if (used + length > array.length) {
        array = new Uint8Array(Math.max(length, Math.min(2 * array.length, maxArrayBytes)))
        used = 0
      }
      const start = used
      used += length
      return { array, start }
    },
  }
}
