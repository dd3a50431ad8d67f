import type { ValueRow, ValueWindow } from '@tidemark/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { type LiveValues, createLiveValues } from './live-values.ts'

const start = 1_700_000_040_000

function createStarted(maxNames = 50): LiveValues {
  const values = createLiveValues(maxNames)
  values.advance(start)
  return values
}

/** Writes values and reads the bytes into new ones. */
function restart(values: LiveValues): LiveValues {
  const writer = createByteWriter()
  values.write(writer)
  const restored = createLiveValues(50)
  restored.read(createByteReader(writer.finish()))
  return restored
}

interface Valued {
  name: string
  value: number
  at: number
}

const emptyWindow = {
  count: 0,
  sum: 0,
  mean: 0,
  min: 0,
  max: 0,
  last: 0,
  p50: 0,
  p75: 0,
  p90: 0,
  p95: 0,
  p99: 0,
  rate: 0,
}

/** Computes the exact aggregates. A sketch agrees only while it stores each value, so use few values. */
function windowOf(inOrder: readonly Valued[], seconds: number): ValueWindow {
  if (inOrder.length === 0) return emptyWindow
  const values = inOrder.map(({ value }) => value)
  // The sort is stable, so the last of equal times is the last that arrived.
  const last = inOrder.toSorted((a, b) => a.at - b.at).at(-1)?.value ?? 0
  const sorted = values.toSorted((a, b) => a - b)
  const percentile = (percent: number): number =>
    sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0
  const count = sorted.length
  const sum = sorted.reduce((all, value) => all + value, 0)
  return {
    count,
    sum,
    mean: sum / count,
    min: percentile(0),
    max: percentile(100),
    last,
    p50: percentile(50),
    p75: percentile(75),
    p90: percentile(90),
    p95: percentile(95),
    p99: percentile(99),
    rate: count / seconds,
  }
}

/** Computes the rows from all values. */
function rowsOf(all: readonly Valued[], now: number): ValueRow[] {
  const thisSecond = Math.floor(now / 1000)
  const within = (name: string, seconds: number): Valued[] =>
    all.filter(each => {
      const age = thisSecond - Math.floor(each.at / 1000)
      return each.name === name && age >= 1 && age <= seconds
    })
  return [...new Set(all.map(({ name }) => name))]
    .filter(name => within(name, 60).length > 0)
    .toSorted()
    .map(name => ({
      name,
      '1s': windowOf(within(name, 1), 1),
      '5s': windowOf(within(name, 5), 5),
      '1m': windowOf(within(name, 60), 60),
    }))
}

function countsOf(values: LiveValues): (string | number)[][] {
  return values.rows().map(row => [row.name, row['1s'].count, row['5s'].count, row['1m'].count])
}

