import { expect, it } from 'vitest'
import { rankRows } from './rank-rows.ts'

const item = (label: string, value: number, isRest = false) => ({
  key: label,
  label,
  value,
  isRest,
})

it('rankRows: sorts by value, keeps the order of equal values, computes shares and bars', () => {
  const rows = rankRows([item('b', 1), item('a', 1), item('c', 2)], 10, 'Other')
  expect(rows.map(({ label, share, fill }) => [label, share, fill])).toEqual([
    ['c', 0.5, 1],
    ['b', 0.25, 0.5],
    ['a', 0.25, 0.5],
  ])
})

it('rankRows: combines rows beyond the limit and given rest items into one rest row', () => {
  const rows = rankRows(
    [item('a', 5), item('(other)', 2, true), item('b', 2), item('c', 1)],
    1,
    'Other',
  )
  expect(rows.map(({ label, value, isRest, fill }) => [label, value, isRest, fill])).toEqual([
    ['a', 5, false, 1],
    ['Other', 5, true, 0],
  ])
})

it('rankRows: does not mistake an item named "Other" for the rest row', () => {
  const rows = rankRows([item('Other', 9), item('a', 5), item('b', 1)], 2, 'Other')
  expect(new Set(rows.map(row => row.key)).size).toBe(3)
})

it.each([Number.NaN, Infinity, -3])('rankRows: counts %d as 0', value => {
  const rows = rankRows([item('odd', value), item('a', 4)], 10, 'Other')
  expect(rows.map(({ label, value: shown, share }) => [label, shown, share])).toEqual([
    ['a', 4, 1],
    ['odd', 0, 0],
  ])
})

it('rankRows: returns a share of 0 when the total is 0', () => {
  expect(rankRows([item('a', 0)], 10, 'Other')).toMatchObject([{ share: 0, fill: 0 }])
  expect(rankRows([], 10, 'Other')).toEqual([])
})
