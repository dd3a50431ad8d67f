// @vitest-environment happy-dom
import type { ValueWindow } from '@tidemark/protocol'
import { expect, it } from 'vitest'
import { h, nextTick, shallowRef } from 'vue'
import { metricsOf, stubMetrics, totalsOf, useStubbedMetrics } from '../testing/fake-metrics.ts'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import MetricCard from './MetricCard.vue'

const config = { baseUrl: '/api', siteId: 'shop' }

useFakePage(Date.UTC(2026, 11, 1, 12))
useStubbedMetrics()

type CardProps = InstanceType<typeof MetricCard>['$props']

function mountCard(props: CardProps, slots: Parameters<typeof h>[2] = {}) {
  const current = shallowRef(props)
  const app = mountApp(() => h(MetricCard, { config, ...current.value } as CardProps, slots))
  const number = () => app.wrapper.find('.tm-metric__value [role="img"]')
  const trend = () => app.wrapper.find('.tm-trend')
  return { ...app, current, number, trend, card: app.wrapper.find('.tm-metric') }
}

const values: ValueWindow = {
  count: 20,
  sum: 400,
  mean: 20,
  min: 5,
  max: 90,
  last: 12.5,
  p50: 18,
  p75: 22,
  p90: 40,
  p95: 60,
  p99: 80,
  rate: 0.333,
}

it('MetricCard: shows a number of the host with unit, trend and one label for screen readers', () => {
  const { number, trend, wrapper } = mountCard({
    title: 'Requests/sec',
    value: 1250,
    unit: 'req/s',
    trend: 'up',
  })
  expect(wrapper.find('h2').text()).toBe('Requests/sec')
  expect(number().attributes('aria-label')).toBe('1,250 req/s')
  expect(trend().attributes('aria-label')).toBe('up')
  expect(wrapper.find('.tm-status').exists()).toBe(false)
})

it('MetricCard: shows a text of the host as it is', () => {
  expect(mountCard({ value: '3 h 20 min' }).number().attributes('aria-label')).toBe('3 h 20 min')
})

it('MetricCard: shows a skeleton until the host passes a number', async () => {
  const { card, current, number, wrapper } = mountCard({ value: undefined })
  expect(card.attributes('aria-busy')).toBe('true')
  expect(wrapper.find('.tm-skeleton').exists()).toBe(true)
  current.value = { value: 0 }
  await nextTick()
  expect(number().attributes('aria-label')).toBe('0')
})

it.each([
  [120, 'up', '20%', 'good', 'up' as const],
  [80, 'down', '20%', 'bad', 'up' as const],
  [80, 'down', '20%', 'good', 'down' as const],
  [100, 'stable', '', 'neutral', 'up' as const],
])(
  'MetricCard: compares %d with 100: %s %s is %s',
  (value, direction, size, quality, goodTrend) => {
    const { trend } = mountCard({ value, previous: 100, goodTrend })
    const label = direction === 'stable' ? 'no change' : `${direction} ${size}`
    expect(trend().attributes()).toMatchObject({ 'aria-label': label, 'data-tm-quality': quality })
  },
)

it('MetricCard: shows the state of the source of the host', async () => {
  const { current, wrapper } = mountCard({ value: 1, status: 'connected' })
  expect(wrapper.find('.tm-status').exists()).toBe(false)
  current.value = { value: 1, status: 'disconnected' }
  await nextTick()
  expect(wrapper.find('.tm-status button').text()).toBe('Disconnected')
  current.value = { value: 1, status: 'disconnected', hideStatus: true }
  await nextTick()
  expect(wrapper.find('.tm-status').exists()).toBe(false)
})

it('MetricCard: shows a live count with a title that names the window', async () => {
  const { clients, number, wrapper } = mountCard({ channel: 'pageViews' })
  await nextTick()
  expect(wrapper.find('h2').text()).toBe('Page views, last 5 minutes')
  clients.last.receive({ pageViews: 1234 })
  await nextFrame()
  expect(number().attributes('aria-label')).toBe('1,234')
})

it.each([
  [{ valueName: 'rps' }, '12.5'],
  [{ valueName: 'rps', stat: 'p95', window: '5s' }, '60'],
  [{ valueName: 'rps', stat: 'rate' }, '0.33'],
  [{ valueName: 'rps', window: '1s' }, 'No values in this window.'],
  [{ valueName: 'rps', stat: 'count', window: '1s' }, '0'],
  [{ valueName: 'unknown' }, 'No values in this window.'],
] as const)('MetricCard: shows a statistic of numeric values for %j', async (props, label) => {
  const { clients, number } = mountCard(props)
  await nextTick()
  const empty = { ...values, count: 0, rate: 0 }
  clients.last.receive({ values: [{ name: 'rps', '1s': empty, '5s': values, '1m': values }] })
  await nextFrame()
  expect(number().attributes('aria-label')).toBe(label)
})

