import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hash64 } from '../sketch/hash.ts'
import { createBreakdown } from './breakdown.ts'
import { type CooperativeTask, runToCompletion } from '../../shared/cooperative-task.ts'
import type { PartName } from './dimensions.ts'
import {
  type BucketBounds,
  decodeBreakdown,
  decodeTotals,
  decodeValues,
  encodeBreakdown,
  encodeTotals,
  encodeValues,
  mergeEncoded,
} from './parts.ts'
import { countEvent, createTotals } from './totals.ts'
import { createValues } from './values.ts'

const bounds: BucketBounds = { maxBreakdownRows: 20, maxValueNames: 10, maxProperties: 50 }

const name = fc.constantFrom('/', '/a', '/b', '__proto__', '')
/** Runs of consecutive visitors, mostly one visitor. Above 128 visitors a row has registers instead of hashes. */
const run = fc.record({ from: fc.nat(500), length: fc.constantFrom(1, 1, 1, 150) })

function visitorsOf({ from, length }: { from: number; length: number }) {
  return Array.from({ length }, (_, index) => hash64(`visitor ${from + index}`))
}

const totals = fc
  .record({
    runs: fc.array(run, { maxLength: 8 }),
    sessions: fc.integer({ min: -5, max: 5 }),
    bounces: fc.integer({ min: -5, max: 5 }),
    botEvents: fc.nat(5),
  })
  .map(({ runs, ...counts }) => {
    const table = Object.assign(createTotals(), counts)
    for (const each of runs) {
      for (const visitor of visitorsOf(each)) countEvent(table, each.from % 2 === 0, visitor)
    }
    return encodeTotals(table)
  })

const breakdown = fc.array(fc.record({ name, run }), { maxLength: 8 }).map(all => {
  const table = createBreakdown(bounds.maxBreakdownRows)
  for (const each of all) for (const visitor of visitorsOf(each.run)) table.add(each.name, visitor)
  return runToCompletion(encodeBreakdown(table))
})

const values = fc
  // Equal times have equal values, so that no order of arrival decides on the latest one.
  .array(fc.tuple(name, fc.nat(2e9)), { maxLength: 60 })
  .map(all => {
    const table = createValues(bounds.maxValueNames)
    for (const [each, at] of all) table.add(each, (at - 1e9) / 7, at)
    return encodeValues(table)
  })

const partCases: [PartName, fc.Arbitrary<Uint8Array>][] = [
  ['totals', totals],
  ['path', breakdown],
  ['goal', breakdown],
  ['values', values],
]

describe.each(partCases)('mergeEncoded: %s', (part, encoded) => {
  const merge = (...all: Uint8Array[]): Uint8Array =>
    runToCompletion(mergeEncoded(part, all, bounds))

  it('returns the same bytes for any order of parts, below the bounds', () => {
    fc.assert(
      fc.property(encoded, encoded, (a, b) => {
        expect(merge(a, b)).toEqual(merge(b, a))
      }),
      { numRuns: 50 },
    )
  })

  it('returns the same bytes for any grouping of parts, below the bounds', () => {
    fc.assert(
      fc.property(encoded, encoded, encoded, (a, b, c) => {
        const expected = merge(a, b, c)
        expect(merge(merge(a, b), c)).toEqual(expected)
        expect(merge(a, merge(b, c))).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })

  it('returns a single part unchanged', () => {
    fc.assert(
      fc.property(encoded, a => {
        expect(merge(a)).toEqual(a)
      }),
    )
  })

  it('throws an error without parts', () => {
    expect(() => merge()).toThrow(RangeError)
  })
})

it('encodeBreakdown, decodeBreakdown, mergeEncoded: yield after each name', () => {
  const names = 500
  const roomy = { ...bounds, maxBreakdownRows: 1000 }
  const table = createBreakdown(roomy.maxBreakdownRows)
  for (let path = 0; path < names; path++) table.add(`/${path}`, hash64('v'))
  const stepsOf = (task: CooperativeTask<unknown>): number => [...task].length
  const bytes = runToCompletion(encodeBreakdown(table))
  expect(stepsOf(encodeBreakdown(table))).toBe(names)
  expect(stepsOf(decodeBreakdown(bytes, bounds))).toBe(names)
  // One part is decoded, the other is merged into it, and the sum is encoded.
  expect(stepsOf(mergeEncoded('path', [bytes, bytes], roomy))).toBe(3 * names)
})

describe('mergeEncoded', () => {
  const merge = (part: PartName, all: Uint8Array[], limits = bounds): Uint8Array =>
    runToCompletion(mergeEncoded(part, all, limits))

  it('sums totals and counts each visitor once', () => {
    const one = Object.assign(createTotals(), { sessions: 2, bounces: 2, botEvents: 1 })
    const other = Object.assign(createTotals(), { sessions: -1, bounces: -2, botEvents: 3 })
    countEvent(one, true, hash64('v'))
    countEvent(one, false, hash64('v'))
    countEvent(other, true, hash64('v'))
    countEvent(other, true, hash64('w'))
    const { visitors, ...sum } = decodeTotals(
      merge('totals', [encodeTotals(one), encodeTotals(other)]),
    )
    expect(sum).toMatchObject({ events: 4, pageViews: 3, sessions: 1, bounces: 0, botEvents: 4 })
    expect(visitors.count()).toBe(2)
  })

  it('counts up to 256 visitors of a site exactly, and up to 128 of a row', () => {
    const visitors = Array.from({ length: 256 }, (_, index) => hash64(`visitor ${index}`))
    const halves = [visitors.slice(0, 150), visitors.slice(100)]
    const parts = halves.map(half => {
      const table = createTotals()
      for (const visitor of half) countEvent(table, true, visitor)
      return encodeTotals(table)
    })
    expect(decodeTotals(merge('totals', parts)).visitors.count()).toBe(256)
    const rows = [visitors.slice(0, 70), visitors.slice(60, 128)].map(some => {
      const table = createBreakdown(20)
      for (const visitor of some) table.add('/a', visitor)
      return runToCompletion(encodeBreakdown(table))
    })
    const merged = runToCompletion(decodeBreakdown(merge('path', rows), bounds))
    expect(merged.rows.get('/a')?.visitors.count()).toBe(128)
  })

  it('applies the given bounds', () => {
    const encode = (...names: string[]): Uint8Array => {
      const table = createBreakdown(20)
      for (const each of names) table.add(each, hash64('v'))
      return runToCompletion(encodeBreakdown(table))
    }
    const few = { maxBreakdownRows: 1, maxValueNames: 1, maxProperties: 50 }
    const parts = [encode('/a', '/a'), encode('/b', '/c'), encode('/b', '/b')]
    const merged = runToCompletion(decodeBreakdown(merge('path', parts, few), few))
    const rows = [...merged.rows].map(([each, { count }]) => [each, count])
    expect(rows.length).toBe(1)
    expect(merged.other.count + (merged.rows.values().next().value?.count ?? 0)).toBe(6)
    const [a, b] = ['a', 'b'].map(each => {
      const table = createValues(20)
      table.add(each, 1, 0)
      return encodeValues(table)
    })
    if (!a || !b) throw new RangeError('There are no values.')
    expect([...decodeValues(merge('values', [a, b], few), few).rows.keys()]).toEqual(['a'])
  })
})
