// @vitest-environment happy-dom
import { expect, expectTypeOf, it, vi } from 'vitest'
import {
  type MaybeRefOrGetter,
  createSSRApp,
  defineComponent,
  effectScope,
  h,
  nextTick,
  ref,
  shallowRef,
} from 'vue'
import { renderToString } from 'vue/server-renderer'
import type { SiteConfig } from '../config.ts'
import type { MetricsRow, PreviousMetrics } from '../fetchMetrics/metrics.ts'
import { metricsOf, stubMetrics, totalsOf, useStubbedMetrics } from '../testing/fake-metrics.ts'
import { mountApp, useFakePage } from '../testing/mount-app.ts'
import type { HistoryQuery } from './history-query.ts'
import { type UseHistoryOptions, type UseHistoryReturn, useHistory } from './useHistory.ts'

const shop: SiteConfig = { baseUrl: '/api', siteId: 'shop' }
const blog: SiteConfig = { baseUrl: '/api', siteId: 'blog' }
const month: HistoryQuery = { range: { last: '30d' } }
const now = Date.UTC(2026, 11, 1, 12)

useFakePage(now)
useStubbedMetrics()

type History = UseHistoryReturn<'path' | undefined, 'previous' | undefined>

/** Mounts components that read a query each. */
function mountReaders(
  queries: MaybeRefOrGetter<HistoryQuery | undefined>[],
  config: MaybeRefOrGetter<SiteConfig | undefined> = shop,
  options: UseHistoryOptions = {},
) {
  const histories: UseHistoryReturn<HistoryQuery['by'], HistoryQuery['compare']>[] = []
  const readers = queries.map(query =>
    defineComponent({
      name: 'Reader',
      setup() {
        const history = useHistory(config, query, options)
        histories.push(history)
        return () => h('p', history.data.value?.totals.visitors ?? 'none')
      },
    }),
  )
  const isShown = ref(true)
  const app = mountApp(() => isShown.value && readers.map(reader => h(reader)))
  const [first] = histories
  if (!first) throw new Error('The component was not set up.')
  return { ...app, history: first, isShown }
}

