import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'

/** Nibble of a rank that is at least this far above the lowest rank. The rest of the distance follows later. */
const escapeNibble = 15

/** Returns the highest rank: one more than the bits of a 64-bit hash above the register's index. */
export function highestRank(precision: number): number {
  return 65 - precision
}

/**
 * Writes the rank of every register as a nibble: the distance from the lowest rank. Ranks are close together for any
 * number of items, so fewer than one in a thousand does not fit. The rest of those distances follows, in the order of
 * the registers. HLL_4 of Apache DataSketches uses the same packing.
 */
export function writeRanks(ranks: Uint8Array, writer: ByteWriter): void {
  const lowest = lowestOf(ranks)
  const nibbles = new Uint8Array(ranks.length / 2)
  const excess: number[] = []
  for (let index = 0; index < nibbles.length; index++) {
    const first = (ranks[2 * index] ?? 0) - lowest
    const second = (ranks[2 * index + 1] ?? 0) - lowest
    if (first >= escapeNibble) excess.push(first - escapeNibble)
    if (second >= escapeNibble) excess.push(second - escapeNibble)
    nibbles[index] = Math.min(first, escapeNibble) | (Math.min(second, escapeNibble) << 4)
  }
  writer.uint(lowest)
  writer.bytes(nibbles)
  for (const distance of excess) writer.uint(distance)
}

/** Loops by index, here and below: an iterator takes many times as long, and a checkpoint has a million registers. */
function lowestOf(ranks: Uint8Array): number {
  let lowest = 255
  for (let index = 0; index < ranks.length; index++) {
    const rank = ranks[index] ?? 0
    if (rank < lowest) lowest = rank
  }
  return lowest
}

/** @throws {RangeError} when there are not 2^precision ranks, or a rank is higher than possible */
export function readRanks(reader: ByteReader, precision: number): Uint8Array<ArrayBuffer> {
  const lowest = reader.uint()
  const nibbles = reader.bytes()
  if (nibbles.length * 2 !== 2 ** precision) {
    throw new RangeError(`A sketch has ${nibbles.length * 2} ranks instead of ${2 ** precision}.`)
  }
  const ranks = new Uint8Array(2 ** precision)
  let highest = 0
  for (let index = 0; index < nibbles.length; index++) {
    const pair = nibbles[index] ?? 0
    let first = lowest + (pair & escapeNibble)
    let second = lowest + (pair >> 4)
    if (first === lowest + escapeNibble) first += reader.uint()
    if (second === lowest + escapeNibble) second += reader.uint()
    if (first > highest) highest = first
    if (second > highest) highest = second
    ranks[2 * index] = first
    ranks[2 * index + 1] = second
  }
  if (highest > highestRank(precision))
    throw new RangeError(`Rank ${highest} is above ${highestRank(precision)}.`)
  return ranks
}
