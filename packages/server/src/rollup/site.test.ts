import { type WindowMinutes, windowMinutes } from '@tidemark/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RollupBounds, defaultBounds } from './bounds.ts'
import { partNames } from './bucket/dimensions.ts'
import { decodeTotals } from './bucket/parts.ts'
import type { PresenceSignal, SiteBatch, SiteEvent } from './event.ts'
import { type EncodedPart, startOfMinute } from './history/open-minutes.ts'
import type { TableSegment } from './site-tables.ts'
import { type Capture, type SiteState, createSiteState } from './site.ts'
import { type CooperativeTask, runToCompletion } from '../shared/cooperative-task.ts'
import { type EventFields, siteEvent } from '../testing/event.ts'

const start = 1_700_000_040_000
const minuteMs = 60_000
const hourMs = 60 * minuteMs

function event(fields: EventFields = {}): SiteEvent {
  return siteEvent({ at: start, visitor: 'a', ...fields })
}

/** Creates a record in which equal senders are one object, as ingest creates it. */
function batch(offset: number, events: SiteEvent[], receivedAt: number = start): SiteBatch {
  const senders = new Map(events.map(({ sender }) => [JSON.stringify(sender), sender]))
  return {
    offset,
    receivedAt,
    events: events.map((each, index) => {
      const sender = senders.get(JSON.stringify(each.sender)) ?? each.sender
      return { ...each, index, sender }
    }),
  }
}

function signal(kind: PresenceSignal['kind'], fields: Partial<PresenceSignal> = {}) {
  const unknown = { source: undefined, country: undefined, device: undefined }
  return { kind, visitor: 'a', path: '/', ...unknown, ...fields }
}

/** Returns the totals of all non-empty minutes that start in `[from, to)`. */
function minutesOf(state: SiteState, from: number, to: number) {
  return runToCompletion(state.history.tiers.read('minute', 'totals', from, to)).map(part => {
    const { visitors, ...totals } = decodeTotals(part.bytes)
    return { at: part.start, ...totals, visitors: visitors.count() }
  })
}

function minuteOf(state: SiteState, at: number) {
  const [minute] = minutesOf(state, startOfMinute(at), startOfMinute(at) + minuteMs)
  return minute
}

/** Returns every part of every bucket, as text that contains its bytes. */
function historyOf(state: SiteState): string[] {
  return (['minute', 'hour', 'day'] as const).flatMap(tier =>
    partNames.flatMap(part =>
      runToCompletion(state.history.tiers.read(tier, part, 0, 9e15)).map(
        ({ start: at, bytes }) => `${tier} ${part} ${at} ${Buffer.from(bytes).toString('hex')}`,
      ),
    ),
  )
}

/** Reads everything from a state. */
function read(state: SiteState) {
  return {
    currentVisitors: state.currentVisitors(),
    activePages: state.activePages(),
    referrers: state.referrers(),
    countries: state.countries(),
    devices: state.devices(),
    pageViews: windowMinutes.map((window: WindowMinutes) => state.pageViews(window)),
    events: windowMinutes.map((window: WindowMinutes) => state.events(window)),
    goals: windowMinutes.map((window: WindowMinutes) => state.goals(window)),
    values: state.values(),
    secondSeries: state.secondSeries(),
    minuteSeries: state.minuteSeries(),
    recentEvents: state.recentEvents(),
    history: historyOf(state),
    minutes: minutesOf(state, 0, 9e15),
    overflow: [...state.overflow],
    isAtRest: state.isAtRest(),
  }
}

