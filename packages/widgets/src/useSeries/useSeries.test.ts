// @vitest-environment happy-dom
import { expect, expectTypeOf, it, vi } from 'vitest'
import { type MaybeRefOrGetter, defineComponent, effectScope, h, nextTick, shallowRef } from 'vue'
import { createPinia, setActivePinia } from 'pinia'
import { metricsOf, stubMetrics, useStubbedMetrics } from '../testing/fake-metrics.ts'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import type { LiveSeriesOptions, SeriesOptions } from './series-options.ts'
import { type UseSeriesReturn, useSeries } from './useSeries.ts'

const config = { baseUrl: '/api', siteId: 'shop' }
const now = Date.UTC(2026, 11, 1, 12, 0, 30)
const minute = (count: number) => Date.UTC(2026, 11, 1, 12) - count * 60_000
const row = (at: number, pageViews: number) => ({ at, events: 9, pageViews, visitors: 1 })

useFakePage(now)
useStubbedMetrics()

function mountSeries(options: MaybeRefOrGetter<SeriesOptions>) {
  let series: UseSeriesReturn | undefined
  const Reader = defineComponent({
    setup() {
      series = useSeries(options)
      return () => h('p', series?.points.value?.length)
    },
  })
  const app = mountApp(() => h(Reader))
  if (!series) throw new Error('The component was not set up.')
  return { ...app, series }
}

const minutes = { config, channel: 'minuteSeries' } as const

it('useSeries: shows the last hour of a live channel, with empty minutes as zeros', async () => {
  const { clients, series } = mountSeries(minutes)
  await nextTick()
  expect(series.isLoading.value).toBe(true)
  expect(series.points.value).toBeUndefined()
  expect(clients.last.subscriptions).toEqual([['minuteSeries']])
  clients.last.receive({ minuteSeries: [row(minute(2), 5), row(minute(0), 2)] })
  await nextFrame()
  expect(series.isLoading.value).toBe(false)
  expect(series.status.value).toBe('live')
  expect(series.granularity.value).toBe('minute')
  expect(series.points.value?.length).toBe(60)
  expect(series.points.value?.slice(-3)).toEqual([
    { at: minute(2), value: 5, isPartial: false },
    { at: minute(1), value: 0, isPartial: false },
    { at: minute(0), value: 2, isPartial: true, partial: 'running' },
  ])
})

it('useSeries: shows seconds a second late, when their events have arrived', async () => {
  const { clients, series } = mountSeries({ config, channel: 'secondSeries' })
  await nextTick()
  clients.last.receive({ secondSeries: [row(now - 2000, 4), row(now - 1000, 6), row(now, 1)] })
  await nextFrame()
  expect(series.points.value?.length).toBe(59)
  expect(series.points.value?.every(({ gap }) => gap === undefined)).toBe(true)
  expect(series.points.value?.slice(-2)).toEqual([
    { at: now - 2000, value: 4, isPartial: false },
    { at: now - 1000, value: 6, isPartial: true, partial: 'running' },
  ])
})

it('useSeries: slides with time, without an update of the server', async () => {
  const { clients, series } = mountSeries(minutes)
  await nextTick()
  clients.last.receive({ minuteSeries: [row(minute(0), 2)] })
  await nextFrame()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(series.points.value?.slice(-2)).toEqual([
    { at: minute(0), value: 2, isPartial: false },
    { at: minute(-1), value: 0, isPartial: true, partial: 'running' },
  ])
})

it('useSeries: keeps the array while no bucket changes', async () => {
  const { clients, series } = mountSeries(minutes)
  await nextTick()
  clients.last.receive({ minuteSeries: [row(minute(0), 2)] })
  await nextFrame()
  const before = series.points.value
  await vi.advanceTimersByTimeAsync(5000)
  expect(series.points.value).toBe(before)
  clients.last.receive({ minuteSeries: [row(minute(0), 3)] })
  await nextFrame()
  expect(series.points.value).not.toBe(before)
})

it('useSeries: has a gap while the server is unreachable', async () => {
  const { clients, series } = mountSeries({ ...minutes, metric: 'events' })
  await nextTick()
  clients.last.receive({ minuteSeries: [row(minute(0), 2)] })
  await nextFrame()
  clients.last.setStatus({ stale: true, error: { code: 'network', message: 'No response.' } })
  await vi.advanceTimersByTimeAsync(120_000)
  expect(series.error.value?.code).toBe('network')
  expect(series.points.value?.slice(-3).map(({ value, gap }) => value ?? gap)).toEqual([
    9,
    'unknown',
    'unknown',
  ])
})

it('useSeries: keeps older points of a live channel up to `maxPoints`', async () => {
  const { clients, series } = mountSeries({ ...minutes, maxPoints: 62 })
  await nextTick()
  clients.last.receive({ minuteSeries: [row(minute(59), 7)] })
  await nextFrame()
  expect(series.points.value?.slice(0, 3).map(({ value }) => value)).toEqual([
    undefined,
    undefined,
    7,
  ])
  await vi.advanceTimersByTimeAsync(120_000)
  clients.last.receive({ minuteSeries: [row(minute(-2), 1)] })
  await nextFrame()
  expect(series.points.value?.length).toBe(62)
  expect(series.points.value?.[0]?.value).toBe(7)
  await vi.advanceTimersByTimeAsync(120_000)
  expect(series.points.value?.length).toBe(62)
  expect(series.points.value?.some(({ value }) => value === 7)).toBe(false)
})

