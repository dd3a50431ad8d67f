import { windowMinutes } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { runToCompletion } from '../shared/cooperative-task.ts'
import { defaultBounds } from './bounds.ts'
import { createSiteState } from './site.ts'
import {
  batch,
  event,
  hourMs,
  minuteMs,
  minuteOf,
  minutesOf,
  readAll,
  start,
} from './testing/site-state.ts'

describe('SiteState: events', () => {
  it('change every figure', () => {
    const state = createSiteState()
    const known = { source: 'news.example', country: 'FR', device: 'mobile' as const }
    expect(state.apply(batch(12, [event({ path: '/a', title: 'A', ...known })]))).toBe(1)
    expect(readAll(state)).toMatchObject({
      currentVisitors: 1,
      activePages: [{ path: '/a', visitors: 1 }],
      referrers: [{ source: 'news.example', visitors: 1 }],
      countries: [{ country: 'FR', visitors: 1 }],
      devices: [{ device: 'mobile', visitors: 1 }],
      pageViews: windowMinutes.map(() => 1),
      recentEvents: [{ id: '12-0', type: 'pageview', path: '/a', title: 'A', timestamp: start }],
      minutes: [{ at: start, events: 1, pageViews: 1 }],
      isIdle: false,
    })
  })

  it('other than page views do not change the number of page views', () => {
    const state = createSiteState()
    state.apply(batch(1, [event({ name: 'sign_up' })]))
    expect(readAll(state)).toMatchObject({
      currentVisitors: 1,
      pageViews: windowMinutes.map(() => 0),
      minutes: [{ events: 1, pageViews: 0 }],
    })
  })

  it('that were sent before change nothing', () => {
    const state = createSiteState()
    const first = event({ client: 'c', n: 1 })
    state.apply(batch(1, [first]))
    const before = readAll(state)
    expect(state.apply(batch(2, [first, first]))).toBe(0)
    expect(readAll(state)).toEqual(before)
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
    const bot = event({ at, bot: 'Googlebot', goals: ['Paid'], value: 1 })
    expect(state.apply(batch(1, [bot, { ...bot, at: start }]))).toBe(2)
    const empty = { events: 0, pageViews: 0, sessions: 0, bounces: 0, visitors: 0 }
    expect(minutesOf(state, 0, 9e15)).toMatchObject([
      { at, ...empty, botEvents: 1 },
      { at: start, ...empty, botEvents: 1 },
    ])
    state.advance(start + 1000)
    expect(readAll(state)).toMatchObject({
      currentVisitors: 0,
      recentEvents: [],
      secondSeries: [],
      values: [],
      goals: windowMinutes.map(() => []),
      events: windowMinutes.map(() => []),
      isIdle: true,
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

describe('SiteState: late events', () => {
  it('count in their own minute, and change neither the feed nor the active visitors', () => {
    const state = createSiteState()
    const at = start - 47 * hourMs
    state.apply(batch(1, [event({ at })]))
    expect(minuteOf(state, at)).toMatchObject({ events: 1, pageViews: 1 })
    expect(readAll(state)).toMatchObject({
      currentVisitors: 0,
      recentEvents: [],
      pageViews: windowMinutes.map(() => 0),
      isIdle: true,
    })
  })

  it('count in the windows that contain their time', () => {
    const state = createSiteState()
    state.apply(batch(1, [event({ at: start - 20 * minuteMs })]))
    expect(readAll(state)).toMatchObject({
      currentVisitors: 0,
      pageViews: windowMinutes.map(minutes => (minutes > 20 ? 1 : 0)),
    })
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
    const lateEvent = event({ at: start - hourMs, client: 'c', n: 1 })
    expect(state.apply(batch(1, [lateEvent]))).toBe(1)
    state.advance(start + 46 * hourMs)
    expect(state.apply(batch(2, [lateEvent], start + 46 * hourMs))).toBe(0)
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
    state.applySignal(event({ name: 'heartbeat', path: '/a' }), start)
    expect(readAll(state)).toMatchObject({
      currentVisitors: 1,
      activePages: [{ path: '/a', visitors: 1 }],
      pageViews: windowMinutes.map(() => 0),
      recentEvents: [],
      minutes: [],
      isIdle: false,
    })
    state.applySignal(event({ name: 'leave', path: '/a' }), start)
    state.advance(start + defaultBounds.leaveGraceMs)
    expect(readAll(state)).toMatchObject({ currentVisitors: 0, isIdle: true })
  })
})

describe('SiteState: time', () => {
  it('expires visitors and empties windows until the state is idle', () => {
    const state = createSiteState()
    state.apply(batch(1, [event()]))
    state.advance(start + defaultBounds.activeMs)
    expect(readAll(state)).toMatchObject({ currentVisitors: 0, isIdle: false })
    expect(state.pageViews(60)).toBe(1)
    state.advance(start + hourMs)
    expect(readAll(state)).toMatchObject({ pageViews: windowMinutes.map(() => 0), isIdle: true })
    expect(state.recentEvents().length).toBe(1)
  })

  it('never goes back', () => {
    const state = createSiteState()
    state.apply(batch(1, [event()]))
    state.advance(start + hourMs)
    const before = readAll(state)
    state.advance(start)
    expect(readAll(state)).toEqual(before)
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
  state.applySignal(event({ name: 'heartbeat' }), start + minuteMs)
  for (const [index, row] of rows().entries()) expect(row).toBe(before[index])
})

it('SiteState: shows no row for a minute with bot events only', () => {
  const state = createSiteState()
  state.apply(batch(1, [event({ bot: 'Googlebot' })]))
  expect(state.minuteSeries()).toEqual([])
  expect(state.isIdle()).toBe(true)
  expect(minuteOf(state, start)).toMatchObject({ events: 0, botEvents: 1 })
})
