// @vitest-environment happy-dom
import { Chart } from 'chart.js'
import { expect, it, vi } from 'vitest'
import { createPinia } from 'pinia'
import { type VNodeChild, createSSRApp, h, nextTick, ref, shallowRef } from 'vue'
import { renderToString } from 'vue/server-renderer'
import type { RangeSelection } from '../history/range-selection.ts'
import { useFakeCanvas } from '../testing/fake-canvas.ts'
import { metricsOf, stubMetrics, useStubbedMetrics } from '../testing/fake-metrics.ts'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import type { SeriesDatum } from '../useSeries/data-points.ts'
import TimeSeriesChart from './TimeSeriesChart.vue'

const config = { baseUrl: '/api', siteId: 'shop' }
const now = Date.UTC(2026, 11, 1, 12, 0, 30)
const noon = Date.UTC(2026, 11, 1, 12)
const minuteMs = 60_000

useFakePage(now)
useStubbedMetrics()
const canvas = useFakeCanvas()

/** Ten minutes with the values 0, 10, 20 and so on. */
const data: SeriesDatum[] = Array.from({ length: 10 }, (_, index) => ({
  at: noon + index * minuteMs,
  value: index * 10,
}))
const shared = { timeZone: 'UTC', locale: 'en', title: 'Views', label: 'Page views' }

function mountChart(render: () => VNodeChild) {
  const app = mountApp(render)
  const points = () => app.wrapper.get('[role=slider]')
  const text = (selector: string) => app.wrapper.get(selector).text().replaceAll('\u202f', ' ')
  return { ...app, points, text }
}

/** Sends a pointer event at a share of the chart's width, which is 600 pixels. */
async function point(
  target: { element: Element },
  type: string,
  share: number,
  pointerType = 'mouse',
): Promise<void> {
  target.element.setPointerCapture = () => {}
  const event = new PointerEvent(type, { clientX: share * 600, pointerType, bubbles: true })
  target.element.dispatchEvent(event)
  await nextTick()
}

const press = (target: { element: Element }, key: string, options: KeyboardEventInit = {}) => {
  target.element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...options }))
  return nextTick()
}

it('TimeSeriesChart: draws data, and summarizes it in the label of the canvas', () => {
  const { wrapper } = mountChart(() => h(TimeSeriesChart, { ...shared, data }))
  expect(canvas.calls.some(({ name }) => name === 'stroke')).toBe(true)
  expect(wrapper.get('canvas').attributes('role')).toBe('img')
  const label = wrapper.get('canvas').attributes('aria-label')?.replaceAll('\u202f', ' ')
  expect(label).toBe(
    'Views, Tue, Dec 1, 12:00 PM to Tue, Dec 1, 12:09 PM. Highest: 90, Tue, Dec 1, 12:09 PM. Latest: 90.',
  )
})

it('TimeSeriesChart: shows a skeleton while data loads, and a text without data', async () => {
  const rows = shallowRef<SeriesDatum[] | undefined>()
  const { wrapper } = mountChart(() => h(TimeSeriesChart, { ...shared, data: rows.value }))
  expect(wrapper.find('.tm-skeleton').exists()).toBe(true)
  rows.value = []
  await nextFrame()
  expect(wrapper.text()).toContain('No data yet.')
  rows.value = [
    { at: 0, value: Number.NaN },
    { at: 'never', value: 5 },
  ]
  await nextFrame()
  expect(wrapper.text()).toContain('No data yet.')
  rows.value = data
  await nextFrame()
  expect(wrapper.find('canvas').exists()).toBe(true)
})

it('TimeSeriesChart: moves through the points by keyboard, and announces each', async () => {
  const { points, text } = mountChart(() => h(TimeSeriesChart, { ...shared, data }))
  points().element.dispatchEvent(new FocusEvent('focus'))
  await nextTick()
  expect(text('.tm-chart__tooltip')).toContain('12:09 PM')
  await press(points(), 'ArrowLeft')
  expect(text('.tm-chart__tooltip')).toBe('Tue, Dec 1, 12:08 PMPage views80')
  expect(points().attributes('aria-valuenow')).toBe('9')
  expect(points().attributes('aria-valuetext')?.replaceAll('\u202f', ' ')).toBe(
    'Tue, Dec 1, 12:08 PM: 80',
  )
  await press(points(), 'Home')
  expect(points().attributes('aria-valuenow')).toBe('1')
  await press(points(), 'Escape')
  expect(points().find('.tm-chart__marker').exists()).toBe(false)
})

