import { expect, it } from 'vitest'
import { siteEvent } from './testing/event.ts'
import { type OverflowCounts, defaultBounds } from './bounds.ts'
import { type TableSegment, createSiteTables } from './site-tables.ts'
import { hash64 } from './sketch/hash.ts'

const now = 1_700_000_040_000
const visitor = hash64('v')

function createTables(stored: readonly TableSegment[] = []) {
  const overflow: OverflowCounts = new Map()
  const sessions: unknown[][] = []
  const tables = createSiteTables(defaultBounds, overflow, {
    stored,
    seed: 0,
    onVisitChange: (before, after) =>
      sessions.push([after?.first, before?.events, after?.events, after?.isBounce]),
  })
  return { tables, sessions }
}

const event = (n: number) => siteEvent({ at: now, client: 'c', n })

it('SiteTables: accepts each event number of a client once, and counts repetitions', () => {
  const { tables } = createTables()
  expect([1, 2, 1].map(n => tables.accept(event(n), now))).toEqual([true, true, false])
  expect(tables.dedupe).toEqual({ repeated: 1, unnumbered: 0 })
})

it('SiteTables: accepts every event without a client or number', () => {
  const { tables } = createTables()
  const events = [siteEvent({ client: 'c' }), siteEvent({ n: 1 }), siteEvent({ n: 1 })]
  expect(events.map(each => tables.accept(each, now))).toEqual([true, true, true])
  expect(tables.dedupe).toEqual({ repeated: 0, unnumbered: 3 })
})

it('SiteTables: emits a new session once per visitor, or once per session id of a visitor', () => {
  const { tables, sessions } = createTables()
  tables.countSession(siteEvent({ at: now }), visitor, now)
  tables.countSession(siteEvent({ at: now, session: 's' }), visitor, now)
  tables.countSession(siteEvent({ at: now, session: 's', visitor: 'w' }), hash64('w'), now)
  tables.flush()
  expect(sessions).toEqual([
    [now, undefined, 1, true],
    [now, undefined, 1, true],
    [now, undefined, 1, true],
  ])
})

it('SiteTables: returns changed segments until the store has accepted them', () => {
  const { tables } = createTables()
  tables.accept(event(1), now)
  tables.countSession(event(1), visitor, now)
  const names = () => tables.unsavedSegments().map(({ table }) => table)
  expect(names()).toEqual(['clients', 'sessions'])
  // The store failed, so the next capture contains the same segments.
  expect(names()).toEqual(['clients', 'sessions'])
  tables.markStored()
  expect(names()).toEqual([])
  tables.accept(event(2), now)
  expect(names()).toEqual(['clients'])
})

it('SiteTables: restores both tables from stored segments', () => {
  const { tables } = createTables()
  tables.accept(event(1), now)
  tables.countSession(event(1), visitor, now)
  const { tables: restored, sessions } = createTables(tables.unsavedSegments())
  expect(restored.accept(event(1), now)).toBe(false)
  restored.countSession(event(2), visitor, now)
  restored.flush()
  // The event belongs to the stored session, which is no longer a bounce.
  expect(sessions).toEqual([[now, 1, 2, false]])
})
