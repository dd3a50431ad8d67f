import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hash } from '../sketch/hash.ts'
import { type RowIndex, createRowIndex } from './row-index.ts'

/** Creates an index over rows whose keys are in an array. */
function setUp(keys: readonly Hash[], seed = 0, expectedRows = 0): RowIndex {
  return createRowIndex({
    highOf: row => keys[row]?.high ?? 0,
    lowOf: row => keys[row]?.low ?? 0,
    hasKey: (row, high, low) => keys[row]?.high === high && keys[row]?.low === low,
    seed,
    expectedRows,
  })
}

const keyOf = (n: number): Hash => ({ high: 7, low: n })

/** Inverts the finalizer of MurmurHash3. */
function unmix(mixed: number): number {
  let value = mixed ^ (mixed >>> 16)
  value = Math.imul(value, 0x7ed1b41d)
  value ^= (value >>> 13) ^ (value >>> 26)
  value = Math.imul(value, 0xa5cb9243)
  return (value ^ (value >>> 16)) >>> 0
}

describe('RowIndex', () => {
  it('finds the rows that were set and not removed', () => {
    const step = fc.record({
      kind: fc.constantFrom('set', 'set', 'remove'),
      key: fc.nat({ max: 60 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), fc.integer(), (steps, seed) => {
        // Each step has a separate row, with a key that other rows may share.
        const keys = steps.map(({ key }) => keyOf(key * 1000))
        const index = setUp(keys, seed)
        const model = new Map<number, number>()
        for (const [row, { kind, key }] of steps.entries()) {
          const current = model.get(key)
          if (kind === 'set') {
            index.set(row)
            model.set(key, row)
          } else if (current !== undefined) {
            index.remove(current)
            model.delete(key)
          }
          const all = Array.from({ length: 61 }, (_, each) => each)
          expect(all.map(each => index.find(keyOf(each * 1000)))).toEqual(
            all.map(each => model.get(each) ?? -1),
          )
        }
      }),
      { numRuns: 50 },
    )
  })

  it('does not remove a row that replaced the given one', () => {
    const index = setUp([keyOf(1), keyOf(1)])
    index.set(0)
    index.set(1)
    index.remove(0)
    expect(index.find(keyOf(1))).toBe(1)
  })

  it.each([0, 30_000])('grows and shrinks, with %i expected rows', expectedRows => {
    const keys = Array.from({ length: 30_000 }, (_, n) => keyOf(n))
    const index = setUp(keys, 0, expectedRows)
    const found = (): number[] => keys.map(key => index.find(key))
    const rows = keys.map((_, row) => row)
    for (const row of rows) index.set(row)
    expect(found()).toEqual(rows)
    for (const row of rows) if (row % 100 !== 0) index.remove(row)
    expect(found()).toEqual(rows.map(row => (row % 100 === 0 ? row : -1)))
    for (const row of rows) index.set(row)
    expect(found()).toEqual(rows)
  })

  it('distinguishes keys that differ in one half', () => {
    const keys = [
      { high: 1, low: 2 },
      { high: 2, low: 1 },
      { high: 1, low: 1 },
      { high: 2 ** 32 - 1, low: 2 ** 32 - 1 },
    ]
    const index = setUp(keys)
    for (const row of keys.keys()) index.set(row)
    expect(keys.map(key => index.find(key))).toEqual([0, 1, 2, 3])
    expect(index.find({ high: 2, low: 2 })).toBe(-1)
    expect(index.find({ high: 0, low: 0 })).toBe(-1)
  })

  it('finds keys that were made to collide', () => {
    const keys = Array.from({ length: 2000 }, (_, n) => ({ high: unmix(n), low: 0 }))
    const index = setUp(keys)
    for (const row of keys.keys()) index.set(row)
    expect(keys.map(key => index.find(key))).toEqual([...keys.keys()])
    for (const row of keys.keys()) index.remove(row)
    expect(keys.every(key => index.find(key) === -1)).toBe(true)
  })
})
