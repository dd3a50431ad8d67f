import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hash } from '../sketch/hash.ts'
import type { StoredSegment } from './segment.ts'
import { type OnVisitChange, createSessions } from './sessions.ts'
import type { Visit, VisitEvent } from './visit.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dedupeWindowMs = 48 * hourMs
const start = 1_700_000_040_000

interface Counts {
  sessions: number
  bounces: number
}

type EmitSessions = (at: number, sessions: number, bounces: number) => void

/** Emits the changes of counts by second, without those that cancel out. */
function emitChange(emit: EmitSessions, before: Visit | undefined, after: Visit | undefined): void {
  const secondOf = (visit: Visit): number => Math.floor(visit.first / 1000)
  if (before && after && secondOf(before) === secondOf(after)) {
    const bounces = Number(after.isBounce) - Number(before.isBounce)
    if (bounces !== 0) emit(before.first, 0, bounces)
    return
  }
  if (before) emit(before.first, -1, before.isBounce ? -1 : 0)
  if (after) emit(after.first, 1, after.isBounce ? 1 : 0)
}

/** Sums emitted changes by second, and deletes seconds whose counts are 0. */
function createTotals() {
  const seconds = new Map<number, Counts>()
  const emit: EmitSessions = (at, sessions, bounces) => {
    const second = Math.floor(at / 1000)
    const counts = seconds.get(second) ?? { sessions: 0, bounces: 0 }
    counts.sessions += sessions
    counts.bounces += bounces
    seconds.set(second, counts)
    if (counts.sessions === 0 && counts.bounces === 0) seconds.delete(second)
  }
  return { seconds, emit }
}

function setUp({
  maxSessions = 1_000_000,
  stored = [],
}: { maxSessions?: number; stored?: Iterable<StoredSegment> } = {}) {
  const evicted: number[] = []
  let onChange: OnVisitChange = () => {}
  const all = createSessions(
    { dedupeWindowMs, maxSessions },
    {
      comparePages: (a, b) => a - b,
      onChange: (before, after) => onChange(before, after),
      onEvicted: each => evicted.push(each),
      stored,
    },
  )
  const sessions = {
    ...all,
    /** Records one view and emits its changes at once. */
    record(key: Hash, at: number, emit: EmitSessions, gapMs?: number): void {
      onChange = (before, after) => emitChange(emit, before, after)
      all.record(key, viewAt(at), gapMs)
      all.flush()
    },
  }
  return { sessions, evicted }
}

const viewAt = (at: number): VisitEvent => ({
  ...{ at, isByPerson: true, isView: true, page: 2, engagedMs: 0 },
})

interface VisitorEvent {
  visitor: number
  at: number
}

/** Computes the expected counts from all events at once. */
function count(events: readonly VisitorEvent[], gapMs = 30 * minuteMs): Map<number, Counts> {
  const { seconds, emit } = createTotals()
  for (const ofVisitor of Map.groupBy(events, ({ visitor }) => visitor).values()) {
    const times = ofVisitor.map(({ at }) => at).toSorted((a, b) => a - b)
    const starts = times.filter((at, n) => n === 0 || at - (times[n - 1] ?? 0) > gapMs)
    for (const [n, from] of starts.entries()) {
      const to = starts[n + 1] ?? Infinity
      const size = times.filter(at => at >= from && at < to).length
      emit(from, 1, size === 1 ? 1 : 0)
    }
  }
  return seconds
}

const toKey = (visitor: number): Hash => ({ high: visitor, low: visitor * 77 })

/** Times that are often equal, a session gap apart, in the same minute, or just beyond these distances. */
const times = fc
  .record({
    halfHours: fc.nat({ max: 80 }),
    minutes: fc.oneof(fc.constant(0), fc.integer({ min: -29, max: 29 })),
    off: fc.constantFrom(0, 0, 1, -1, 30_000),
  })
  .map(({ halfHours, minutes, off }) => start + (halfHours * 30 + minutes) * minuteMs + off)

const someEvents = (visitors: number, maxLength: number): fc.Arbitrary<VisitorEvent[]> =>
  fc.array(fc.record({ visitor: fc.nat({ max: visitors }), at: times }), {
    maxLength,
    size: 'max',
  })