it('TimeSeriesChart: shows the tooltip under the mouse and after a tap', async () => {
  const { wrapper, points, text } = mountChart(() => h(TimeSeriesChart, { ...shared, data }))
  await point(points(), 'pointermove', 0.33)
  expect(text('.tm-chart__tooltip')).toContain('30')
  await point(points(), 'pointerleave', 0.33)
  expect(wrapper.find('.tm-chart__tooltip').exists()).toBe(false)
  await point(points(), 'pointerdown', 0.33, 'touch')
  await point(points(), 'pointerup', 0.33, 'touch')
  await point(points(), 'pointerleave', 0.33, 'touch')
  expect(text('.tm-chart__tooltip')).toContain('30')
})

it('TimeSeriesChart: selects a range with the pointer, and resets it', async () => {
  const range = ref<RangeSelection>()
  const { wrapper, points } = mountChart(() =>
    h(TimeSeriesChart, {
      ...shared,
      data,
      range: range.value,
      'onUpdate:range': value => (range.value = value),
    }),
  )
  await point(points(), 'pointerdown', 0.22)
  await point(points(), 'pointermove', 0.56)
  expect(wrapper.find('.tm-chart__selection').exists()).toBe(true)
  expect(range.value).toBeUndefined()
  await point(points(), 'pointerup', 0.56)
  expect(range.value).toEqual({ from: noon + 2 * minuteMs, to: noon + 6 * minuteMs })
  await nextFrame()
  expect(points().attributes('aria-valuemax')).toBe('4')
  await wrapper.get('button').trigger('click')
  expect(range.value).toBeUndefined()
  await nextFrame()
  expect(points().attributes('aria-valuemax')).toBe('10')
})

it('TimeSeriesChart: does not select with a click or an interrupted drag', async () => {
  const onRange = vi.fn<() => void>()
  const { points } = mountChart(() =>
    h(TimeSeriesChart, { ...shared, data, 'onUpdate:range': onRange }),
  )
  await point(points(), 'pointerdown', 0.22)
  await point(points(), 'pointermove', 0.225)
  await point(points(), 'pointerup', 0.225)
  await point(points(), 'pointerdown', 0.22, 'touch')
  await point(points(), 'pointermove', 0.5, 'touch')
  await point(points(), 'pointercancel', 0.5, 'touch')
  await point(points(), 'pointerup', 0.5, 'touch')
  expect(onRange).not.toHaveBeenCalled()
})

it('TimeSeriesChart: selects a range by keyboard, and resets it with a double click', async () => {
  const range = ref<RangeSelection>()
  const { points } = mountChart(() =>
    h(TimeSeriesChart, {
      ...shared,
      data,
      range: range.value,
      'onUpdate:range': value => (range.value = value),
    }),
  )
  points().element.dispatchEvent(new FocusEvent('focus'))
  await press(points(), 'ArrowLeft', { shiftKey: true })
  await press(points(), 'ArrowLeft', { shiftKey: true })
  expect(points().attributes('aria-valuetext')).toContain('selected')
  points().element.dispatchEvent(new KeyboardEvent('keyup', { key: 'Shift', bubbles: true }))
  expect(range.value).toEqual({ from: noon + 7 * minuteMs, to: noon + 10 * minuteMs })
  await nextFrame()
  await points().trigger('dblclick')
  expect(range.value).toBeUndefined()
})

it('TimeSeriesChart: marks the peak', () => {
  const { text } = mountChart(() => h(TimeSeriesChart, { ...shared, data, peak: true }))
  expect(text('.tm-chart__peak')).toBe('Peak: 90 (12:09 PM)')
})

