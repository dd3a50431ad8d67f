import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader } from '../../shared/bytes.ts'
import { decodeValues, encodeValues } from './parts.ts'
import { type Values, createValues, readValues } from './values.ts'

function aggregate(
  all: readonly (readonly [name: string, value: number, at?: number])[],
  maxNames = 50,
): Values {
  const values = createValues(maxNames)
  for (const [name, value, at = 0] of all) values.add(name, value, at)
  return values
}

function countsOf({ rows }: Values): [string, number][] {
  return [...rows].map(([name, sketch]) => [name, sketch.summary().count])
}

describe('Values', () => {
  it('reject names beyond the bound', () => {
    const values = createValues(2)
    const added = ['b', 'a', 'c', 'b'].map(name => values.add(name, 1, 0))
    expect(added).toEqual([true, true, false, true])
    expect(countsOf(values)).toEqual([
      ['b', 2],
      ['a', 1],
    ])
  })

  it('merge existing names, and new names while there is room', () => {
    const values = aggregate([['a', 1]], 2)
    values.merge(
      aggregate([
        ['b', 2],
        ['c', 3],
        ['a', 4],
      ]),
    )
    expect(countsOf(values)).toEqual([
      ['a', 2],
      ['b', 1],
    ])
    expect(values.rows.get('a')?.summary()).toMatchObject({ sum: 5, min: 1, max: 4, last: 4 })
  })

  it('share no memory with merged values', () => {
    const source = aggregate([['a', 1]])
    const merged = createValues(50)
    merged.merge(source)
    source.add('a', 2, 0)
    expect(countsOf(merged)).toEqual([['a', 1]])
  })

  it('have equal bytes for equal values in any order, and decode to the same values', () => {
    // Equal times have equal values, so that no order of arrival decides on the latest one.
    const valued = fc
      .tuple(fc.constantFrom('order', 'load', '__proto__', 'ä'), fc.nat(2e6))
      .map(([name, at]) => [name, [0, -0, 0.1, -3][at] ?? at - 1e6, at] as const)
    fc.assert(
      fc.property(fc.array(valued), all => {
        const bytes = encodeValues(aggregate(all))
        expect(encodeValues(aggregate(all.toReversed()))).toEqual(bytes)
        const again = readValues(createByteReader(bytes), 50)
        expect(encodeValues(again)).toEqual(bytes)
        expect(new Map(countsOf(again))).toEqual(new Map(countsOf(aggregate(all))))
      }),
    )
  })

  it('apply the bound after decoding', () => {
    const bytes = encodeValues(
      aggregate([
        ['a', 1],
        ['b', 1],
      ]),
    )
    const values = decodeValues(bytes, {
      maxBreakdownRows: 1000,
      maxValueNames: 2,
      maxProperties: 50,
    })
    expect(values.add('c', 1, 0)).toBe(false)
    expect(values.add('a', 1, 0)).toBe(true)
  })
})
