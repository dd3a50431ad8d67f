import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { type RankArena, createRankArena } from './rank-arena.ts'
import { highestRank, readRanks, writeRanks } from './rank-bytes.ts'

/** Low bits of a packed register: its rank, below 64. The index is in the bits above. */
const rankBits = 6
const rankMask = 2 ** rankBits - 1

/** Share of set registers above which every register takes a byte. */
const sparseShare = 1 / 8

const none = new Uint32Array(0)

/**
 * Registers of a HyperLogLog, each with its highest rank. While few registers are set, each takes 4 bytes and they are
 * packed in order. Then every register takes a byte; six bits would save a quarter of the memory but take twice as
 * long to scan. The form depends only on the number of set registers, so equal registers have equal bytes.
 */
export class Registers {
  readonly precision: number
  /** Packed registers, of which the first `#size` are used. */
  #packed = none
  #size = 0
  /** Array with the ranks from `#start` on, or undefined while they are packed. */
  #array: Uint8Array | undefined
  #start = 0
  readonly #arena: RankArena | undefined

  /** @param arena memory for the ranks. @default a separate array */
  constructor(precision: number, arena?: RankArena) {
    this.precision = precision
    this.#arena = arena
  }

  get isDense(): boolean {
    return this.#array !== undefined
  }

  /** Raises a register to a rank. Returns whether its rank was lower. */
  raise(index: number, rank: number): boolean {
    const array = this.#array
    if (!array) return this.#raisePacked(index, rank)
    const position = this.#start + index
    if ((array[position] ?? 0) >= rank) return false
    array[position] = rank
    return true
  }

  merge(other: Registers): void {
    const otherRanks = other.#ranks
    if (otherRanks) raiseAll(this.#unpack(), otherRanks)
    else if (this.#array) this.#raiseEach(other)
    else this.#unite(other)
  }

  /** Returns a copy of the rank of every register. */
  toRanks(): Uint8Array {
    const ranks = this.#ranks?.slice() ?? new Uint8Array(1 << this.precision)
    this.#unpackTo(ranks)
    return ranks
  }

  /** Returns the number of registers by rank. */
  countRanks(): Uint32Array {
    const counts = new Uint32Array(2 ** rankBits)
    const ranks = this.#ranks
    if (ranks) {
      // By index: an iterator takes three times as long.
      for (let index = 0; index < ranks.length; index++) {
        const rank = ranks[index] ?? 0
        counts[rank] = (counts[rank] ?? 0) + 1
      }
      return counts
    }
    for (const each of this.#packed.subarray(0, this.#size)) {
      counts[each & rankMask] = (counts[each & rankMask] ?? 0) + 1
    }
    counts[0] = (1 << this.precision) - this.#size
    return counts
  }

  write(writer: ByteWriter): void {
    const ranks = this.#ranks
    if (ranks) writeRanks(ranks, writer)
    else this.#writePacked(writer)
  }

  /** @throws {RangeError} when the bytes are not in the format of `write` */
  static read(reader: ByteReader, precision: number, isDense: boolean): Registers {
    const registers = new Registers(precision)
    if (isDense) {
      registers.#array = readRanks(reader, precision)
    } else {
      registers.#packed = readPacked(reader, precision)
      registers.#size = registers.#packed.length
    }
    return registers
  }

  /** A view of the ranks, or undefined while they are packed. */
  get #ranks(): Uint8Array | undefined {
    return this.#array?.subarray(this.#start, this.#start + (1 << this.precision))
  }

  #raiseEach(other: Registers): void {
    for (let index = 0; index < other.#size; index++) {
      const each = other.#packed[index] ?? 0
      this.raise(each >>> rankBits, each & rankMask)
    }
  }

