import type { Problem } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { type RollupBounds, defaultBounds } from '../rollup/bounds.ts'
import { defaultRetentionMs, retainedFrom } from '../rollup/history/retention.ts'
import { createManualClock } from '../testing/clock.ts'
import { createSiteState } from '../rollup/site.ts'
import type { Tier } from '../rollup/history/tier.ts'
import { createTimeZone } from '../rollup/history/time-zone.ts'
import type { History, MetricsAnswer } from '../query/metrics-answer.ts'
import { createMetricsAnswerer } from './metrics.ts'
import { type EventFields, siteEvent } from '../rollup/testing/event.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const noon = Date.UTC(2026, 2, 10, 12)
const now = noon + 30_500

function createHistory(bounds: Partial<RollupBounds> = {}, zone = 'UTC') {
  const state = createSiteState({
    bounds: { ...defaultBounds, ...bounds },
    zone: createTimeZone(zone),
  })
  let offset = 0
  function add(at: number, fields: EventFields = {}): void {
    const agent = { device: 'desktop', browser: 'Firefox', os: 'Linux' } as const
    const event = siteEvent({ at, ...agent, ...fields })
    offset++
    state.apply({ offset, receivedAt: Math.max(at, noon), events: [event] })
  }
  const availableFrom = (tier: Tier): number => retainedFrom(defaultRetentionMs, tier, now)
  return { history: { ...state.history, availableFrom, damagedIn: () => [] }, add }
}

function ask(history: History, query: string): Promise<Response> {
  const clock = { ...createManualClock(), now: () => now }
  const request = new Request(`http://stats.example/metrics${query}`)
  return createMetricsAnswerer(clock).answer(history, request, { site: 'shop', address: '' })
}

async function read(history: History, query: string): Promise<MetricsAnswer> {
  const answer = await ask(history, query)
  expect(answer.status).toBe(200)
  return (await answer.json()) as MetricsAnswer
}

const nothing = {
  events: 0,
  pageViews: 0,
  visitors: 0,
  sessions: 0,
  bounces: 0,
  bounceRate: 0,
  botEvents: 0,
}

