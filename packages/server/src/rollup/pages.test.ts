import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Tally } from './bounds.ts'
import { type Breakdown, createBreakdown } from './bucket/breakdown.ts'
import { encodeBreakdown } from './bucket/parts.ts'
import { createPages } from './pages.ts'
import { hash64 } from './sketch/hash.ts'
import { finish } from './steps.ts'

const maxRows = 3
/** Of two minutes. */
const twoBreakdowns = (): [Breakdown, Breakdown] => [
  createBreakdown(maxRows),
  createBreakdown(maxRows),
]
const bytesOf = (each: Breakdown): Uint8Array => finish(encodeBreakdown(each))

const views = fc.record({
  minute: fc.constantFrom(0 as const, 1 as const),
  path: fc.constantFrom('/', '/a', '/b', '/c', '/d'),
  visitor: fc.constantFrom('v', 'w', 'x').map(hash64),
})

it('counts what each view by itself would have, byte for byte, and turns away as many', () => {
  fc.assert(
    fc.property(fc.array(fc.array(views, { maxLength: 20 }), { maxLength: 4 }), records => {
      const together = twoBreakdowns()
      const apart = twoBreakdowns()
      const turnedAway: Tally = new Map()
      let withoutRoom = 0
      const pages = createPages(turnedAway)
      for (const record of records) {
        for (const { minute, path, visitor } of record) {
          pages.add(together[minute], path, visitor)
          if (!apart[minute].add(path, visitor)) withoutRoom++
        }
        pages.flush()
        // There is nothing more to count.
        pages.flush()
      }
      expect(together.map(bytesOf)).toEqual(apart.map(bytesOf))
      expect(turnedAway.get('names') ?? 0).toBe(withoutRoom)
    }),
  )
})
