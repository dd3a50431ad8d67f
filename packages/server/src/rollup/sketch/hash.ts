/** A 64-bit hash as two unsigned halves, because BigInt is slow. */
export interface Hash {
  readonly high: number
  readonly low: number
}

/** Seed of Redis (`hllPatLen` in hyperloglog.c), so that registers are compatible. */
const seed = 0xadc83b19

// Multiplier of MurmurHash64A, 0xc6a4a7935bd1e995: both halves, and both halves of the low half.
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
  // A UTF-16 unit takes at most three bytes, and the last block is read completely.
  const maxBytes = text.length * 3 + blockBytes
  if (maxBytes > scratchBytes.length) return hashLong(text, maxBytes)
  const { written } = encoder.encodeInto(text, scratchBytes)
  scratch.setFloat64(written, 0)
  return hashBytes(scratch, written)
}

function hashLong(text: string, maxBytes: number): Hash {
  const bytes = new Uint8Array(maxBytes)
  const { written } = encoder.encodeInto(text, bytes)
  return hashBytes(new DataView(bytes.buffer), written)
}

/** Hashes the first bytes of a view. Zeros must follow them to the end of the last block. */
function hashBytes(view: DataView, length: number): Hash {
  let high = timesHigh(0, length)
  let low = timesLow(length) ^ seed
  let offset = 0
  for (; offset + blockBytes <= length; offset += blockBytes) {
    let blockLow = view.getInt32(offset, true)
    let blockHigh = timesHigh(view.getInt32(offset + 4, true), blockLow)
    blockLow = timesLow(blockLow) ^ (blockHigh >>> 15)
    blockHigh = timesHigh(blockHigh, blockLow)
    high ^= blockHigh
    low ^= timesLow(blockLow)
    high = timesHigh(high, low)
    low = timesLow(low)
  }
  if (offset < length) {
    low ^= view.getInt32(offset, true)
    high ^= view.getInt32(offset + 4, true)
    high = timesHigh(high, low)
    low = timesLow(low)
  }
  // A shift of 64 bits by 47 moves the high half, shifted by 15, into the low half.
  low ^= high >>> 15
  high = timesHigh(high, low)
  low = timesLow(low)
  low ^= high >>> 15
  return { high: high >>> 0, low: low >>> 0 }
}

/** Returns the low half of the product with the multiplier. The high half does not affect it. */
function timesLow(low: number): number {
  return Math.imul(low, multiplierLow)
}

/** Returns the high half of the product modulo 2^64. Computes the carry of the low halves in limbs of 16 bits. */
function timesHigh(high: number, low: number): number {
  const low1 = low >>> 16
  const low0 = low & 0xffff
  const cross1 = Math.imul(low1, limb0)
  const cross0 = Math.imul(low0, limb1)
  const middle = (Math.imul(low0, limb0) >>> 16) + (cross1 & 0xffff) + (cross0 & 0xffff)
  const carry = Math.imul(low1, limb1) + (cross1 >>> 16) + (cross0 >>> 16) + (middle >>> 16)
  return (carry + Math.imul(low, multiplierHigh) + Math.imul(high, multiplierLow)) | 0
}
