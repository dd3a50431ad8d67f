import { describe, expect, it } from 'vitest'
import type { OverflowCounts } from '../bounds.ts'
import { decodeBreakdown, decodeTotals, defaultBucketBounds as bounds } from '../bucket/parts.ts'
import { countEvent } from '../bucket/totals.ts'
import type { PartName } from '../bucket/dimensions.ts'
import {
  type EncodedPart,
  type OpenBuckets,
  createOpenBuckets,
  encodeOpenBucket,
  startOfMinute,
} from './open-buckets.ts'
import { hash64 } from '../sketch/hash.ts'
import { runToCompletion } from '../../shared/cooperative-task.ts'

const start = 1_700_000_040_000
const minuteMs = 60_000
const visitor = hash64('v')

function count(open: OpenBuckets, at: number): void {
  countEvent(open.bucketAt(at).totals, true, visitor)
}

function encodeAll(
  open: OpenBuckets,
  part?: PartName,
  from = -Infinity,
  to = Infinity,
): EncodedPart[] {
  return open.within(from, to).flatMap(each => runToCompletion(encodeOpenBucket(each, part)))
}

function eventsOf(open: OpenBuckets, from?: number, to?: number): [number, number][] {
  return encodeAll(open, 'totals', from, to).map(part => [
    part.start,
    decodeTotals(part.bytes).events,
  ])
}

describe('OpenBuckets', () => {
  it('count events by minute, in order', () => {
    const open = createOpenBuckets({ bounds, overflow: new Map() })
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

  it('are read in half-open ranges', () => {
    const open = createOpenBuckets({ bounds, overflow: new Map() })
    for (let minute = 0; minute < 4; minute++) count(open, start + minute * minuteMs)
    expect(eventsOf(open, start + minuteMs, start + 3 * minuteMs)).toEqual([
      [start + minuteMs, 1],
      [start + 2 * minuteMs, 1],
    ])
    expect(eventsOf(open, start + 1, start + 1)).toEqual([])
  })

  it('encode the non-empty parts, or the requested part', () => {
    const open = createOpenBuckets({ bounds, overflow: new Map() })
    const bucket = open.bucketAt(start)
    expect(encodeAll(open).map(({ part }) => part)).toEqual(['totals'])
    bucket.tableOf('path').add('/a', visitor)
    bucket.addValue('order', 1, start)
    expect(encodeAll(open).map(each => [each.start, each.part])).toEqual([
      [start, 'totals'],
      [start, 'path'],
      [start, 'values'],
    ])
    const [path, ...others] = encodeAll(open, 'path')
    expect(others).toEqual([])
    expect(path && [...runToCompletion(decodeBreakdown(path.bytes, bounds)).rows.keys()]).toEqual([
      '/a',
    ])
    expect(encodeAll(open, 'country')).toEqual([])
    expect(encodeAll(open, 'values')).toHaveLength(1)
  })

  it('return sealed buckets beside new ones until they are cleared', () => {
    const open = createOpenBuckets({ bounds, overflow: new Map() })
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
    // The checkpoint failed, so the next one contains the same buckets and the new one.
    expect([...open.seal()].map(each => each.start)).toEqual([start, start + 60_000, start])
    count(open, start)
    open.clearSealed()
    expect(eventsOf(open)).toEqual([[start, 1]])
  })

  it('trim sealed buckets, and count the events of removed names', () => {
    const overflow: OverflowCounts = new Map()
    const open = createOpenBuckets({ bounds: { ...bounds, maxBreakdownRows: 2 }, overflow })
    const path = open.bucketAt(start).tableOf('path')
    for (const name of ['/a', '/b', '/c', '/d', '/d']) path.add(name, hash64('v'))
    // A read does not trim the bucket.
    encodeAll(open)
    expect(path.rows.size).toBe(4)
    expect(overflow).toEqual(new Map())
    open.seal()
    open.seal()
    expect([...path.rows.keys()]).toEqual(['/a', '/d'])
    expect(overflow).toEqual(new Map([['names', 2]]))
  })

  it('start new buckets in the same minute after the sealed ones are cleared', () => {
    const open = createOpenBuckets({ bounds, overflow: new Map() })
    count(open, start)
    count(open, start)
    open.seal()
    open.clearSealed()
    expect(open.size).toBe(0)
    expect(encodeAll(open)).toEqual([])
    count(open, start)
    expect(eventsOf(open)).toEqual([[start, 1]])
  })
})

it('startOfMinute: returns the first millisecond of the minute', () => {
  expect([start - 1, start, start + minuteMs - 1].map(startOfMinute)).toEqual([
    start - minuteMs,
    start,
    start,
  ])
})
