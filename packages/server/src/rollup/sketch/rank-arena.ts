/**
 * Where the registers of many sketches are, a byte each: a few large arrays, as what a processor reads of an array
 * before it reads an element is then the same for all of them, and at hand.
 */
export interface RankArena {
  /** Room for so many ranks, all 0; it is the sketch's for good. Their number is a multiple of 16. */
  allocate(length: number): Ranks
}

export interface Ranks {
  readonly array: Uint8Array
  /** Where they begin in it. */
  readonly start: number
}

/** Each array has room for twice as much as the one before, up to this. Larger ones would be pages that nobody needs. */
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