it('TimeSeriesChart: offers the same data as a table', async () => {
  const rows = [
    ...data.slice(0, 2),
    { at: noon + 2 * minuteMs },
    { at: noon + 3 * minuteMs, value: 5, isPartial: true },
  ]
  const { wrapper } = mountChart(() => h(TimeSeriesChart, { ...shared, data: rows }))
  const button = wrapper.get('button')
  expect(button.text()).toBe('Show as table')
  await button.trigger('click')
  expect(wrapper.find('canvas').exists()).toBe(false)
  const cells = wrapper
    .findAll('tbody tr')
    .map(row => row.text().replaceAll('\u202f', ' ').replace('Tue, Dec 1, ', ''))
  expect(cells).toEqual(['12:00 PM0', '12:01 PM10', '12:02 PMno data', '12:03 PM (so far)5'])
  expect(wrapper.get('caption').text()).toBe('Views')
  await button.trigger('click')
  expect(wrapper.find('canvas').exists()).toBe(true)
})

it('TimeSeriesChart: draws a partial last point with a dashed line', () => {
  const still = { ...shared, animate: false }
  const dashes = () =>
    canvas.calls.filter(({ name, lineDash }) => name === 'stroke' && lineDash.length > 0)
  mountChart(() => h(TimeSeriesChart, { ...still, data }))
  expect(dashes().length).toBe(0)
  const rows = data.map((each, index) => ({ ...each, isPartial: index === 9 }))
  mountChart(() => h(TimeSeriesChart, { ...still, data: rows }))
  expect(dashes().length).toBe(1)
})

it('TimeSeriesChart: draws many updates in one frame, and none in a hidden page', async () => {
  const rows = shallowRef(data)
  mountChart(() => h(TimeSeriesChart, { ...shared, data: rows.value, animate: false }))
  await nextFrame()
  const clears = () => canvas.calls.filter(({ name }) => name === 'clearRect').length
  canvas.clear()
  for (let update = 0; update < 20; update++) {
    rows.value = data.map(each => ({ ...each, value: update }))
    await nextTick()
  }
  await nextFrame()
  expect(clears()).toBe(1)
  canvas.clear()
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  rows.value = data.slice(1)
  await nextFrame()
  expect(clears()).toBe(0)
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(false)
  document.dispatchEvent(new Event('visibilitychange'))
  await nextFrame()
  expect(clears()).toBe(1)
})

it('TimeSeriesChart: moves its bars for new values of the same buckets', async () => {
  const rows = shallowRef(data)
  const { wrapper } = mountChart(() =>
    h(TimeSeriesChart, { ...shared, kind: 'bar', data: rows.value }),
  )
  const bars = () =>
    Chart.getChart(wrapper.get<HTMLCanvasElement>('canvas').element)?.getDatasetMeta(0).data
  const before = bars()?.map(({ y }) => y)
  const [first] = bars() ?? []
  rows.value = data.map(each => ({ ...each, value: 45 }))
  await nextFrame()
  expect(bars()?.[0]).toBe(first)
  expect(bars()?.map(({ y }) => y)).toEqual(before)
  // Chart.js keeps the page's own animation frames.
  await vi.waitFor(() => expect(new Set(bars()?.map(({ y }) => y)).size).toBe(1))
})

it('TimeSeriesChart: shows a live channel with the state of the connection', async () => {
  const { clients, wrapper, text } = mountChart(() =>
    h(TimeSeriesChart, { config, channel: 'minuteSeries', timeZone: 'UTC', locale: 'en' }),
  )
  await nextTick()
  const row = { at: noon, events: 3, pageViews: 7, visitors: 1 }
  clients.last.receive({ minuteSeries: [row] })
  await nextFrame()
  await nextFrame()
  expect(text('h2')).toBe('Page views')
  expect(wrapper.get('canvas').attributes('aria-label')).toContain('Latest: 7')
  expect(wrapper.get('.tm-chart__axis').text()).toContain('now')
  clients.last.setStatus({ stale: true })
  await nextFrame()
  expect(wrapper.text()).toContain('Stale')
})

