import { expect, it } from 'vitest'
import { createBreakdown } from '../rollup/bucket/breakdown.ts'
import { pageSeparator } from '../rollup/event.ts'
import { hash64 } from '../rollup/sketch/hash.ts'
import { toReferringPages } from './referring-pages.ts'
import { toMetricsRows } from './rows.ts'

function createTable() {
  const table = createBreakdown(10)
  const add = (source: string, page: string, visitor: string): void =>
    void table.add(source + pageSeparator + page, hash64(visitor))
  add('facebook.com', 'l.facebook.com/', 'a')
  add('facebook.com', 'm.facebook.com/', 'b')
  add('facebook.com', '(none)', 'c')
  add('(direct)', '(none)', 'd')
  add('(direct)', '(none)', 'c')
  return table
}

const rowsOf = (referrer?: string): unknown[] =>
  toMetricsRows('referringPage', toReferringPages(createTable(), referrer), 10).map(row => [
    row.referringPage,
    row.pageViews,
    row.visitors,
  ])

it('toReferringPages: returns the pages of one source, which sum to its row', () => {
  expect(rowsOf('facebook.com')).toEqual([
    ['(none)', 1, 1],
    ['l.facebook.com/', 1, 1],
    ['m.facebook.com/', 1, 1],
  ])
  expect(rowsOf('facebook.example')).toEqual([])
})

it.each(['www.facebook.com', 'https://m.facebook.com/x', 'Facebook', 'fb'])(
  'toReferringPages: understands %s as the source that its visits have',
  referrer => {
    expect(rowsOf(referrer)).toEqual(rowsOf('facebook.com'))
  },
)

it('toReferringPages: sums a page of several sources, with distinct visitors', () => {
  expect(rowsOf()).toEqual([
    ['(none)', 3, 2],
    ['l.facebook.com/', 1, 1],
    ['m.facebook.com/', 1, 1],
  ])
})
