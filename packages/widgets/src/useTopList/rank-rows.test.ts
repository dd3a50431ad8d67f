import { expect, it } from 'vitest'
import type { ListItem } from './list-item.ts'
import { rankRows } from './rank-rows.ts'

const item = (label: string, value: number, isRest = false): ListItem => ({
  key: label,
  name: label,
  label,
  value,
  isRest,
})

const rank = (items: readonly ListItem[], limit = 10, sort: 'value' | 'label' = 'value') =>
  rankRows(items, {
    limit,
    sort,
    locale: 'de',
    restLabel: 'Other',
    share: ({ value }, total) => (total > 0 ? value / total : 0),
  })

it('rankRows: sorts by value, keeps the order of equal values, computes shares and bars', () => {
  const rows = rank([item('b', 1), item('a', 1), item('c', 2)])
  expect(rows.map(({ label, share, fill }) => [label, share, fill])).toEqual([
    ['c', 0.5, 1],
    ['b', 0.25, 0.5],
    ['a', 0.25, 0.5],
  ])
})

it('rankRows: combines rows beyond the limit and given rest items into one rest row', () => {
  const rows = rank([item('a', 5), item('(other)', 2, true), item('b', 2), item('c', 1)], 1)
  expect(rows.map(({ label, value, isRest, fill }) => [label, value, isRest, fill])).toEqual([
    ['a', 5, false, 1],
    ['Other', 5, true, 0],
  ])
})

it('rankRows: does not mistake an item named "Other" for the rest row', () => {
  const rows = rank([item('Other', 9), item('a', 5), item('b', 1)], 2)
  expect(new Set(rows.map(row => row.key)).size).toBe(3)
})

it.each([Number.NaN, Infinity, -Infinity])('rankRows: counts %d as 0', value => {
  const rows = rank([item('odd', value), item('a', 4)])
  expect(rows.map(({ label, value: shown, share }) => [label, shown, share])).toEqual([
    ['a', 4, 1],
    ['odd', 0, 0],
  ])
})

it('rankRows: returns a share of 0 when the total is 0', () => {
  expect(rank([item('a', 0)])).toMatchObject([{ share: 0, fill: 0 }])
  expect(rank([])).toEqual([])
})

it('rankRows: shows a negative value without a bar', () => {
  const rows = rank([item('loss', -3), item('gain', 4)])
  expect(rows.map(({ label, value, fill }) => [label, value, fill])).toEqual([
    ['gain', 4, 1],
    ['loss', -3, 0],
  ])
})

it('rankRows: orders the largest rows by label, in the language of the locale', () => {
  const rows = rank([item('z', 3), item('ä', 4), item('b', 5), item('a', 1)], 3, 'label')
  expect(rows.map(row => row.label)).toEqual(['ä', 'b', 'z', 'Other'])
})
