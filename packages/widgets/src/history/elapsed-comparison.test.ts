import { afterAll, expect, it, vi } from 'vitest'
import type { MetricsQuery } from '../fetchMetrics/fetchMetrics.ts'
import type { Granularity } from '../fetchMetrics/metrics.ts'
import { TidemarkError } from '../request/tidemark-error.ts'
import { metricsOf, totalsOf } from '../testing/fake-metrics.ts'
import { createElapsedComparison } from './elapsed-comparison.ts'
import type { HistoryQuery } from './history-query.ts'

vi.stubEnv('TZ', 'Europe/Berlin')
afterAll(() => void vi.unstubAllEnvs())

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const midnight = Date.parse('2026-12-01T00:00+01:00')

/** Creates a comparison with a server that counts its requests. */
function setUp(query: HistoryQuery) {
  const compare = createElapsedComparison(query)
  const requests: MetricsQuery[] = []
  const load = async (range: MetricsQuery) => {
    requests.push(range)
    return metricsOf({ from: 1, to: 2, totals: totalsOf({ visitors: requests.length }) })
  }
  return { compare, requests, load }
}

function responseOf(from: number, to: number, granularity: Granularity) {
  const previous = { from: from - (to - from), to: from, totals: totalsOf({ visitors: 99 }) }
  return { ...metricsOf({ from, to, granularity }), previous }
}

const week = responseOf(midnight - 6 * dayMs, midnight + dayMs, 'day')

it('createElapsedComparison: ends the previous range at the same time of its last day', async () => {
  const { compare, requests, load } = setUp({ range: { last: '7d' } })
  const now = midnight + 9 * hourMs + 10 * minuteMs
  expect(await compare(week, now, load)).toMatchObject({
    previous: { from: 1, to: 2, totals: { visitors: 1 } },
  })
  const from = midnight - 13 * dayMs
  expect(requests).toEqual([{ from, to: from + 6 * dayMs + 9 * hourMs, granularity: 'hour' }])
})

it('createElapsedComparison: compares today with yesterday up to the same minute', async () => {
  const { compare, requests, load } = setUp({ range: { day: 'today' } })
  const today = responseOf(midnight, midnight + 2 * hourMs, 'hour')
  await compare(today, midnight + 65 * minuteMs, load)
  const from = midnight - dayMs
  expect(requests).toEqual([{ from, to: from + 65 * minuteMs, granularity: 'minute' }])
})

it('createElapsedComparison: requests the same previous range once', async () => {
  const { compare, requests, load } = setUp({ range: { last: '7d' } })
  for (const minutes of [0, 1, 29]) await compare(week, midnight + minutes * minuteMs, load)
  expect(requests.length).toBe(1)
  await compare(week, midnight + 31 * minuteMs, load)
  expect(requests.length).toBe(2)
})

it.each<[string, ReturnType<typeof responseOf>, number]>([
  ['minutes', responseOf(midnight, midnight + hourMs, 'minute'), midnight + hourMs - 1],
  ['a past range', week, midnight + dayMs],
  ['a year', responseOf(midnight - 364 * dayMs, midnight + dayMs, 'day'), midnight + hourMs],
])('createElapsedComparison: leaves %s unchanged', async (_, response, now) => {
  const { compare, requests, load } = setUp({})
  expect(await compare(response, now, load)).toBe(response)
  expect(requests).toEqual([])
})

it('createElapsedComparison: leaves a response without a previous range unchanged', async () => {
  const { compare, load } = setUp({})
  const response = metricsOf({ from: midnight, to: midnight + dayMs })
  expect(await compare(response, midnight, load)).toBe(response)
})

it('createElapsedComparison: keeps the complete range if the server lacks the buckets', async () => {
  const { compare } = setUp({})
  const load = (error: TidemarkError) => async () => {
    throw error
  }
  const expired = new TidemarkError('query_invalid', 'expired')
  expect(await compare(week, midnight, load(expired))).toBe(week)
  const failed = new TidemarkError('network', 'no response')
  await expect(compare(week, midnight, load(failed))).rejects.toBe(failed)
})