it('MetricCard: shows a count of a range and its change since the range before', async () => {
  const requests = stubMetrics()
  const props = { metric: 'bounceRate', range: { last: '7d' }, compare: 'previous' } as const
  const { number, trend, wrapper } = mountCard({ ...props, goodTrend: 'down' })
  await nextTick()
  expect(requests[0]?.query).toMatchObject({ granularity: 'day', compare: 'previous' })
  const previous = { from: 0, to: 1, totals: totalsOf({ bounceRate: 0.5 }) }
  requests[0]?.respond(metricsOf({ totals: totalsOf({ bounceRate: 0.25 }), previous }))
  await nextFrame()
  expect(wrapper.find('h2').text()).toBe('Bounce rate')
  expect(number().attributes('aria-label')).toBe('25%')
  expect(trend().attributes()).toMatchObject({
    'aria-label': 'down 50%',
    'data-tm-quality': 'good',
  })
  expect(wrapper.find('.tm-metric__before').text()).toBe('50% before')
})

it.each([
  ['users', { users: 1204 }, 'Known users', '1,204', '1,000 before'],
  ['newVisitors', { newVisitors: 12 }, 'New visitors', '12', '10 before'],
  ['returningVisitors', { returningVisitors: 7 }, 'Returning visitors', '7', '10 before'],
  ['pagesPerSession', { pagesPerSession: 2.37 }, 'Pages per visit', '2.4', '3.0 before'],
  ['sessionMs', { sessionMs: 134_200 }, 'Visit duration', '2m 14s', '1m 0s before'],
  ['engagedMs', { engagedMs: 41_000 }, 'Engaged time', '41s', '1m 0s before'],
] as const)('MetricCard: shows %s of %j', async (metric, totals, title, text, before) => {
  const requests = stubMetrics()
  const { number, wrapper } = mountCard({ metric, range: { last: '7d' }, compare: 'previous' })
  await nextTick()
  const counts = { users: 1000, newVisitors: 10, returningVisitors: 10 }
  const earlier = totalsOf({ ...counts, pagesPerSession: 3, sessionMs: 60_000, engagedMs: 60_000 })
  const previous = { from: 0, to: 1, totals: earlier }
  requests[0]?.respond(metricsOf({ totals: totalsOf(totals), previous }))
  await nextFrame()
  expect(wrapper.find('h2').text()).toBe(title)
  expect(number().attributes('aria-label')).toBe(text)
  expect(wrapper.find('.tm-metric__before').text()).toBe(before)
})

it('MetricCard: keeps the letters of a unit together that run from right to left', () => {
  const { wrapper } = mountCard({ value: 134, format: value => `${value} ثانية` })
  expect(wrapper.get('.tm-metric__value bdi').text()).toBe('134 ثانية')
  expect(wrapper.find('.tm-rolling').exists()).toBe(false)
})

it('MetricCard: asks for minutes of a short range, as seconds have no figures of people', async () => {
  const requests = stubMetrics()
  mountCard({ metric: 'users', range: { last: '5m' } })
  await nextTick()
  expect(requests[0]?.query).toMatchObject({ granularity: 'minute' })
})

it('MetricCard: keeps its number when paused, and shows the latest one afterwards', async () => {
  const { clients, current, number } = mountCard({ channel: 'currentVisitors' })
  await nextTick()
  clients.last.receive({ currentVisitors: 1 })
  await nextFrame()
  current.value = { channel: 'currentVisitors', paused: true }
  await nextTick()
  clients.last.receive({ currentVisitors: 2 })
  await nextFrame()
  expect(number().attributes('aria-label')).toBe('1')
  current.value = { channel: 'currentVisitors' }
  await nextFrame()
  expect(number().attributes('aria-label')).toBe('2')
})

it('MetricCard: emits `update` and `error`', async () => {
  const updates: number[] = []
  const codes: string[] = []
  const { clients } = mountCard({
    channel: 'currentVisitors',
    onUpdate: value => updates.push(value),
    onError: error => codes.push(error.code),
  })
  await nextTick()
  clients.last.receive({ currentVisitors: 3 })
  await nextFrame()
  clients.last.setStatus({ error: { code: 'network', message: 'x' } })
  await nextFrame()
  expect([updates, codes]).toEqual([[3], ['network']])
})

it('MetricCard: formats the number with `format` and draws `series`', () => {
  const { number, wrapper } = mountCard({
    value: 0.5,
    format: { style: 'unit', unit: 'second' },
    series: [1, undefined, 2],
  })
  expect(number().attributes('aria-label')).toBe('0.5 sec')
  expect(wrapper.find('.tm-sparkline').exists()).toBe(true)
})

it('MetricCard: renders the slots icon, value, trend, header and actions', () => {
  const { wrapper } = mountCard(
    { value: 2, previous: 1 },
    {
      icon: () => 'I',
      value: ({ value, text }: { value: number; text: string }) => `V${value}${text}`,
      trend: ({ trend, change }: { trend: string; change: number }) => `T${trend}${change}`,
      header: ({ title }: { title: string }) => `H${title}`,
      actions: () => 'A',
    },
  )
  expect(wrapper.text()).toBe('HAIV22Tup11 before')
})

it('MetricCard: renders the slots loading and error', async () => {
  const slots = { loading: () => 'L', error: ({ state }: { state: string }) => `E${state}` }
  const { current, wrapper } = mountCard({ value: undefined, title: 'T' }, slots)
  expect(wrapper.text()).toBe('TL')
  current.value = { value: undefined, title: 'T', status: 'error' }
  await nextTick()
  expect(wrapper.text()).toBe('TEerror')
})
