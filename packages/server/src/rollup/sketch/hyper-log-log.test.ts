import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { type Hash, hash64 } from './hash.ts'
import { type HyperLogLog, createHyperLogLog, readHyperLogLog } from './hyper-log-log.ts'
import { measureCountErrors } from './testing/count-error.ts'

/** Halves of hashes, some with almost only zero bits, for ranks that no realistic stream reaches. */
const half = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.integer({ min: 0, max: 255 }),
  fc.integer({ min: 0, max: 31 }).map(bit => (1 << bit) >>> 0),
)
const hash: fc.Arbitrary<Hash> = fc.record({ high: half, low: half })
const hashes = fc.array(hash, { maxLength: 80, size: 'max' })
/** Few registers, so that a list of hashes reaches every form. Precision 6 is exact to 4 hashes and packed to 8. */
const precision = fc.integer({ min: 4, max: 8 })

function sketchOf(from: Iterable<Hash>, ofPrecision?: number): HyperLogLog {
  const sketch = createHyperLogLog(ofPrecision)
  for (const each of from) sketch.add(each)
  return sketch
}

function* items(count: number, prefix = ''): Generator<Hash> {
  for (let item = 0; item < count; item++) yield hash64(`${prefix}${item}`)
}

/** Returns a random-looking hash much faster than `hash64`, with the finalizer of MurmurHash3. */
function mixed(stream: number, item: number): Hash {
  const low = finalize(finalize(stream + 1) ^ item)
  return { high: finalize(low ^ 0x9e3779b9), low }
}

function finalize(bits: number): number {
  let value = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}

function bytesOf(sketch: HyperLogLog): Uint8Array {
  const writer = createByteWriter()
  sketch.write(writer)
  return writer.finish()
}

const copyOf = (sketch: HyperLogLog): HyperLogLog =>
  readHyperLogLog(createByteReader(bytesOf(sketch)))

/** Numbers of items that result in each form with precision 14: exact, packed and dense. */
const formsOf14 = [0, 1, 10, 256, 257, 1000, 2190, 2200, 5000]

describe('HyperLogLog: count', () => {
  it('is exact up to 256 items', () => {
    const sketch = createHyperLogLog()
    let count = 0
    for (const item of items(256)) {
      expect(sketch.add(item)).toBe(true)
      expect(sketch.add(item)).toBe(false)
      expect(sketch.count()).toBe(++count)
    }
  })

  it('is exact up to 128 items with precision 11', () => {
    const sketch = createHyperLogLog(11)
    let count = 0
    for (const item of items(128)) {
      sketch.add(item)
      expect(sketch.count()).toBe(++count)
    }
  })

  it('distinguishes hashes that differ in one bit while it is exact', () => {
    const differing = Array.from({ length: 64 }, (_, bit) => ({
      high: bit < 32 ? 0 : (1 << bit) >>> 0,
      low: bit < 32 ? (1 << bit) >>> 0 : 0,
    }))
    expect(sketchOf([...differing, ...differing]).count()).toBe(64)
  })

  it('has an error below 1 %, and below 2.9 % with precision 11, whose standard error is 2.3 %', () => {
    const [errors14, errors11] = measureCountErrors({
      precisions: [14, 11],
      sizes: [100, 1000, 10_000, 100_000],
      streams: 50,
      hashOf: mixed,
    })
    expect(errors14?.[0]).toBe(0)
    for (const error of errors14 ?? []) expect(error).toBeLessThan(0.01)
    expect(errors11?.[0]).toBe(0)
    for (const error of errors11 ?? []) expect(error).toBeLessThan(0.029)
  })

  it('changes only when `add` returns true', () => {
    fc.assert(
      fc.property(hashes, precision, (list, ofPrecision) => {
        const sketch = createHyperLogLog(ofPrecision)
        for (const each of list) {
          const before = { count: sketch.count(), bytes: bytesOf(sketch) }
          const isNew = sketch.add(each)
          if (!isNew) expect(sketch.count()).toBe(before.count)
          expect(Buffer.compare(bytesOf(sketch), before.bytes) !== 0).toBe(isNew)
          expect(sketch.add(each)).toBe(false)
        }
      }),
    )
  })
})

