import type { Hash } from '../sketch/hash.ts'

export interface RowIndexOptions {
  /** The keys of the rows that are in the index, as it holds none itself. */
  highOf(row: number): number
  lowOf(row: number): number
  hasKey(row: number, high: number, low: number): boolean
  /** Decides where rows stand, and nothing else. If it is random, nobody can make keys that crowd. @default 0 */
  seed?: number | undefined
  /** Makes room at once for so many, if they are many. @default 0 */
  expectedRows?: number
}

/**
 * Finds rows by their keys. Extendible hashing (Fagin, Nievergelt, Pippenger, Strong 1979): the first bits of
 * a key choose a shard, and a full shard is split in two by the next bit, so that no insert ever moves more
 * than the rows of one shard. In a shard rows stand by open addressing with linear probing, and what is
 * removed is closed up (Knuth, TAOCP 3, 6.4, algorithm R), so there are no tombstones.
 */
export interface RowIndex {
  /** What it takes in memory. */
  memoryBytes(): number
  /** The row that has the key, or -1. */
  find(key: Hash): number
  /** Adds a row, or puts it in the place of the one that has the same key. */
  set(row: number): void
  /** Takes out a row, unless another has taken its place. */
  remove(row: number): void
}

/** How many bits there are for the number of a row. */
export const rowBits = 24

const rowMask = 2 ** rowBits - 1
const minSlots = 16
/** Splitting a full shard of this size takes a fraction of a millisecond. */
const maxSlots = 2048
/** A shard of keys that share more bits than this grows after all. It takes an attacker to make them. */
const maxDepth = 15

interface Shard {
  /**
   * Each is 0, or a tag made of the key and then its row. Most keys that differ are told apart by the tag,
   * without fetching the row.
   */
  slots: Int32Array
  used: number
  /** How many first bits the positions in it share. */
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
  /** The shard of each beginning of `depth` bits. */
  let shards: Shard[] = Array.from({ length: 2 ** depth }, () =>
    createShard(depth === 0 ? minSlots : maxSlots, depth),
  )

  /** Hashes the hash, because its bits may be as regular as whoever made it wanted. */
  const positionOf = (high: number, low: number): number => mix(mix(low ^ seed) ^ high)

  const positionOfRow = (row: number): number => positionOf(highOf(row), lowOf(row))

  /** The first `depth` bits; in two steps, as a shift by 32 is a shift by 0. */
  const beginningOf = (position: number): number => (position >>> 1) >>> (31 - depth)

  function shardAt(position: number): Shard {
    const shard = shards[beginningOf(position)]
    if (!shard) throw new RangeError('A position is outside the index.')
    return shard
  }

  /** The slot that has the key, or the empty one where it would be. */
  function slotOf(slots: Int32Array, position: number, high: number, low: number): number {
    const mask = slots.length - 1
    const tag = tagOf(low)
    for (let at = position & mask; ; at = (at + 1) & mask) {
      const slot = slots[at] ?? 0
      if (slot === 0) return at
      if (slot >> rowBits !== tag) continue
      if (hasKey(slot & rowMask, high, low)) return at
    }
  }

  function place(shard: Shard, slot: number): void {
    const { slots } = shard
    const mask = slots.length - 1
    let at = positionOfRow(slot & rowMask) & mask
    while (slots[at] !== 0) at = (at + 1) & mask
    slots[at] = slot
    shard.used++
  }

  function resize(shard: Shard, size: number): void {
    const before = shard.slots
    shard.slots = new Int32Array(size)
    shard.used = 0
    for (const slot of before) if (slot !== 0) place(shard, slot)
  }

  function split(shard: Shard, position: number): void {
    if (shard.depth === depth) {
      shards = shards.flatMap(each => [each, each])
      depth++
    }
    const size = shard.slots.length
    const halves = [createShard(size, shard.depth + 1), createShard(size, shard.depth + 1)] as const
    for (const slot of shard.slots) {
      if (slot !== 0) place(halves[bitAt(positionOfRow(slot & rowMask), shard.depth)], slot)
    }
    const span = 2 ** (depth - shard.depth)
    const from = Math.floor(beginningOf(position) / span) * span
    shards.fill(halves[0], from, from + span / 2)
    shards.fill(halves[1], from + span / 2, from + span)
  }

  /** A shard with room for one more, where a position belongs. */
  function roomAt(position: number): Shard {
    for (;;) {
      const shard = shardAt(position)
      const size = shard.slots.length
      if (shard.used < size * 0.75) return shard
      if (size < maxSlots || shard.depth === maxDepth) resize(shard, size * 2)
      else split(shard, position)
    }
  }

  /** Empties a slot, and moves up those after it that are not where they belong. */
  function close(slots: Int32Array, emptied: number): void {
    const mask = slots.length - 1
    let hole = emptied
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const slot = slots[at] ?? 0
      if (slot === 0) break
      const home = positionOfRow(slot & rowMask) & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      slots[hole] = slot
      hole = at
    }
    slots[hole] = 0
  }

  return {
    memoryBytes: () => [...new Set(shards)].reduce((sum, { slots }) => sum + slots.byteLength, 0),
    find({ high, low }) {
      const position = positionOf(high, low)
      const { slots } = shardAt(position)
      const slot = slots[slotOf(slots, position, high, low)] ?? 0
      return slot === 0 ? -1 : slot & rowMask
    },
    set(row) {
      const high = highOf(row)
      const low = lowOf(row)
      const position = positionOf(high, low)
      const shard = roomAt(position)
      const at = slotOf(shard.slots, position, high, low)
      if (shard.slots[at] === 0) shard.used++
      shard.slots[at] = (tagOf(low) << rowBits) | row
    },
    remove(row) {
      const high = highOf(row)
      const low = lowOf(row)
      const position = positionOf(high, low)
      const shard = shardAt(position)
      const at = slotOf(shard.slots, position, high, low)
      const slot = shard.slots[at] ?? 0
      if (slot === 0 || (slot & rowMask) !== row) return
      close(shard.slots, at)
      shard.used--
      const size = shard.slots.length
      if (size > minSlots && shard.used < size / 8) resize(shard, size / 2)
    },
  }
}

/** How many bits it takes for shards that are half full. */
function depthFor(rows: number): number {
  return Math.min(maxDepth, Math.max(0, Math.ceil(Math.log2(rows / (maxSlots / 2)))))
}

function createShard(size: number, depth: number): Shard {
  return { slots: new Int32Array(size), used: 0, depth }
}

/** Seven bits of a key, below a sign that makes a taken slot differ from an empty one. */
function tagOf(low: number): number {
  return ((low | 0x80) << 24) >> 24
}

function bitAt(position: number, bit: number): 0 | 1 {
  return (position << bit) >>> 31 === 0 ? 0 : 1
}

/** The finalizer of MurmurHash3: each bit of the result depends on all bits (Appleby, 2011). */
function mix(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
