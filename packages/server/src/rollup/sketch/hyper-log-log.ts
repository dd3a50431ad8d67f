import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { estimateCardinality } from './cardinality.ts'
import type { Hash } from './hash.ts'
import {
  type HashSet,
  forEachHash,
  insert,
  readHashes,
  sizeOf,
  unite,
  writeHashes,
} from './hash-set.ts'
import type { RankArena } from './rank-arena.ts'
import { Registers } from './registers.ts'

/** The most hashes that are counted exactly, and the share of the registers that these may be. */
const maxExact = 256
const exactShare = 1 / 16

const minPrecision = 4
const maxPrecision = 18

const noHashes: HashSet = []

/** What is kept, as the lowest bits of the first number that is written say. */
const forms = { exact: 0, packed: 1, dense: 2 }
const formBits = 2

/**
 * How many distinct items there are, in bounded memory: HyperLogLog (Flajolet, Fusy, Gandouet and Meunier,
 * 2007) with 64-bit hashes (Heule, Nunkesser and Hall, 2013) and the estimator of Ertl (2017). Of precision
 * 14 its registers are those of Redis, and the standard error is 1.04 / √2^14 = 0.8 %; few items are
 * counted exactly. It is a function of the set of hashes alone: whatever the order in which they came,
 * and however they were split, the merged count and bytes are the same.
 */
export class HyperLogLog {
  readonly precision: number
  /** All hashes, as long as there are no registers. */
  #hashes = noHashes
  #registers: Registers | undefined
  /** Known until a hash changes it. */
  #count: number | undefined = 0
  readonly #arena: RankArena | undefined

  /** @param arena where its registers will be. @default an array of their own */
  constructor(precision: number, arena?: RankArena) {
    if (!Number.isInteger(precision) || precision < minPrecision || precision > maxPrecision) {
      throw new RangeError(`A precision is a whole number from ${minPrecision} to ${maxPrecision}.`)
    }
    this.precision = precision
    this.#arena = arena
  }

  /** Whether the count may have changed. */
  add(hash: Hash): boolean {
    const isNew = this.#registers ? raise(this.#registers, hash) : this.#insert(hash)
    if (isNew) this.#count = undefined
    return isNew
  }

  count(): number {
    this.#count ??= this.#registers
      ? estimateCardinality(this.#registers.countRanks(), this.precision)
      : sizeOf(this.#hashes)
    return this.#count
  }

  /**
   * Takes in all that another has counted.
   * @throws {RangeError} when its precision is another
   */
  merge(other: HyperLogLog): void {
    if (other.precision !== this.precision) {
      throw new RangeError(`Precisions ${this.precision} and ${other.precision} cannot be merged.`)
    }
    this.#count = undefined
    if (other.#registers) this.#toRegisters().merge(other.#registers)
    else if (this.#registers) addAll(this.#registers, other.#hashes)
    else this.#keep(unite(this.#hashes, other.#hashes))
  }

  /** The rank of every register, as a copy. */
  registers(): Uint8Array {
    return (this.#registers ?? toRegisters(this.#hashes, this.precision)).toRanks()
  }

  write(writer: ByteWriter): void {
    const registers = this.#registers
    const form = registers ? (registers.isDense ? forms.dense : forms.packed) : forms.exact
    writer.uint((this.precision << formBits) | form)
    if (registers) registers.write(writer)
    else writeHashes(this.#hashes, writer)
  }

  /** @throws {RangeError} when the bytes are not such as `write` writes */
  static read(reader: ByteReader): HyperLogLog {
    const head = reader.uint()
    const form = head % 2 ** formBits
    if (form > forms.dense) throw new RangeError('There is no such form.')
    const read = new HyperLogLog((head - form) / 2 ** formBits)
    read.#count = undefined
    if (form === forms.exact) read.#keep(readHashes(reader))
    else read.#registers = Registers.read(reader, read.precision, form === forms.dense)
    return read
  }

  #insert(hash: Hash): boolean {
    const hashes = insert(this.#hashes, hash)
    if (!hashes) return false
    this.#keep(hashes)
    return true
  }

  #keep(hashes: HashSet): void {
    this.#hashes = hashes
    if (sizeOf(hashes) > Math.min(maxExact, (1 << this.precision) * exactShare)) this.#toRegisters()
  }

  #toRegisters(): Registers {
    this.#registers ??= toRegisters(this.#hashes, this.precision, this.#arena)
    this.#hashes = noHashes
    return this.#registers
  }
}

/**
 * Counts exactly up to 256 items, or 1/16 of the registers if that is less; then the standard error is
 * 1.04 / √2^precision.
 * @param precision the logarithm of the number of registers, from 4 to 18
 */
export function createHyperLogLog(precision = 14): HyperLogLog {
  return new HyperLogLog(precision)
}

/** @throws {RangeError} when the bytes are not such as `write` writes */
export function readHyperLogLog(reader: ByteReader): HyperLogLog {
  return HyperLogLog.read(reader)
}

function toRegisters(hashes: HashSet, precision: number, arena?: RankArena): Registers {
  const registers = new Registers(precision, arena)
  addAll(registers, hashes)
  return registers
}

function addAll(registers: Registers, hashes: HashSet): void {
  forEachHash(hashes, hash => raise(registers, hash))
}

/** As Redis does: the lowest bits choose the register, and its rank is the place of the first one above. */
function raise(registers: Registers, { high, low }: Hash): boolean {
  const { precision } = registers
  const index = low & ((1 << precision) - 1)
  const rest = low >>> precision
  if (rest !== 0) return registers.raise(index, 1 + trailingZeros(rest))
  const bitsOfRest = 32 - precision
  return registers.raise(index, 1 + bitsOfRest + (high === 0 ? 32 : trailingZeros(high)))
}

function trailingZeros(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
