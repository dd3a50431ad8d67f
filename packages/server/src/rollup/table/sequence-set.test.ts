import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type SequenceSet,
  addToSequenceSet,
  countAfterGap,
  fillGapsBefore,
  firstAfterGap,
} from './sequence-set.ts'

const none: SequenceSet = { upTo: 0, bits: 0, runs: [] }

const numbers = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: 1, max: 150 }) },
    { weight: 1, arbitrary: fc.integer({ min: 2 ** 53 - 50, max: 2 ** 53 - 1 }) },
  ),
  { maxLength: 300, size: 'max' },
)

function addAll(all: readonly number[]): SequenceSet {
  return all.reduce((set, n) => addToSequenceSet(set, n) ?? set, none)
}

/** Computes the expected set with a plain `Set`. */
function model(all: readonly number[]): { upTo: number; afterGap: number[] } {
  const rest = new Set(all)
  let upTo = 0
  while (rest.delete(upTo + 1)) upTo++
  return { upTo, afterGap: [...rest].toSorted((a, b) => a - b) }
}

function expectSame(set: SequenceSet, { upTo, afterGap }: ReturnType<typeof model>): void {
  expect(set.upTo).toBe(upTo)
  expect(countAfterGap(set)).toBe(afterGap.length)
  expect(firstAfterGap(set)).toBe(afterGap[0] ?? upTo)
  for (const n of afterGap) expect(addToSequenceSet(set, n)).toBeUndefined()
}

describe('SequenceSet', () => {
  it('contains the numbers of a plain set, in any order of arrival', () => {
    fc.assert(
      fc.property(numbers, all => {
        let set = none
        const reference = new Set<number>()
        for (const n of all) {
          const more = addToSequenceSet(set, n)
          expect(more !== undefined).toBe(!reference.has(n))
          reference.add(n)
          set = more ?? set
        }
        expectSame(set, model(all))
      }),
    )
  })

  it('is equal for any order of the same numbers', () => {
    fc.assert(
      fc.property(numbers, all => {
        const sorted = all.toSorted((a, b) => a - b)
        expect(addAll(all)).toEqual(addAll(sorted))
        expect(addAll(sorted.toReversed())).toEqual(addAll(sorted))
      }),
    )
  })

  it('fills the gaps before a number, and joins the numbers that follow it', () => {
    fc.assert(
      fc.property(numbers, fc.nat(), (all, pick) => {
        const { upTo, afterGap } = model(all)
        const n = afterGap[pick % afterGap.length]
        if (n === undefined) return
        const rest = new Set(afterGap.filter(each => each >= n))
        let filled = Math.max(upTo, n - 1)
        while (rest.delete(filled + 1)) filled++
        expectSame(fillGapsBefore(addAll(all), n), { upTo: filled, afterGap: [...rest] })
      }),
    )
  })

  it('represents a run by two numbers', () => {
    const set = addAll(Array.from({ length: 4000 }, (_, index) => index + 2))
    expect(set).toEqual({ upTo: 0, bits: -2, runs: [33, 4001] })
    expect(addToSequenceSet(set, 1)).toEqual({ upTo: 4001, bits: 0, runs: [] })
  })
})