describe('Sessions', () => {
  it('emits the counts of all events at once, in any order of arrival', () => {
    fc.assert(
      fc.property(someEvents(4, 80), events => {
        const { sessions, evicted } = setUp()
        const { seconds, emit } = createTotals()
        for (const [n, { visitor, at }] of events.entries()) {
          sessions.record(toKey(visitor), at, emit)
          expect(seconds).toEqual(count(events.slice(0, n + 1)))
        }
        expect(evicted).toEqual([])
      }),
    )
  })

  it('emits the same counts for any order of the same events', () => {
    const events = someEvents(3, 60)
    const orders = events.chain(all =>
      fc.tuple(
        fc.constant(all),
        fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
      ),
    )
    fc.assert(
      fc.property(orders, ([all, shuffled]) => {
        const totals = [all, shuffled].map(each => {
          const { sessions } = setUp()
          const { seconds, emit } = createTotals()
          for (const { visitor, at } of each) sessions.record(toKey(visitor), at, emit)
          return seconds
        })
        expect(totals[0]).toEqual(totals[1])
      }),
    )
  })

  it('emits the same counts after restarts, with the same bytes', () => {
    const restarts = fc.array(fc.nat({ max: 200 }), { maxLength: 5 })
    fc.assert(
      fc.property(someEvents(20, 200), restarts, (events, at) => {
        const { sessions } = setUp()
        let { sessions: restarted } = setUp()
        const { seconds, emit } = createTotals()
        const stored = new Map<number, StoredSegment>()
        for (const [n, event] of events.entries()) {
          sessions.record(toKey(event.visitor), event.at, () => {})
          restarted.record(toKey(event.visitor), event.at, emit)
          if (!at.includes(n)) continue
          for (const segment of restarted.drainDirty()) stored.set(segment.id, segment)
          restarted = setUp({ stored: stored.values() }).sessions
        }
        expect(seconds).toEqual(count(events))
        expect(restarted.encode()).toEqual(sessions.encode())
      }),
    )
  })

  it('emits the same counts while old sessions expire', () => {
    const late = fc.array(
      fc.record({
        visitor: fc.nat({ max: 30 }),
        after: fc.nat({ max: 4 * hourMs }),
        lateMs: fc.oneof(fc.constant(0), fc.nat({ max: dedupeWindowMs })),
      }),
      { maxLength: 200, size: 'max' },
    )
    fc.assert(
      fc.property(late, all => {
        const { sessions } = setUp()
        const { seconds, emit } = createTotals()
        const events: VisitorEvent[] = []
        let now = start
        for (const { visitor, after, lateMs } of all) {
          now += after
          sessions.advance(now)
          const at = now - lateMs
          sessions.record(toKey(visitor), at, emit)
          events.push({ visitor, at })
        }
        expect(seconds).toEqual(count(events))
      }),
    )
  })

  it('ends a named session only after silence of dedupeWindowMs', () => {
    fc.assert(
      fc.property(someEvents(4, 60), events => {
        const { sessions } = setUp()
        const { seconds, emit } = createTotals()
        for (const { visitor, at } of events) sessions.record(toKey(visitor), at, emit, Infinity)
        expect(seconds).toEqual(count(events, Infinity))
      }),
    )
    const { sessions } = setUp()
    const { seconds, emit } = createTotals()
    const events = [0, dedupeWindowMs, 2 * dedupeWindowMs + 1].map(after => ({
      visitor: 1,
      at: start + after,
    }))
    for (const { visitor, at } of events) {
      sessions.advance(at)
      sessions.record(toKey(visitor), at, emit, Infinity)
    }
    expect(seconds).toEqual(count(events, dedupeWindowMs))
  })
})

describe('Sessions: emitted changes', () => {
  function emitted(...after: number[]): [number, number, number][] {
    const { sessions } = setUp()
    const all: [number, number, number][] = []
    for (const each of after) {
      all.length = 0
      sessions.record(toKey(1), start + each, (at, ...deltas) => all.push([at - start, ...deltas]))
    }
    return all
  }

  it('add a session with a bounce, and remove the bounce at the second event', () => {
    expect(emitted(0)).toEqual([[0, 1, 1]])
    expect(emitted(0, 30 * minuteMs)).toEqual([[0, 0, -1]])
    expect(emitted(0, 0)).toEqual([[0, 0, -1]])
    expect(emitted(0, 30 * minuteMs, 60 * minuteMs)).toEqual([])
    expect(emitted(0, 30 * minuteMs + 1)).toEqual([[30 * minuteMs + 1, 1, 1]])
  })

  it('move a session to an earlier start', () => {
    expect(emitted(5 * minuteMs, 0)).toEqual([
      [5 * minuteMs, -1, -1],
      [0, 1, 0],
    ])
    expect(emitted(5 * minuteMs, 6 * minuteMs, 0)).toEqual([
      [5 * minuteMs, -1, 0],
      [0, 1, 0],
    ])
  })

  it('move nothing within a second', () => {
    expect(emitted(500, 0)).toEqual([[500, 0, -1]])
    expect(emitted(500, 600, 0)).toEqual([])
  })

  it('remove a session when two are joined', () => {
    expect(emitted(0, 40 * minuteMs, 20 * minuteMs)).toEqual([
      [0, 0, -1],
      [40 * minuteMs, -1, -1],
    ])
    expect(emitted(0, 1, 40 * minuteMs, 41 * minuteMs, 20 * minuteMs)).toEqual([
      [40 * minuteMs, -1, 0],
    ])
  })
})

