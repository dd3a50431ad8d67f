import { expect, it } from 'vitest'
import { rankRows } from './rank-rows.ts'

const item = (label: string, value: number, isRest = false) => ({
  key: label,
  label,
  value,
  isRest,
})

it('ranks by value, keeps the order of equals, and measures shares and bars', () => {
  const rows = rankRows([item('b', 1), item('a', 1), item('c', 2)], 10)
  expect(rows.map(({ label, share, fill }) => [label, share, fill])).toEqual([
    ['c', 0.5, 1],
    ['b', 0.25, 0.5],
    ['a', 0.25, 0.5],
  ])
})

it('puts what is beyond the limit, and the rest that was given, into one rest row', () => {
  const rows = rankRows([item('a', 5), item('(other)', 2, true), item('b', 2), item('c', 1)], 1)
  expect(rows.map(({ label, value, isRest, fill }) => [label, value, isRest, fill])).toEqual([
    ['a', 5, false, 1],
    ['Other', 5, true, 0],
  ])
})

it('does not take an item that is called like the rest for the rest', () => {
  const rows = rankRows([item('Other', 9), item('a', 5), item('b', 1)], 2)
  expect(new Set(rows.map(row => row.key)).size).toBe(3)
})

it.each([Number.NaN, Infinity, -3])('counts %d as nothing', value => {
  const rows = rankRows([item('odd', value), item('a', 4)], 10)
  expect(rows.map(({ label, value: shown, share }) => [label, shown, share])).toEqual([
    ['a', 4, 1],
    ['odd', 0, 0],
  ])
})

it('has no share of nothing', () => {
  expect(rankRows([item('a', 0)], 10)).toMatchObject([{ share: 0, fill: 0 }])
  expect(rankRows([], 10)).toEqual([])
})
