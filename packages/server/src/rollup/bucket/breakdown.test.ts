import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { hash64 } from '../sketch/hash.ts'
import { type BreakdownTable, createBreakdown, rank, readBreakdown, sumRows } from './breakdown.ts'
import { encodeBreakdown } from './parts.ts'
import { runToCompletion } from '../../shared/cooperative-task.ts'

/** One hash object per name, so that equal visitors have the same object. */
const hashes = new Map(['v', 'w', 'x', 'y'].map(name => [name, hash64(name)]))
const hashOf = (name: string) => hashes.get(name) ?? hash64(name)

interface Counted {
  name: string
  visitor: string
}

const counted: fc.Arbitrary<Counted> = fc.record({
  name: fc.constantFrom('/', '/a', '/b', '/c', '__proto__', '(other)', 'ä', '\u{1f30a}'),
  visitor: fc.constantFrom('v', 'w', 'x', 'y'),
})

function countAll(all: readonly Counted[], maxRows: number): BreakdownTable {
  const breakdown = createBreakdown(maxRows)
  for (const { name, visitor } of all) breakdown.add(name, hashOf(visitor))
  return breakdown
}

function mergeInto(table: BreakdownTable, from: BreakdownTable): void {
  const bytes = runToCompletion(encodeBreakdown(from))
  runToCompletion(table.mergeEncoded(createByteReader(bytes)))
}

function rowsOf({ rows }: BreakdownTable): Map<string, [number, number]> {
  return new Map([...rows].map(([name, row]) => [name, [row.count, row.visitors.count()]]))
}

/** Returns the count and the visitors of all rows together. */
function sumOf({ rows, other }: BreakdownTable): [number, number] {
  const { count, visitors } = sumRows([other, ...rows.values()])
  return [count, visitors.count()]
}

function restart(breakdown: BreakdownTable, maxRows: number): BreakdownTable {
  const writer = createByteWriter()
  runToCompletion(breakdown.write(writer))
  return runToCompletion(readBreakdown(createByteReader(writer.finish()), maxRows))
}

describe('BreakdownTable', () => {
  it('counts events and visitors by name, for any runs of events', () => {
    fc.assert(
      fc.property(fc.array(counted), all => {
        const breakdown = countAll(all, 10)
        const expected = [...Map.groupBy(all, ({ name }) => name)].map(([name, each]) => {
          const visitors = new Set(each.map(({ visitor }) => visitor))
          return [name, [each.length, visitors.size]] as const
        })
        expect(rowsOf(breakdown)).toEqual(new Map(expected))
        expect(breakdown.other.count).toBe(0)
        expect(rowsOf(restart(breakdown, 10))).toEqual(new Map(expected))
      }),
    )
  })

  it('writes the names with the highest counts, also late ones, and the exact sum of the others', () => {
    const breakdown = createBreakdown(2)
    for (const name of ['/a', '/b', '/c']) breakdown.add(name, hashOf('v'))
    for (let each = 0; each < 3; each++) breakdown.add('/late', hashOf(each === 0 ? 'w' : 'x'))
    expect([...rowsOf(restart(breakdown, 2))]).toEqual([
      ['/a', [1, 1]],
      ['/late', [3, 2]],
    ])
    const { other } = restart(breakdown, 2)
    expect([other.count, other.visitors.count()]).toEqual([2, 1])
  })

  it('has up to twice as many names while it counts, and returns the counts that move to `other`', () => {
    const breakdown = createBreakdown(2)
    const names = ['/a', '/a', '/b', '/b', '/b', '/c', '/d', '/e', '/c', '/f']
    const moved = names.map(name => breakdown.add(name, hashOf('v')))
    // The fifth name removes the three names with the lowest count, 1 each.
    expect(moved).toEqual([0, 0, 0, 0, 0, 0, 0, 3, 0, 0])
    expect([...rowsOf(breakdown).keys()]).toEqual(['/a', '/b', '/c', '/f'])
    expect(breakdown.trim()).toBe(2)
    expect([...rowsOf(breakdown).keys()]).toEqual(['/a', '/b'])
    expect(breakdown.trim()).toBe(0)
    expect(sumOf(breakdown)).toEqual([names.length, 1])
  })

  it('finds the most frequent name among thousands of rare names', () => {
    const breakdown = createBreakdown(50)
    for (let each = 0; each < 20_000; each++) {
      breakdown.add(`/junk/${each}`, hashOf('v'))
      if (each % 100 === 99)
        for (let view = 0; view < 5; view++) breakdown.add('/home', hashOf('w'))
    }
    const [first] = rank(restart(breakdown, 50).rows)
    expect([first?.[0], first?.[1].count]).toEqual(['/home', 1000])
    expect(sumOf(breakdown)).toEqual([21_000, 2])
  })

  it('counts no further event in a removed row, in the middle of a run', () => {
    const breakdown = createBreakdown(1)
    breakdown.add('/a', hashOf('v'), 5)
    breakdown.add('/b', hashOf('v'))
    breakdown.add('/c', hashOf('v'))
    expect([...rowsOf(breakdown).keys()]).toEqual(['/a'])
    breakdown.add('/c', hashOf('v'))
    expect(sumOf(breakdown)).toEqual([8, 1])
    expect(rowsOf(breakdown).get('/c')).toEqual([1, 1])
  })

  it('always has the sum of all events, for any bound and any merges', () => {
    const batches = fc.array(fc.array(counted, { maxLength: 12 }), { maxLength: 6 })
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 4 }), (all, maxRows) => {
        const merged = createBreakdown(maxRows)
        for (const batch of all) {
          // Half of the tables are merged. The events of the other half are counted directly.
          const half = Math.floor(batch.length / 2)
          mergeInto(merged, countAll(batch.slice(0, half), maxRows))
          for (const { name, visitor } of batch.slice(half)) merged.add(name, hashOf(visitor))
          expect(merged.rows.size).toBeLessThanOrEqual(2 * maxRows)
          expect(restart(merged, maxRows).rows.size).toBeLessThanOrEqual(maxRows)
        }
        const events = all.flat()
        const visitors = new Set(events.map(({ visitor }) => visitor))
        expect(sumOf(merged)).toEqual([events.length, visitors.size])
      }),
    )
  })
})