describe('SiteState: events', () => {
  it('change every figure', () => {
    const state = createSiteState()
    const known = { source: 'news.example', country: 'FR', device: 'mobile' as const }
    expect(state.apply(batch(12, [event({ path: '/a', title: 'A', ...known })]))).toBe(1)
    expect(read(state)).toMatchObject({
      currentVisitors: 1,
      activePages: [{ path: '/a', visitors: 1 }],
      referrers: [{ source: 'news.example', visitors: 1 }],
      countries: [{ country: 'FR', visitors: 1 }],
      devices: [{ device: 'mobile', visitors: 1 }],
      pageViews: [1, 1, 1, 1, 1],
      recentEvents: [{ id: '12-0', type: 'pageview', path: '/a', title: 'A', timestamp: start }],
      minutes: [{ at: start, events: 1, pageViews: 1 }],
      isAtRest: false,
    })
  })

  it('other than page views do not change the number of page views', () => {
    const state = createSiteState()
    state.apply(batch(1, [event({ name: 'sign_up' })]))
    expect(read(state)).toMatchObject({
      currentVisitors: 1,
      pageViews: [0, 0, 0, 0, 0],
      minutes: [{ events: 1, pageViews: 0 }],
    })
  })

  it('that were sent before change nothing', () => {
    const state = createSiteState()
    const first = event({ client: 'c', n: 1 })
    state.apply(batch(1, [first]))
    const before = read(state)
    expect(state.apply(batch(2, [first, first]))).toBe(0)
    expect(read(state)).toEqual(before)
  })

  it('without a client or a number count each time', () => {
    const state = createSiteState()
    const sent = [event({ client: 'c' }), event({ n: 1 }), event(), event()]
    expect(state.apply(batch(1, sent))).toBe(4)
    expect(state.apply(batch(2, sent))).toBe(4)
  })

  it('have an id of log offset and index, whether or not other events of the request were accepted', () => {
    const state = createSiteState()
    const places = [event({ index: 2 }), event({ index: 7 })]
    state.apply({ offset: 31, receivedAt: start, events: places })
    expect(state.recentEvents().map(entry => entry.id)).toEqual(['31-7', '31-2'])
  })
})

describe('SiteState: live figures', () => {
  it('show the second, minute, value and goal of an event, each for its own time', () => {
    const state = createSiteState()
    const order = event({ name: 'order', goals: ['Paid'], value: 5 })
    state.apply(batch(1, [order, event({ visitor: 'b', at: start - 1000 })]))
    const seconds = () => state.secondSeries().map(({ at, ...row }) => [at - start, row])
    const values = () => state.values().map(row => [row.name, row['1s'].count, row['1m'].count])
    expect(seconds()).toEqual([
      [-1000, { events: 1, pageViews: 1, visitors: 1 }],
      [0, { events: 1, pageViews: 0, visitors: 1 }],
    ])
    expect(state.minuteSeries()).toEqual([
      { at: start - minuteMs, events: 1, pageViews: 1, visitors: 1 },
      { at: start, events: 1, pageViews: 0, visitors: 1 },
    ])
    expect(state.goals(1)).toEqual([{ goal: 'Paid', count: 1, visitors: 1 }])
    expect(values()).toEqual([])
    state.advance(start + 1000)
    expect(values()).toEqual([['order', 1, 1]])
    state.advance(start + 59_000)
    expect(values()).toEqual([['order', 0, 1]])
    expect(seconds().length).toBe(1)
    state.advance(start + 61_000)
    expect(values()).toEqual([])
    expect(seconds()).toEqual([])
    expect(state.goals(1)).toEqual([])
    state.advance(start + 59 * minuteMs)
    expect(state.minuteSeries().map(({ at }) => at)).toEqual([start])
    state.advance(start + hourMs)
    expect([state.minuteSeries(), state.goals(60)]).toEqual([[], []])
  })

  it('group names beyond the limit of a list into "(other)"', () => {
    const state = createSiteState({ bounds: { ...defaultBounds, maxListRows: 1 } })
    const names = ['x', 'x', 'y', 'z']
    state.apply(
      batch(
        1,
        names.map((name, n) => event({ name, visitor: `v${n}`, path: `/${name}` })),
      ),
    )
    expect(state.activePages()).toEqual([
      { path: '/x', visitors: 2 },
      { path: '(other)', visitors: 2, rest: true },
    ])
    expect(state.events(5)).toEqual([
      { name: 'x', count: 2 },
      { name: '(other)', count: 2, rest: true },
    ])
  })

  it('show late events in the minutes of the last hour', () => {
    const state = createSiteState()
    state.advance(start)
    expect(state.minuteSeries()).toEqual([])
    state.apply(batch(1, [event({ at: start - 30 * minuteMs })]))
    expect(state.minuteSeries()).toMatchObject([{ at: start - 30 * minuteMs, events: 1 }])
  })
})