it('TimeSeriesChart: asks for a selected range of history', async () => {
  const requests = stubMetrics()
  const range = ref<RangeSelection>({ last: '60m' })
  const { points } = mountChart(() =>
    h(TimeSeriesChart, {
      ...shared,
      config,
      range: range.value,
      'onUpdate:range': value => value && (range.value = value),
    }),
  )
  await vi.advanceTimersByTimeAsync(0)
  const buckets = data.map(({ value }, index) => ({
    at: noon + index * minuteMs,
    pageViews: Number(value),
  }))
  requests[0]?.respond(metricsOf({ from: noon, to: now, granularity: 'minute', buckets }))
  await vi.advanceTimersByTimeAsync(50)
  await point(points(), 'pointerdown', 0)
  await point(points(), 'pointermove', 0.12)
  await point(points(), 'pointerup', 0.12)
  await vi.advanceTimersByTimeAsync(0)
  expect(requests[1]?.query).toMatchObject({ from: `${noon}`, to: `${noon + 2 * minuteMs}` })
})

it('TimeSeriesChart: emits updates and errors, and shows an error without data', async () => {
  const requests = stubMetrics()
  const [onError, onUpdate] = [vi.fn<() => void>(), vi.fn<() => void>()]
  const { wrapper } = mountChart(() =>
    h(TimeSeriesChart, { ...shared, config, granularity: 'day', onError, onUpdate }),
  )
  await vi.advanceTimersByTimeAsync(0)
  requests[0]?.fail()
  await vi.advanceTimersByTimeAsync(0)
  expect(onError).toHaveBeenCalledOnce()
  expect(wrapper.text()).toContain('The server does not answer.')
  expect(onUpdate).not.toHaveBeenCalled()
})

it('TimeSeriesChart: destroys its chart when unmounted', async () => {
  const isShown = ref(true)
  const remove = vi.spyOn(document, 'removeEventListener')
  mountChart(() => isShown.value && h(TimeSeriesChart, { ...shared, data }))
  expect(Object.keys(Chart.instances).length).toBe(1)
  isShown.value = false
  await nextTick()
  expect(Object.keys(Chart.instances).length).toBe(0)
  canvas.clear()
  await vi.advanceTimersByTimeAsync(1000)
  expect(canvas.calls).toEqual([])
  expect(remove).toHaveBeenCalledWith('visibilitychange', expect.any(Function))
})

it('TimeSeriesChart: ignores plugins that the host has registered for its own charts', () => {
  const plugin = { id: 'host', beforeDraw: vi.fn<() => void>() }
  Chart.register(plugin)
  mountChart(() => h(TimeSeriesChart, { ...shared, data, animate: false }))
  expect(canvas.calls.length).toBeGreaterThan(0)
  expect(plugin.beforeDraw).not.toHaveBeenCalled()
  Chart.unregister(plugin)
})

it('TimeSeriesChart: ends a selection that a live window has left behind', async () => {
  const range = ref<RangeSelection>()
  const { clients, points } = mountChart(() =>
    h(TimeSeriesChart, {
      config,
      channel: 'secondSeries',
      range: range.value,
      'onUpdate:range': value => (range.value = value),
    }),
  )
  await nextTick()
  clients.last.receive({ secondSeries: [{ at: now, events: 1, pageViews: 1, visitors: 1 }] })
  await nextFrame()
  await nextFrame()
  await point(points(), 'pointerdown', 0)
  await point(points(), 'pointermove', 0.1)
  await point(points(), 'pointerup', 0.1)
  expect(range.value).toBeDefined()
  await vi.advanceTimersByTimeAsync(8000)
  expect(range.value).toBeUndefined()
})

it('TimeSeriesChart: renders on a server, in the final size and without a warning', async () => {
  const app = createSSRApp(() => [
    h(TimeSeriesChart, { ...shared, data }),
    h(TimeSeriesChart, { config, channel: 'minuteSeries' }),
  ])
  const html = await renderToString(app.use(createPinia()))
  expect(html).toContain('<canvas')
  expect(html).toContain('tm-chart__skeleton')
})

it('TimeSeriesChart: renders the slots of a card', () => {
  const { wrapper } = mountChart(() => [
    h(
      TimeSeriesChart,
      { ...shared, data },
      { header: () => 'My header', actions: () => 'My action' },
    ),
    h(TimeSeriesChart, { ...shared, data: [] }, { empty: () => 'Nothing' }),
    h(TimeSeriesChart, { ...shared }, { loading: () => 'Wait' }),
  ])
  for (const text of ['My header', 'My action', 'Nothing', 'Wait'])
    expect(wrapper.text()).toContain(text)
})
