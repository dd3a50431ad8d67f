import type { Hash } from '../sketch/hash.ts'

export interface RowIndexOptions {
  /** High half of a row's key. The index reads keys from the rows and stores none. */
  highOf(row: number): number
  /** Low half of a row's key. */
  lowOf(row: number): number
  hasKey(row: number, high: number, low: number): boolean
  /** Changes only the slots of rows. A random seed prevents keys that are made to collide. @default 0 */
  seed?: number | undefined
  /** Expected number of rows, for the initial size. @default 0 */
  expectedRows?: number
}

/**
 * Hash index from keys to rows. It uses extendible hashing (Fagin, Nievergelt, Pippenger, Strong 1979): the first
 * bits of a hashed key select a shard, and the next bit splits a full shard in two. An insert thus moves at most the
 * rows of one shard. Shards use open addressing with linear probing. Removal closes gaps instead of leaving
 * tombstones (Knuth, TAOCP 3, 6.4, algorithm R).
 */
export interface RowIndex {
  /** Memory in use, in bytes. */
  memoryBytes(): number
  /** Returns the row of a key, or -1. */
  find(key: Hash): number
  /** Adds a row. It replaces a row with the same key. */
  set(row: number): void
  /** Removes a row, unless another row with the same key replaced it. */
  remove(row: number): void
}

/** Bits of a row number. */
export const rowBits: number = 24

const rowMask = 2 ** rowBits - 1
const minSlots = 16
/** Slots before a shard is split, which takes a fraction of a millisecond at this size. */
const maxSlots = 2048
/** Most bits that select a shard. Beyond it a full shard grows, which only keys made to collide can cause. */
const maxDepth = 15

interface Shard {
  /**
   * Each slot is 0, or a tag of the key in the high 8 bits and the row below. The tag rules out most other keys
   * without a read of the row.
   */
  slots: Int32Array
  used: number
  /** Number of leading bits that all positions in the shard share. */
  readonly depth: number
}

export function createRowIndex({
  highOf,
  lowOf,
  hasKey,
  seed = 0,
  expectedRows = 0,
}: RowIndexOptions): RowIndex {
  let depth = depthFor(expectedRows)
  /** The shard for each value of the first `depth` bits. */
  let shards: Shard[] = Array.from({ length: 2 ** depth }, () =>
    createShard(depth === 0 ? minSlots : maxSlots, depth),
  )

  /** Hashes the key again with the seed, because a client can choose ids whose hashes are regular. */
  const positionOf = (high: number, low: number): number => mix(mix(low ^ seed) ^ high)

  const positionOfRow = (row: number): number => positionOf(highOf(row), lowOf(row))

  /** The first `depth` bits. Two shifts, because a shift by 32 is a shift by 0. */
  const prefixOf = (position: number): number => (position >>> 1) >>> (31 - depth)

  function shardAt(position: number): Shard {
    const shard = shards[prefixOf(position)]
    if (!shard) throw new RangeError(`The index has no shard for position ${position}.`)
    return shard
  }

  /** Returns the index of the key's slot, or of the empty slot where the key belongs. */
  function findSlot(slots: Int32Array, position: number, high: number, low: number): number {
    const mask = slots.length - 1
    const tag = tagOf(low)
    for (let index = position & mask; ; index = (index + 1) & mask) {
      const slot = slots[index] ?? 0
      if (slot === 0) return index
      if (slot >> rowBits !== tag) continue
      if (hasKey(slot & rowMask, high, low)) return index
    }
  }

  function insertSlot(shard: Shard, slot: number): void {
    const { slots } = shard
    const mask = slots.length - 1
    let index = positionOfRow(slot & rowMask) & mask
    while (slots[index] !== 0) index = (index + 1) & mask
    slots[index] = slot
    shard.used++
  }

  function resize(shard: Shard, size: number): void {
    const before = shard.slots
    shard.slots = new Int32Array(size)
    shard.used = 0
    for (const slot of before) if (slot !== 0) insertSlot(shard, slot)
  }

  function split(shard: Shard, position: number): void {
    if (shard.depth === depth) {
      shards = shards.flatMap(shared => [shared, shared])
      depth++
    }
    const size = shard.slots.length
    const halves = [createShard(size, shard.depth + 1), createShard(size, shard.depth + 1)] as const
    for (const slot of shard.slots) {
      if (slot !== 0) insertSlot(halves[bitAt(positionOfRow(slot & rowMask), shard.depth)], slot)
    }
    const span = 2 ** (depth - shard.depth)
    const from = Math.floor(prefixOf(position) / span) * span
    shards.fill(halves[0], from, from + span / 2)
    shards.fill(halves[1], from + span / 2, from + span)
  }

  /** Returns the shard of a position, after it was resized or split to have room for one more row. */
  function shardWithRoom(position: number): Shard {
    for (;;) {
      const shard = shardAt(position)
      const size = shard.slots.length
      if (shard.used < size * 0.75) return shard
      if (size < maxSlots || shard.depth === maxDepth) resize(shard, size * 2)
      else split(shard, position)
    }
  }

  /** Empties a slot, and moves later slots of the same probe sequence into the hole. */
  function emptySlot(slots: Int32Array, emptied: number): void {
    const mask = slots.length - 1
    let hole = emptied
    for (let index = (hole + 1) & mask; ; index = (index + 1) & mask) {
      const slot = slots[index] ?? 0
      if (slot === 0) break
      const home = positionOfRow(slot & rowMask) & mask
      if (((index - home) & mask) < ((index - hole) & mask)) continue
      slots[hole] = slot
      hole = index
    }
    slots[hole] = 0
  }

  return {
    memoryBytes: () => [...new Set(shards)].reduce((sum, { slots }) => sum + slots.byteLength, 0),
    find({ high, low }) {
      const position = positionOf(high, low)
      const { slots } = shardAt(position)
      const slot = slots[findSlot(slots, position, high, low)] ?? 0
      return slot === 0 ? -1 : slot & rowMask
    },
    set(row) {
      const high = highOf(row)
      const low = lowOf(row)
      const position = positionOf(high, low)
      const shard = shardWithRoom(position)
      const index = findSlot(shard.slots, position, high, low)
      if (shard.slots[index] === 0) shard.used++
      shard.slots[index] = (tagOf(low) << rowBits) | row
    },
    remove(row) {
      const high = highOf(row)
      const low = lowOf(row)
      const position = positionOf(high, low)
      const shard = shardAt(position)
      const index = findSlot(shard.slots, position, high, low)
      const slot = shard.slots[index] ?? 0
      if (slot === 0 || (slot & rowMask) !== row) return
      emptySlot(shard.slots, index)
      shard.used--
      const size = shard.slots.length
      if (size > minSlots && shard.used < size / 8) resize(shard, size / 2)
    },
  }
}

/** Returns the number of bits for shards that are half full. */
function depthFor(rows: number): number {
  return Math.min(maxDepth, Math.max(0, Math.ceil(Math.log2(rows / (maxSlots / 2)))))
}

function createShard(size: number, depth: number): Shard {
  return { slots: new Int32Array(size), used: 0, depth }
}

/** Returns seven bits of a key, with a sign bit that distinguishes a used slot from an empty one. */
function tagOf(low: number): number {
  return ((low | 0x80) << 24) >> 24
}

function bitAt(position: number, bit: number): 0 | 1 {
  return (position << bit) >>> 31 === 0 ? 0 : 1
}

/** Finalizer of MurmurHash3: each bit of the result depends on all bits of the value (Appleby, 2011). */
function mix(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
