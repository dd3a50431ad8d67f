import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { Hash } from './hash.ts'

/**
 * Distinct hashes in ascending order, each as two signed numbers of 32 bits, the high half first. Most sets have few
 * hashes, for which a plain array takes a third of the memory of a typed array (64 and 224 bytes for one hash).
 */
export type HashSet = number[]

const hashBytes = 8
/**
 * Sets below this size are copied on insertion, so that they take no spare memory. Larger sets change in place: their
 * copies would reach the old generation of the heap and become garbage there. With a million visitors of 100 sites
 * such copies were a fifth of all allocations.
 */
const maxCopied = 8

export function sizeOf(set: HashSet): number {
  return set.length / 2
}

/** Returns the set with the hash, which may be the same array, or `undefined` if the set contains it already. */
export function insert(set: HashSet, hash: Hash): HashSet | undefined {
  const high = hash.high | 0
  const low = hash.low | 0
  let from = 0
  let to = sizeOf(set)
  while (from < to) {
    const middle = (from + to) >> 1
    const order = compare(set, middle, high, low)
    if (order === 0) return undefined
    if (order < 0) from = middle + 1
    else to = middle
  }
  if (sizeOf(set) < maxCopied) return set.toSpliced(2 * from, 0, high, low)
  set.splice(2 * from, 0, high, low)
  return set
}

/** Returns the union of two sets as a new array. */
export function unite(a: HashSet, b: HashSet): HashSet {
  if (a.length === 0) return b.slice()
  const united: number[] = []
  let next = 0
  for (let index = 0; index < sizeOf(a); index++) {
    const high = a[2 * index] ?? 0
    const low = a[2 * index + 1] ?? 0
    for (; compare(b, next, high, low) < 0; next++) {
      united.push(b[2 * next] ?? 0, b[2 * next + 1] ?? 0)
    }
    if (compare(b, next, high, low) === 0) next++
    united.push(high, low)
  }
  // `concat` copies, because an array after `push` has 50 % spare capacity.
  return united.concat(b.slice(2 * next))
}

/** Compares the hash at an index to another hash. Past the end it is larger than any. */
function compare(set: HashSet, index: number, high: number, low: number): number {
  const highAtIndex = set[2 * index]
  const lowAtIndex = set[2 * index + 1]
  if (highAtIndex === undefined || lowAtIndex === undefined) return 1
  return highAtIndex === high ? lowAtIndex - low : highAtIndex - high
}

export function forEachHash(set: HashSet, visit: (hash: Hash) => void): void {
  for (let index = 0; index + 1 < set.length; index += 2) {
    visit({ high: set[index] ?? 0, low: set[index + 1] ?? 0 })
  }
}

export function writeHashes(set: HashSet, writer: ByteWriter): void {
  const view = new DataView(new ArrayBuffer(sizeOf(set) * hashBytes))
  for (const [index, half] of set.entries()) view.setInt32(index * 4, half, true)
  writer.bytes(new Uint8Array(view.buffer))
}

/** @throws {RangeError} when the bytes are not in the format of `writeHashes` */
export function readHashes(reader: ByteReader): HashSet {
  const bytes = reader.bytes()
  if (bytes.length % hashBytes !== 0)
    throw new RangeError(`${bytes.length} bytes of hashes are not a multiple of ${hashBytes}.`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // History queries read millions of sets. `Array.from` with a function takes three times as long.
  // oxlint-disable-next-line unicorn/no-new-array
  const set: HashSet = new Array<number>(bytes.length / 4)
  for (let index = 0; index < set.length; index++) set[index] = view.getInt32(index * 4, true)
  for (let index = 1; index < sizeOf(set); index++) {
    if (compare(set, index - 1, set[2 * index] ?? 0, set[2 * index + 1] ?? 0) >= 0) {
      throw new RangeError('The hashes of a set are not in ascending order.')
    }
  }
  return set
}