describe('SiteState: bot events', () => {
  it('count as bot events in their own minute, and nowhere else', () => {
    const state = createSiteState()
    const at = start - 5 * minuteMs
    const bot = event({ at, isBot: true, goals: ['Paid'], value: 1 })
    expect(state.apply(batch(1, [bot, { ...bot, at: start }]))).toBe(2)
    const empty = { events: 0, pageViews: 0, sessions: 0, bounces: 0, visitors: 0 }
    expect(minutesOf(state, 0, 9e15)).toEqual([
      { at, ...empty, botEvents: 1 },
      { at: start, ...empty, botEvents: 1 },
    ])
    state.advance(start + 1000)
    expect(read(state)).toMatchObject({
      currentVisitors: 0,
      recentEvents: [],
      secondSeries: [],
      values: [],
      goals: [[], [], [], [], []],
      events: [[], [], [], [], []],
      isAtRest: true,
    })
  })
})

describe('SiteState: sessions', () => {
  it('with an id have no longest gap, and belong to one visitor', () => {
    const state = createSiteState()
    const later = start + hourMs
    state.apply(batch(1, [event({ session: 's' }), event({ session: 's', visitor: 'b' })]))
    state.apply(batch(2, [event({ session: 's', at: later })], later))
    expect(minuteOf(state, start)).toMatchObject({ sessions: 2, bounces: 1 })
    expect(minuteOf(state, later)).toMatchObject({ sessions: 0, bounces: 0 })
  })

  it('without an id end after the session gap', () => {
    const state = createSiteState()
    const later = start + defaultBounds.sessionGapMs + 1
    state.apply(batch(1, [event()]))
    state.apply(batch(2, [event({ at: later })], later))
    expect(minuteOf(state, start)).toMatchObject({ sessions: 1, bounces: 1 })
    expect(minuteOf(state, later)).toMatchObject({ sessions: 1, bounces: 1 })
  })
})

it('SiteState: counts the overflow of a goal, and restores the count after a restart', () => {
  const few = { ...defaultBounds, maxGoalVisitors: 1 }
  const state = createSiteState({ bounds: few })
  const reached = ['a', 'b', 'c'].map(visitor => event({ visitor, goals: ['Paid'] }))
  state.apply(batch(1, reached))
  expect([...state.overflow]).toEqual([['goal_visitors', 2]])
  const { state: bytes, segments } = runToCompletion(state.capture())
  const restored = createSiteState({ bounds: few, stored: { state: bytes, segments } })
  expect([...restored.overflow]).toEqual([['goal_visitors', 2]])
})

it('SiteState: encodes to the same bytes with any seed', () => {
  const [a, b] = [1, 987_654_321].map(seed => {
    const state = createSiteState({ seed })
    for (let offset = 1; offset <= 300; offset++) {
      const id = `${(offset * 7) % 50}`
      state.apply(batch(offset, [event({ client: `c${id}`, n: offset, visitor: `v${id}` })]))
    }
    return runToCompletion(state.capture())
  })
  expect(a?.state).toEqual(b?.state)
  expect(a?.segments).toEqual(b?.segments)
})

it('SiteState: rejects stored bytes of another version', () => {
  const { state } = runToCompletion(createSiteState().capture())
  for (const version of [0, 2]) {
    const other = Uint8Array.from(state)
    other[0] = version
    expect(() => createSiteState({ stored: { state: other, segments: [] } })).toThrow(
      `The stored site state has version ${version}, but this Tidemark reads version 1 only. ` +
        'Run the Tidemark release that wrote the data directory, or start with an empty one.',
    )
  }
})

