import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { ValueAggregate } from './value-aggregate.ts'

interface Timed {
  value: number
  at: number
}

function aggregate(all: readonly Timed[]): ValueAggregate {
  const values = new ValueAggregate()
  for (const { value, at } of all) values.add(value, at)
  return values
}

function bytesOf(values: ValueAggregate): Uint8Array {
  const writer = createByteWriter()
  values.write(writer)
  return writer.finish()
}

const timed = fc.record({ value: fc.integer({ min: -9, max: 9 }), at: fc.nat(5) })

describe('ValueAggregate', () => {
  it('has the value with the latest time as last, and of equal times the one that was added last', () => {
    fc.assert(
      fc.property(fc.array(timed, { minLength: 1 }), all => {
        // The sort is stable.
        const latest = all.toSorted((a, b) => a.at - b.at).at(-1)
        expect(aggregate(all).summary().last).toBe((latest?.value ?? 0) + 0)
      }),
    )
  })

  it('has the same bytes for any merges in the order of arrival, also after decoding', () => {
    fc.assert(
      fc.property(fc.array(timed), fc.nat(), fc.nat(), (all, a, b) => {
        const [first = 0, second = 0] = [a, b]
          .map(cut => cut % (all.length + 1))
          .toSorted((x, y) => x - y)
        const parts = [all.slice(0, first), all.slice(first, second), all.slice(second)]
        const [early, middle, late] = parts.map(part =>
          ValueAggregate.read(createByteReader(bytesOf(aggregate(part)))),
        )
        if (!early || !middle || !late) throw new RangeError('A part is missing.')
        middle.merge(late)
        early.merge(middle)
        expect(bytesOf(early)).toEqual(bytesOf(aggregate(all)))
        expect(early.summary()).toEqual(aggregate(all).summary())
      }),
    )
  })

  it('ignores the time of a value that it does not count', () => {
    const values = aggregate([
      { value: 1, at: 1 },
      { value: NaN, at: 2 },
      { value: 2 ** 54, at: 3 },
    ])
    expect(values.summary()).toMatchObject({ count: 1, last: 1 })
  })

  it('has only zeros without values, and 0 instead of -0', () => {
    expect(new Set(Object.values(new ValueAggregate().summary()))).toEqual(new Set([0]))
    expect(aggregate([{ value: -0, at: 1 }]).summary().last).toBe(0)
  })
})
