import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { Bins } from './bins.ts'

const maxBins = 2048
const key = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -6000, max: 6000 }))
const keys = fc.array(key, { minLength: 1, maxLength: 40 })

function binsOf(list: readonly number[]): Bins {
  const bins = new Bins()
  for (const each of list) bins.add(each)
  return bins
}

function bytesOf(bins: Bins): number[] {
  const writer = createByteWriter()
  bins.write(writer)
  return [...writer.finish()]
}

function readBins(...numbers: number[]): Bins {
  return Bins.read(createByteReader(Uint8Array.from(numbers)))
}

describe('Bins', () => {
  it('count keys, and keys too far below the highest in the lowest bin', () => {
    fc.assert(
      fc.property(keys, list => {
        const bins = binsOf(list)
        const lowest = Math.max(...list) - maxBins + 1
        const binKeys = list.map(each => Math.max(each, lowest)).toSorted((a, b) => a - b)
        expect(bins.total).toBe(list.length)
        expect(binKeys.map((_, rank) => bins.keyAt(rank))).toEqual(binKeys)
        expect(() => bins.keyAt(list.length)).toThrow(RangeError)
      }),
    )
  })

  it('are equal for any order and grouping of the keys', () => {
    fc.assert(
      fc.property(keys, keys, (list, others) => {
        const one = binsOf(list)
        const other = binsOf(others)
        const copy = Bins.read(createByteReader(Uint8Array.from(bytesOf(other))))
        copy.merge(one)
        one.merge(other)
        expect(bytesOf(one)).toEqual(bytesOf(binsOf([...others, ...list].toReversed())))
        expect(bytesOf(copy)).toEqual(bytesOf(one))
        one.merge(one)
        expect(one.total).toBe(2 * (list.length + others.length))
      }),
    )
  })

  it('number at most 2,048', () => {
    const all = Array.from({ length: maxBins }, (_, index) => index)
    expect(binsOf(all).keyAt(0)).toBe(0)
    expect(binsOf([...all, maxBins]).keyAt(1)).toBe(1)
  })

  it('reject bytes with an empty bin or keys out of order', () => {
    expect(readBins(2, 2, 1, 2, 5).total).toBe(6)
    expect(() => readBins(1, 2, 0)).toThrow(RangeError)
    expect(() => readBins(2, 2, 1, 0, 5)).toThrow(RangeError)
    expect(() => readBins(2, 2, 1, 1, 5)).toThrow(RangeError)
  })
})