/** Lets pending responses reach the readers, without moving time. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

function setHidden(isHidden: boolean): void {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(isHidden)
  document.dispatchEvent(new Event('visibilitychange'))
}

it('useHistory: requests a range when mounted and shows the response', async () => {
  const requests = stubMetrics()
  const { history, wrapper } = mountReaders([
    { ...month, by: 'path', limit: 5, compare: 'previous' },
  ])
  expect(history.isLoading.value).toBe(true)
  await settle()
  expect(requests.map(({ query }) => query)).toEqual([
    {
      from: `${now - 29 * 86_400_000}`,
      granularity: 'day',
      by: 'path',
      limit: '5',
      compare: 'previous',
    },
  ])
  const previous = { from: 0, to: 0, totals: totalsOf() }
  requests[0]?.respond(
    metricsOf({
      by: 'path',
      rows: [],
      previous,
      totals: totalsOf({ visitors: 7 }),
      buckets: [],
    }),
  )
  await settle()
  expect(wrapper.text()).toBe('7')
  expect(history.isLoading.value).toBe(false)
  expect(history.fetchedAt.value).toBe(now)
})

it('useHistory: types rows and the previous range by the query', () => {
  const read = () => useHistory(shop, { by: 'path', compare: 'previous' })
  type Data = NonNullable<ReturnType<typeof read>['data']['value']>
  expectTypeOf<Data['rows']>().toEqualTypeOf<MetricsRow<'path'>[]>()
  expectTypeOf<Data['previous']>().toEqualTypeOf<PreviousMetrics>()
  const readSeries = () => useHistory(shop, { range: { last: '7d' } })
  type Series = NonNullable<ReturnType<typeof readSeries>['data']['value']>
  expectTypeOf<Series>().not.toHaveProperty('rows')
  expectTypeOf<History['data']['value']>().not.toBeNever()
})

it('useHistory: sends one request for equal queries of several widgets', async () => {
  const requests = stubMetrics()
  const { wrapper } = mountReaders([month, { range: { last: '30d' } }, { range: { last: '7d' } }])
  await settle()
  expect(requests.length).toBe(2)
  requests[0]?.respond(metricsOf({ totals: totalsOf({ visitors: 3 }) }))
  await settle()
  expect(wrapper.text()).toBe('33none')
})

it.each([
  ['second', 2000],
  ['minute', 10_000],
  ['hour', 60_000],
  ['day', 60_000],
] as const)(
  'useHistory: refreshes a range by %s that includes now',
  async (granularity, delayMs) => {
    const requests = stubMetrics()
    mountReaders([{ granularity }])
    await settle()
    requests[0]?.respond(metricsOf())
    await settle()
    await vi.advanceTimersByTimeAsync(delayMs - 1)
    expect(requests.length).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(requests.length).toBe(2)
  },
)

it('useHistory: does not refresh a range that has passed', async () => {
  const requests = stubMetrics()
  mountReaders([{ range: { from: '2026-11-01', to: '2026-11-20' } }])
  await settle()
  expect(requests[0]?.query).toEqual({ from: '2026-11-01', to: '2026-11-20', granularity: 'day' })
  requests[0]?.respond(metricsOf())
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect(requests.length).toBe(1)
})

it('useHistory: does not refresh in a hidden tab, and at once when it is shown', async () => {
  const requests = stubMetrics()
  mountReaders([month])
  await settle()
  requests[0]?.respond(metricsOf())
  await settle()
  setHidden(true)
  await vi.advanceTimersByTimeAsync(300_000)
  expect(requests.length).toBe(1)
  setHidden(false)
  await settle()
  expect(requests.length).toBe(2)
})

it('useHistory: keeps the data after an error, and retries with growing delays', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  const requests = stubMetrics()
  const { history, wrapper } = mountReaders([month])
  await settle()
  requests[0]?.respond(metricsOf({ totals: totalsOf({ visitors: 3 }) }))
  await vi.advanceTimersByTimeAsync(60_000)
  requests[1]?.fail()
  await settle()
  expect(history.error.value?.code).toBe('network')
  expect(wrapper.text()).toBe('3')
  await vi.advanceTimersByTimeAsync(90_000)
  expect(requests.length).toBe(3)
  requests[2]?.fail()
  await vi.advanceTimersByTimeAsync(119_999)
  expect(requests.length).toBe(3)
  await vi.advanceTimersByTimeAsync(1)
  requests[3]?.respond(metricsOf({ totals: totalsOf({ visitors: 4 }) }))
  await settle()
  expect(history.error.value).toBeUndefined()
  expect(wrapper.text()).toBe('4')
})

it('useHistory: waits for `Retry-After`', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const requests = stubMetrics()
  const { history } = mountReaders([month])
  await settle()
  const problem = { type: 'about:blank', status: 429, code: 'too_busy', title: 't', detail: 'd' }
  requests[0]?.respond(problem, { status: 429, headers: { 'Retry-After': '300' } })
  await settle()
  expect(history.error.value?.code).toBe('too_busy')
  expect(history.isLoading.value).toBe(false)
  await vi.advanceTimersByTimeAsync(299_999)
  expect(requests.length).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(requests.length).toBe(2)
})

it('useHistory: retries at once when the network is back', async () => {
  const requests = stubMetrics()
  mountReaders([month])
  await settle()
  requests[0]?.fail()
  await settle()
  window.dispatchEvent(new Event('online'))
  await settle()
  expect(requests.length).toBe(2)
})

it('useHistory: does not repeat a refused query, except by `refresh`', async () => {
  const requests = stubMetrics()
  const { history } = mountReaders([month])
  await settle()
  const problem = { type: 'about:blank', code: 'query_invalid', title: 't', detail: 'd' }
  requests[0]?.respond(problem, { status: 400 })
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect(history.error.value?.code).toBe('query_invalid')
  expect(requests.length).toBe(1)
  const refreshed = history.refresh()
  await settle()
  requests[1]?.respond(metricsOf())
  await refreshed
  expect(history.error.value).toBeUndefined()
})

it('useHistory: reports a request that takes longer than 30 seconds as `network`', async () => {
  const requests = stubMetrics()
  const { history } = mountReaders([month])
  await settle()
  await vi.advanceTimersByTimeAsync(30_000)
  expect(requests[0]?.signal?.aborted).toBe(true)
  expect(history.error.value?.code).toBe('network')
})

it('useHistory: reports an invalid range as an error', async () => {
  const requests = stubMetrics()
  const { history } = mountReaders([{ range: { from: 'yesterday', to: 'today' } }])
  await settle()
  expect(requests).toEqual([])
  expect(history.error.value).toMatchObject({
    code: 'query_invalid',
    message: "range: 'yesterday' is not a time; for example '2026-11-22'.",
  })
})

it('useHistory: keeps the data of the last range until the next one arrives', async () => {
  const requests = stubMetrics()
  const query = shallowRef<HistoryQuery>(month)
  const { history, wrapper } = mountReaders([query])
  await settle()
  requests[0]?.respond(metricsOf({ totals: totalsOf({ visitors: 3 }) }))
  await settle()
  expect(history.isRefreshing.value).toBe(false)
  query.value = { range: { last: '7d' } }
  await settle()
  expect([wrapper.text(), history.isRefreshing.value]).toEqual(['3', true])
  requests[1]?.respond(metricsOf({ totals: totalsOf({ visitors: 1 }) }))
  await settle()
  expect([wrapper.text(), history.isRefreshing.value]).toEqual(['1', false])
})

it('useHistory: shows no numbers of another range after an error', async () => {
  const requests = stubMetrics()
  const query = shallowRef<HistoryQuery>(month)
  const { history, wrapper } = mountReaders([query])
  await settle()
  requests[0]?.respond(metricsOf())
  await settle()
  query.value = { range: { last: '7d' } }
  await settle()
  requests[1]?.fail()
  await settle()
  expect(wrapper.text()).toBe('none')
  expect(history.isRefreshing.value).toBe(false)
})

it('useHistory: drops the data when the site or the dimension changes', async () => {
  const requests = stubMetrics()
  const config = shallowRef<SiteConfig>(shop)
  const query = shallowRef<HistoryQuery>(month)
  const { history } = mountReaders([query], config)
  await settle()
  requests[0]?.respond(metricsOf())
  await settle()
  config.value = blog
  expect(history.data.value).toBeUndefined()
  await settle()
  expect(requests[1]?.site).toBe('blog')
  requests[1]?.respond(metricsOf())
  await settle()
  expect(history.data.value).toBeDefined()
  query.value = { ...month, by: 'path' }
  expect(history.data.value).toBeUndefined()
})

it('useHistory: requests nothing without a site or a query', async () => {
  const requests = stubMetrics()
  const config = shallowRef<SiteConfig>()
  const query = shallowRef<HistoryQuery>()
  const { history } = mountReaders([query], config)
  await settle()
  config.value = shop
  await settle()
  expect([requests.length, history.isLoading.value]).toEqual([0, false])
  query.value = month
  await settle()
  expect(requests.length).toBe(1)
})

it('useHistory: aborts a request when its last reader is unmounted, and sets no timer after it', async () => {
  const requests = stubMetrics()
  const { isShown } = mountReaders([month, month])
  await settle()
  isShown.value = false
  await settle()
  expect(requests[0]?.signal?.aborted).toBe(true)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(requests.length).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
})

it('useHistory: a returning widget shows the last data at once', async () => {
  const requests = stubMetrics()
  const { isShown, wrapper } = mountReaders([month])
  await settle()
  requests[0]?.respond(metricsOf({ totals: totalsOf({ visitors: 3 }) }))
  await settle()
  isShown.value = false
  await vi.advanceTimersByTimeAsync(120_000)
  isShown.value = true
  await nextTick()
  await nextTick()
  expect(wrapper.text()).toBe('3')
  expect(requests.length).toBe(2)
})

it('useHistory: requests the first data while paused, and nothing after it', async () => {
  const requests = stubMetrics()
  const paused = ref(true)
  const { wrapper } = mountReaders([month], shop, { paused })
  await settle()
  requests[0]?.respond(metricsOf({ totals: totalsOf({ visitors: 3 }) }))
  await vi.advanceTimersByTimeAsync(600_000)
  expect([requests.length, wrapper.text()]).toEqual([1, '3'])
  paused.value = false
  await settle()
  expect(requests.length).toBe(2)
})

it('useHistory: a paused widget keeps its data while another one refreshes the same query', async () => {
  const requests = stubMetrics()
  const paused = ref(false)
  const { history } = mountReaders([month], shop, { paused })
  const other = effectScope()
  const live = other.run(() => useHistory(shop, month))
  await settle()
  for (const request of requests) request.respond(metricsOf())
  await settle()
  const { value } = history.data
  paused.value = true
  await vi.advanceTimersByTimeAsync(60_000)
  for (const request of requests) request.respond(metricsOf({ from: 1 }))
  await settle()
  other.stop()
  expect(live?.data.value?.from).toBe(1)
  expect(history.data.value).toBe(value)
})

it('useHistory: keeps the identity of equal data, so that nothing is drawn again', async () => {
  const requests = stubMetrics()
  const { history, rerenders } = mountReaders([month])
  await settle()
  requests[0]?.respond(metricsOf())
  await settle()
  const { value } = history.data
  const before = rerenders.get('Reader')
  await vi.advanceTimersByTimeAsync(60_000)
  requests[1]?.respond(metricsOf())
  await settle()
  expect(history.data.value).toBe(value)
  expect(history.fetchedAt.value).toBe(now + 60_000)
  expect(rerenders.get('Reader')).toBe(before)
})

it('useHistory: asks a token function before each request', async () => {
  const requests = stubMetrics()
  let count = 0
  mountReaders([month], { ...shop, token: async () => `token ${(count += 1)}` })
  await settle()
  const problem = { type: 'about:blank', code: 'token_expired', title: 't', detail: 'd' }
  requests[0]?.respond(problem, { status: 401 })
  await vi.advanceTimersByTimeAsync(120_000)
  expect(requests.map(({ headers }) => headers)).toEqual([
    { Authorization: 'Bearer token 1' },
    { Authorization: 'Bearer token 2' },
  ])
})

it('useHistory: works in an effect scope, and stops with it', async () => {
  const requests = stubMetrics()
  const scope = effectScope()
  const history = scope.run(() => useHistory(shop, month))
  await settle()
  requests[0]?.respond(metricsOf())
  await settle()
  expect(history?.data.value).toEqual(metricsOf())
  scope.stop()
  await settle()
  expect(vi.getTimerCount()).toBe(0)
})

it('useHistory: requests nothing on a server', async () => {
  const requests = stubMetrics()
  const Reader = defineComponent({
    setup() {
      const { isLoading } = useHistory(shop, month)
      return () => h('p', `${isLoading.value}`)
    },
  })
  expect(await renderToString(createSSRApp(Reader))).toBe('<p>true</p>')
  expect(requests).toEqual([])
})
