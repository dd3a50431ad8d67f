import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'

/** A nibble that says that the rank is further above the lowest than a nibble can tell. */
const isBeyond = 15

/** One more than there are bits in a 64-bit hash beside those that choose the register. */
export function highestRank(precision: number): number {
  return 65 - precision
}

/**
 * Writes the rank of every register in half a byte, as its distance from the lowest one. Ranks keep
 * close together however many items there were, so hardly one in a thousand does not fit; these follow
 * in the order of their registers. (HLL_4 of Apache DataSketches is packed so, too.)
 */
export function writeRanks(ranks: Uint8Array, writer: ByteWriter): void {
  const lowest = lowestOf(ranks)
  const nibbles = new Uint8Array(ranks.length / 2)
  const beyond: number[] = []
  for (let at = 0; at < nibbles.length; at++) {
    const first = (ranks[2 * at] ?? 0) - lowest
    const second = (ranks[2 * at + 1] ?? 0) - lowest
    if (first >= isBeyond) beyond.push(first - isBeyond)
    if (second >= isBeyond) beyond.push(second - isBeyond)
    nibbles[at] = Math.min(first, isBeyond) | (Math.min(second, isBeyond) << 4)
  }
  writer.uint(lowest)
  writer.bytes(nibbles)
  for (const distance of beyond) writer.uint(distance)
}

/** By an index, here and below, as an iterator takes many times as long, and a checkpoint has a million registers. */
function lowestOf(ranks: Uint8Array): number {
  let lowest = 255
  for (let index = 0; index < ranks.length; index++) {
    const rank = ranks[index] ?? 0
    if (rank < lowest) lowest = rank
  }
  return lowest
}

/** @throws {RangeError} when they are not as many as there are registers, or higher than a rank can be */
export function readRanks(reader: ByteReader, precision: number): Uint8Array<ArrayBuffer> {
  const lowest = reader.uint()
  const nibbles = reader.bytes()
  if (nibbles.length * 2 !== 2 ** precision)
    throw new RangeError('There is a wrong number of ranks.')
  const ranks = new Uint8Array(2 ** precision)
  let highest = 0
  for (let at = 0; at < nibbles.length; at++) {
    const both = nibbles[at] ?? 0
    let first = lowest + (both & isBeyond)
    let second = lowest + (both >> 4)
    if (first === lowest + isBeyond) first += reader.uint()
    if (second === lowest + isBeyond) second += reader.uint()
    if (first > highest) highest = first
    if (second > highest) highest = second
    ranks[2 * at] = first
    ranks[2 * at + 1] = second
  }
  if (highest > highestRank(precision)) throw new RangeError('A rank is too high.')
  return ranks
}
