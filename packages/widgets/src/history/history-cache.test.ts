import { expect, it } from 'vitest'
import type { MetricsQuery } from '../fetchMetrics/fetchMetrics.ts'
import { metricsOf } from '../testing/fake-metrics.ts'
import { createHistoryCache } from './history-cache.ts'
import type { HistoryReader } from './history-entry.ts'
import type { HistoryPage } from './page-events.ts'

const reader: HistoryReader = {
  config: { baseUrl: '/api', siteId: 'shop' },
  paused: false,
  onView() {},
}

/** Creates a cache on a page without timers, which answers each request with a number of buckets. */
function setUp(bucketCount = 1) {
  const requests: MetricsQuery[] = []
  const listeners = new Set<() => void>()
  const page: HistoryPage = {
    now: () => 0,
    random: () => 0,
    setTimeout: () => undefined,
    clearTimeout() {},
    isHidden: () => false,
    onChange(listener) {
      const onEvent = () => listener('visibility')
      listeners.add(onEvent)
      return () => listeners.delete(onEvent)
    },
  }
  const buckets = Array.from({ length: bucketCount }, (_, at) => ({ at }))
  const cache = createHistoryCache(async (_, query) => {
    requests.push(query)
    return metricsOf({ buckets })
  }, page)
  /** Reads a query, and leaves after the response. */
  async function read(from: number): Promise<void> {
    const subscription = cache.subscribe({ from }, reader)
    await subscription.refresh()
    subscription.close()
    await Promise.resolve()
  }
  const cached = () => [...cache.byKey.values()].map(entry => entry.view.data !== undefined)
  return { cache, cached, listeners, read, requests }
}

it('createHistoryCache: retains the last 16 idle queries', async () => {
  const { cache, read, requests } = setUp()
  for (let from = 1; from <= 17; from++) await read(from)
  expect(cache.byKey.size).toBe(16)
  await read(17)
  expect(requests.length).toBe(18)
  expect(cache.subscribe({ from: 2 }, reader).view.data).toBeDefined()
  expect(cache.subscribe({ from: 1 }, reader).view.data).toBeUndefined()
})

it('createHistoryCache: retains at most 20,000 rows of idle queries', async () => {
  const { cached, read } = setUp(9000)
  for (const from of [1, 2, 3]) await read(from)
  expect(cached()).toEqual([true, true])
})

it('createHistoryCache: does not evict queries in use', async () => {
  const { cache, read } = setUp()
  const used = cache.subscribe({ from: 0 }, reader)
  for (let from = 1; from <= 20; from++) await read(from)
  expect(cache.byKey.size).toBe(17)
  expect(used.view.data).toBeDefined()
})

it('createHistoryCache: drops idle queries without data', async () => {
  const { cache } = setUp()
  cache.subscribe({ from: 0 }, reader).close()
  await Promise.resolve()
  expect(cache.byKey.size).toBe(0)
})

it('createHistoryCache: listens to the page only while it has readers', async () => {
  const { cache, listeners } = setUp()
  const first = cache.subscribe({ from: 0 }, reader)
  const second = cache.subscribe({ from: 1 }, { ...reader })
  expect(listeners.size).toBe(1)
  first.close()
  await Promise.resolve()
  expect(listeners.size).toBe(1)
  second.close()
  await Promise.resolve()
  expect(listeners.size).toBe(0)
})

it('createHistoryCache: a reader that replaces another one shares its request', async () => {
  const { cache, requests } = setUp()
  const first = cache.subscribe({ from: 0 }, reader)
  first.close()
  const second = cache.subscribe({ from: 0 }, { ...reader })
  await second.refresh()
  expect(requests.length).toBe(1)
  expect(second.view.data).toBeDefined()
})
