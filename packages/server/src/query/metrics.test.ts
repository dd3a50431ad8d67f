import type { Problem } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { type RollupBounds, defaultBounds } from '../rollup/bounds.ts'
import { createMinutes } from '../rollup/minutes.ts'
import { type MetricsAnswer, type MinuteHistory, answerMetrics } from './metrics.ts'

const minuteMs = 60_000
const noon = Date.UTC(2026, 2, 10, 12)
const now = noon + 30_500

function createHistory(bounds: Partial<RollupBounds> = {}) {
  const minutes = createMinutes({ ...defaultBounds, ...bounds }, new Map())
  const history: MinuteHistory = { minute: minutes.get }
  return { history, add: minutes.add }
}

function ask(history: MinuteHistory, query: string): Response {
  return answerMetrics(history, new Request(`http://stats.example/metrics${query}`), now)
}

async function read(history: MinuteHistory, query: string): Promise<MetricsAnswer> {
  const answer = ask(history, query)
  expect(answer.status).toBe(200)
  return (await answer.json()) as MetricsAnswer
}

describe('the history', () => {
  it('has a bucket for each minute, with zeros where nothing happened', async () => {
    const { history, add } = createHistory()
    add('page_view', '/', noon - 2 * minuteMs)
    add('sign_up', '/', noon - 2 * minuteMs)
    add('page_view', '/', noon)
    expect(await read(history, `?from=${noon - 3 * minuteMs}&to=${noon + minuteMs}`)).toEqual({
      from: noon - 3 * minuteMs,
      to: noon + minuteMs,
      granularity: 'minute',
      buckets: [
        { at: noon - 3 * minuteMs, events: 0, pageViews: 0 },
        { at: noon - 2 * minuteMs, events: 2, pageViews: 1 },
        { at: noon - minuteMs, events: 0, pageViews: 0 },
        { at: noon, events: 1, pageViews: 1 },
      ],
    })
  })

  it('is half-open: it has the minute of `from` and not that of `to`', async () => {
    const { history, add } = createHistory()
    for (const minute of [-1, 0, 1, 2]) add('x', undefined, noon + minute * minuteMs)
    const { buckets } = await read(history, `?from=${noon}&to=${noon + 2 * minuteMs}`)
    expect(buckets.map(({ at, events }) => [at, events])).toEqual([
      [noon, 1],
      [noon + minuteMs, 1],
    ])
  })

  it('is widened to whole minutes', async () => {
    const { history } = createHistory()
    const { from, to, buckets } = await read(history, `?from=${noon + 1}&to=${noon + minuteMs + 1}`)
    expect([from, to, buckets.length]).toEqual([noon, noon + 2 * minuteMs, 2])
  })

  it('is that of the last hour and the minute that runs, when no range is given', async () => {
    const { history, add } = createHistory()
    add('x', undefined, now)
    const { from, to, buckets } = await read(history, '')
    expect(buckets.at(-1)).toMatchObject({ at: noon + minuteMs, events: 0 })
    expect(buckets.find(({ at }) => at === noon)?.events).toBe(1)
    expect(to).toBe(noon + 2 * minuteMs)
    expect(from).toBe(noon + minuteMs - 60 * minuteMs)
  })

  it.each([
    ['2026-03-10T12:00:00Z', noon],
    ['2026-03-10T12:00Z', noon],
    ['2026-03-10T13:30:00.000%2B01:30', noon],
    ['2026-03-10', noon - 12 * 60 * minuteMs],
    [String(noon), noon],
  ])('takes %s for the time that it is', async (from, at) => {
    const { history } = createHistory()
    expect((await read(history, `?from=${from}&to=${noon + minuteMs}`)).from).toBe(at)
  })

  it('is private, and asked for anew each time', () => {
    const { history } = createHistory()
    expect(ask(history, '').headers.get('Cache-Control')).toBe('private, no-cache')
  })
})

