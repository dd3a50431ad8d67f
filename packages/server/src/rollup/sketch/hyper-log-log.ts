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

/** Most hashes that are counted exactly, also as a share of the number of registers. */
const maxExact = 256
const exactShare = 1 / 16

const minPrecision = 4
const maxPrecision = 18

const noHashes: HashSet = []

/** Encoding, in the lowest bits of the first written number. */
const forms = { exact: 0, packed: 1, dense: 2 }
const formBits = 2

/**
 * Counts distinct items in bounded memory: HyperLogLog (Flajolet, Fusy, Gandouet and Meunier, 2007) with 64-bit hashes
 * (Heule, Nunkesser and Hall, 2013) and the estimator of Ertl (2017). Few items are counted exactly. With precision 14
 * the registers equal those of Redis, and the standard error is 1.04 / √2^14 = 0.8 %. Count and bytes depend only on
 * the set of hashes: not on their order, nor on how they were split and merged.
 */
export class HyperLogLog {
  readonly precision: number
  /** All hashes, until there are registers. */
  #hashes = noHashes
  #registers: Registers | undefined
  /** Cached count, until a hash changes it. */
  #count: number | undefined = 0
  readonly #arena: RankArena | undefined

  /** @param arena memory for the registers. @default a separate array */
  constructor(precision: number, arena?: RankArena) {
    if (!Number.isInteger(precision) || precision < minPrecision || precision > maxPrecision) {
      throw new RangeError(
        `precision: ${precision} is not a whole number from ${minPrecision} to ${maxPrecision}.`,
      )
    }
    this.precision = precision
    this.#arena = arena
  }

  /** Adds a hash. Returns whether the count may have changed. */
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
   * Adds the hashes of another sketch.
   * @throws {RangeError} when its precision differs
   */
  merge(other: HyperLogLog): void {
    if (other.precision !== this.precision) {
      throw new RangeError(
        `Sketches of precisions ${this.precision} and ${other.precision} cannot be merged.`,
      )
    }
    this.#count = undefined
    if (other.#registers) this.#toRegisters().merge(other.#registers)
    else if (this.#registers) addAll(this.#registers, other.#hashes)
    else this.#setHashes(unite(this.#hashes, other.#hashes))
  }

  /** Returns a copy of the rank of every register. */
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

  /** @throws {RangeError} when the bytes are not in the format of `write` */
  static read(reader: ByteReader): HyperLogLog {
    const head = reader.uint()
    const form = head % 2 ** formBits
    if (form > forms.dense) throw new RangeError(`A sketch has the unknown form ${form}.`)
    const read = new HyperLogLog((head - form) / 2 ** formBits)
    read.#count = undefined
    if (form === forms.exact) read.#setHashes(readHashes(reader))
    else read.#registers = Registers.read(reader, read.precision, form === forms.dense)
    return read
  }

  #insert(hash: Hash): boolean {
    const hashes = insert(this.#hashes, hash)
    if (!hashes) return false
    this.#setHashes(hashes)
    return true
  }

  #setHashes(hashes: HashSet): void {
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
 * Creates an empty sketch. It counts exactly up to 256 items, or up to 1/16 of the registers if that is less. Above, the
 * standard error is 1.04 / √2^precision.
 * @param precision binary logarithm of the number of registers, from 4 to 18
 */
export function createHyperLogLog(precision = 14): HyperLogLog {
  return new HyperLogLog(precision)
}

/** @throws {RangeError} when the bytes are not in the format of `write` */
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

/**
 * Updates a register as Redis does: the lowest bits select it, and the rank is the position of the first 1 bit above.
 */
function raise(registers: Registers, { high, low }: Hash): boolean {
  const { precision } = registers
  const index = low & ((1 << precision) - 1)
  const rest = low >>> precision
  if (rest !== 0) return registers.raise(index, 1 + trailingZeros(rest))
  const restBits = 32 - precision
  return registers.raise(index, 1 + restBits + (high === 0 ? 32 : trailingZeros(high)))
}

function trailingZeros(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
