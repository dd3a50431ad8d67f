import type { ByteReader, ByteWriter } from '../bytes.ts'

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
  let lowest = Infinity
  for (const rank of ranks) lowest = Math.min(lowest, rank)
  const nibbles = new Uint8Array(ranks.length / 2)
  const beyond: number[] = []
  const toNibble = (rank: number): number => {
    if (rank - lowest < isBeyond) return rank - lowest
    beyond.push(rank - lowest - isBeyond)
    return isBeyond
  }
  for (let at = 0; at < nibbles.length; at++) {
    const first = toNibble(ranks[2 * at] ?? 0)
    nibbles[at] = first | (toNibble(ranks[2 * at + 1] ?? 0) << 4)
  }
  writer.uint(lowest)
  writer.bytes(nibbles)
  for (const distance of beyond) writer.uint(distance)
}

/** @throws {RangeError} when they are not as many as there are registers, or higher than a rank can be */
export function readRanks(reader: ByteReader, precision: number): Uint8Array<ArrayBuffer> {
  const lowest = reader.uint()
  const nibbles = reader.bytes()
  if (nibbles.length * 2 !== 2 ** precision)
    throw new RangeError('There is a wrong number of ranks.')
  const ranks = new Uint8Array(2 ** precision)
  for (let index = 0; index < ranks.length; index++) {
    const nibble = ((nibbles[index >> 1] ?? 0) >> (4 * (index & 1))) & isBeyond
    const rank = lowest + nibble + (nibble === isBeyond ? reader.uint() : 0)
    if (rank > highestRank(precision)) throw new RangeError('A rank is too high.')
    ranks[index] = rank
  }
  return ranks
}