describe('GET metrics', () => {
  it('returns a bucket for each minute, with zeros where nothing happened', async () => {
    const { history, add } = createHistory()
    add(noon - 2 * minuteMs)
    add(noon - 2 * minuteMs, { name: 'sign_up' })
    add(noon, { visitor: 'w' })
    add(noon, { bot: 'Googlebot' })
    expect(await read(history, `?from=${noon - 3 * minuteMs}&to=${noon + minuteMs}`)).toEqual({
      from: noon - 3 * minuteMs,
      to: noon + minuteMs,
      granularity: 'minute',
      totals: {
        ...{
          ...nothing,
          users: 0,
          newVisitors: 0,
          returningVisitors: 0,
          sessionMs: 0,
          engagedMs: 0,
        },
        pagesPerSession: 1,
        events: 3,
        pageViews: 2,
        visitors: 2,
        sessions: 2,
        bounces: 1,
        bounceRate: 0.5,
        botEvents: 1,
      },
      buckets: [
        { ...nothing, at: noon - 3 * minuteMs },
        { ...nothing, at: noon - 2 * minuteMs, events: 2, pageViews: 1, visitors: 1, sessions: 1 },
        { ...nothing, at: noon - minuteMs },
        {
          ...nothing,
          at: noon,
          events: 1,
          pageViews: 1,
          visitors: 1,
          sessions: 1,
          bounces: 1,
          bounceRate: 1,
          botEvents: 1,
        },
      ],
    })
  })

  it('includes the minute of `from` and excludes the minute of `to`', async () => {
    const { history, add } = createHistory()
    for (const minute of [-1, 0, 1, 2]) add(noon + minute * minuteMs)
    const { buckets } = await read(history, `?from=${noon}&to=${noon + 2 * minuteMs}`)
    expect(buckets.map(({ at, events }) => [at, events])).toEqual([
      [noon, 1],
      [noon + minuteMs, 1],
    ])
  })

  it('widens the range to whole buckets', async () => {
    const { history } = createHistory()
    const { from, to, buckets } = await read(history, `?from=${noon + 1}&to=${noon + minuteMs + 1}`)
    expect([from, to, buckets.length]).toEqual([noon, noon + 2 * minuteMs, 2])
    const day = await read(history, `?from=${noon}&to=${noon + 1}&granularity=day`)
    expect([day.from, day.to]).toEqual([noon - 12 * hourMs, noon + 12 * hourMs])
  })

  it('defaults to the last hour with the current minute', async () => {
    const { history, add } = createHistory()
    add(now)
    const { from, to, buckets } = await read(history, '')
    expect(buckets.at(-1)).toMatchObject({ at: noon, events: 1 })
    expect([from, to]).toEqual([noon - 59 * minuteMs, noon + minuteMs])
  })

  it.each([
    ['second', 60],
    ['minute', 60],
    ['hour', 24],
    ['day', 30],
  ])('by %ss defaults to the last %i', async (granularity, count) => {
    const { history } = createHistory()
    const { buckets } = await read(history, `?granularity=${granularity}`)
    expect(buckets.length).toBe(count)
  })

  it.each([
    ['2026-03-10T12:00:00Z', noon],
    ['2026-03-10T12:00Z', noon],
    ['2026-03-10T13:30:00.000%2B01:30', noon],
    ['2026-03-10', noon - 12 * 60 * minuteMs],
    [String(noon), noon],
  ])('parses the time %s', async (from, at) => {
    const { history } = createHistory()
    expect((await read(history, `?from=${from}&to=${noon + minuteMs}`)).from).toBe(at)
  })

  it('is private and revalidated each time', async () => {
    const { history } = createHistory()
    expect((await ask(history, '')).headers.get('Cache-Control')).toBe('private, no-cache')
  })

  it('counts a visitor of several buckets once in the totals', async () => {
    const { history, add } = createHistory()
    for (let day = 0; day < 2; day++) {
      for (let visitor = 0; visitor < 5; visitor++) {
        add(noon - day * dayMs, { visitor: `v${visitor}` })
      }
    }
    const query = `?from=${noon - dayMs}&to=${noon + 1}&granularity=day`
    const { totals, buckets } = await read(history, query)
    expect(totals.visitors).toBe(5)
    expect(buckets.map(({ visitors }) => visitors)).toEqual([5, 5])
  })

  it('returns the last ten minutes by seconds', async () => {
    const { history, add } = createHistory()
    add(noon - 5000)
    add(noon - 5001)
    const query = `?granularity=second&from=${noon - 6000}&to=${noon}`
    const { buckets } = await read(history, query)
    expect(buckets.map(({ at, pageViews }) => [noon - at, pageViews])).toEqual([
      [6000, 1],
      [5000, 1],
      [4000, 0],
      [3000, 0],
      [2000, 0],
      [1000, 0],
    ])
  })

  it('returns sessions, bounces and bots by seconds', async () => {
    const { history, add } = createHistory()
    add(noon - 5000)
    add(noon - 3000, { bot: 'Googlebot' })
    add(noon - 2000)
    add(noon - 1000, { visitor: 'w' })
    // A late event starts the first session earlier.
    add(noon - 6000)
    const query = `?granularity=second&from=${noon - 7000}&to=${noon}`
    const { totals, buckets } = await read(history, query)
    expect(totals).toMatchObject({
      events: 4,
      sessions: 2,
      bounces: 1,
      bounceRate: 0.5,
      botEvents: 1,
    })
    const counts = buckets.map(({ sessions, bounces, botEvents }) => [sessions, bounces, botEvents])
    expect(counts).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 1],
      [0, 0, 0],
      [1, 1, 0],
    ])
  })

  it('cuts days in the time zone of the site', async () => {
    const { history, add } = createHistory({}, 'Asia/Kathmandu')
    const midnight = Date.UTC(2026, 2, 9, 18, 15)
    add(midnight - 1)
    add(midnight)
    const { buckets } = await read(history, `?granularity=day&from=${midnight - 1}&to=${noon}`)
    expect(buckets.map(({ at, pageViews }) => [at, pageViews])).toEqual([
      [midnight - dayMs, 1],
      [midnight, 1],
    ])
  })

  it('returns a day of 23 hours when clocks go forward', async () => {
    const { history } = createHistory({}, 'Europe/Berlin')
    const from = Date.UTC(2026, 2, 28, 23)
    const query = `?granularity=hour&from=${from}&to=${from + 23 * hourMs}`
    const { buckets } = await read(history, query)
    expect(buckets.length).toBe(23)
    const day = await read(history, `?granularity=day&from=${from}&to=${from + 1}`)
    expect(day.to - day.from).toBe(23 * hourMs)
  })

  it('compares with the previous range', async () => {
    const { history, add } = createHistory()
    for (const hour of [1, 2, 25, 26, 27]) add(noon + 12 * hourMs - hour * hourMs)
    const query = `?granularity=day&from=${noon}&to=${noon + 1}&compare=previous`
    const { totals, previous } = await read(history, query)
    expect(totals.pageViews).toBe(2)
    expect(previous).toMatchObject({
      from: noon - 36 * hourMs,
      to: noon - 12 * hourMs,
      totals: { pageViews: 3, visitors: 1 },
    })
  })
})

