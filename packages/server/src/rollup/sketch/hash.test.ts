import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hash64 } from './hash.ts'

const mask = (1n << 64n) - 1n
const multiplier = 0xc6a4a7935bd1e995n

/** Reference implementation of MurmurHash64A with 64-bit integers. */
function murmurHash64A(bytes: Uint8Array, seed: bigint): bigint {
  const tailStart = Math.floor(bytes.length / 8) * 8
  let hash = seed ^ ((BigInt(bytes.length) * multiplier) & mask)
  for (let offset = 0; offset < tailStart; offset += 8) {
    let block = (littleEndian(bytes.subarray(offset, offset + 8)) * multiplier) & mask
    block ^= block >> 47n
    block = (block * multiplier) & mask
    hash = ((hash ^ block) * multiplier) & mask
  }
  const tail = bytes.subarray(tailStart)
  if (tail.length > 0) hash = ((hash ^ littleEndian(tail)) * multiplier) & mask
  hash ^= hash >> 47n
  hash = (hash * multiplier) & mask
  return hash ^ (hash >> 47n)
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function hashOf(text: string): bigint {
  const { high, low } = hash64(text)
  return (BigInt(high) << 32n) | BigInt(low)
}

function expectReference(text: string): void {
  expect(hashOf(text), text).toBe(murmurHash64A(new TextEncoder().encode(text), 0xadc83b19n))
}

/** Texts with surrogates, in pairs and alone. */
const utf16 = fc
  .array(fc.oneof(fc.nat({ max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff })))
  .map(units => String.fromCharCode(...units))

describe('hash64', () => {
  it('returns the MurmurHash64A of the UTF-8 bytes of any text', () => {
    fc.assert(fc.property(fc.string(), expectReference))
    fc.assert(fc.property(utf16, expectReference))
  })

  it('returns it for every length around a block, and beyond the scratch buffer', () => {
    for (let length = 0; length < 40; length++) expectReference('ÿ'.repeat(length))
    for (let length = 330; length < 350; length++) expectReference('x'.repeat(length))
    expectReference('é'.repeat(5000))
  })

  it('does not depend on the previous text', () => {
    const alone = hash64('abc')
    hash64('ÿ'.repeat(200))
    expect(hash64('abc')).toEqual(alone)
  })

  it('hashes a lone surrogate as U+FFFD', () => {
    expect(hash64('a\ud800b')).toEqual(hash64('a\ufffdb'))
  })

  it('returns unsigned halves', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        for (const half of Object.values(hash64(text))) expect(half >>> 0).toBe(half)
      }),
    )
  })
})