describe('BreakdownTable: merge', () => {
  const views = (name: string, times: number): Counted[] =>
    Array.from({ length: times }, () => ({ name, visitor: 'v' }))

  it('keeps the names with the highest counts, ties by name, and sums the others', () => {
    const merged = countAll([...views('/b', 2), ...views('/c', 1)], 2)
    mergeInto(merged, countAll([...views('/a', 2), ...views('/c', 2)], 2))
    expect(merged.trim()).toBe(2)
    expect([...rowsOf(merged).keys()].toSorted()).toEqual(['/a', '/c'])
    expect(rowsOf(merged).get('/c')).toEqual([3, 1])
    expect(merged.other.count).toBe(2)
  })

  it('counts no further event in a removed row, also in the middle of a run', () => {
    const breakdown = countAll(views('/z', 1), 1)
    mergeInto(breakdown, countAll([...views('/a', 5), ...views('/b', 5)], 2))
    expect([...rowsOf(breakdown).keys()]).toEqual(['/a'])
    breakdown.add('/z', hashOf('v'))
    expect(rowsOf(breakdown).get('/z')).toEqual([1, 1])
    expect(sumOf(breakdown)).toEqual([12, 1])
  })

  it('shares no memory with the merged tables', () => {
    const source = countAll(views('/a', 1), 5)
    const merged = createBreakdown(5)
    mergeInto(merged, source)
    source.add('/a', hashOf('w'))
    merged.add('/b', hashOf('v'))
    expect([...rowsOf(merged)]).toEqual([
      ['/a', [1, 1]],
      ['/b', [1, 1]],
    ])
    expect([...rowsOf(source)]).toEqual([['/a', [2, 2]]])
  })
})

describe('BreakdownTable: encoding', () => {
  it('is equal for equal counts in any order of arrival', () => {
    const order = fc.infiniteStream(fc.nat())
    fc.assert(
      fc.property(fc.array(counted), order, (all, keys) => {
        const shuffled = all
          .map(each => ({ each, key: keys.next().value ?? 0 }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ each }) => each)
        const bytes = runToCompletion(encodeBreakdown(countAll(all, 10)))
        expect(runToCompletion(encodeBreakdown(countAll(shuffled, 10)))).toEqual(bytes)
        expect(runToCompletion(encodeBreakdown(restart(countAll(shuffled, 10), 10)))).toEqual(bytes)
      }),
    )
  })

  it('ends with the last row, so that other data can follow', () => {
    const writer = createByteWriter()
    runToCompletion(countAll([{ name: '/a', visitor: 'v' }], 10).write(writer))
    writer.text('more')
    const reader = createByteReader(writer.finish())
    runToCompletion(readBreakdown(reader, 10))
    expect(reader.text()).toBe('more')
    expect(reader.isAtEnd).toBe(true)
  })
})

it('rank: sorts by descending count, ties by code unit', () => {
  const breakdown = createBreakdown(10)
  for (const name of ['b', 'a', 'ä', 'Z', 'b', 'c', 'c']) breakdown.add(name, hashOf('v'))
  expect(rank(breakdown.rows).map(([name]) => name)).toEqual(['b', 'c', 'Z', 'a', 'ä'])
})
