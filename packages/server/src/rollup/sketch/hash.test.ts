import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hash64 } from './hash.ts'

const mask = (1n << 64n) - 1n
const multiplier = 0xc6a4a7935bd1e995n

/** MurmurHash64A as its author wrote it, in whole numbers of 64 bits. */
function murmurHash64A(bytes: Uint8Array, seed: bigint): bigint {
  const whole = Math.floor(bytes.length / 8) * 8
  let hash = seed ^ ((BigInt(bytes.length) * multiplier) & mask)
  for (let at = 0; at < whole; at += 8) {
    let block = (littleEndian(bytes.subarray(at, at + 8)) * multiplier) & mask
    block ^= block >> 47n
    block = (block * multiplier) & mask
    hash = ((hash ^ block) * multiplier) & mask
  }
  const tail = bytes.subarray(whole)
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

/** Surrogates too, in pairs and alone. */
const utf16 = fc
  .array(fc.oneof(fc.nat({ max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff })))
  .map(units => String.fromCharCode(...units))

describe('the hash of a text', () => {
  it('is MurmurHash64A of its UTF-8 bytes, whatever they are', () => {
    fc.assert(fc.property(fc.string(), expectReference))
    fc.assert(fc.property(utf16, expectReference))
  })

  it('is so for every length around a block, and beyond the scratch', () => {
    for (let length = 0; length < 40; length++) expectReference('ÿ'.repeat(length))
    for (let length = 330; length < 350; length++) expectReference('x'.repeat(length))
    expectReference('é'.repeat(5000))
  })

  it('does not depend on the text before it', () => {
    const alone = hash64('abc')
    hash64('ÿ'.repeat(200))
    expect(hash64('abc')).toEqual(alone)
  })

  it('takes a lone surrogate for U+FFFD', () => {
    expect(hash64('a\ud800b')).toEqual(hash64('a\ufffdb'))
  })

  it('has halves without sign', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        for (const half of Object.values(hash64(text))) expect(half >>> 0).toBe(half)
      }),
    )
  })
})