  /** Merges two packed lists. */
  #unite(other: Registers): void {
    const packed = this.#packed
    const united = new Uint32Array(this.#size + other.#size)
    let size = 0
    let next = 0
    for (let from = 0; from < other.#size; from++) {
      const each = other.#packed[from] ?? 0
      const index = each >>> rankBits
      while (next < this.#size && (packed[next] ?? 0) >>> rankBits < index) {
        united[size++] = packed[next++] ?? 0
      }
      const isInBoth = next < this.#size && (packed[next] ?? 0) >>> rankBits === index
      united[size++] = isInBoth ? Math.max(packed[next++] ?? 0, each) : each
    }
    while (next < this.#size) united[size++] = packed[next++] ?? 0
    this.#packed = united
    this.#size = size
    if (size > (1 << this.precision) * sparseShare) this.#unpack()
  }

  #raisePacked(index: number, rank: number): boolean {
    const packed = this.#packed
    const position = this.#findPacked(index)
    const current = packed[position] ?? 0
    if (position < this.#size && current >>> rankBits === index) {
      if ((current & rankMask) >= rank) return false
      packed[position] = (index << rankBits) | rank
    } else if (this.#size < (1 << this.precision) * sparseShare) {
      this.#insert(position, (index << rankBits) | rank)
    } else {
      this.#unpack()[index] = rank
    }
    return true
  }

  /** Returns the position of the first packed register with this index or a higher one. */
  #findPacked(index: number): number {
    const lowestPacked = index << rankBits
    let from = 0
    let to = this.#size
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.#packed[middle] ?? 0) < lowestPacked) from = middle + 1
      else to = middle
    }
    return from
  }

  #insert(position: number, register: number): void {
    if (this.#size === this.#packed.length) {
      const maxSize = (1 << this.precision) * sparseShare
      const larger = new Uint32Array(Math.min(Math.ceil(this.#size * 1.5) + 16, maxSize))
      larger.set(this.#packed)
      this.#packed = larger
    }
    this.#packed.copyWithin(position + 1, position, this.#size)
    this.#packed[position] = register
    this.#size++
  }

  /** Writes each register as the distance from the previous one, in two bytes for a distance below 256 indexes. */
  #writePacked(writer: ByteWriter): void {
    writer.uint(this.#size)
    let before = 0
    for (const each of this.#packed.subarray(0, this.#size)) {
      writer.uint(each - before)
      before = each & ~rankMask
    }
  }

  #unpack(): Uint8Array {
    const existing = this.#ranks
    if (existing) return existing
    const arena = this.#arena ?? createRankArena()
    const { array, start } = arena.allocate(1 << this.precision)
    const ranks = array.subarray(start, start + (1 << this.precision))
    this.#unpackTo(ranks)
    this.#array = array
    this.#start = start
    this.#packed = none
    this.#size = 0
    return ranks
  }

  #unpackTo(ranks: Uint8Array): void {
    for (let index = 0; index < this.#size; index++) {
      const each = this.#packed[index] ?? 0
      ranks[each >>> rankBits] = each & rankMask
    }
  }
}

/** Raises four registers at a time. Ranks are below 128, so the highest bit of each byte is free for the comparison. */
function raiseAll(ranks: Uint8Array, others: Uint8Array): void {
  const words = toWords(ranks)
  const otherWords = toWords(others)
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? 0
    const other = otherWords[index] ?? 0
    const isNotLower = (((word | 0x80808080) - other) >>> 7) & 0x01010101
    const mask = isNotLower * 255
    words[index] = (word & mask) | (other & ~mask)
  }
}

/** Returns a view of the bytes as words. There are at least 16 registers. */
function toWords({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length / 4)
}

function readPacked(reader: ByteReader, precision: number): Uint32Array<ArrayBuffer> {
  const size = reader.uint()
  if (size > 2 ** precision * sparseShare)
    throw new RangeError(`${size} packed registers exceed an eighth of 2^${precision}.`)
  const packed = new Uint32Array(size)
  let before = 0
  for (let index = 0; index < size; index++) {
    const each = before + reader.uint()
    const rank = each & rankMask
    const isNext = index === 0 || each >>> rankBits > before >>> rankBits
    const isRegister = isNext && each < 2 ** (precision + rankBits)
    if (!isRegister || rank === 0 || rank > highestRank(precision)) {
      throw new RangeError(`Packed register ${each} is out of order or out of range.`)
    }
    packed[index] = each
    before = each & ~rankMask
  }
  return packed
}
