import { DDSketch } from '@datadog/sketches-js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { createExactSum } from './exact-sum.ts'
import { type ValueSketch, createValueSketch, readValueSketch } from './quantiles.ts'

const largest = 2 ** 53

/** Values of every magnitude, so that bins collapse. */
const anyValue = fc.oneof(
  fc.double({ min: -largest, max: largest, noNaN: true }),
  fc.integer({ min: -100, max: 100 }),
  fc.integer({ min: -1070, max: 53 }).map(exponent => 2 ** exponent),
)
const anyValues = fc.array(anyValue, { maxLength: 60, size: 'max' })

/** Magnitudes that differ by a factor of at most 5 · 10^17, so that no bin collapses. */
const magnitude = fc.double({ min: largest / 5e17, max: largest, noNaN: true })
const value = fc
  .tuple(fc.constantFrom(-1, 0, 1, 1), fc.oneof(magnitude, fc.integer({ min: 1, max: 100 })))
  .map(([sign, size]) => sign * size)
const values = fc.array(value, { minLength: 1, maxLength: 60, size: 'max' })

const percents = [50, 75, 90, 95, 99] as const

function sketchOf(list: Iterable<number>): ValueSketch {
  const sketch = createValueSketch()
  for (const each of list) sketch.add(each)
  return sketch
}

function bytesOf(sketch: ValueSketch): Uint8Array {
  const writer = createByteWriter()
  sketch.write(writer)
  return writer.finish()
}

const copyOf = (sketch: ValueSketch): ValueSketch =>
  readValueSketch(createByteReader(bytesOf(sketch)))

/** Returns the quantile by definition. */
function exactQuantile(list: readonly number[], percent: number): number {
  const ascending = list.toSorted((a, b) => a - b)
  return (ascending[Math.max(0, Math.ceil((list.length * percent) / 100) - 1)] ?? 0) + 0
}

describe('ValueSketch: summary', () => {
  it('has the exact quantiles of up to 16 values', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { minLength: 1, maxLength: 16 }), list => {
        const summary = sketchOf(list).summary()
        for (const percent of percents) {
          expect(summary[`p${percent}`]).toBe(exactQuantile(list, percent))
        }
      }),
    )
  })

  it('has exact quantiles of 16 values, and estimates for 17', () => {
    const list = Array.from({ length: 16 }, (_, index) => 100.5 + index)
    expect(sketchOf(list).summary()).toMatchObject({
      p50: 107.5,
      p75: 111.5,
      p90: 114.5,
      p95: 115.5,
      p99: 115.5,
    })
    expect(sketchOf([...list, 1]).summary().p50).not.toBe(107.5)
  })

  it('has quantiles within 1 % of the exact ones', () => {
    fc.assert(
      fc.property(values, list => {
        const summary = sketchOf(list).summary()
        for (const percent of percents) {
          const exact = exactQuantile(list, percent)
          const error = Math.abs(summary[`p${percent}`] - exact)
          expect(error, `p${percent} is not ${exact}`).toBeLessThanOrEqual(
            Math.abs(exact) * (0.01 + 1e-12),
          )
        }
      }),
      { numRuns: 300 },
    )
  })

  it('has the quantiles of the library where the library is correct', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 17, maxLength: 60 }), list => {
        const library = new DDSketch({ relativeAccuracy: 0.01 })
        for (const each of list) library.accept(each)
        const summary = sketchOf(list).summary()
        for (const percent of percents) {
          const rank = Math.max(0, Math.ceil((list.length * percent) / 100) - 1)
          const estimate = library.getValueAtQuantile(rank / (list.length - 1))
          const within = Math.min(Math.max(estimate, library.min), library.max)
          // The library computes a rank with fractions, which may round to just below a whole number.
          const isRankWhole = (rank / (list.length - 1)) * (list.length - 1) === rank
          if (isRankWhole) expect(summary[`p${percent}`]).toBe(within + 0)
        }
      }),
    )
  })

  it('has the exact count, sum, mean, minimum and maximum', () => {
    fc.assert(
      fc.property(anyValues, list => {
        const sum = createExactSum()
        for (const each of list.toReversed()) sum.add(each)
        const summary = sketchOf(list).summary()
        expect(summary.count).toBe(list.length)
        expect(summary.sum).toBe(sum.value())
        if (list.length === 0) return
        expect(summary.min).toBe(Math.min(...list) + 0)
        expect(summary.max).toBe(Math.max(...list) + 0)
        expect(summary.mean).toBeCloseTo(sum.value() / list.length)
      }),
    )
  })

  it('has only zeros without values', () => {
    expect(new Set(Object.values(createValueSketch().summary()))).toEqual(new Set([0]))
  })

  it('has the value itself as mean of equal values', () => {
    const { mean } = sketchOf([0.1, 0.1, 0.1]).summary()
    expect(mean).toBe(0.1)
  })

  it('has ascending quantiles between minimum and maximum', () => {
    fc.assert(
      fc.property(anyValues, list => {
        const { min, p50, p75, p90, p95, p99, max } = sketchOf(list).summary()
        const ascending = [min, p50, p75, p90, p95, p99, max]
        expect(ascending).toEqual(ascending.toSorted((a, b) => a - b))
      }),
    )
  })
})