describe('SiteState: late events', () => {
  it('count in their own minute, and change neither the feed nor the active visitors', () => {
    const state = createSiteState()
    const at = start - 47 * hourMs
    state.apply(batch(1, [event({ at })]))
    expect(minuteOf(state, at)).toMatchObject({ events: 1, pageViews: 1 })
    expect(read(state)).toMatchObject({
      currentVisitors: 0,
      recentEvents: [],
      pageViews: [0, 0, 0, 0, 0],
      isAtRest: true,
    })
  })

  it('count in the windows that contain their time', () => {
    const state = createSiteState()
    state.apply(batch(1, [event({ at: start - 20 * minuteMs })]))
    expect(read(state)).toMatchObject({ currentVisitors: 0, pageViews: [0, 0, 0, 1, 1] })
  })

  it('are late from exactly the active time on', () => {
    const state = createSiteState()
    state.apply(batch(1, [event({ at: start - defaultBounds.activeMs })]))
    expect(state.currentVisitors()).toBe(0)
    state.apply(batch(2, [event({ at: start - defaultBounds.activeMs + 1 })]))
    expect(state.currentVisitors()).toBe(1)
    expect(state.recentEvents().length).toBe(1)
  })

  it('count once, also when sent again days later', () => {
    const state = createSiteState()
    const late = event({ at: start - hourMs, client: 'c', n: 1 })
    expect(state.apply(batch(1, [late]))).toBe(1)
    state.advance(start + 46 * hourMs)
    expect(state.apply(batch(2, [late], start + 46 * hourMs))).toBe(0)
  })
})

it('SiteState: expires event numbers after the deduplication window', () => {
  const state = createSiteState()
  const windowEnd = start + defaultBounds.dedupeWindowMs
  expect(state.apply(batch(1, [event({ client: 'c', n: 1 })]))).toBe(1)
  expect(
    state.apply(batch(2, [event({ client: 'c', n: 1, at: windowEnd - 1 })], windowEnd - 1)),
  ).toBe(0)
  const end = windowEnd + defaultBounds.dedupeWindowMs
  expect(state.apply(batch(3, [event({ client: 'c', n: 1, at: end })], end))).toBe(1)
})

describe('SiteState: signals', () => {
  it('change the active visitors and no other figure', () => {
    const state = createSiteState()
    state.applySignal(signal('heartbeat', { path: '/a' }), start)
    expect(read(state)).toMatchObject({
      currentVisitors: 1,
      activePages: [{ path: '/a', visitors: 1 }],
      pageViews: [0, 0, 0, 0, 0],
      recentEvents: [],
      minutes: [],
      isAtRest: false,
    })
    state.applySignal(signal('leave', { path: '/a' }), start)
    state.advance(start + defaultBounds.leaveGraceMs)
    expect(read(state)).toMatchObject({ currentVisitors: 0, isAtRest: true })
  })
})

describe('SiteState: time', () => {
  it('expires visitors and empties windows until the state is at rest', () => {
    const state = createSiteState()
    state.apply(batch(1, [event()]))
    state.advance(start + defaultBounds.activeMs)
    expect(read(state)).toMatchObject({ currentVisitors: 0, isAtRest: false })
    expect(state.pageViews(60)).toBe(1)
    state.advance(start + hourMs)
    expect(read(state)).toMatchObject({ pageViews: [0, 0, 0, 0, 0], isAtRest: true })
    expect(state.recentEvents().length).toBe(1)
  })

  it('never goes back', () => {
    const state = createSiteState()
    state.apply(batch(1, [event()]))
    state.advance(start + hourMs)
    const before = read(state)
    state.advance(start)
    expect(read(state)).toEqual(before)
  })

  it('of a record with an earlier arrival time is the current time', () => {
    const state = createSiteState()
    state.advance(start + hourMs)
    state.apply(batch(1, [event()], start))
    state.advance(start + hourMs + defaultBounds.activeMs - 1)
    expect(state.currentVisitors()).toBe(1)
    state.advance(start + hourMs + defaultBounds.activeMs)
    expect(state.currentVisitors()).toBe(0)
  })
})

it('SiteState: returns the same arrays until a row changes', () => {
  const state = createSiteState()
  state.apply(batch(1, [event({ name: 'x' })]))
  const rows = () => [
    state.activePages(),
    state.referrers(),
    state.countries(),
    state.devices(),
    state.recentEvents(),
  ]
  const before = rows()
  state.advance(start + minuteMs)
  state.applySignal(signal('heartbeat'), start + minuteMs)
  for (const [index, row] of rows().entries()) expect(row).toBe(before[index])
})

