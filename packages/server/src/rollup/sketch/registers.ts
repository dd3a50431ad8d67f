import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { type RankArena, createRankArena } from './rank-arena.ts'
import { highestRank, readRanks, writeRanks } from './rank-bytes.ts'

/** Bits of a packed register that hold its rank, which is below 64; its index is above them. */
const rankBits = 6
const rankMask = 2 ** rankBits - 1

/** The share of registers of which more have to be set before there is a byte for every one. */
const sparseShare = 1 / 8

const none = new Uint32Array(0)

/**
 * The registers of a HyperLogLog, each with the highest rank it was raised to. While few are set these
 * are packed into 4 bytes each, in order; then there is a byte for every one: six bits would save a quarter
 * of it, and take twice as long to scan. Which of the two it is depends on how many are set and on
 * nothing else, so the same registers are the same bytes.
 */
export class Registers {
  readonly precision: number
  /** In use are the first `#size`. */
  #packed = none
  #size = 0
  /** Where the ranks are, from `#start`, once they are not packed. */
  #array: Uint8Array | undefined
  #start = 0
  readonly #arena: RankArena | undefined

  /** @param arena where the ranks will be. @default an array of their own */
  constructor(precision: number, arena?: RankArena) {
    this.precision = precision
    this.#arena = arena
  }

  get isDense(): boolean {
    return this.#array !== undefined
  }

  /** Whether the register had a lower rank. */
  raise(index: number, rank: number): boolean {
    const array = this.#array
    if (!array) return this.#raisePacked(index, rank)
    const at = this.#start + index
    if ((array[at] ?? 0) >= rank) return false
    array[at] = rank
    return true
  }

  merge(other: Registers): void {
    const theirs = other.#ranks
    if (theirs) raiseAll(this.#unpack(), theirs)
    else if (this.#array) this.#raiseEach(other)
    else this.#unite(other)
  }

  /** The rank of every register, as a copy. */
  toRanks(): Uint8Array {
    const ranks = this.#ranks?.slice() ?? new Uint8Array(1 << this.precision)
    this.#unpackTo(ranks)
    return ranks
  }

  /** How many registers have each rank. */
  countRanks(): Uint32Array {
    const counts = new Uint32Array(2 ** rankBits)
    const ranks = this.#ranks
    if (ranks) {
      // An index, as an iterator takes three times as long.
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

  /** @throws {RangeError} when the bytes are not such as `write` writes */
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

  /** The ranks themselves, once they are not packed. */
  get #ranks(): Uint8Array | undefined {
    return this.#array?.subarray(this.#start, this.#start + (1 << this.precision))
  }

  #raiseEach(other: Registers): void {
    for (let at = 0; at < other.#size; at++) {
      const each = other.#packed[at] ?? 0
      this.raise(each >>> rankBits, each & rankMask)
    }
  }

  /** Both are packed, and in order. */
  #unite(other: Registers): void {
    const [mine, theirs] = [this.#packed, other.#packed]
    const united = new Uint32Array(this.#size + other.#size)
    let size = 0
    let at = 0
    for (let from = 0; from < other.#size; from++) {
      const each = theirs[from] ?? 0
      const index = each >>> rankBits
      while (at < this.#size && (mine[at] ?? 0) >>> rankBits < index)
        united[size++] = mine[at++] ?? 0
      const isInBoth = at < this.#size && (mine[at] ?? 0) >>> rankBits === index
      united[size++] = isInBoth ? Math.max(mine[at++] ?? 0, each) : each
    }
    while (at < this.#size) united[size++] = mine[at++] ?? 0
    this.#packed = united
    this.#size = size
    if (size > (1 << this.precision) * sparseShare) this.#unpack()
  }

  #raisePacked(index: number, rank: number): boolean {
    const packed = this.#packed
    const at = this.#findPacked(index)
    const there = packed[at] ?? 0
    if (at < this.#size && there >>> rankBits === index) {
      if ((there & rankMask) >= rank) return false
      packed[at] = (index << rankBits) | rank
    } else if (this.#size < (1 << this.precision) * sparseShare) {
      this.#insert(at, (index << rankBits) | rank)
    } else {
      this.#unpack()[index] = rank
    }
    return true
  }

  /** The place of the first packed register with this index or a higher one. */
  #findPacked(index: number): number {
    const least = index << rankBits
    let from = 0
    let to = this.#size
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.#packed[middle] ?? 0) < least) from = middle + 1
      else to = middle
    }
    return from
  }

  #insert(at: number, register: number): void {
    if (this.#size === this.#packed.length) {
      const most = (1 << this.precision) * sparseShare
      const larger = new Uint32Array(Math.min(Math.ceil(this.#size * 1.5) + 16, most))
      larger.set(this.#packed)
      this.#packed = larger
    }
    this.#packed.copyWithin(at + 1, at, this.#size)
    this.#packed[at] = register
    this.#size++
  }

  /** Each with its distance from the one before: two bytes when that is below 256. */
  #writePacked(writer: ByteWriter): void {
    writer.uint(this.#size)
    let before = 0
    for (const each of this.#packed.subarray(0, this.#size)) {
      writer.uint(each - before)
      before = each & ~rankMask
    }
  }

  #unpack(): Uint8Array {
    const known = this.#ranks
    if (known) return known
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
    for (let at = 0; at < this.#size; at++) {
      const each = this.#packed[at] ?? 0
      ranks[each >>> rankBits] = each & rankMask
    }
  }
}

/** Four registers at a time: ranks are below 128, so the highest bit of each byte is free to tell which is higher. */
function raiseAll(ranks: Uint8Array, others: Uint8Array): void {
  const words = toWords(ranks)
  const otherWords = toWords(others)
  for (let at = 0; at < words.length; at++) {
    const mine = words[at] ?? 0
    const other = otherWords[at] ?? 0
    const isMine = (((mine | 0x80808080) - other) >>> 7) & 0x01010101
    const mask = isMine * 255
    words[at] = (mine & mask) | (other & ~mask)
  }
}

/** The same bytes, by words; there are 16 registers at least. */
function toWords({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length / 4)
}

function readPacked(reader: ByteReader, precision: number): Uint32Array<ArrayBuffer> {
  const size = reader.uint()
  if (size > 2 ** precision * sparseShare) throw new RangeError('There are too many registers.')
  const packed = new Uint32Array(size)
  let before = 0
  for (let at = 0; at < size; at++) {
    const each = before + reader.uint()
    const rank = each & rankMask
    const isNext = at === 0 || each >>> rankBits > before >>> rankBits
    const isRegister = isNext && each < 2 ** (precision + rankBits)
    if (!isRegister || rank === 0 || rank > highestRank(precision)) {
      throw new RangeError('A register is wrong.')
    }
    packed[at] = each
    before = each & ~rankMask
  }
  return packed
}