describe('GET metrics: the previous range', () => {
  it('has the same number of days, also when one of them is shorter', async () => {
    const { history, add } = createHistory({}, 'Europe/Berlin')
    // On 29 March 2026 clocks go forward in Berlin.
    const [saturday, sunday, monday] = [
      Date.UTC(2026, 2, 27, 23),
      Date.UTC(2026, 2, 28, 23),
      Date.UTC(2026, 2, 29, 22),
    ]
    for (const at of [saturday, sunday, monday - 1, monday]) add(at)
    const query = `?granularity=day&from=${monday}&to=${monday + 1}&compare=previous`
    const { totals, previous } = await read(history, query)
    expect(totals.pageViews).toBe(1)
    expect(previous).toMatchObject({ from: sunday, to: monday, totals: { pageViews: 2 } })
  })

  it('ends where the range starts', async () => {
    const { history, add } = createHistory()
    for (const at of [noon - minuteMs, noon - 1, noon]) add(at)
    const query = `?from=${noon}&to=${noon + minuteMs}&compare=previous`
    const { totals, previous } = await read(history, query)
    expect(totals.pageViews).toBe(1)
    expect(previous).toMatchObject({
      from: noon - minuteMs,
      to: noon,
      totals: { pageViews: 2, visitors: 1 },
    })
  })
})

