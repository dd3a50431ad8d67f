import { expect, it } from 'vitest'
import { memoizeRows, memoizeRowsByWindow } from './memoize-rows.ts'
import type { RankedName } from './ranking.ts'

const a: RankedName = { name: '/a', count: 2, rest: false }
const other: RankedName = { name: '(other)', count: 3, rest: true }
const toRow = ({ name, count }: RankedName) => ({ path: name, visitors: count })

it('memoizeRows: converts ranked names, and marks the row "(other)"', () => {
  const rows = memoizeRows(() => [a, other], toRow)
  expect(rows()).toEqual([
    { path: '/a', visitors: 2 },
    { path: '(other)', visitors: 3, rest: true },
  ])
})

it('memoizeRows: returns the same array until the ranking is another array', () => {
  let ranking: readonly RankedName[] = [a]
  const rows = memoizeRows(() => ranking, toRow)
  const before = rows()
  expect(rows()).toBe(before)
  ranking = [a]
  expect(rows()).not.toBe(before)
  expect(rows()).toEqual(before)
})

it('memoizeRowsByWindow: remembers the rows of each window separately', () => {
  const rankings = new Map([
    [1, [a]],
    [5, [a, other]],
  ])
  const rows = memoizeRowsByWindow(minutes => rankings.get(minutes) ?? [], toRow)
  const [one, five] = [rows(1), rows(5)]
  expect([one.length, five.length]).toEqual([1, 2])
  expect([rows(1), rows(5)]).toEqual([one, five])
  expect(rows(1)).toBe(one)
  expect(rows(5)).toBe(five)
})
