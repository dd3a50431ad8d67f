import {
  type ActivePage,
  type ChannelName,
  type FeedEntry,
  type Patch,
  type RowsSpec,
  type SeriesRow,
  applyPatch,
  channels,
  limits,
} from '@tidemark/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffChannel } from './diff.ts'

/** Lists in the form of a source: unique keys, in the order of the channel, within its bound. */
function listsOf<Row>(spec: RowsSpec<Row>, row: fc.Arbitrary<Row>): fc.Arbitrary<Row[]> {
  return fc
    .uniqueArray(row, { selector: spec.keyOf, maxLength: 70 })
    .map(rows => rows.toSorted(spec.compare).slice(0, spec.maxRows))
}

const pages: fc.Arbitrary<ActivePage> = fc
  .record({
    path: fc.constantFrom('/', '/a', '/b', '/c', '(other)', '__proto__', 'constructor'),
    visitors: fc.integer({ min: 1, max: 3 }),
    isRest: fc.boolean(),
  })
  .map(({ path, visitors, isRest }) =>
    isRest ? { path: '(other)', visitors, rest: true } : { path, visitors },
  )

const entry = (offset: number, timestamp = 0): FeedEntry => ({
  id: `${offset}-0`,
  type: 'event',
  name: 'x',
  timestamp,
})

const entries: fc.Arbitrary<FeedEntry> = fc
  .tuple(fc.nat(120), fc.nat(1))
  .map(([offset, timestamp]) => entry(offset, timestamp))

const seconds: fc.Arbitrary<SeriesRow> = fc
  .tuple(fc.nat(60), fc.nat(2))
  .map(([second, events]) => ({ at: second * 1000, events, pageViews: 0, visitors: 0 }))

const lists: [ChannelName, fc.Arbitrary<unknown[]>][] = [
  ['activePages', listsOf(channels.activePages, pages)],
  ['recentEvents', listsOf(channels.recentEvents, entries)],
  ['secondSeries', listsOf(channels.secondSeries, seconds)],
]

/** Applies the patch as a reader does, after JSON and back. */
function afterPatch(channel: ChannelName, before: unknown, patch: unknown): unknown {
  const sent = JSON.stringify(patch === undefined ? {} : { [channel]: patch })
  return applyPatch({ [channel]: before }, JSON.parse(sent) as Patch)[channel]
}

describe.each(lists)('diffChannel: %s', (channel, list) => {
  it('creates a patch from any list to any other', () => {
    fc.assert(
      fc.property(list, list, (before, next) => {
        expect(afterPatch(channel, before, diffChannel(channel, before, next))).toEqual(next)
      }),
      { numRuns: 300 },
    )
  })

  it('creates no patch between equal lists, and one between different lists', () => {
    fc.assert(
      fc.property(list, list, (before, next) => {
        expect(diffChannel(channel, before, structuredClone(before))).toBeUndefined()
        const isSame = JSON.stringify(before) === JSON.stringify(next)
        expect(diffChannel(channel, before, next) === undefined).toBe(isSame)
      }),
    )
  })

  it('names no unchanged row', () => {
    fc.assert(
      fc.property(list, list, (before, next) => {
        const patch = diffChannel(channel, before, next) as { set?: unknown[] } | undefined
        const previousRows = new Set(before.map(row => JSON.stringify(row)))
        for (const row of patch?.set ?? [])
          expect(previousRows.has(JSON.stringify(row))).toBe(false)
      }),
    )
  })
})

it('diffChannel: distinguishes a page called `(other)` from the rest row', () => {
  const before: ActivePage[] = [{ path: '(other)', visitors: 2 }]
  const next: ActivePage[] = [
    { path: '(other)', visitors: 2 },
    { path: '(other)', visitors: 5, rest: true },
  ]
  expect(diffChannel('activePages', before, next)).toEqual({ set: [next[1]] })
  expect(diffChannel('activePages', next, before)).toEqual({ del: ['\u0000rest'] })
})

it('diffChannel: does not name entries that fall off the end of a full feed', () => {
  const before = Array.from({ length: limits.maxFeedEntries }, (_, index) => entry(99 - index))
  const next = [entry(101), entry(100), ...before.slice(0, -2)]
  expect(diffChannel('recentEvents', before, next)).toEqual({ set: [entry(101), entry(100)] })
})

it('diffChannel: names an entry that leaves the middle of a full feed', () => {
  const before = Array.from({ length: limits.maxFeedEntries }, (_, index) => entry(99 - index))
  const next = [entry(100), ...before.toSpliced(7, 1)]
  expect(diffChannel('recentEvents', before, next)).toEqual({
    set: [entry(100)],
    del: [before[7]?.id],
  })
})

it('diffChannel: returns the new number as its patch, and none for the same number', () => {
  expect(diffChannel('currentVisitors', 1, 2)).toBe(2)
  expect(diffChannel('currentVisitors', 2, 0)).toBe(0)
  expect(diffChannel('currentVisitors', 2, 2)).toBeUndefined()
})