describe('GET metrics: breakdowns', () => {
  it('by path return page views and visitors, in descending order, ties by name', async () => {
    const { history, add } = createHistory()
    for (const path of ['/b', '/c', '/a', '/c', undefined, '__proto__']) add(noon, { path })
    add(noon, { name: 'sign_up', path: '/z' })
    add(noon + minuteMs, { path: '/c', visitor: 'w' })
    const query = `?from=${noon}&to=${noon + 2 * minuteMs}&by=path&bucketLimit=1000`
    const { by, buckets, rows } = await read(history, query)
    expect(by).toBe('path')
    expect(buckets[0]?.rows).toEqual([
      { path: '/c', pageViews: 2, visitors: 1 },
      { path: '(none)', pageViews: 1, visitors: 1 },
      { path: '/a', pageViews: 1, visitors: 1 },
      { path: '/b', pageViews: 1, visitors: 1 },
      { path: '__proto__', pageViews: 1, visitors: 1 },
    ])
    expect(rows?.[0]).toEqual({ path: '/c', pageViews: 3, visitors: 2 })
  })

  it.each([
    ['referrer', { source: 'news.example' }, { referrer: 'news.example', pageViews: 1 }],
    ['campaign', { campaign: 'spring' }, { campaign: 'spring', pageViews: 1 }],
    ['country', { country: 'FR' }, { country: 'FR', pageViews: 1 }],
    ['country', {}, { country: '(unknown)', pageViews: 1 }],
    ['device', { device: 'mobile' as const }, { device: 'mobile', pageViews: 1 }],
    ['browser', { browser: 'Safari' }, { browser: 'Safari', pageViews: 1 }],
    ['os', { os: 'iOS' }, { os: 'iOS', pageViews: 1 }],
    ['name', { name: 'sign_up' }, { name: 'sign_up', events: 1 }],
    ['goal', { name: 'sign_up', goals: ['Joined'] }, { goal: 'Joined', count: 1 }],
  ])('by %s return the fields of each row', async (by, fields, row) => {
    const { history, add } = createHistory()
    add(noon, fields)
    const { rows } = await read(history, `?from=${noon}&to=${noon + 1}&by=${by}`)
    expect(rows).toEqual([{ ...row, visitors: 1 }])
  })

  it('by referrer and campaign omit views from the site itself', async () => {
    const { history, add } = createHistory()
    add(noon)
    expect((await read(history, '?by=referrer')).rows).toEqual([])
    expect((await read(history, '?by=campaign')).rows).toEqual([])
  })

  it('by value return aggregates and the rate of each event name', async () => {
    const { history, add } = createHistory()
    for (const value of [1, 2, 3, 4]) add(noon - minuteMs, { name: 'order', value })
    const { rows, buckets } = await read(
      history,
      `?from=${noon - minuteMs}&to=${noon}&by=value&row=order`,
    )
    const row = {
      name: 'order',
      count: 4,
      sum: 10,
      mean: 2.5,
      min: 1,
      max: 4,
      last: 4,
      p50: 2,
      p75: 3,
      p90: 4,
      p95: 4,
      p99: 4,
      rate: 4 / 60,
    }
    expect(rows).toEqual([row])
    expect(buckets[0]?.row).toEqual(row)
  })

  it('by value return the latest value of each bucket and of the range, wherever late events arrive', async () => {
    const { history, add } = createHistory()
    add(noon - hourMs, { name: 'load', value: 1 })
    add(noon - minuteMs, { name: 'load', value: 2 })
    add(noon - minuteMs, { name: 'load', value: 3 })
    add(noon - hourMs + 1, { name: 'load', value: 4 })
    add(noon - hourMs - 1, { name: 'load', value: 5 })
    const query = `?granularity=hour&from=${noon - 2 * hourMs}&to=${noon}&by=value&row=load`
    const { rows, buckets } = await read(history, query)
    expect(buckets.map(bucket => bucket.row)).toMatchObject([{ last: 5 }, { last: 3 }])
    expect(rows).toMatchObject([{ last: 3 }])
  })

  it('by value compute the rate over the elapsed part of each bucket', async () => {
    const { history, add } = createHistory()
    for (let n = 0; n < 36; n++) add(noon - hourMs, { name: 'order', value: n })
    for (let n = 0; n < 61; n++) add(noon, { name: 'order', value: n })
    const query = `?granularity=hour&from=${noon - hourMs}&to=${noon + hourMs}&by=value&row=order`
    const { rows, buckets } = await read(history, query)
    expect(buckets.map(bucket => bucket.row)).toMatchObject([
      { count: 36, rate: 0.01 },
      // Half of the minute has elapsed.
      { count: 61, rate: 2 },
    ])
    expect(rows).toMatchObject([{ count: 97, rate: 97 / 3630.5 }])
  })

  it('return no rows where nothing happened', async () => {
    const { history } = createHistory()
    const query = `?from=${noon}&to=${noon + 1}&by=path&bucketLimit=5`
    const { buckets, rows } = await read(history, query)
    expect([buckets[0]?.rows, rows]).toEqual([[], []])
  })

  it('return names beyond the bound as one row, so that rows always sum up', async () => {
    const { history, add } = createHistory({ maxBreakdownRows: 2 })
    for (let page = 0; page < 500; page++) add(noon, { path: `/${page}` })
    const query = `?from=${noon}&to=${noon + 1}&by=path&bucketLimit=1000`
    const { buckets } = await read(history, query)
    expect(buckets[0]?.rows).toEqual([
      { path: '/0', pageViews: 1, visitors: 1 },
      { path: '/1', pageViews: 1, visitors: 1 },
      { path: '(other)', pageViews: 498, visitors: 1, rest: true },
    ])
  })

  it('return as many rows as requested, and the rest in one', async () => {
    const { history, add } = createHistory()
    for (const [page, visitor] of ['a', 'b', 'b', 'c', 'd'].entries()) {
      add(noon, { path: `/${page}`, visitor })
    }
    const query = `?from=${noon}&to=${noon + 1}&by=path&limit=1&bucketLimit=1`
    const { rows, buckets } = await read(history, query)
    expect(rows).toEqual([
      { path: '/0', pageViews: 1, visitors: 1 },
      { path: '(other)', pageViews: 4, visitors: 3, rest: true },
    ])
    expect(buckets[0]?.rows).toEqual(rows)
  })
})