describe('ValueSketch: values', () => {
  it('are rejected when they are NaN or too large, without any change', () => {
    for (const count of [1, 100]) {
      const sketch = sketchOf(Array<number>(count).fill(1))
      const before = bytesOf(sketch)
      for (const wrong of [NaN, Infinity, -Infinity, largest + 2, -largest - 2]) {
        expect(sketch.add(wrong)).toBe(false)
      }
      expect(sketch.add(largest)).toBe(true)
      expect(sketch.summary().count).toBe(count + 1)
      expect(bytesOf(sketch)).not.toEqual(before)
    }
  })

  it('of −0 count as 0', () => {
    for (const count of [1, 20]) {
      const negative = sketchOf(Array<number>(count).fill(-0))
      const positive = sketchOf(Array<number>(count).fill(0))
      expect(bytesOf(negative)).toEqual(bytesOf(positive))
      expect(Object.values(negative.summary()).some(each => Object.is(each, -0))).toBe(false)
    }
  })

  it('below the normal doubles count as 0, but are the minimum', () => {
    const tiny = Array<number>(50).fill(1e-310)
    expect(sketchOf([-1, ...tiny]).summary().p50).toBe(0)
    expect(sketchOf([1, ...tiny]).summary()).toMatchObject({ min: 1e-310, p50: 1e-310 })
  })

  it('far smaller than the largest count as 6 · 10^17 times smaller, not as 0', () => {
    const tiny = Array<number>(50).fill(1e-300)
    const { p50, p99, min, max } = sketchOf([...tiny, ...Array<number>(40).fill(largest)]).summary()
    expect(p50).toBeGreaterThan(0)
    expect(p50).toBeLessThan(largest / 5.9e17)
    expect(p99).toBeGreaterThan(largest * 0.99)
    expect([min, max]).toEqual([1e-300, largest])
  })
})

describe('ValueSketch: merge', () => {
  it('returns the same bytes and summary for any order and grouping of values', () => {
    const split = fc.array(fc.tuple(fc.nat({ max: 3 }), anyValue), { maxLength: 60, size: 'max' })
    fc.assert(
      fc.property(split, fc.boolean(), (list, isStored) => {
        const expected = sketchOf(list.map(([, each]) => each).toReversed())
        const [a, b, c, d] = [0, 1, 2, 3].map(part => {
          const sketch = sketchOf(list.filter(([of]) => of === part).map(([, each]) => each))
          return isStored ? copyOf(sketch) : sketch
        })
        if (!a || !b || !c || !d) throw new Error('There are four parts.')
        const before = bytesOf(a)
        b.merge(a)
        c.merge(d)
        c.merge(b)
        expect(bytesOf(c)).toEqual(bytesOf(expected))
        expect(c.summary()).toEqual(expected.summary())
        expect(bytesOf(a)).toEqual(before)
      }),
      { numRuns: 500 },
    )
  })

  it('doubles a sketch that is merged with itself', () => {
    fc.assert(
      fc.property(anyValues, list => {
        const sketch = sketchOf(list)
        sketch.merge(sketch)
        expect(bytesOf(sketch)).toEqual(bytesOf(sketchOf([...list, ...list])))
      }),
    )
  })
})

describe('ValueSketch: bytes', () => {
  it('decode to the same sketch', () => {
    fc.assert(
      fc.property(anyValues, list => {
        const sketch = sketchOf(list)
        const copy = copyOf(sketch)
        expect(copy.summary()).toEqual(sketch.summary())
        expect(bytesOf(copy)).toEqual(bytesOf(sketch))
      }),
    )
  })

  it('are bounded for any values', () => {
    function* everyMagnitude(): Generator<number> {
      for (let exponent = -1074; exponent <= 52; exponent += 0.02) {
        yield 2 ** exponent
        yield -(2 ** (-1022 - exponent))
      }
    }
    const bytes = bytesOf(sketchOf(everyMagnitude()))
    // Two bytes for each of 2,048 bins of either sign, and an exact sum of 1,127 bits.
    expect(bytes.length).toBeGreaterThan(2 * 2048 * 2)
    expect(bytes.length).toBeLessThan(2 * 2048 * 2 + 400)
  })

  it('are rejected when they are truncated or contain an invalid value', () => {
    fc.assert(
      fc.property(values, fc.nat(), (list, cut) => {
        const bytes = bytesOf(sketchOf(list))
        const reader = createByteReader(bytes.subarray(0, cut % bytes.length))
        expect(() => readValueSketch(reader)).toThrow(RangeError)
      }),
    )
    const writer = createByteWriter()
    writer.uint(1)
    writer.float(NaN)
    expect(() => readValueSketch(createByteReader(writer.finish()))).toThrow(RangeError)
  })

  it('are rejected when the bins have more values than the count', () => {
    const bytes = bytesOf(sketchOf(Array<number>(20).fill(1)))
    bytes[0] = 19
    expect(() => readValueSketch(createByteReader(bytes))).toThrow(RangeError)
  })

  it('are rejected or decode to a valid sketch, for any bytes', () => {
    fc.assert(
      fc.property(fc.nat({ max: 40 }), fc.uint8Array({ maxLength: 60 }), (count, rest) => {
        const reader = createByteReader(Uint8Array.of(count, ...rest))
        let sketch: ValueSketch
        try {
          sketch = readValueSketch(reader)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          return
        }
        expect(sketch.summary().count).toBe(count)
      }),
      { numRuns: 1000 },
    )
  })
})
