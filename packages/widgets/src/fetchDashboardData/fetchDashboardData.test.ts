import { expect, it, vi } from 'vitest'
import { fetchDashboardData } from './fetchDashboardData.ts'

const shop = { baseUrl: 'https://stats.example.com/api/', siteId: 'my shop' }
const snapshot = { cursor: '1.7', at: 1000, windowMinutes: 5, currentVisitors: 42 }
const none = {
  events: 0,
  pageViews: 0,
  visitors: 0,
  sessions: 0,
  bounces: 0,
  bounceRate: 0,
  botEvents: 0,
}
const metrics = {
  from: 0,
  to: 120_000,
  granularity: 'minute',
  totals: { ...none, events: 2, pageViews: 1 },
  buckets: [
    { ...none, at: 0, events: 2, pageViews: 1 },
    { ...none, at: 60_000 },
  ],
}

/** A `fetch` that always gives this answer, and the requests that it was given. */
function answering(answer: () => Response) {
  const requests: { url: string; init: RequestInit | undefined }[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    requests.push({ url: new Request(input).url, init })
    return answer()
  }
  return { fetch, requests }
}

it('reads the snapshot with one conditional request', async () => {
  const { fetch, requests } = answering(() => Response.json(snapshot))
  const data = await fetchDashboardData(shop, { realtime: true, fetch })
  expect(data.realtime.currentVisitors).toBe(42)
  expect(requests).toEqual([
    {
      url: 'https://stats.example.com/api/sites/my%20shop/realtime',
      init: { cache: 'no-cache' },
    },
  ])
})

it('asks for the channels and the window that it was told to', async () => {
  const { fetch, requests } = answering(() => Response.json(snapshot))
  const channels = ['currentVisitors', 'pageViews'] as const
  await fetchDashboardData(shop, { realtime: true, channels, minutes: 30, fetch })
  const { searchParams } = new URL(requests[0]?.url ?? '')
  expect(Object.fromEntries(searchParams)).toEqual({
    channels: 'currentVisitors,pageViews',
    minutes: '30',
  })
})

it('reads the metrics of the last 24 hours by minutes when it is told nothing', async () => {
  vi.useFakeTimers({ now: 1_800_000_000_000 })
  const { fetch, requests } = answering(() => Response.json(metrics))
  const data = await fetchDashboardData(shop, { fetch })
  vi.useRealTimers()
  expect(data.metrics).toEqual(metrics)
  const url = new URL(requests[0]?.url ?? '')
  expect(url.pathname).toBe('/api/sites/my%20shop/metrics')
  expect(Object.fromEntries(url.searchParams)).toEqual({
    from: '1799913600000',
    to: '1800000000000',
    granularity: 'minute',
  })
})

it('reads the metrics between two dates', async () => {
  const { fetch, requests } = answering(() => Response.json(metrics))
  const startDate = new Date('2024-01-01T00:00:00Z')
  await fetchDashboardData(shop, {
    startDate,
    endDate: 1_704_070_800_000,
    granularity: 'hour',
    fetch,
  })
  expect(Object.fromEntries(new URL(requests[0]?.url ?? '').searchParams)).toEqual({
    from: '1704067200000',
    to: '1704070800000',
    granularity: 'hour',
  })
})

it('rejects with the code, the status and the detail of the answer of a server that refuses', async () => {
  const problem = {
    type: 'about:blank',
    status: 404,
    code: 'site_unknown',
    title: 't',
    detail: 'd',
  }
  const { fetch } = answering(() => Response.json(problem, { status: 404 }))
  await expect(fetchDashboardData(shop, { realtime: true, fetch })).rejects.toMatchObject({
    name: 'DashboardError',
    code: 'site_unknown',
    status: 404,
    message: 'd',
  })
})

it('rejects with `network` when there is no answer', async () => {
  const cause = new TypeError('Failed to fetch')
  const fetch = () => Promise.reject(cause)
  await expect(fetchDashboardData(shop, { realtime: true, fetch })).rejects.toMatchObject({
    code: 'network',
    status: undefined,
    cause,
  })
})

it.each<[string, () => Response]>([
  ['a page', () => new Response('<html>', { status: 200 })],
  ['another object', () => Response.json({ cursor: 7 })],
  [
    'a snapshot with a channel of the wrong kind',
    () => Response.json({ ...snapshot, activePages: 3 }),
  ],
  ['an error that is not ours', () => Response.json({ code: 'toString' }, { status: 500 })],
  ['an error page', () => new Response('Bad gateway', { status: 502 })],
])('rejects with `answer_invalid` when the answer is %s', async (_, answer) => {
  const { fetch } = answering(answer)
  await expect(fetchDashboardData(shop, { realtime: true, fetch })).rejects.toMatchObject({
    code: 'answer_invalid',
  })
})

it.each([
  ['no buckets', { ...metrics, buckets: undefined }],
  ['no totals', { ...metrics, totals: undefined }],
  ['a bucket without a start', { ...metrics, buckets: [none] }],
  ['a bucket without counts', { ...metrics, buckets: [{ at: 0 }] }],
])('rejects with `answer_invalid` for metrics with %s', async (_, body) => {
  const { fetch } = answering(() => Response.json(body))
  await expect(fetchDashboardData(shop, { fetch })).rejects.toMatchObject({
    code: 'answer_invalid',
  })
})

it('rejects with the reason of the caller who gave up', async () => {
  const giveUp = new AbortController()
  const fetch: typeof globalThis.fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(giveUp.signal.reason as Error))
    })
  const reading = fetchDashboardData(shop, { realtime: true, fetch, signal: giveUp.signal })
  giveUp.abort()
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
})