const clients = fc.constantFrom('c1', 'c2', 'c3')
/** Events in which each client belongs to one visitor, as each page load does. */
const events: fc.Arbitrary<SiteEvent> = fc
  .record({
    name: fc.constantFrom('page_view', 'page_view', 'sign_up', '__proto__'),
    ageMs: fc.oneof(fc.nat(1000), fc.nat(2 * hourMs), fc.constant(defaultBounds.activeMs)),
    client: clients,
    n: fc.integer({ min: 1, max: 12 }),
    path: fc.constantFrom('/', '/a', '__proto__', undefined),
    source: fc.constantFrom('x.example', undefined),
    country: fc.constantFrom('FR', undefined),
    goals: fc.constantFrom([], ['Joined'], ['Joined', 'Paid']),
    value: fc.constantFrom(undefined, 1, 0.1, -3),
    session: fc.constantFrom(undefined, 's'),
    isBot: fc.constantFrom(false, false, false, true),
  })
  .map(({ ageMs, ...fields }) =>
    event({ ...fields, visitor: `visitor of ${fields.client}`, at: start - ageMs }),
  )

const batches = fc.array(
  fc.record({ events: fc.array(events, { maxLength: 5 }), afterMs: fc.nat(3 * minuteMs) }),
  { maxLength: 12 },
)
const bounds: RollupBounds = { ...defaultBounds, maxListRows: 2, maxFeedEntries: 5 }

/** Creates log records with ascending arrival times; each record arrives after its events happened. */
function toRecords(all: readonly { events: SiteEvent[]; afterMs: number }[]): SiteBatch[] {
  let receivedAt = start
  return all.map(({ events: some, afterMs }, index) => {
    receivedAt += afterMs
    return batch(index + 1, some, receivedAt)
  })
}

describe('SiteState: replay', () => {
  it('results in the same state as live operation, with any reads and advances in between', () => {
    const reads = fc.array(fc.nat(minuteMs), { maxLength: 12 })
    fc.assert(
      fc.property(batches, reads, (all, steps) => {
        const records = toRecords(all)
        const live = createSiteState({ bounds })
        for (const [index, record] of records.entries()) {
          live.apply(record)
          const next = records[index + 1]?.receivedAt ?? Infinity
          live.advance(Math.min(next, record.receivedAt + (steps[index] ?? 0)))
          read(live)
        }
        const replayed = createSiteState({ bounds })
        for (const record of records) replayed.apply(record)
        const end = (records.at(-1)?.receivedAt ?? start) + minuteMs
        live.advance(end)
        replayed.advance(end)
        expect(read(replayed)).toEqual(read(live))
      }),
      { numRuns: 100 },
    )
  })

  it('of repeated records results in the same state', () => {
    fc.assert(
      fc.property(batches, all => {
        const records = toRecords(all)
        const once = createSiteState({ bounds })
        for (const record of records) once.apply(record)
        const before = read(once)
        const end = records.at(-1)?.receivedAt ?? start
        for (const [index, record] of records.entries()) {
          const repeated = { ...record, offset: records.length + index + 1, receivedAt: end }
          expect(once.apply(repeated)).toBe(0)
        }
        expect(read(once)).toEqual(before)
      }),
    )
  })
})

/** Simulates the store of one site: its stored data, and their offset in the log. */
function createStore() {
  const parts = new Map<string, EncodedPart>()
  const segments = new Map<string, TableSegment>()
  let state: Uint8Array | undefined
  let offset = 0
  return {
    open: () =>
      createSiteState({
        bounds: { ...defaultBounds, maxFeedEntries: 5 },
        readStored: (tier, part, from, to) =>
          [...parts]
            .filter(
              ([key, row]) =>
                key.startsWith(`${tier} ${part} `) && row.start >= from && row.start < to,
            )
            .map(([, row]) => row)
            .toSorted((a, b) => a.start - b.start),
        ...(state && { stored: { state, segments: [...segments.values()] } }),
      }),
    checkpoint(from: SiteState, upTo: number) {
      this.commit(runToCompletion(from.capture()), upTo)
    },
    commit(capture: Capture, upTo: number) {
      for (const row of capture.parts) parts.set(`${row.tier} ${row.part} ${row.start}`, row)
      for (const segment of capture.segments) {
        const key = `${segment.table} ${segment.id}`
        if (segment.bytes) segments.set(key, segment)
        else segments.delete(key)
      }
      state = capture.state
      offset = upTo
      capture.markStored()
    },
    get offset() {
      return offset
    },
    get segments() {
      return segments.size
    },
    /** All stored data, as text that contains the bytes. */
    get all(): string[] {
      const rows = [...parts].map(([key, { bytes }]) => [key, bytes] as const)
      const tables = [...segments].map(([key, { bytes }]) => [key, bytes] as const)
      return [['state', state] as const, ...rows, ...tables]
        .map(([key, bytes]) => `${key} ${Buffer.from(bytes ?? []).toString('hex')}`)
        .toSorted()
    },
    /** Size of the state and its table segments, in bytes. */
    get bytes() {
      const tables = [...segments.values()].reduce(
        (sum, { bytes }) => sum + (bytes?.length ?? 0),
        0,
      )
      return tables + (state?.length ?? 0)
    },
  }
}

