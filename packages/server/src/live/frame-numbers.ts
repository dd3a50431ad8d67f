/** The numbers of the frames of one stream. */
export interface FrameNumbers {
  /** The last number; before the first frame, the number of the first state. */
  readonly last: number
  /** Takes the next number. */
  next(): number
  /** Returns whether a number up to the last one belongs to this stream. Old numbers are forgotten. */
  has(seq: number): boolean
}

/** Most ranges of numbers that a stream remembers. A stream without siblings has one. */
const maxRanges = 4096

/**
 * Creates the counter of a site, and returns the function that numbers one more stream. No number belongs to two
 * streams, so a cursor of one never stands for a state of another. The first stream starts at 0.
 */
export function createFrameCounter(): () => FrameNumbers {
  let last = -1
  return () => {
    const ranges = [{ first: ++last, last }]

    function current(): { first: number; last: number } {
      return ranges.at(-1) ?? { first: last, last }
    }

    return {
      get last() {
        return current().last
      },
      next() {
        const seq = ++last
        const range = current()
        if (range.last === seq - 1) range.last = seq
        else if (ranges.push({ first: seq, last: seq }) > maxRanges) ranges.shift()
        return seq
      },
      has: seq => (ranges.findLast(({ first }) => first <= seq)?.last ?? -1) >= seq,
    }
  }
}
