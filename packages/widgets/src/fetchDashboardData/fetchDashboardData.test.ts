import { afterEach, beforeEach, expect, expectTypeOf, it, vi } from 'vitest'
import { createFakeFetch } from '../testing/fake-fetch.ts'
import { fetchDashboardData } from './fetchDashboardData.ts'

const shop = { baseUrl: 'https://stats.example.com/api', siteId: 'shop' }
const snapshot = { cursor: '1.7', at: 1000, windowMinutes: 5, currentVisitors: 42, pageViews: 3 }
const totals = {
  events: 2,
  pageViews: 1,
  visitors: 1,
  sessions: 1,
  bounces: 0,
  bounceRate: 0,
  botEvents: 0,
}
const metrics = {
  from: 0,
  to: 60_000,
  granularity: 'minute',
  totals,
  buckets: [{ ...totals, at: 0 }],
}

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }))
afterEach(() => void vi.useRealTimers())

it('fetchDashboardData: returns the snapshot as `realtime`', async () => {
  const { fetch, requests } = createFakeFetch(() => Response.json(snapshot))
  const data = await fetchDashboardData(shop, { realtime: true, fetch })
  expect(data).toEqual({ realtime: snapshot })
  expect(requests[0]?.url).toBe('https://stats.example.com/api/sites/shop/realtime')
})

it('fetchDashboardData: narrows the snapshot to the requested channels', async () => {
  const { fetch, requests } = createFakeFetch(() => Response.json(snapshot))
  const channels = ['currentVisitors', 'pageViews'] as const
  const { realtime } = await fetchDashboardData(shop, {
    realtime: true,
    channels,
    minutes: 30,
    fetch,
  })
  expectTypeOf(realtime.pageViews).toEqualTypeOf<number>()
  expectTypeOf(realtime).not.toHaveProperty('devices')
  const fetchEither = (list: ['currentVisitors'] | ['pageViews']) =>
    fetchDashboardData(shop, { realtime: true, channels: list })
  expectTypeOf<Awaited<ReturnType<typeof fetchEither>>['realtime']['pageViews']>().toEqualTypeOf<
    number | undefined
  >()
  expect(Object.fromEntries(new URL(requests[0]?.url ?? '').searchParams)).toEqual({
    channels: 'currentVisitors,pageViews',
    minutes: '30',
  })
})

it('fetchDashboardData: returns the last 24 hours by minutes as `metrics` by default', async () => {
  const { fetch, requests } = createFakeFetch(() => Response.json(metrics))
  const data = await fetchDashboardData(shop, { fetch })
  expect(data).toEqual({ metrics })
  expect(Object.fromEntries(new URL(requests[0]?.url ?? '').searchParams)).toEqual({
    from: '1799913600000',
    to: '1800000000000',
    granularity: 'minute',
  })
})

it('fetchDashboardData: requests the metrics between two dates', async () => {
  const { fetch, requests } = createFakeFetch(() => Response.json(metrics))
  const startDate = new Date('2024-01-01T00:00:00Z')
  const endDate = 1_704_070_800_000
  await fetchDashboardData(shop, { startDate, endDate, granularity: 'hour', fetch })
  expect(Object.fromEntries(new URL(requests[0]?.url ?? '').searchParams)).toEqual({
    from: '1704067200000',
    to: '1704070800000',
    granularity: 'hour',
  })
})

it('fetchDashboardData: rejects with the error of the request', async () => {
  const problem = { code: 'too_busy', title: 'The server is busy.', detail: 'Wait.' }
  const { fetch } = createFakeFetch(() => Response.json(problem, { status: 429 }))
  const error = { name: 'TidemarkError', code: 'too_busy', status: 429, message: 'Wait.' }
  await expect(fetchDashboardData(shop, { fetch })).rejects.toMatchObject(error)
  await expect(fetchDashboardData(shop, { realtime: true, fetch })).rejects.toMatchObject(error)
})