describe('HyperLogLog: registers', () => {
  it('have the ranks of the definition', () => {
    fc.assert(
      fc.property(hashes, fc.integer({ min: 4, max: 14 }), (list, ofPrecision) => {
        const model = new Uint8Array(2 ** ofPrecision)
        for (const { high, low } of list) {
          const bits = ((BigInt(high) << 32n) | BigInt(low)).toString(2).padStart(64, '0')
          const index = Number(`0b${bits.slice(-ofPrecision)}`)
          const zeros = /0*$/.exec(bits.slice(0, -ofPrecision))?.[0].length ?? 0
          model[index] = Math.max(model[index] ?? 0, zeros + 1)
        }
        expect(Buffer.compare(sketchOf(list, ofPrecision).registers(), model)).toBe(0)
      }),
    )
  })

  it('are returned as a copy', () => {
    for (const count of [1, 300, 3000]) {
      const sketch = sketchOf(items(count))
      const before = bytesOf(sketch)
      sketch.registers().fill(7)
      expect(bytesOf(sketch)).toEqual(before)
    }
  })
})

describe('HyperLogLog: merge', () => {
  it('returns the same bytes and count for any order, repetition and grouping of hashes', () => {
    const split = fc.array(fc.tuple(fc.nat({ max: 3 }), hash), { maxLength: 120, size: 'max' })
    fc.assert(
      fc.property(split, precision, fc.boolean(), (list, ofPrecision, isStored) => {
        const expected = sketchOf(
          list.map(([, each]) => each),
          ofPrecision,
        )
        const [a, b, c, d] = [0, 1, 2, 3].map(part => {
          const ofPart = list.filter(([of]) => of === part || of === (part + 1) % 4)
          const sketch = sketchOf(
            ofPart.map(([, each]) => each),
            ofPrecision,
          )
          return isStored ? copyOf(sketch) : sketch
        })
        if (!a || !b || !c || !d) throw new Error('There are four parts.')
        b.merge(a)
        c.merge(d)
        c.merge(b)
        c.merge(c)
        expect(bytesOf(c)).toEqual(bytesOf(expected))
        expect(c.count()).toBe(expected.count())
      }),
    )
  })

  it('is commutative, associative and idempotent in every form', () => {
    for (const x of formsOf14) {
      for (const y of formsOf14) {
        const together = sketchOf([...items(x), ...items(y, 'other ')])
        const [one, two] = [sketchOf(items(x)), sketchOf(items(y, 'other '))]
        const [there, back] = [copyOf(one), copyOf(two)]
        there.merge(two)
        back.merge(one)
        back.merge(one)
        expect(Buffer.compare(bytesOf(there), bytesOf(together)), `${x} and ${y}`).toBe(0)
        expect(Buffer.compare(bytesOf(back), bytesOf(together)), `${y} and ${x}`).toBe(0)
      }
    }
  })

  it('does not change the other sketch, and shares no memory with it', () => {
    for (const count of formsOf14) {
      const other = sketchOf(items(count))
      const before = bytesOf(other)
      const sketch = createHyperLogLog()
      sketch.merge(other)
      for (const item of items(3000, 'other ')) sketch.add(item)
      expect(Buffer.compare(bytesOf(other), before)).toBe(0)
      const after = bytesOf(sketch)
      for (const item of items(3000, 'yet another ')) other.add(item)
      expect(Buffer.compare(bytesOf(sketch), after)).toBe(0)
    }
  })

  it('throws an error for different precisions', () => {
    expect(() => createHyperLogLog(14).merge(createHyperLogLog(11))).toThrow(RangeError)
  })
})