describe('Sessions: bounds', () => {
  it('expires sessions that no further event can belong to', () => {
    const { sessions, evicted } = setUp()
    const { emit } = createTotals()
    for (let visitor = 0; visitor < 1000; visitor++) {
      sessions.record(toKey(visitor), start + visitor, emit)
    }
    sessions.advance(start + dedupeWindowMs + 30 * minuteMs)
    expect(sessions.sessionCount()).toBe(1000)
    sessions.advance(start + dedupeWindowMs + 30 * minuteMs + 1000)
    expect(sessions.sessionCount()).toBe(0)
    expect(evicted).toEqual([])
  })

  it('expires other sessions although one visitor never leaves', () => {
    const { sessions } = setUp()
    const { seconds, emit } = createTotals()
    for (let minute = 0; minute < 20_000; minute++) {
      const now = start + minute * minuteMs
      sessions.advance(now)
      sessions.record(toKey(0), now, emit)
      sessions.record(toKey(minute + 1), now, emit)
    }
    expect(seconds.get(Math.floor(start / 1000))).toEqual({ sessions: 2, bounces: 1 })
    expect(seconds.get(Math.floor(start / 1000) + 19_999 * 60)).toEqual({ sessions: 1, bounces: 1 })
    expect(sessions.sessionCount()).toBeLessThan(3 * (dedupeWindowMs / minuteMs))
  })

  it('keeps to maxSessions and reports every evicted session', () => {
    const { sessions, evicted } = setUp({ maxSessions: 100 })
    let most = 0
    const { emit } = createTotals()
    for (let visitor = 0; visitor < 1000; visitor++) {
      sessions.record(toKey(visitor), start + visitor, emit)
      most = Math.max(most, sessions.sessionCount())
    }
    expect(most).toBe(100)
    expect(evicted.reduce((sum, each) => sum + each, 0)).toBe(1000 - sessions.sessionCount())
  })

  it('never emits too few sessions when some sessions of a visitor are evicted', () => {
    const limits = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(someEvents(20, 300), limits, (events, maxSessions) => {
        const { sessions, evicted } = setUp({ maxSessions })
        const { seconds, emit } = createTotals()
        for (const { visitor, at } of events) sessions.record(toKey(visitor), at, emit)
        const sum = (counts: Map<number, Counts>): number =>
          [...counts.values()].reduce((all, each) => all + each.sessions, 0)
        for (const { sessions: sessionCount, bounces } of seconds.values()) {
          expect(sessionCount).toBeGreaterThanOrEqual(bounces)
          expect(bounces).toBeGreaterThanOrEqual(0)
        }
        expect(sessions.sessionCount()).toBeLessThanOrEqual(maxSessions)
        if (evicted.length === 0) expect(seconds).toEqual(count(events))
        else expect(sum(seconds)).toBeGreaterThanOrEqual(sum(count(events)))
      }),
    )
  })
})

describe.each([2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 33])(
  'Sessions: a session of %d ms',
  lengthMs => {
    const { sessions } = setUp()
    const { seconds, emit } = createTotals()
    const events: VisitorEvent[] = []
    function record(target: typeof sessions, after: number): void {
      const event: VisitorEvent = { visitor: 1, at: start + after }
      events.push(event)
      target.record(toKey(1), event.at, emit)
    }
    for (let after = 0; after < lengthMs; after += 30 * minuteMs) record(sessions, after)
    record(sessions, lengthMs)

    it('stays one session for events within, after and before it, also after a restart', () => {
      const restarted = setUp({ stored: sessions.encode() }).sessions
      expect(seconds).toEqual(count(events))
      expect(seconds.size).toBe(1)
      for (const after of [hourMs, 1, 0, lengthMs + minuteMs, lengthMs + 2 * hourMs, -minuteMs]) {
        record(restarted, after)
        expect(seconds).toEqual(count(events))
      }
    })
  },
)
