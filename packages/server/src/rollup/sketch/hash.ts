/** 64 bits as two unsigned halves: JavaScript has no whole number of that size but BigInt, which is slow. */
export interface Hash {
  readonly high: number
  readonly low: number
}

/** Redis's own (`hllPatLen` in hyperloglog.c), so that registers can travel. */
const seed = 0xadc83b19

// The multiplier of MurmurHash64A, 0xc6a4a7935bd1e995: its halves, and the halves of the lower one.
const multiplierHigh = 0xc6a4a793
const multiplierLow = 0x5bd1e995
const limb1 = 0x5bd1
const limb0 = 0xe995

const blockBytes = 8
const encoder = new TextEncoder()
const scratch = new DataView(new ArrayBuffer(1024))
const scratchBytes = new Uint8Array(scratch.buffer)

/**
 * Hashes the UTF-8 bytes of a text as Redis hashes the items of its HyperLogLog: MurmurHash64A (Austin
 * Appleby, public domain). A lone surrogate counts as U+FFFD.
 */
export function hash64(text: string): Hash {
  // No UTF-16 unit takes more than three bytes, and the last block is read to its end.
  const mostBytes = text.length * 3 + blockBytes
  if (mostBytes > scratchBytes.length) return hashLong(text, mostBytes)
  const { written } = encoder.encodeInto(text, scratchBytes)
  scratch.setFloat64(written, 0)
  return hashBytes(scratch, written)
}

function hashLong(text: string, mostBytes: number): Hash {
  const bytes = new Uint8Array(mostBytes)
  const { written } = encoder.encodeInto(text, bytes)
  return hashBytes(new DataView(bytes.buffer), written)
}

/** Hashes the first bytes of a view, in which zeros follow up to the end of their last block. */
function hashBytes(view: DataView, length: number): Hash {
  let high = timesHigh(0, length)
  let low = timesLow(length) ^ seed
  let at = 0
  for (; at + blockBytes <= length; at += blockBytes) {
    let blockLow = view.getInt32(at, true)
    let blockHigh = timesHigh(view.getInt32(at + 4, true), blockLow)
    blockLow = timesLow(blockLow) ^ (blockHigh >>> 15)
    blockHigh = timesHigh(blockHigh, blockLow)
    high ^= blockHigh
    low ^= timesLow(blockLow)
    high = timesHigh(high, low)
    low = timesLow(low)
  }
  if (at < length) {
    low ^= view.getInt32(at, true)
    high ^= view.getInt32(at + 4, true)
    high = timesHigh(high, low)
    low = timesLow(low)
  }
  // A shift by 47 of 64 bits is one by 15 of the high half, into the low one.
  low ^= high >>> 15
  high = timesHigh(high, low)
  low = timesLow(low)
  low ^= high >>> 15
  return { high: high >>> 0, low: low >>> 0 }
}

/** The low half of a number's product with the multiplier, which its high half has no part in. */
function timesLow(low: number): number {
  return Math.imul(low, multiplierLow)
}

/** The high half of that product modulo 2^64: the carry of the low halves, found in limbs of 16 bits. */
function timesHigh(high: number, low: number): number {
  const low1 = low >>> 16
  const low0 = low & 0xffff
  const cross1 = Math.imul(low1, limb0)
  const cross0 = Math.imul(low0, limb1)
  const middle = (Math.imul(low0, limb0) >>> 16) + (cross1 & 0xffff) + (cross0 & 0xffff)
  const carry = Math.imul(low1, limb1) + (cross1 >>> 16) + (cross0 >>> 16) + (middle >>> 16)
  return (carry + Math.imul(low, multiplierHigh) + Math.imul(high, multiplierLow)) | 0
}
