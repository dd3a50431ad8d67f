import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { Hash } from './hash.ts'

/**
 * Distinct hashes in ascending order, each as two whole numbers of 32 bits with sign, its high half first. A
 * plain array holds them: for the few there mostly are it is a third of what a typed array takes (64 and 224
 * bytes for one hash).
 */
export type HashSet = number[]

const hashBytes = 8
/**
 * Up to so many hashes a set is copied when it changes, and takes no more room than it needs. A larger one is
 * changed in place: a copy for each change is rubbish soon after it has been moved to the old generation of the
 * heap, and with a million visitors of a hundred sites a fifth of all that was allocated was such copies.
 */
const maxCopied = 8

export function sizeOf(set: HashSet): number {
  return set.length / 2
}

/** Gives back the set with the hash in it, which may be the same array, or nothing if it was in it before. */
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

/** The hashes of both, each once, in an array of its own. */
export function unite(a: HashSet, b: HashSet): HashSet {
  if (a.length === 0) return b.slice()
  const united: number[] = []
  let next = 0
  for (let at = 0; at < sizeOf(a); at++) {
    const high = a[2 * at] ?? 0
    const low = a[2 * at + 1] ?? 0
    for (; compare(b, next, high, low) < 0; next++) {
      united.push(b[2 * next] ?? 0, b[2 * next + 1] ?? 0)
    }
    if (compare(b, next, high, low) === 0) next++
    united.push(high, low)
  }
  // Copied by `concat`, as what was pushed to has room for half as many again.
  return united.concat(b.slice(2 * next))
}

/** How the hash at a place compares to another; past the end it is larger than any. */
function compare(set: HashSet, place: number, high: number, low: number): number {
  const highThere = set[2 * place]
  const lowThere = set[2 * place + 1]
  if (highThere === undefined || lowThere === undefined) return 1
  return highThere === high ? lowThere - low : highThere - high
}

export function forEachHash(set: HashSet, visit: (hash: Hash) => void): void {
  for (let at = 0; at + 1 < set.length; at += 2) {
    visit({ high: set[at] ?? 0, low: set[at + 1] ?? 0 })
  }
}

export function writeHashes(set: HashSet, writer: ByteWriter): void {
  const view = new DataView(new ArrayBuffer(sizeOf(set) * hashBytes))
  for (const [at, half] of set.entries()) view.setInt32(at * 4, half, true)
  writer.bytes(new Uint8Array(view.buffer))
}

/** @throws {RangeError} when the hashes are not such as `writeHashes` writes */
export function readHashes(reader: ByteReader): HashSet {
  const bytes = reader.bytes()
  if (bytes.length % hashBytes !== 0) throw new RangeError('A hash is not whole.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const set = Array.from({ length: bytes.length / 4 }, (_, at) => view.getInt32(at * 4, true))
  for (let at = 1; at < sizeOf(set); at++) {
    if (compare(set, at - 1, set[2 * at] ?? 0, set[2 * at + 1] ?? 0) >= 0) {
      throw new RangeError('The hashes are not in order.')
    }
  }
  return set
}
