import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { OverflowCounts } from '../bounds.ts'
import { type BreakdownTable, createBreakdown } from '../bucket/breakdown.ts'
import { encodeBreakdown } from '../bucket/parts.ts'
import { createPageViewBatch } from './page-view-batch.ts'
import { hash64 } from '../sketch/hash.ts'
import { runToCompletion } from '../../shared/cooperative-task.ts'

const maxRows = 5
/** Breakdowns of two minutes. */
const twoBreakdowns = (): [BreakdownTable, BreakdownTable] => [
  createBreakdown(maxRows),
  createBreakdown(maxRows),
]
const bytesOf = (each: BreakdownTable): Uint8Array => runToCompletion(encodeBreakdown(each))

const views = fc.record({
  minute: fc.constantFrom(0 as const, 1 as const),
  path: fc.constantFrom('/', '/a', '/b', '/c', '/d'),
  visitor: fc.constantFrom('v', 'w', 'x').map(hash64),
})

it('PageViewBatch: encodes to the same bytes as counting each page view separately', () => {
  fc.assert(
    fc.property(fc.array(fc.array(views, { maxLength: 20 }), { maxLength: 4 }), records => {
      const batched = twoBreakdowns()
      const separate = twoBreakdowns()
      const pages = createPageViewBatch(new Map())
      for (const record of records) {
        for (const { minute, path, visitor } of record) {
          pages.add(batched[minute], path, visitor)
          separate[minute].add(path, visitor)
        }
        pages.flush()
        // A second flush counts nothing.
        pages.flush()
      }
      expect(batched.map(bytesOf)).toEqual(separate.map(bytesOf))
    }),
  )
})

it('PageViewBatch: trims after counting the whole record, and counts the overflow', () => {
  const breakdown = createBreakdown(2)
  const overflow: OverflowCounts = new Map()
  const pages = createPageViewBatch(overflow)
  const paths = ['/a', '/b', '/c', '/d', '/e', '/e', '/e', '/a']
  for (const path of paths) pages.add(breakdown, path, hash64('v'))
  pages.flush()
  expect([...breakdown.rows].map(([path, { count }]) => [path, count])).toEqual([
    ['/a', 2],
    ['/e', 3],
  ])
  expect(breakdown.other.count).toBe(3)
  expect(overflow.get('names')).toBe(3)
})
