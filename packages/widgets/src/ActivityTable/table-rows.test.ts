import type { FeedEntry } from '@tidemark/protocol'
import { expect, it } from 'vitest'
import { accumulateRows, createRowReader } from './table-rows.ts'

const entry = (id: number, timestamp = id): FeedEntry => ({
  id: `${id}-0`,
  type: 'pageview',
  name: 'page_view',
  timestamp,
})
const views = (last: number, count: number) =>
  Array.from({ length: count }, (_, index) => entry(last - index))
const idsOf = (rows: readonly { entry: FeedEntry }[]) => rows.map(row => row.entry.id)

it('accumulateRows: keeps rows that the feed no longer has, newest first, each once', () => {
  const first = accumulateRows([], views(3, 3), 100)
  const second = accumulateRows(first, views(5, 3), 100)
  expect(idsOf(second)).toEqual(['5-0', '4-0', '3-0', '2-0', '1-0'])
})

it('accumulateRows: keeps at most `maxRows`', () => {
  const rows = accumulateRows(accumulateRows([], views(50, 50), 60), views(100, 50), 60)
  expect(rows.length).toBe(60)
  expect(rows.at(-1)?.entry.id).toBe('41-0')
  expect(accumulateRows(rows, views(100, 50), 5).length).toBe(5)
})

it('accumulateRows: keeps events of another log with the same id', () => {
  const rows = accumulateRows(accumulateRows([], [entry(1, 10)], 9), [entry(1, 20)], 9)
  expect(rows.map(row => row.entry.timestamp)).toEqual([20, 10])
  expect(new Set(rows.map(row => row.key)).size).toBe(2)
})

it('accumulateRows: returns the same rows when nothing is new', () => {
  const rows = accumulateRows([], views(3, 3), 9)
  expect(accumulateRows(rows, views(3, 3), 9)).toBe(rows)
})

it('createRowReader: gives every item a stable key, and skips repeated ids and bad items', () => {
  const read = createRowReader<object>()
  const items = [entry(1), { ...entry(1) }, null, undefined, { city: 'Rome' }, { city: 'Rome' }]
  const rows = read(items)
  expect(rows.map(({ row }) => row)).toEqual([entry(1), { city: 'Rome' }, { city: 'Rome' }])
  expect(new Set(rows.map(row => row.key)).size).toBe(3)
  expect(read(items.toReversed()).map(row => row.key)).toContain(rows[1]?.key)
})
