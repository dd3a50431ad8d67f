import { historyDimensions, historyDimensionNames } from '@tidemark/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runToCompletion } from '../shared/cooperative-task.ts'
import { type RollupBounds, defaultBounds } from './bounds.ts'
import { type Dimension, dimensionSpecs } from './bucket/dimensions.ts'
import { decodeBreakdown, decodeTotals, defaultBucketBounds } from './bucket/parts.ts'
import type { SiteEvent } from './event.ts'
import { type SiteState, createSiteState } from './site.ts'
import { batch, event, hourMs, start } from './testing/site-state.ts'

/** Returns the sum of all rows of a dimension, with `other`. */
function sumOf(state: SiteState, dimension: Dimension, tier: 'hour' | 'day'): number {
  return runToCompletion(state.history.tiers.read(tier, dimension, 0, 9e15)).reduce(
    (sum, { bytes }) => {
      const { rows, other } = runToCompletion(decodeBreakdown(bytes, defaultBucketBounds))
      return [...rows.values()].reduce((all, { count }) => all + count, sum + other.count)
    },
    0,
  )
}

function sessionsOf(state: SiteState): number {
  return runToCompletion(state.history.tiers.read('day', 'totals', 0, 9e15)).reduce(
    (sum, { bytes }) => sum + decodeTotals(bytes).sessions,
    0,
  )
}

/** Returns the number of names by which the table of dimensions counts events. */
function expectedSum(dimension: Dimension, events: readonly SiteEvent[], sessions: number): number {
  const { counts, namesIn } = dimensionSpecs[dimension]
  if (counts === 'sessions') return sessions
  const isCounted = ({ name, sender: { bot } }: SiteEvent): boolean => {
    if (counts === 'bots' || bot !== undefined) return counts === 'bots' && bot !== undefined
    if (typeof counts === 'object') return counts.event === name
    return counts === 'events' || name === 'page_view'
  }
  return events.filter(isCounted).reduce((sum, each) => {
    const names = namesIn(each)
    return sum + (names === undefined ? 0 : typeof names === 'string' ? 1 : names.length)
  }, 0)
}

const text = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor', undefined)
const events: fc.Arbitrary<SiteEvent[]> = fc.array(
  fc
    .record({
      name: fc.constantFrom('page_view', 'page_view', 'outbound', 'site_search', 'sign_up'),
      visitor: fc.constantFrom('a', 'b', 'c'),
      ageMs: fc.nat(40 * hourMs),
      path: text,
      country: text,
      detail: text,
      source: text,
      campaign: text,
      medium: text,
      term: text,
      clickId: text,
      bot: fc.constantFrom(undefined, undefined, 'Googlebot'),
      goals: fc.constantFrom([], ['One'], ['One', 'Two']),
    })
    .map(({ ageMs, ...fields }) => event({ ...fields, at: start - ageMs })),
  { maxLength: 40 },
)

const bounds: RollupBounds = { ...defaultBounds, maxBreakdownRows: 2 }

describe('dimensions of history', () => {
  it('have rows that sum to the counted events or sessions, with few rows and any order', () => {
    fc.assert(
      fc.property(events, all => {
        const state = createSiteState({ bounds })
        for (const [index, each] of all.entries()) state.apply(batch(index + 1, [each]))
        const sessions = sessionsOf(state)
        for (const dimension of historyDimensionNames) {
          const expected = expectedSum(dimension, all, sessions)
          for (const tier of ['hour', 'day'] as const) {
            expect([dimension, tier, sumOf(state, dimension, tier)]).toEqual([
              ...[dimension, tier, expected],
            ])
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('have a description in both tables', () => {
    expect(Object.keys(dimensionSpecs).toSorted()).toEqual(
      Object.keys(historyDimensions).toSorted(),
    )
  })
})
