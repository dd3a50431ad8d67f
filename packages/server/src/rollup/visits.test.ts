import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runToCompletion } from '../shared/cooperative-task.ts'
import { type RollupBounds, defaultBounds } from './bounds.ts'
import type { Dimension } from './bucket/dimensions.ts'
import { decodeBreakdown, decodeTotals, defaultBucketBounds } from './bucket/parts.ts'
import type { SiteEvent } from './event.ts'
import { type SiteState, createSiteState } from './site.ts'
import { batch, event, hourMs, minuteMs, start } from './testing/site-state.ts'

const gapMs = 30 * minuteMs
const end = start + 12 * hourMs

interface Sums {
  sessions: number
  bounces: number
  views: number
  durationMs: number
  engagedMs: number
  entry: Record<string, number>
  exit: Record<string, number>
}

/** Computes the sums from all events at once. */
function expectedSums(events: readonly SiteEvent[], isBounce: IsBounce = isSingle): Sums {
  const sums = emptySums()
  for (const ofVisitor of Map.groupBy(events, ({ sender }) => sender.visitor).values()) {
    for (const visit of splitVisits(ofVisitor.toSorted((a, b) => a.at - b.at))) {
      const byPerson = visit.filter(({ name }) => name !== 'engagement')
      const [first] = byPerson
      if (!first) continue
      const pages = byPerson.flatMap(({ name, path = '(none)' }) =>
        name === 'page_view' ? [path] : [],
      )
      const engagedMs = visit.reduce((sum, { name, value = 0 }) => {
        return name === 'engagement' ? sum + Math.max(0, value) : sum
      }, 0)
      sums.sessions++
      sums.bounces += isBounce(byPerson.length, engagedMs) ? 1 : 0
      sums.views += pages.length
      sums.durationMs += (visit.at(-1)?.at ?? 0) - first.at
      sums.engagedMs += engagedMs
      count(sums.entry, pages[0] ?? '(none)', 1)
      count(sums.exit, pages.at(-1) ?? '(none)', 1)
    }
  }
  return sums
}

type IsBounce = (events: number, engagedMs: number) => boolean
const isSingle: IsBounce = events => events === 1

function splitVisits(events: readonly SiteEvent[]): SiteEvent[][] {
  const visits: SiteEvent[][] = []
  for (const each of events) {
    const last = visits.at(-1)
    const before = last?.at(-1)
    if (last && before && each.at - before.at <= gapMs) last.push(each)
    else visits.push([each])
  }
  return visits
}

const emptySums = (): Sums => ({
  ...{ sessions: 0, bounces: 0, views: 0, durationMs: 0, engagedMs: 0, entry: {}, exit: {} },
})

function count(counts: Record<string, number>, name: string, by: number): void {
  counts[name] = (counts[name] ?? 0) + by
}

function rowsOf(state: SiteState, dimension: Dimension): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { bytes } of runToCompletion(state.history.tiers.read('hour', dimension, 0, 9e15))) {
    const { rows, other } = runToCompletion(decodeBreakdown(bytes, defaultBucketBounds))
    for (const [name, row] of rows) count(counts, name, row.count)
    if (other.count !== 0) count(counts, '(other)', other.count)
  }
  return counts
}

function sumsOf(state: SiteState): Sums {
  const sums = emptySums()
  for (const { bytes } of runToCompletion(state.history.tiers.read('hour', 'totals', 0, 9e15))) {
    const totals = decodeTotals(bytes)
    sums.sessions += totals.sessions
    sums.bounces += totals.bounces
    sums.views += totals.sessionViews
    sums.durationMs += totals.sessionMs
    sums.engagedMs += totals.engagedMs
  }
  return { ...sums, entry: rowsOf(state, 'entryPage'), exit: rowsOf(state, 'exitPage') }
}

/** Events at distinct times, in any order. */
const visitEvents: fc.Arbitrary<SiteEvent[]> = fc
  .uniqueArray(
    fc.record({
      at: fc.oneof(
        fc.nat(6 * hourMs),
        fc.nat(12).map(half => half * gapMs),
      ),
      visitor: fc.constantFrom('a', 'b'),
      name: fc.constantFrom('page_view', 'page_view', 'engagement', 'sign_up'),
      path: fc.constantFrom('/', '/a', '/b', undefined),
      value: fc.constantFrom(undefined, 4000, 20_000, -5),
    }),
    { selector: ({ at }) => at, maxLength: 25 },
  )
  .map(all => all.map(fields => event({ ...fields, at: start + fields.at })))

function apply(
  events: readonly SiteEvent[],
  options: Parameters<typeof createSiteState>[0] = {},
): SiteState {
  const state = createSiteState(options)
  for (const [index, each] of events.entries()) state.apply(batch(index + 1, [each], end))
  return state
}

describe('SiteState: visits', () => {
  it('have the sums of all events at once, in any order of arrival', () => {
    fc.assert(
      fc.property(visitEvents, events => {
        expect(sumsOf(apply(events))).toEqual(expectedSums(events))
      }),
      { numRuns: 200 },
    )
  })

  it('have the same sums when a record has all events', () => {
    fc.assert(
      fc.property(visitEvents, events => {
        const state = createSiteState()
        state.apply(batch(1, events, end))
        expect(sumsOf(state)).toEqual(expectedSums(events))
      }),
    )
  })

  it('are bounces under ten engaged seconds with the rule `not-engaged`', () => {
    const isShort = (_: number, engagedMs: number): boolean => engagedMs < 10_000
    fc.assert(
      fc.property(visitEvents, events => {
        const state = apply(events, { bounceRule: () => 'not-engaged' })
        expect(sumsOf(state)).toEqual(expectedSums(events, isShort))
      }),
    )
  })

  it('count the pages without room exactly in `(other)`', () => {
    const bounds: RollupBounds = { ...defaultBounds, maxSessionPages: 1 }
    const [first, second] = ['/a', '/b'].map((path, index) =>
      event({ path, at: start + index * minuteMs }),
    )
    const state = apply(
      [first, second].flatMap(each => each ?? []),
      { bounds },
    )
    const { entry, exit } = sumsOf(state)
    expect([entry, exit]).toEqual([{ '/a': 1 }, { '(other)': 1 }])
    expect(state.overflow.get('session_pages')).toBe(1)
  })

  it('have exact sums in every dimension of sessions when an hour has too many pages', () => {
    const paths = fc.array(fc.tuple(fc.nat(9), fc.nat(30)), { maxLength: 60 })
    const bounds: RollupBounds = { ...defaultBounds, maxBreakdownRows: 2 }
    fc.assert(
      fc.property(paths, all => {
        const events = all.map(([visitor, path], index) =>
          event({ visitor: `v${visitor}`, path: `/${path}`, at: start + index * 1000 }),
        )
        const sums = sumsOf(apply(events, { bounds }))
        const sumOf = (counts: Record<string, number>): number =>
          Object.values(counts).reduce((sum, each) => sum + each, 0)
        expect([sumOf(sums.entry), sumOf(sums.exit)]).toEqual([sums.sessions, sums.sessions])
      }),
    )
  })
})