it('SiteState: shows no row for a minute with bot events only', () => {
  const state = createSiteState()
  state.apply(batch(1, [event({ isBot: true })]))
  expect(state.minuteSeries()).toEqual([])
  expect(state.isAtRest()).toBe(true)
  expect(minuteOf(state, start)).toMatchObject({ events: 0, botEvents: 1 })
})

describe('SiteState: checkpoints', () => {
  it('restore the minute series of the last hour', () => {
    const store = createStore()
    const state = store.open()
    state.apply(batch(1, [event()]))
    store.checkpoint(state, 1)
    const restored = store.open()
    expect(restored.minuteSeries()).toEqual(state.minuteSeries())
    restored.advance(start + 1000)
    expect(restored.minuteSeries()).toHaveLength(1)
  })

  it('restore a state with the same bytes after any restart and replay of the later log', () => {
    const step = fc.constantFrom(
      'none',
      'checkpoint',
      'start checkpoint',
      'fail checkpoint',
      'restart',
    )
    fc.assert(
      fc.property(batches, fc.array(step, { maxLength: 12 }), (all, steps) => {
        const records = toRecords(all)
        const store = createStore()
        const plainStore = createStore()
        const plain = plainStore.open()
        let state = store.open()
        let pending: { task: CooperativeTask<Capture>; offset: number } | undefined
        for (const [index, record] of records.entries()) {
          plain.apply(record)
          state.apply(record)
          const action = steps[index]
          // The capture excludes the record that was applied after its first step.
          if (pending) store.commit(runToCompletion(pending.task), pending.offset)
          pending = undefined
          if (action === 'checkpoint') store.checkpoint(state, record.offset)
          if (action === 'start checkpoint') {
            const capture = state.capture()
            const first = capture.next()
            if (first.done) store.commit(first.value, record.offset)
            else pending = { task: capture, offset: record.offset }
          }
          // The store never receives this capture.
          if (action === 'fail checkpoint') runToCompletion(state.capture())
          if (action === 'restart') {
            pending = undefined
            state = store.open()
            for (const later of records.slice(store.offset, index + 1)) state.apply(later)
          }
        }
        expect(read(state)).toEqual(read(plain))
        const end = (records.at(-1)?.receivedAt ?? start) + hourMs
        for (const each of [state, plain]) each.advance(end)
        for (const record of records) {
          const repeated = { ...record, offset: record.offset + records.length, receivedAt: end }
          expect(state.apply(repeated)).toBe(plain.apply(repeated))
        }
        expect(read(state)).toEqual(read(plain))
        for (const [each, of] of [
          [store, state],
          [plainStore, plain],
        ] as const)
          each.checkpoint(of, Infinity)
        expect(store.all).toEqual(plainStore.all)
      }),
      { numRuns: 100 },
    )
  })

  it('do not grow over time under constant load', () => {
    const store = createStore()
    const state = store.open()
    const sizeAfter = (from: number, to: number): number => {
      for (let hour = from; hour < to; hour++) {
        const at = start + hour * hourMs
        const each = { at, visitor: `visitor ${hour}`, client: `client ${hour}`, n: 1 }
        state.apply(batch(hour + 1, [event(each)], at))
      }
      store.checkpoint(state, to)
      return store.bytes
    }
    const steadySize = sizeAfter(0, 7 * 24)
    expect(sizeAfter(7 * 24, 14 * 24)).toBeLessThan(1.1 * steadySize)
  })

  it('contain the same bytes and no segments when nothing has changed since', () => {
    const store = createStore()
    const state = store.open()
    state.apply(batch(1, [event({ client: 'c', n: 1, goals: ['Paid'], value: 1 })]))
    store.checkpoint(state, 1)
    expect(store.segments).toBeGreaterThan(0)
    const { segments, state: bytes } = runToCompletion(state.capture())
    expect(segments).toEqual([])
    expect(runToCompletion(store.open().capture())).toMatchObject({ segments: [], state: bytes })
  })

  it('close hours and days that are over', () => {
    const store = createStore()
    const state = store.open()
    for (let hour = 0; hour < 60; hour++) {
      const at = start + hour * hourMs
      state.apply(batch(hour + 1, [event({ at, client: `c${hour}`, n: 1 })], at))
      store.checkpoint(state, hour + 1)
    }
    const { closedBefore } = state.history.tiers
    expect(closedBefore.hour).toBeGreaterThan(start + 57 * hourMs)
    expect(closedBefore.day).toBeGreaterThan(start + 24 * hourMs)
    expect(minutesOf(state, 0, 9e15).length).toBe(60)
  })
})