describe('LiveValues', () => {
  it('agree with a simple model, for values in any order and after any restart', () => {
    const valued = fc.record({
      name: fc.constantFrom('order', 'load', '__proto__'),
      // Sums of integers are exact.
      value: fc.integer({ min: -1000, max: 1000 }),
      ageMs: fc.oneof(
        fc.constantFrom(0, 1, 1000),
        fc.nat(2000),
        fc.nat(70_000),
        fc.integer({ min: 59_000, max: 62_000 }),
      ),
    })
    const step = fc.oneof(
      { weight: 4, arbitrary: valued },
      { weight: 3, arbitrary: fc.oneof(fc.nat(3000), fc.nat(70_000)) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 16 }), steps => {
        let values = createStarted()
        const all: Valued[] = []
        let now = start
        for (const each of steps) {
          if (each === 'restart') {
            values = restart(values)
          } else if (typeof each === 'number') {
            values.advance((now += each))
          } else {
            const { name, value, ageMs } = each
            all.push({ name, value, at: now - ageMs })
            expect(values.add(name, value, now - ageMs)).toBe(true)
          }
          expect(values.rows()).toEqual(rowsOf(all, now))
        }
      }),
    )
  })

  it('appear when their second is complete, and leave each window by seconds', () => {
    const values = createStarted()
    values.add('order', 3, start + 999)
    values.advance(start + 999)
    expect(values.rows()).toEqual([])
    const countsAt: [number, number[][]][] = [
      [1000, [[1, 1, 1]]],
      [1999, [[1, 1, 1]]],
      [2000, [[0, 1, 1]]],
      [5999, [[0, 1, 1]]],
      [6000, [[0, 0, 1]]],
      [60_999, [[0, 0, 1]]],
      [61_000, []],
    ]
    for (const [afterMs, counts] of countsAt) {
      values.advance(start + afterMs)
      expect(countsOf(values), `${afterMs}`).toEqual(counts.map(each => ['order', ...each]))
    }
  })

  it('have a rate in events per second, and zeros in an empty window', () => {
    const values = createStarted()
    for (const value of [2, 4, 6]) values.add('order', value, start)
    values.advance(start + 3000)
    const aggregates = {
      count: 3,
      sum: 12,
      mean: 4,
      min: 2,
      max: 6,
      last: 6,
      p50: 4,
      p75: 6,
      p90: 6,
      p95: 6,
      p99: 6,
    }
    expect(values.rows()).toEqual([
      {
        name: 'order',
        '1s': emptyWindow,
        '5s': { ...aggregates, rate: 3 / 5 },
        '1m': { ...aggregates, rate: 3 / 60 },
      },
    ])
  })

  it('change at once when a value arrives late within a window', () => {
    const values = createStarted()
    expect(values.rows()).toEqual([])
    values.add('order', 1, start - 1)
    expect(countsOf(values)).toEqual([['order', 1, 1, 1]])
    values.add('order', 1, start - 5001)
    expect(countsOf(values)).toEqual([['order', 1, 1, 2]])
    values.add('order', 1, start - 60_000)
    expect(countsOf(values)).toEqual([['order', 1, 1, 3]])
    values.add('order', 1, start - 60_001)
    expect(countsOf(values)).toEqual([['order', 1, 1, 3]])
  })

  it('have the value with the latest time as last, and of equal times the one that arrived last', () => {
    const values = createStarted()
    const lastOf = () => values.rows().map(row => [row['1s'].last, row['5s'].last, row['1m'].last])
    for (const value of [9, 7]) values.add('load', value, start + 500)
    values.add('load', 8, start + 499)
    values.advance(start + 1000)
    expect(lastOf()).toEqual([[7, 7, 7]])
    values.add('load', 3, start - 3000)
    expect(lastOf()).toEqual([[7, 7, 7]])
    values.advance(start + 2000)
    expect(lastOf()).toEqual([[0, 7, 7]])
    values.add('load', 6, start + 500)
    expect(lastOf()).toEqual([[0, 6, 6]])
  })

  it('return the same array until a row may have changed', () => {
    const values = createStarted()
    values.add('order', 1, start)
    values.advance(start + 1000)
    const rows = values.rows()
    values.advance(start + 1999)
    values.add('order', 1, start + 1999)
    values.add('order', 1, start - 60_000)
    expect(values.rows()).toBe(rows)
    values.advance(start + 2000)
    expect(values.rows()).not.toBe(rows)
    values.advance(start + 70_000)
    const empty = values.rows()
    values.advance(start + 80_000)
    expect(values.rows()).toBe(empty)
  })

  it('reject names beyond maxNames, and report it, until there is room', () => {
    const values = createStarted(2)
    expect(values.add('b', 1, start)).toBe(true)
    expect(values.add('a', 1, start)).toBe(true)
    expect(values.add('c', 1, start)).toBe(false)
    expect(values.add('b', 1, start)).toBe(true)
    values.advance(start + 1000)
    expect(countsOf(values)).toEqual([
      ['a', 1, 1, 1],
      ['b', 2, 2, 2],
    ])
    values.advance(start + 61_000)
    expect(values.add('c', 1, start + 61_000)).toBe(true)
    values.advance(start + 62_000)
    expect(countsOf(values)).toEqual([['c', 1, 1, 1]])
  })

  it('never have more than maxNames rows, even when each second has other names', () => {
    const values = createStarted(2)
    for (let second = 0; second < 10; second++) {
      values.add(`name ${second}`, 1, start + second * 1000)
      values.advance(start + (second + 1) * 1000)
      expect(values.rows().length).toBeLessThanOrEqual(2)
    }
  })
})

it('LiveValues: apply maxNames to the whole minute, and report rejected names', () => {
  const values = createLiveValues(1)
  const at = 1_700_000_000_000
  values.advance(at)
  expect(values.add('a', 1, at)).toBe(true)
  values.advance(at + 1000)
  expect(values.add('b', 1, at + 1000)).toBe(false)
  values.advance(at + 2000)
  expect(values.rows().map(({ name }) => name)).toEqual(['a'])
  values.advance(at + 61_000)
  expect(values.add('b', 1, at + 61_000)).toBe(true)
})