describe('GET metrics: rows of buckets', () => {
  const range = `?from=${noon - minuteMs}&to=${noon + minuteMs}`

  it('are not listed without a request for them', async () => {
    const { history, add } = createHistory()
    add(noon)
    const { buckets, rows } = await read(history, `${range}&by=path`)
    expect(rows).toHaveLength(1)
    expect(buckets.map(bucket => Object.keys(bucket))).toEqual(
      buckets.map(() => ['at', ...Object.keys(nothing)]),
    )
  })

  it('list one row, also where it has no events', async () => {
    const { history, add } = createHistory()
    for (const path of ['/a', '/a', '/b']) add(noon, { path })
    const { buckets, rows } = await read(history, `${range}&by=path&row=/a`)
    expect(rows).toHaveLength(2)
    expect(buckets.map(({ row }) => row)).toEqual([
      { path: '/a', pageViews: 0, visitors: 0 },
      { path: '/a', pageViews: 2, visitors: 1 },
    ])
  })

  it('are null where the numbers of the row may be in the rest', async () => {
    const { history, add } = createHistory({ maxBreakdownRows: 1 })
    for (const path of ['/a', '/a', '/b', '/c']) add(noon, { path })
    const { buckets } = await read(history, `${range}&by=path&row=/c`)
    expect(buckets.map(({ row }) => row)).toEqual([{ path: '/c', pageViews: 0, visitors: 0 }, null])
  })

  it('by value are null where the name has no values', async () => {
    const { history, add } = createHistory()
    add(noon, { name: 'order', value: 3 })
    const { buckets } = await read(history, `${range}&by=value&row=order`)
    expect(buckets.map(({ row }) => row)).toMatchObject([null, { name: 'order', sum: 3 }])
  })

  it('are refused beyond the budget, with a number that fits', async () => {
    const { history } = createHistory()
    const query = `?from=${noon - 47 * hourMs}&to=${noon}&by=path&bucketLimit=`
    const answer = await ask(history, `${query}1000`)
    expect(answer.status).toBe(400)
    const { code, detail } = (await answer.json()) as Problem
    expect(code).toBe('query_too_large')
    expect(detail).toContain('use bucketLimit=17,')
    expect((await ask(history, `${query}17`)).status).toBe(200)
    expect((await ask(history, `${query}18`)).status).toBe(400)
  })
})

describe('GET metrics: queries', () => {
  it('may cover the retained minutes, and no more', async () => {
    const { history } = createHistory()
    const from = noon - 2880 * minuteMs
    expect((await read(history, `?from=${from}&to=${noon}`)).buckets.length).toBe(2880)
    expect((await ask(history, `?from=${from}&to=${noon + 1}`)).status).toBe(400)
    expect((await ask(history, `?from=${from - 1}&to=${noon}`)).status).toBe(400)
    expect((await ask(history, `?from=0&to=${noon}`)).status).toBe(400)
  })

  it.each([
    ['second', 601 * 1000, 'minute'],
    ['minute', 49 * hourMs, 'hour'],
    ['hour', 93 * dayMs, 'day'],
  ])('by %ss that are too long suggest a granularity', async (granularity, length, wider) => {
    const { history } = createHistory()
    const query = `?granularity=${granularity}&from=${noon - length}&to=${noon}`
    const { detail } = (await (await ask(history, query)).json()) as Problem
    expect(detail).toContain(`granularity=${wider}`)
    expect((await ask(history, query.replace(granularity, wider))).status).toBe(200)
  })

  it.each([
    ['?granularity=week', 'granularity: '],
    ['?granularity=second&by=path', 'by: '],
    ['?limit=0', 'limit: '],
    ['?limit=1001', 'limit: '],
    ['?limit=ten', 'limit: '],
    ['?by=path&bucketLimit=0', 'bucketLimit: '],
    ['?by=path&bucketLimit=1001', 'bucketLimit: '],
    ['?by=value&bucketLimit=5', 'bucketLimit: '],
    ['?bucketLimit=5', 'bucketLimit: '],
    ['?row=/', 'row: '],
    ['?by=path&row=/&bucketLimit=5', 'row: '],
    ['?compare=next', 'compare: '],
    ['?granularity=', 'granularity: '],
    ['?by=visitor', 'by: '],
    ['?by=', 'by: '],
    ['?by=__proto__', 'by: '],
    ['?from=yesterday', 'from: '],
    ['?from=page+5', 'from: '],
    ['?from=10+March+2026', 'from: '],
    ['?from=2026-03-10T12:00:00', 'from: '],
    ['?from=2026-13-45', 'from: '],
    ['?from=2026-13-01', 'from: '],
    ['?from=2026-00-10', 'from: '],
    ['?from=', 'from: '],
    ['?from=-5', 'from: '],
    ['?from=1e3', 'from: '],
    ['?from=1e999', 'from: '],
    ['?from=9999999999999999', 'from: '],
    ['?from=1.5', 'from: '],
    ['?to=NaN', 'to: '],
    [`?from=${noon}&to=${noon}`, 'to: '],
    [`?from=${noon}&to=${noon - 1}`, 'to: '],
    [`?from=${noon + 1}&to=${noon}`, 'to: '],
  ])('that are %s are refused with a message about %s', async (query, parameter) => {
    const { history } = createHistory()
    const answer = await ask(history, query)
    expect(answer.status).toBe(400)
    const { code, detail } = (await answer.json()) as Problem
    expect(code).toBe('query_invalid')
    expect(detail).toContain(parameter)
  })
})
