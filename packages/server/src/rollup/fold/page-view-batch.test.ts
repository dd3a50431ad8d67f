import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { OverflowCounts } from '../bounds.ts'
import { type BreakdownTable, createBreakdown } from '../bucket/breakdown.ts'
import { encodeBreakdown } from '../bucket/parts.ts'
import { createPageViewBatch } from './page-view-batch.ts'
import { hash64 } from '../sketch/hash.ts'
import { runToCompletion } from '../../shared/cooperative-task.ts'

const maxRows = 5
/** Of two minutes. */
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

it('counts what each view by itself would have, byte for byte', () => {
  fc.assert(
    fc.property(fc.array(fc.array(views, { maxLength: 20 }), { maxLength: 4 }), records => {
      const together = twoBreakdowns()
      const apart = twoBreakdowns()
      const pages = createPageViewBatch(new Map())
      for (const record of records) {
        for (const { minute, path, visitor } of record) {
          pages.add(together[minute], path, visitor)
          apart[minute].add(path, visitor)
        }
        pages.flush()
        // There is nothing more to count.
        pages.flush()
      }
      expect(together.map(bytesOf)).toEqual(apart.map(bytesOf))
    }),
  )
})

it('makes room once all of a record is counted, and says for how many there was none', () => {
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
