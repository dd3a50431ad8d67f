import { expect, it } from 'vitest'
import { seal, unseal } from './checksum.ts'

const bytes = new Uint8Array([1, 2, 3, 250, 0, 7])

it('unseal: returns the sealed bytes for the same key', () => {
  for (const each of [bytes, new Uint8Array()]) {
    expect(unseal('key', Uint8Array.from(seal('key', each)))).toEqual(each)
  }
})

it('unseal: detects every flipped bit, another key, missing bytes and other types', () => {
  const sealed = Uint8Array.from(seal('key', bytes))
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const flipped = sealed.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(unseal('key', flipped)).toBeUndefined()
  }
  expect(unseal('other', sealed)).toBeUndefined()
  expect(unseal('key', sealed.subarray(1))).toBeUndefined()
  for (const value of [null, 'text', 5, new Uint8Array(3)])
    expect(unseal('key', value)).toBeUndefined()
})