it('SiteState: counts a group of events of one sender, name and second like separate events', () => {
  const few = events.map(each => ({ ...each, goals: [], at: start - (each.at % 3) * 700 }))
  const batchOfMany = fc.array(few, { maxLength: 30 })
  fc.assert(
    fc.property(batchOfMany, some => {
      const [grouped, separate] = [createSiteState({ bounds }), createSiteState({ bounds })]
      const record = batch(1, some)
      grouped.apply(record)
      // Equal senders that are different objects prevent grouping.
      const ungrouped = record.events.map(each => ({ ...each, sender: { ...each.sender } }))
      separate.apply({ ...record, events: ungrouped })
      expect(runToCompletion(grouped.capture())).toEqual({
        ...runToCompletion(separate.capture()),
        markStored: expect.any(Function),
      })
      expect(grouped.overflow).toEqual(separate.overflow)
    }),
  )
})

it('SiteState: has the same totals for any order of the records of different clients', () => {
  const perClient = fc.tuple(
    ...['c1', 'c2', 'c3'].map(client =>
      fc.array(
        events.map(each => ({
          ...each,
          sender: { ...each.sender, client, visitor: `visitor of ${client}` },
        })),
        { maxLength: 5 },
      ),
    ),
  )
  const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 })
  fc.assert(
    fc.property(perClient, order, (all, indexes) => {
      const inOrder = createSiteState({ bounds })
      for (const [index, some] of all.entries()) inOrder.apply(batch(index + 1, some))
      const shuffled = createSiteState({ bounds })
      for (const index of indexes) shuffled.apply(batch(index + 1, all[index] ?? []))
      const { recentEvents: _, minutes, ...totals } = read(inOrder)
      const { recentEvents: __, minutes: otherMinutes, ...otherTotals } = read(shuffled)
      expect(otherTotals).toEqual(totals)
      expect(otherMinutes).toEqual(minutes)
    }),
  )
})

it('SiteState: has the same history for any split, order, repetition and delay of the same events', () => {
  const request = fc.record({ first: fc.nat(), length: fc.integer({ min: 1, max: 6 }) })
  fc.assert(
    fc.property(
      fc.array(events, { minLength: 1, maxLength: 24 }),
      fc.array(request, { maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      fc.array(fc.nat(hourMs), { minLength: 40, maxLength: 40 }),
      (some, repeats, order, waits) => {
        const numbered = some.map((each, n) => ({ ...each, n: n + 1 }))
        const one = createSiteState({ bounds })
        one.apply(batch(1, numbered))
        const other = createSiteState({ bounds })
        const shuffled = numbered
          .map(each => ({ each, key: order.next().value ?? 0 }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ each }) => each)
        const cuts = repeats.map(({ first, length }) =>
          shuffled.slice(first % shuffled.length).slice(0, length),
        )
        let now = start
        for (const [index, requested] of [...cuts, ...shuffled.map(each => [each])].entries()) {
          now += waits[index] ?? 0
          other.apply(batch(index + 1, requested, now))
        }
        expect(historyOf(other)).toEqual(historyOf(one))
      },
    ),
    { numRuns: 300 },
  )
})
