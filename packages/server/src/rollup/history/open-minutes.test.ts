import { describe, expect, it } from 'vitest'
import type { OverflowCounts } from '../bounds.ts'
import { decodeBreakdown, decodeTotals, defaultBucketBounds as bounds } from '../bucket/parts.ts'
import { countEvent } from '../bucket/totals.ts'
import { type OpenMinutes, createOpenMinutes, startOfMinute } from './open-minutes.ts'
import { hash64 } from '../sketch/hash.ts'
import { runToCompletion } from '../../shared/cooperative-task.ts'

const start = 1_700_000_040_000
const minuteMs = 60_000
const visitor = hash64('v')

function count(open: OpenMinutes, at: number): void {
  countEvent(open.bucketAt(at).totals, true, visitor)
}

function eventsOf(open: OpenMinutes, from?: number, to?: number): [number, number][] {
  return open.encode('totals', from, to).map(part => [part.start, decodeTotals(part.bytes).events])
}

describe('the changes since the last checkpoint', () => {
  it('are by minute, in order, whatever the order in which they came', () => {
    const open = createOpenMinutes({ bounds, overflow: new Map() })
    for (const at of [2 * minuteMs, 0, minuteMs - 1, 2 * minuteMs + 1, minuteMs, 0]) {
      count(open, start + at)
    }
    expect(open.size).toBe(3)
    expect(eventsOf(open)).toEqual([
      [start, 3],
      [start + minuteMs, 1],
      [start + 2 * minuteMs, 2],
    ])
  })

  it('are read in ranges that end before their end', () => {
    const open = createOpenMinutes({ bounds, overflow: new Map() })
    for (let minute = 0; minute < 4; minute++) count(open, start + minute * minuteMs)
    expect(eventsOf(open, start + minuteMs, start + 3 * minuteMs)).toEqual([
      [start + minuteMs, 1],
      [start + 2 * minuteMs, 1],
    ])
    expect(eventsOf(open, start + 1, start + 1)).toEqual([])
  })

  it('have the parts in which there is something, or the one that is asked for', () => {
    const open = createOpenMinutes({ bounds, overflow: new Map() })
    const bucket = open.bucketAt(start)
    expect(open.encode().map(({ part }) => part)).toEqual(['totals'])
    bucket.by.path.add('/a', visitor)
    bucket.addValue('order', 1)
    expect(open.encode().map(each => [each.start, each.part])).toEqual([
      [start, 'totals'],
      [start, 'path'],
      [start, 'values'],
    ])
    const [path, ...others] = open.encode('path')
    expect(others).toEqual([])
    expect(path && [...runToCompletion(decodeBreakdown(path.bytes, bounds)).rows.keys()]).toEqual([
      '/a',
    ])
    expect(open.encode('country')).toEqual([])
    expect(open.encode('values')).toHaveLength(1)
  })

  it('that are put aside are still there, apart from those that come later, until they have been kept', () => {
    const open = createOpenMinutes({ bounds, overflow: new Map() })
    count(open, start)
    count(open, start + 60_000)
    const first = open.seal()
    count(open, start)
    expect([...first].map(each => each.start)).toEqual([start, start + 60_000])
    expect(open.size).toBe(1)
    expect(eventsOf(open)).toEqual([
      [start, 1],
      [start + 60_000, 1],
      [start, 1],
    ])
    // Nobody could keep them, so they are kept with those that came since.
    expect([...open.seal()].map(each => each.start)).toEqual([start, start + 60_000, start])
    count(open, start)
    open.clearSealed()
    expect(eventsOf(open)).toEqual([[start, 1]])
  })

  it('that are put aside have no more names than are kept, and it is told how many counts went for it', () => {
    const overflow: OverflowCounts = new Map()
    const open = createOpenMinutes({ bounds: { ...bounds, maxBreakdownRows: 2 }, overflow })
    const { path } = open.bucketAt(start).by
    for (const name of ['/a', '/b', '/c', '/d', '/d']) path.add(name, hash64('v'))
    // Whoever asks meanwhile changes nothing.
    open.encode()
    expect(path.rows.size).toBe(4)
    expect(overflow).toEqual(new Map())
    open.seal()
    open.seal()
    expect([...path.rows.keys()]).toEqual(['/a', '/d'])
    expect(overflow).toEqual(new Map([['names', 2]]))
  })

  it('are forgotten once they have been kept, and begin anew in the same minute', () => {
    const open = createOpenMinutes({ bounds, overflow: new Map() })
    count(open, start)
    count(open, start)
    open.seal()
    open.clearSealed()
    expect(open.size).toBe(0)
    expect(open.encode()).toEqual([])
    count(open, start)
    expect(eventsOf(open)).toEqual([[start, 1]])
  })
})

it('a minute begins with its first millisecond', () => {
  expect([start - 1, start, start + minuteMs - 1].map(startOfMinute)).toEqual([
    start - minuteMs,
    start,
    start,
  ])
})