describe('HyperLogLog: bytes', () => {
  it('decode to the same sketch in every form', () => {
    for (const count of formsOf14) {
      const sketch = sketchOf(items(count))
      const copy = copyOf(sketch)
      expect(copy.count()).toBe(sketch.count())
      expect(Buffer.compare(copy.registers(), sketch.registers())).toBe(0)
      expect(Buffer.compare(bytesOf(copy), bytesOf(sketch))).toBe(0)
    }
  })

  it('take 8 bytes per exact item, 2 per packed register, then half a byte per register', () => {
    const sizes = [0, 1, 10, 1000, 100_000].map(count => bytesOf(sketchOf(items(count))).length)
    expect(sizes[0]).toBe(2)
    expect(sizes[1]).toBe(10)
    expect(sizes[2]).toBe(82)
    expect(sizes[3]).toBeLessThan(2000)
    expect(sizes[4]).toBeLessThan(8300)
    expect(bytesOf(sketchOf(items(100_000), 8)).length).toBeLessThan(140)
  })

  it('encode ranks that are far apart', () => {
    const sketch = sketchOf(items(100_000))
    sketch.add({ high: 0, low: 5 })
    sketch.add({ high: 2 ** 31, low: 6 })
    const copy = copyOf(sketch)
    expect([...copy.registers().subarray(5, 7)]).toEqual([51, 50])
    expect(Buffer.compare(copy.registers(), sketch.registers())).toBe(0)
  })

  it('are rejected when they are truncated', () => {
    for (const count of formsOf14) {
      const bytes = bytesOf(sketchOf(items(count)))
      const cut = createByteReader(bytes.subarray(0, -1))
      expect(() => readHyperLogLog(cut), `${count}`).toThrow(RangeError)
    }
  })

  it.for([
    ['of no form', [(4 << 2) | 3, 0]],
    ['of no precision', [3 << 2, 0]],
    ['half a hash', [4 << 2, 4, 1, 2, 3, 4]],
    ['one hash twice', [4 << 2, 16, ...Array<number>(16).fill(1)]],
    ['hashes out of order', [4 << 2, 16, ...Array<number>(8).fill(2), ...Array<number>(8).fill(1)]],
    ['too many packed registers', [(4 << 2) | 1, 3, 65, 65, 65]],
    ['one register twice', [(4 << 2) | 1, 2, 65, 1]],
    ['a register beyond the last', [(4 << 2) | 1, 1, 0x81, 0x08]],
    ['a packed register of rank 0', [(4 << 2) | 1, 1, 64]],
    ['a packed register of too high a rank', [(4 << 2) | 1, 1, 62]],
    ['too few ranks', [(4 << 2) | 2, 1, 7, ...Array<number>(7).fill(0)]],
    ['too many ranks', [(4 << 2) | 2, 1, 9, ...Array<number>(9).fill(0)]],
    ['ranks that are too high', [(4 << 2) | 2, 62, 8, ...Array<number>(8).fill(0)]],
    ['a rank that is too high', [(4 << 2) | 2, 1, 8, ...Array<number>(7).fill(0), 15, 47]],
  ] as const)('are refused when they hold %s', ([, bytes]) => {
    expect(() => readHyperLogLog(createByteReader(Uint8Array.from(bytes)))).toThrow(RangeError)
  })

  it('are accepted at the limits of the format', () => {
    for (const bytes of [
      [4 << 2, 8, ...Array<number>(8).fill(1)],
      [(4 << 2) | 1, 2, 61, 65],
      [(4 << 2) | 1, 1, 0xc1, 0x07],
      [(4 << 2) | 2, 61, 8, ...Array<number>(8).fill(0)],
      [(4 << 2) | 2, 1, 8, ...Array<number>(7).fill(0), 15, 45],
    ]) {
      const sketch = readHyperLogLog(createByteReader(Uint8Array.from(bytes)))
      expect([...bytesOf(sketch)]).toEqual(bytes)
    }
  })

  it('are rejected or decode to a valid sketch, for any bytes', () => {
    const head = fc.tuple(fc.integer({ min: 4, max: 6 }), fc.nat({ max: 3 }))
    fc.assert(
      fc.property(head, fc.uint8Array({ maxLength: 50 }), ([ofPrecision, form], rest) => {
        const reader = createByteReader(Uint8Array.of((ofPrecision << 2) | form, ...rest))
        let sketch: HyperLogLog
        try {
          sketch = readHyperLogLog(reader)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          return
        }
        expect(sketch.count()).toBeGreaterThanOrEqual(0)
        expect(bytesOf(copyOf(sketch))).toEqual(bytesOf(sketch))
      }),
      { numRuns: 1000 },
    )
  })
})

it('HyperLogLog: accepts precisions from 4 to 18', () => {
  for (const wrong of [3, 19, 4.5, NaN]) expect(() => createHyperLogLog(wrong)).toThrow(RangeError)
})