it('useSeries: keeps its points while paused, and catches up', async () => {
  const options = shallowRef<LiveSeriesOptions>({ ...minutes })
  const { clients, series } = mountSeries(options)
  await nextTick()
  clients.last.receive({ minuteSeries: [row(minute(0), 1)] })
  await nextFrame()
  options.value = { ...minutes, paused: true }
  clients.last.receive({ minuteSeries: [row(minute(0), 2)] })
  await nextFrame()
  expect(series.points.value?.at(-1)?.value).toBe(1)
  options.value = { ...minutes, paused: false }
  await nextTick()
  expect(series.points.value?.at(-1)?.value).toBe(2)
})

it('useSeries: forgets the points of another site at once', async () => {
  const options = shallowRef<LiveSeriesOptions>({ ...minutes })
  const { clients, series } = mountSeries(options)
  await nextTick()
  clients.last.receive({ minuteSeries: [row(minute(0), 1)] })
  await nextFrame()
  options.value = { ...minutes, config: { ...config, siteId: 'blog' } }
  expect(series.points.value).toBeUndefined()
})

it('useSeries: reads history, and the buckets of the previous range', async () => {
  const requests = stubMetrics()
  const day = 86_400_000
  const today = Date.UTC(2026, 11, 1)
  const { series } = mountSeries({
    config,
    range: { last: '2d' },
    granularity: 'day',
    compare: 'previous',
  })
  await vi.advanceTimersByTimeAsync(0)
  const buckets = [
    { at: today - day, pageViews: 40 },
    { at: today, pageViews: 12 },
  ]
  requests[0]?.respond(metricsOf({ from: today - day, to: today + day, buckets }))
  await vi.advanceTimersByTimeAsync(0)
  expect(series.granularity.value).toBe('day')
  expect(series.points.value).toEqual([
    { at: today - day, value: 40, isPartial: false },
    { at: today, value: 12, isPartial: true, partial: 'running' },
  ])
  expect(series.comparison.value).toBeUndefined()
  expect(requests[1]?.query).toEqual({
    from: `${today - 3 * day + day / 2}`,
    to: `${today - day}`,
    granularity: 'day',
  })
  const earlier = [
    { at: today - 3 * day, pageViews: 30 },
    { at: today - 2 * day, pageViews: 31 },
  ]
  requests[1]?.respond(metricsOf({ from: today - 3 * day, to: today - day, buckets: earlier }))
  await vi.advanceTimersByTimeAsync(0)
  expect(series.comparison.value?.map(point => point?.value)).toEqual([30, 31])
})

it('useSeries: marks a bucket that begins before the requested start', async () => {
  const requests = stubMetrics()
  const [from, to] = [3_600_000 * 5.5, 3_600_000 * 7]
  const { series } = mountSeries({ config, range: { from, to }, granularity: 'hour' })
  await vi.advanceTimersByTimeAsync(0)
  const buckets = [{ at: 3_600_000 * 5 }, { at: 3_600_000 * 6 }]
  requests[0]?.respond(metricsOf({ from: 3_600_000 * 5, to, granularity: 'hour', buckets }))
  await vi.advanceTimersByTimeAsync(0)
  expect(series.points.value?.map(({ partial }) => partial)).toEqual(['start', undefined])
})

it('useSeries: reports an error of history', async () => {
  const requests = stubMetrics()
  const { series } = mountSeries({ config, granularity: 'day' })
  await vi.advanceTimersByTimeAsync(0)
  requests[0]?.fail()
  await vi.advanceTimersByTimeAsync(0)
  expect(series.error.value?.code).toBe('network')
  expect(series.isLoading.value).toBe(false)
})

it('useSeries: converts data of the host, and is loading without it', async () => {
  const data = shallowRef<SeriesOptions>({ data: undefined })
  const { series } = mountSeries(data)
  expect(series.isLoading.value).toBe(true)
  expect(series.points.value).toBeUndefined()
  data.value = {
    data: [
      { at: 3_600_000, value: '2' },
      { at: 0, value: null },
    ],
    previous: [{ at: 1, value: 8 }],
  }
  expect(series.isLoading.value).toBe(false)
  expect(series.granularity.value).toBe('hour')
  expect(series.points.value?.map(({ value }) => value)).toEqual([undefined, 2])
  expect(series.comparison.value?.map(point => point?.value)).toEqual([8, undefined])
})

it('useSeries: works in an effect scope outside components', async () => {
  setActivePinia(createPinia())
  const scope = effectScope()
  const series = scope.run(() => useSeries({ data: [{ at: 0, value: 1 }] }))
  await nextTick()
  expect(series?.points.value).toEqual([{ at: 0, value: 1, isPartial: false }])
  scope.stop()
  setActivePinia(undefined)
})

it('useSeries: does not compile with options of two sources', () => {
  expectTypeOf<{ channel: 'minuteSeries'; metric: 'sessions' }>().not.toExtend<SeriesOptions>()
  expectTypeOf<{ range: { last: '7d' }; compare: 'previous' }>().toExtend<SeriesOptions>()
})
