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
  return all.reduce((counted, n) => addToSequenceSet(counted, n) ?? counted, none)
}

/** The same in the plainest form. */
function model(all: readonly number[]): { upTo: number; beyond: number[] } {
  const set = new Set(all)
  let upTo = 0
  while (set.delete(upTo + 1)) upTo++
  return { upTo, beyond: [...set].toSorted((a, b) => a - b) }
}

function expectSame(counted: SequenceSet, { upTo, beyond }: ReturnType<typeof model>): void {
  expect(counted.upTo).toBe(upTo)
  expect(countAfterGap(counted)).toBe(beyond.length)
  expect(firstAfterGap(counted)).toBe(beyond[0] ?? upTo)
  for (const n of beyond) expect(addToSequenceSet(counted, n)).toBeUndefined()
}

describe('counted numbers', () => {
  it('are those of a plain set, in whatever order they come', () => {
    fc.assert(
      fc.property(numbers, all => {
        let counted = none
        const seen = new Set<number>()
        for (const n of all) {
          const more = addToSequenceSet(counted, n)
          expect(more !== undefined).toBe(!seen.has(n))
          seen.add(n)
          counted = more ?? counted
        }
        expectSame(counted, model(all))
      }),
    )
  })

  it('have one form, however they came about', () => {
    fc.assert(
      fc.property(numbers, all => {
        const sorted = all.toSorted((a, b) => a - b)
        expect(addAll(all)).toEqual(addAll(sorted))
        expect(addAll(sorted.toReversed())).toEqual(addAll(sorted))
      }),
    )
  })

  it('are filled up to the first beyond, and then to those that follow it', () => {
    fc.assert(
      fc.property(numbers, fc.nat(), (all, pick) => {
        const { upTo, beyond } = model(all)
        const n = beyond[pick % beyond.length]
        if (n === undefined) return
        const rest = new Set(beyond.filter(each => each >= n))
        let filled = Math.max(upTo, n - 1)
        while (rest.delete(filled + 1)) filled++
        expectSame(fillGapsBefore(addAll(all), n), { upTo: filled, beyond: [...rest] })
      }),
    )
  })

  it('take a run for one thing', () => {
    const counted = addAll(Array.from({ length: 4000 }, (_, at) => at + 2))
    expect(counted).toEqual({ upTo: 0, bits: -2, runs: [33, 4001] })
    expect(addToSequenceSet(counted, 1)).toEqual({ upTo: 4001, bits: 0, runs: [] })
  })
})
