import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ActivePage, type FeedEntry, type State, channelNames, channels } from './channels.ts'
import { type Frame, type Patch, type RowsPatch, applyPatch, mergeFrames } from './frame.ts'
import { limits } from './limits.ts'

/** Names that collide often, and names that break objects used as maps. */
const names = fc.constantFrom('/a', '/b', '/c', '__proto__', 'constructor', 'toString', '(other)')

const pages: fc.Arbitrary<ActivePage> = fc
  .record({ path: names, visitors: fc.integer({ min: 1, max: 5 }), isRest: fc.boolean() })
  .map(({ path, visitors, isRest }) =>
    isRest ? { path: '(other)', visitors, rest: true } : { path, visitors },
  )
const pagesPatch: fc.Arbitrary<RowsPatch<ActivePage>> = fc.record(
  {
    set: fc.uniqueArray(pages, { selector: channels.activePages.keyOf, maxLength: 4 }),
    del: fc.uniqueArray(pages.map(channels.activePages.keyOf), { maxLength: 4 }),
  },
  { requiredKeys: [] },
)

const entries: fc.Arbitrary<FeedEntry> = fc
  .tuple(fc.nat(90), fc.constantFrom('page_view', 'sign_up'), fc.nat(3))
  .map(([offset, name, timestamp]) => ({ id: `${offset}-0`, type: 'event', name, timestamp }))
/** The feed grows at its new end only, so its patches remove no rows. */
const feedPatch: fc.Arbitrary<RowsPatch<FeedEntry>> = fc.record(
  { set: fc.uniqueArray(entries, { selector: entry => entry.id, maxLength: 60 }) },
  { requiredKeys: [] },
)

const patches: fc.Arbitrary<Patch> = fc.record(
  {
    currentVisitors: fc.nat(5),
    pageViews: fc.nat(5),
    activePages: pagesPatch,
    recentEvents: feedPatch,
  },
  { requiredKeys: [] },
)

/** States that result from patches. */
const states: fc.Arbitrary<State> = fc
  .array(patches, { maxLength: 3 })
  .map(all => all.reduce(applyPatch, {}))

const at = 1_700_000_000_000
const frame = (p: number, s: number, patch: Patch): Frame => ({ p, s, at: at + s, patch })

describe('applyPatch', () => {
  it('has the same result when applied twice', () => {
    fc.assert(
      fc.property(states, patches, (state, patch) => {
        const once = applyPatch(state, patch)
        expect(applyPatch(once, patch)).toEqual(once)
      }),
    )
  })

  it('changes neither the original state nor the patch', () => {
    fc.assert(
      fc.property(states, patches, (state, patch) => {
        const before = JSON.stringify([state, patch])
        applyPatch(state, patch)
        expect(JSON.stringify([state, patch])).toBe(before)
      }),
    )
  })

  it('keeps the identity of channels and rows that are not in the patch', () => {
    fc.assert(
      fc.property(states, patches, (state, patch) => {
        const next = applyPatch(state, patch)
        for (const name of channelNames) {
          if (!(name in patch)) expect(next[name]).toBe(state[name])
        }
        const changed = new Set(patch.activePages?.set?.map(channels.activePages.keyOf))
        for (const row of next.activePages ?? []) {
          const { keyOf } = channels.activePages
          if (!changed.has(keyOf(row))) expect(state.activePages).toContain(row)
        }
      }),
    )
  })

  it('returns rows in channel order, with unique keys, within the bound', () => {
    fc.assert(
      fc.property(states, patches, (state, patch) => {
        const { activePages = [], recentEvents = [] } = applyPatch(state, patch)
        expect(activePages).toEqual(activePages.toSorted(channels.activePages.compare))
        const keys = activePages.map(channels.activePages.keyOf)
        expect(new Set(keys).size).toBe(keys.length)
        expect(recentEvents).toEqual(recentEvents.toSorted(channels.recentEvents.compare))
        expect(recentEvents.length).toBeLessThanOrEqual(limits.maxFeedEntries)
      }),
    )
  })

  it('removes rows before it inserts rows, so that a row can be in both', () => {
    const state: State = { activePages: [{ path: '/a', visitors: 1 }] }
    const patch: Patch = { activePages: { del: ['/a'], set: [{ path: '/a', visitors: 2 }] } }
    expect(applyPatch(state, patch)).toEqual({ activePages: [{ path: '/a', visitors: 2 }] })
  })

  it('treats `__proto__` as an ordinary name', () => {
    const page = { path: '__proto__', visitors: 3 }
    const state = applyPatch({}, { activePages: { set: [page] } })
    expect(state.activePages).toEqual([page])
    expect(applyPatch(state, { activePages: { del: ['__proto__'] } }).activePages).toEqual([])
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  })

  it('ignores unknown channels, including `__proto__`', () => {
    const patch: Patch = JSON.parse('{"later":7,"__proto__":{"currentVisitors":7},"pageViews":1}')
    const state = applyPatch({}, patch)
    expect(Object.keys(state)).toEqual(['pageViews'])
    expect(state.currentVisitors).toBeUndefined()
  })

  it('removes the oldest entries of a full feed without an entry in the patch', () => {
    const entry = (offset: number): FeedEntry => ({
      id: `${offset}-0`,
      type: 'event',
      name: 'x',
      timestamp: at,
    })
    const full = Array.from({ length: limits.maxFeedEntries }, (_, index) => entry(100 - index))
    const { recentEvents } = applyPatch(
      { recentEvents: full },
      { recentEvents: { set: [entry(102), entry(101)] } },
    )
    expect(recentEvents?.map(({ id }) => id)).toEqual(
      Array.from({ length: limits.maxFeedEntries }, (_, index) => `${102 - index}-0`),
    )
  })
})

describe('mergeFrames', () => {
  it('has the same effect as both frames in sequence', () => {
    fc.assert(
      fc.property(states, patches, patches, (state, a, b) => {
        const merged = mergeFrames(frame(3, 4, a), frame(4, 7, b))
        expect(applyPatch(state, merged.patch)).toEqual(applyPatch(applyPatch(state, a), b))
      }),
      { numRuns: 500 },
    )
  })

  it('is associative', () => {
    fc.assert(
      fc.property(states, patches, patches, patches, (state, a, b, c) => {
        const [first, second, third] = [frame(0, 1, a), frame(1, 2, b), frame(2, 3, c)]
        const left = mergeFrames(mergeFrames(first, second), third)
        const right = mergeFrames(first, mergeFrames(second, third))
        expect(applyPatch(state, left.patch)).toEqual(applyPatch(state, right.patch))
      }),
    )
  })

  it('changes neither frame', () => {
    fc.assert(
      fc.property(patches, patches, (a, b) => {
        const [first, second] = [frame(0, 1, a), frame(1, 2, b)]
        const before = JSON.stringify([first, second])
        mergeFrames(first, second)
        expect(JSON.stringify([first, second])).toBe(before)
      }),
    )
  })

  it('covers both ranges and has the time of the later frame', () => {
    expect(mergeFrames(frame(3, 4, {}), frame(4, 9, {}))).toEqual(frame(3, 9, {}))
  })
})
