import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { type ExactSum, createExactSum, readExactSum } from './exact-sum.ts'

/** Terms with every possible exponent, and often with exponents whose sums are ties. */
const term = fc.oneof(
  fc.double({ min: -(2 ** 970), max: 2 ** 970, noNaN: true }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc
    .record({ sign: fc.constantFrom(-1, 1), exponent: fc.integer({ min: -110, max: 110 }) })
    .map(({ sign, exponent }) => sign * 2 ** exponent),
  fc.maxSafeInteger(),
)
const terms = fc.array(term, { maxLength: 20 })

function sumOf(values: readonly number[]): ExactSum {
  const sum = createExactSum()
  for (const value of values) sum.add(value)
  return sum
}

function bytesOf(sum: ExactSum): Uint8Array {
  const writer = createByteWriter()
  sum.write(writer)
  return writer.finish()
}

/** Every double is a multiple of 2^−1074. */
const smallestExponent = 1074

function toMultiple(value: number): bigint {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const exponent = (bits.getUint16(0) >> 4) & 0x7ff
  const fraction = bits.getBigUint64(0) & ((1n << 52n) - 1n)
  const magnitude = exponent === 0 ? fraction : (fraction | (1n << 52n)) << BigInt(exponent - 1)
  return value < 0 ? -magnitude : magnitude
}

/** Returns the nearest double. `Number` rounds the high bits; one more bit stands for all dropped bits. */
function toDouble(multiple: bigint): number {
  if (multiple < 0n) return -toDouble(-multiple)
  const dropped = BigInt(Math.max(0, multiple.toString(2).length - 64))
  const highBits = multiple >> dropped
  const isExact = highBits << dropped === multiple
  const rounded = Number(isExact ? highBits : highBits | 1n)
  const exponent = Number(dropped) - smallestExponent
  // In two steps: 2^−1074 times 2^53 is in range, but 2^−1074 times 2^1000 may not be exact.
  return rounded * 2 ** Math.max(exponent, -1000) * 2 ** Math.min(exponent + 1000, 0)
}

const expectedSum = (values: readonly number[]): number =>
  toDouble(values.reduce((sum, value) => sum + toMultiple(value), 0n))

describe('ExactSum', () => {
  it('returns the double nearest to the exact sum', () => {
    fc.assert(
      fc.property(terms, values => {
        expect(sumOf(values).value()).toBe(expectedSum(values))
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps small terms beside large ones', () => {
    expect(sumOf([1e100, 1, -1e100]).value()).toBe(1)
    expect(sumOf(Array<number>(10).fill(0.1)).value()).toBe(1)
    expect(sumOf([2 ** 53, 1, 2 ** -1074]).value()).toBe(2 ** 53 + 2)
    expect(sumOf([2 ** 53, 1]).value()).toBe(2 ** 53)
    expect(sumOf([2 ** 53, 1, -(2 ** -1074)]).value()).toBe(2 ** 53)
  })

  it('rounds ties of tiny terms whose products underflow', () => {
    const tiny = [-4.613051490807021e-277, -6.251465394853502e-281]
    const sum = sumOf(tiny)
    sum.merge(sum)
    expect(sum.value()).toBe(expectedSum([...tiny, ...tiny]))
  })

  it('returns 0, not −0, without terms or when terms cancel', () => {
    expect(createExactSum().value()).toBe(0)
    expect(sumOf([-0]).value()).toBe(0)
    expect(sumOf([0.1, -0.1]).value()).toBe(0)
  })

  it('rejects terms that are NaN or too large, and stays unchanged', () => {
    const sum = sumOf([1])
    for (const value of [NaN, Infinity, -Infinity, Number.MAX_VALUE]) {
      expect(() => sum.add(value)).toThrow(RangeError)
    }
    expect(sum.value()).toBe(1)
  })
})

describe('ExactSum: merge', () => {
  it('returns the same sum and bytes for any order and grouping of terms', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 2 }), term), { maxLength: 30 }),
        fc.boolean(),
        (list, isStored) => {
          const [a, b, c] = [0, 1, 2].map(part => {
            const sum = sumOf(list.filter(([of]) => of === part).map(([, value]) => value))
            return isStored ? readExactSum(createByteReader(bytesOf(sum))) : sum
          })
          if (!a || !b || !c) throw new Error('There are three parts.')
          c.merge(a)
          b.merge(c)
          const values = list.map(([, value]) => value)
          expect(b.value()).toBe(expectedSum(values))
          expect(bytesOf(b)).toEqual(bytesOf(sumOf(values.toReversed())))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('doubles a sum that is merged with itself', () => {
    fc.assert(
      fc.property(terms, values => {
        const sum = sumOf(values)
        sum.merge(sum)
        expect(sum.value()).toBe(expectedSum([...values, ...values]))
      }),
    )
  })
})

describe('ExactSum: bytes', () => {
  it('contain one double for whole numbers', () => {
    expect(bytesOf(sumOf([1, 2, 3])).length).toBe(9)
    expect(bytesOf(createExactSum()).length).toBe(1)
  })

  it('are rejected when they are truncated or contain an invalid part', () => {
    const readSumOf = (...parts: number[]): ExactSum => {
      const writer = createByteWriter()
      writer.uint(parts.length)
      for (const part of parts) writer.float(part)
      return readExactSum(createByteReader(writer.finish()))
    }
    expect(readSumOf(2, 1).value()).toBe(3)
    for (const wrong of [[NaN], [Infinity], [1, 2], [Number.MAX_VALUE, 1e308]]) {
      expect(() => readSumOf(...wrong), String(wrong)).toThrow(RangeError)
    }
    for (const missing of [1, 8]) {
      const cut = createByteReader(bytesOf(sumOf([1])).subarray(0, -missing))
      expect(() => readExactSum(cut)).toThrow(RangeError)
    }
  })
})