describe('broken down', () => {
  it('by path has the page views of each, most first, ties by name', async () => {
    const { history, add } = createHistory()
    for (const path of ['/b', '/c', '/a', '/c', undefined, '__proto__']) {
      add('page_view', path, noon)
    }
    add('sign_up', '/z', noon)
    const { by, buckets } = await read(history, `?from=${noon}&to=${noon + 1}&by=path`)
    expect(by).toBe('path')
    expect(buckets).toEqual([
      {
        at: noon,
        events: 7,
        pageViews: 6,
        rows: [
          { path: '/c', pageViews: 2 },
          { path: '(none)', pageViews: 1 },
          { path: '/a', pageViews: 1 },
          { path: '/b', pageViews: 1 },
          { path: '__proto__', pageViews: 1 },
        ],
      },
    ])
  })

  it('by name has the events of each', async () => {
    const { history, add } = createHistory()
    for (const name of ['page_view', 'sign_up', 'page_view', 'constructor']) {
      add(name, '/', noon)
    }
    const { buckets } = await read(history, `?from=${noon}&to=${noon + 1}&by=name`)
    expect(buckets[0]?.rows).toEqual([
      { name: 'page_view', events: 2 },
      { name: 'constructor', events: 1 },
      { name: 'sign_up', events: 1 },
    ])
  })

  it('has no rows where nothing happened', async () => {
    const { history } = createHistory()
    const { buckets } = await read(history, `?from=${noon}&to=${noon + 1}&by=path`)
    expect(buckets[0]?.rows).toEqual([])
  })

  it('has what the bound left out as one row, so that the rows always sum', async () => {
    const { history, add } = createHistory({ maxNamesPerMinute: 2 })
    for (let page = 0; page < 500; page++) add('page_view', `/${page}`, noon)
    const { buckets } = await read(history, `?from=${noon}&to=${noon + 1}&by=path`)
    expect(buckets[0]?.rows).toEqual([
      { path: '/0', pageViews: 1 },
      { path: '/1', pageViews: 1 },
      { path: '(other)', pageViews: 498, rest: true },
    ])
  })
})

describe('a query', () => {
  it('may be for as many minutes as are kept, and for no more', async () => {
    const { history } = createHistory()
    const from = noon - 2880 * minuteMs
    expect((await read(history, `?from=${from}&to=${noon}`)).buckets.length).toBe(2880)
    expect(ask(history, `?from=${from}&to=${noon + 1}`).status).toBe(400)
    expect(ask(history, `?from=${from - 1}&to=${noon}`).status).toBe(400)
    expect(ask(history, `?from=0&to=${noon}`).status).toBe(400)
  })

  it.each([
    ['?granularity=hour', '`granularity`'],
    ['?granularity=', '`granularity`'],
    ['?by=visitor', '`by`'],
    ['?by=', '`by`'],
    ['?by=__proto__', '`by`'],
    ['?from=yesterday', '`from`'],
    ['?from=page+5', '`from`'],
    ['?from=10+March+2026', '`from`'],
    ['?from=2026-03-10T12:00:00', '`from`'],
    ['?from=2026-13-45', '`from`'],
    ['?from=', '`from`'],
    ['?from=-5', '`from`'],
    ['?from=1e3', '`from`'],
    ['?from=1e999', '`from`'],
    ['?from=9999999999999999', '`from`'],
    ['?from=1.5', '`from`'],
    ['?to=NaN', '`to`'],
    [`?from=${noon}&to=${noon}`, '`to`'],
    [`?from=${noon}&to=${noon - 1}`, '`to`'],
    [`?from=${noon + 1}&to=${noon}`, '`to`'],
  ])('that is %s is refused, with a word about %s', async (query, parameter) => {
    const { history } = createHistory()
    const answer = ask(history, query)
    expect(answer.status).toBe(400)
    const { code, detail } = (await answer.json()) as Problem
    expect(code).toBe('query_invalid')
    expect(detail).toContain(parameter)
  })
})
