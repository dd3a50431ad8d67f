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

/** With one sender for all events that are of the same, as ingest has it. */
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
  const nothing = { source: undefined, country: undefined, device: undefined }
  return { kind, visitor: 'a', path: '/', ...nothing, ...fields }
}

/** The totals of the minutes of `[from, to)` in which something happened. */
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

/** Every part of every bucket, byte for byte. */
function historyOf(state: SiteState): string[] {
  return (['minute', 'hour', 'day'] as const).flatMap(tier =>
    partNames.flatMap(part =>
      runToCompletion(state.history.tiers.read(tier, part, 0, 9e15)).map(
        ({ start: at, bytes }) => `${tier} ${part} ${at} ${Buffer.from(bytes).toString('hex')}`,
      ),
    ),
  )
}

/** All that can be read of a state. */
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

describe('an event', () => {
  it('is in every number at once', () => {
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

  it('that is no page view moves no count of page views', () => {
    const state = createSiteState()
    state.apply(batch(1, [event({ name: 'sign_up' })]))
    expect(read(state)).toMatchObject({
      currentVisitors: 1,
      pageViews: [0, 0, 0, 0, 0],
      minutes: [{ events: 1, pageViews: 0 }],
    })
  })

  it('that was sent before changes nothing', () => {
    const state = createSiteState()
    const first = event({ client: 'c', n: 1 })
    state.apply(batch(1, [first]))
    const before = read(state)
    expect(state.apply(batch(2, [first, first]))).toBe(0)
    expect(read(state)).toEqual(before)
  })

  it('without a client or a number counts each time', () => {
    const state = createSiteState()
    const sent = [event({ client: 'c' }), event({ n: 1 }), event(), event()]
    expect(state.apply(batch(1, sent))).toBe(4)
    expect(state.apply(batch(2, sent))).toBe(4)
  })

  it('has the id of its place in the log, whatever else of its request was taken', () => {
    const state = createSiteState()
    const places = [event({ index: 2 }), event({ index: 7 })]
    state.apply({ offset: 31, receivedAt: start, events: places })
    expect(state.recentEvents().map(entry => entry.id)).toEqual(['31-7', '31-2'])
  })
})

describe('what is shown live', () => {
  it('has the seconds, minutes, values and goals of an event for as long as each is shown', () => {
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

  it('has a row for all that a list has no room for', () => {
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

  it('has the late events that change a minute of the last hour', () => {
    const state = createSiteState()
    state.advance(start)
    expect(state.minuteSeries()).toEqual([])
    state.apply(batch(1, [event({ at: start - 30 * minuteMs })]))
    expect(state.minuteSeries()).toMatchObject([{ at: start - 30 * minuteMs, events: 1 }])
  })
})

describe('the event of a program', () => {
  it('counts in its own minute as such, and nowhere else', () => {
    const state = createSiteState()
    const at = start - 5 * minuteMs
    const bot = event({ at, isBot: true, goals: ['Paid'], value: 1 })
    expect(state.apply(batch(1, [bot, { ...bot, at: start }]))).toBe(2)
    const nothing = { events: 0, pageViews: 0, sessions: 0, bounces: 0, visitors: 0 }
    expect(minutesOf(state, 0, 9e15)).toEqual([
      { at, ...nothing, botEvents: 1 },
      { at: start, ...nothing, botEvents: 1 },
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

describe('a session', () => {
  it('that is named is one for as long as it lasts, and is its visitor’s own', () => {
    const state = createSiteState()
    const later = start + hourMs
    state.apply(batch(1, [event({ session: 's' }), event({ session: 's', visitor: 'b' })]))
    state.apply(batch(2, [event({ session: 's', at: later })], later))
    expect(minuteOf(state, start)).toMatchObject({ sessions: 2, bounces: 1 })
    expect(minuteOf(state, later)).toMatchObject({ sessions: 0, bounces: 0 })
  })

  it('that is not named ends with the gap', () => {
    const state = createSiteState()
    const later = start + defaultBounds.sessionGapMs + 1
    state.apply(batch(1, [event()]))
    state.apply(batch(2, [event({ at: later })], later))
    expect(minuteOf(state, start)).toMatchObject({ sessions: 1, bounces: 1 })
    expect(minuteOf(state, later)).toMatchObject({ sessions: 1, bounces: 1 })
  })
})

it('counts what the bound of a goal turns away, and knows it after a restart', () => {
  const few = { ...defaultBounds, maxGoalVisitors: 1 }
  const state = createSiteState({ bounds: few })
  const reached = ['a', 'b', 'c'].map(visitor => event({ visitor, goals: ['Paid'] }))
  state.apply(batch(1, reached))
  expect([...state.overflow]).toEqual([['goal_visitors', 2]])
  const { state: bytes, segments } = runToCompletion(state.capture())
  const again = createSiteState({ bounds: few, stored: { state: bytes, segments } })
  expect([...again.overflow]).toEqual([['goal_visitors', 2]])
})

it('has the same bytes whatever the seed of its tables', () => {
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

describe('a late event', () => {
  it('is counted in its own minute, and is neither in the feed nor here', () => {
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

  it('counts in the windows that still reach it', () => {
    const state = createSiteState()
    state.apply(batch(1, [event({ at: start - 20 * minuteMs })]))
    expect(read(state)).toMatchObject({ currentVisitors: 0, pageViews: [0, 0, 0, 1, 1] })
  })

  it('is late from exactly the active time on', () => {
    const state = createSiteState()
    state.apply(batch(1, [event({ at: start - defaultBounds.activeMs })]))
    expect(state.currentVisitors()).toBe(0)
    state.apply(batch(2, [event({ at: start - defaultBounds.activeMs + 1 })]))
    expect(state.currentVisitors()).toBe(1)
    expect(state.recentEvents().length).toBe(1)
  })

  it('counts once, also when it comes again days later', () => {
    const state = createSiteState()
    const late = event({ at: start - hourMs, client: 'c', n: 1 })
    expect(state.apply(batch(1, [late]))).toBe(1)
    state.advance(start + 46 * hourMs)
    expect(state.apply(batch(2, [late], start + 46 * hourMs))).toBe(0)
  })
})

it('forgets which events came, once none of them may come any more', () => {
  const state = createSiteState()
  const again = start + defaultBounds.dedupeWindowMs
  expect(state.apply(batch(1, [event({ client: 'c', n: 1 })]))).toBe(1)
  expect(state.apply(batch(2, [event({ client: 'c', n: 1, at: again - 1 })], again - 1))).toBe(0)
  const end = again + defaultBounds.dedupeWindowMs
  expect(state.apply(batch(3, [event({ client: 'c', n: 1, at: end })], end))).toBe(1)
})

describe('signals', () => {
  it('move presence and nothing else', () => {
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

describe('time', () => {
  it('ends visitors and empties windows, and then is at rest', () => {
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

  it('of a record that was on its way while it passed is the present', () => {
    const state = createSiteState()
    state.advance(start + hourMs)
    state.apply(batch(1, [event()], start))
    state.advance(start + hourMs + defaultBounds.activeMs - 1)
    expect(state.currentVisitors()).toBe(1)
    state.advance(start + hourMs + defaultBounds.activeMs)
    expect(state.currentVisitors()).toBe(0)
  })
})

it('gives the same rows until they change, so that a stream need not compare them', () => {
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
/** Each client is of one visitor, as each page load is. */
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

/** Records as they come to be in a log: at times that do not go back, after what they tell of. */
function toRecords(all: readonly { events: SiteEvent[]; afterMs: number }[]): SiteBatch[] {
  let receivedAt = start
  return all.map(({ events: some, afterMs }, index) => {
    receivedAt += afterMs
    return batch(index + 1, some, receivedAt)
  })
}

describe('a replay', () => {
  it('gives the same state as living through it, whenever time was looked at in between', () => {
    const looks = fc.array(fc.nat(minuteMs), { maxLength: 12 })
    fc.assert(
      fc.property(batches, looks, (all, steps) => {
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

  it('of records that came twice gives the same state as once', () => {
    fc.assert(
      fc.property(batches, all => {
        const records = toRecords(all)
        const once = createSiteState({ bounds })
        for (const record of records) once.apply(record)
        const before = read(once)
        const end = records.at(-1)?.receivedAt ?? start
        for (const [index, record] of records.entries()) {
          const again = { ...record, offset: records.length + index + 1, receivedAt: end }
          expect(once.apply(again)).toBe(0)
        }
        expect(read(once)).toEqual(before)
      }),
    )
  })
})

/** What a store keeps of one site, and how far in the log that is. */
function createKept() {
  const parts = new Map<string, EncodedPart>()
  const segments = new Map<string, TableSegment>()
  let state: Uint8Array | undefined
  let offset = 0
  return {
    open: () =>
      createSiteState({
        bounds: { ...defaultBounds, maxFeedEntries: 5 },
        read: (tier, part, from, to) =>
          [...parts]
            .filter(
              ([key, row]) =>
                key.startsWith(`${tier} ${part} `) && row.start >= from && row.start < to,
            )
            .map(([, row]) => row)
            .toSorted((a, b) => a.start - b.start),
        ...(state && { stored: { state, segments: [...segments.values()] } }),
      }),
    keep(from: SiteState, upTo: number) {
      this.take(runToCompletion(from.capture()), upTo)
    },
    take(capture: Capture, upTo: number) {
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
    /** All that is kept, byte for byte. */
    get all(): string[] {
      const rows = [...parts].map(([key, { bytes }]) => [key, bytes] as const)
      const tables = [...segments].map(([key, { bytes }]) => [key, bytes] as const)
      return [['state', state] as const, ...rows, ...tables]
        .map(([key, bytes]) => `${key} ${Buffer.from(bytes ?? []).toString('hex')}`)
        .toSorted()
    },
    /** Of the state and its tables. */
    get bytes() {
      const tables = [...segments.values()].reduce(
        (sum, { bytes }) => sum + (bytes?.length ?? 0),
        0,
      )
      return tables + (state?.length ?? 0)
    },
  }
}

it('shows nothing of a minute in which there were bots alone', () => {
  const state = createSiteState()
  state.apply(batch(1, [event({ isBot: true })]))
  expect(state.minuteSeries()).toEqual([])
  expect(state.isAtRest()).toBe(true)
  expect(minuteOf(state, start)).toMatchObject({ events: 0, botEvents: 1 })
})

describe('a state that is kept', () => {
  it('shows the last hour at once when it is taken up again', () => {
    const kept = createKept()
    const state = kept.open()
    state.apply(batch(1, [event()]))
    kept.keep(state, 1)
    const again = kept.open()
    expect(again.minuteSeries()).toEqual(state.minuteSeries())
    again.advance(start + 1000)
    expect(again.minuteSeries()).toHaveLength(1)
  })

  it('is byte for byte the same after any restart, with what the log has after it', () => {
    const step = fc.constantFrom('go on', 'keep', 'begin to keep', 'fail to keep', 'restart')
    fc.assert(
      fc.property(batches, fc.array(step, { maxLength: 12 }), (all, steps) => {
        const records = toRecords(all)
        const kept = createKept()
        const plainKept = createKept()
        const plain = plainKept.open()
        let state = kept.open()
        let keeping: { steps: CooperativeTask<Capture>; offset: number } | undefined
        for (const [index, record] of records.entries()) {
          plain.apply(record)
          state.apply(record)
          const what = steps[index]
          // What happens between the steps is for the next capture.
          if (keeping) kept.take(runToCompletion(keeping.steps), keeping.offset)
          keeping = undefined
          if (what === 'keep') kept.keep(state, record.offset)
          if (what === 'begin to keep') {
            const capture = state.capture()
            const first = capture.next()
            if (first.done) kept.take(first.value, record.offset)
            else keeping = { steps: capture, offset: record.offset }
          }
          // What was captured goes nowhere.
          if (what === 'fail to keep') runToCompletion(state.capture())
          if (what === 'restart') {
            keeping = undefined
            state = kept.open()
            for (const again of records.slice(kept.offset, index + 1)) state.apply(again)
          }
        }
        expect(read(state)).toEqual(read(plain))
        const end = (records.at(-1)?.receivedAt ?? start) + hourMs
        for (const each of [state, plain]) each.advance(end)
        for (const record of records) {
          const again = { ...record, offset: record.offset + records.length, receivedAt: end }
          expect(state.apply(again)).toBe(plain.apply(again))
        }
        expect(read(state)).toEqual(read(plain))
        for (const [each, of] of [
          [kept, state],
          [plainKept, plain],
        ] as const)
          each.keep(of, Infinity)
        expect(kept.all).toEqual(plainKept.all)
      }),
      { numRuns: 100 },
    )
  })

  it('holds no more the longer it lives, when as much happens all the time', () => {
    const kept = createKept()
    const state = kept.open()
    const sizeAfter = (from: number, to: number): number => {
      for (let hour = from; hour < to; hour++) {
        const at = start + hour * hourMs
        const each = { at, visitor: `visitor ${hour}`, client: `client ${hour}`, n: 1 }
        state.apply(batch(hour + 1, [event(each)], at))
      }
      kept.keep(state, to)
      return kept.bytes
    }
    const settled = sizeAfter(0, 7 * 24)
    expect(sizeAfter(7 * 24, 14 * 24)).toBeLessThan(1.1 * settled)
  })

  it('is the same bytes when it is captured right after a start, and has no segment to keep', () => {
    const kept = createKept()
    const state = kept.open()
    state.apply(batch(1, [event({ client: 'c', n: 1, goals: ['Paid'], value: 1 })]))
    kept.keep(state, 1)
    expect(kept.segments).toBeGreaterThan(0)
    const { segments, state: bytes } = runToCompletion(state.capture())
    expect(segments).toEqual([])
    expect(runToCompletion(kept.open().capture())).toMatchObject({ segments: [], state: bytes })
  })

  it('closes hours and days that are over, and forgets what may come no more', () => {
    const kept = createKept()
    const state = kept.open()
    for (let hour = 0; hour < 60; hour++) {
      const at = start + hour * hourMs
      state.apply(batch(hour + 1, [event({ at, client: `c${hour}`, n: 1 })], at))
      kept.keep(state, hour + 1)
    }
    const { closedBefore } = state.history.tiers
    expect(closedBefore.hour).toBeGreaterThan(start + 57 * hourMs)
    expect(closedBefore.day).toBeGreaterThan(start + 24 * hourMs)
    expect(minutesOf(state, 0, 9e15).length).toBe(60)
  })
})

it('counts events of one sender, name and second as it counts each by itself', () => {
  const few = events.map(each => ({ ...each, goals: [], at: start - (each.at % 3) * 700 }))
  const batchOfMany = fc.array(few, { maxLength: 30 })
  fc.assert(
    fc.property(batchOfMany, some => {
      const [together, apart] = [createSiteState({ bounds }), createSiteState({ bounds })]
      const record = batch(1, some)
      together.apply(record)
      // Each of a sender of its own, though it is the same in all it says.
      const alone = record.events.map(each => ({ ...each, sender: { ...each.sender } }))
      apart.apply({ ...record, events: alone })
      expect(runToCompletion(together.capture())).toEqual({
        ...runToCompletion(apart.capture()),
        markStored: expect.any(Function),
      })
      expect(together.overflow).toEqual(apart.overflow)
    }),
  )
})

it('has the same totals whatever the order in which the records of different clients came', () => {
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
    fc.property(perClient, order, (all, places) => {
      const inOrder = createSiteState({ bounds })
      for (const [index, some] of all.entries()) inOrder.apply(batch(index + 1, some))
      const shuffled = createSiteState({ bounds })
      for (const place of places) shuffled.apply(batch(place + 1, all[place] ?? []))
      const { recentEvents: _, minutes, ...totals } = read(inOrder)
      const { recentEvents: __, minutes: otherMinutes, ...otherTotals } = read(shuffled)
      expect(otherTotals).toEqual(totals)
      expect(otherMinutes).toEqual(minutes)
    }),
  )
})

it('has the same history however the same events are cut into requests, ordered, sent again and late', () => {
  const request = fc.record({ at: fc.nat(), length: fc.integer({ min: 1, max: 6 }) })
  fc.assert(
    fc.property(
      fc.array(events, { minLength: 1, maxLength: 24 }),
      fc.array(request, { maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      fc.array(fc.nat(hourMs), { minLength: 40, maxLength: 40 }),
      (some, again, order, waits) => {
        const numbered = some.map((each, n) => ({ ...each, n: n + 1 }))
        const one = createSiteState({ bounds })
        one.apply(batch(1, numbered))
        const other = createSiteState({ bounds })
        const shuffled = numbered
          .map(each => ({ each, key: order.next().value ?? 0 }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ each }) => each)
        const cuts = again.map(({ at, length }) =>
          shuffled.slice(at % shuffled.length).slice(0, length),
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
