// @vitest-environment happy-dom
import { expect, expectTypeOf, it, vi } from 'vitest'
import { h, nextTick, ref } from 'vue'
import { useFakeCanvas } from '../testing/fake-canvas.ts'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import BarChart from './BarChart.vue'
import LineChart from './LineChart.vue'
import type { YKey } from './rows-chart-props.ts'

useFakePage()
const canvas = useFakeCanvas()

interface Sale {
  day: string
  sold: number | null
  returned: bigint | string
}

const sales: Sale[] = [
  { day: '2026-11-22', sold: 3, returned: 1n },
  { day: '2026-11-23', sold: null, returned: '2' },
  { day: '2026-11-24', sold: 5, returned: 'none' },
]

it.each([
  ['LineChart', LineChart],
  ['BarChart', BarChart],
])('%s: draws rows, with a legend and a table', async (_, chart) => {
  const props = {
    data: sales,
    xKey: 'day',
    yKeys: [{ key: 'sold', label: 'Sold' }, 'returned'],
    title: 'Sales',
    locale: 'en',
  }
  const { wrapper } = mountApp(() => h(chart, props as never))
  await nextFrame()
  expect(canvas.calls.length).toBeGreaterThan(0)
  expect(wrapper.get('h2').text()).toBe('Sales')
  expect(wrapper.findAll('.tm-chart__legend li').map(each => each.text())).toEqual([
    'Sold',
    'returned',
  ])
  await wrapper.get('button').trigger('click')
  expect(wrapper.findAll('tbody tr').map(row => row.text())).toEqual([
    'Sun, Nov 22, 202631',
    'Mon, Nov 23, 2026no data2',
    'Tue, Nov 24, 20265no data',
  ])
  expect(wrapper.findAll('thead th').map(each => each.text())).toEqual(['Time', 'Sold', 'returned'])
})

it('BarChart: names its columns by the key, and formats its numbers', async () => {
  const { wrapper } = mountApp(() =>
    h(BarChart<{ browser: string; share: number }>, {
      data: [{ browser: 'Firefox', share: 0.25 }],
      xKey: 'browser',
      yKeys: 'share',
      format: { style: 'percent' },
      locale: 'da',
    }),
  )
  await wrapper.get('button').trigger('click')
  expect(wrapper.get('h2').text()).toBe('share')
  expect(wrapper.get('tbody tr').text().replace('\u00a0', ' ')).toBe('Firefox25 %')
  expect(wrapper.get('thead th').text()).toBe('browser')
})

it('LineChart: shows a skeleton, a text for empty data, and the state of its source', () => {
  const shared = { xKey: 'day', yKeys: 'sold' } as const
  const { wrapper } = mountApp(() => [
    h(LineChart<Sale>, { ...shared, data: undefined }),
    h(LineChart<Sale>, { ...shared, data: [], emptyText: 'No sales' }),
    h(LineChart<Sale>, { ...shared, data: sales, status: 'offline' }),
  ])
  expect(wrapper.findAll('.tm-skeleton').length).toBe(1)
  expect(wrapper.text()).toContain('No sales')
  expect(wrapper.text()).toContain('Offline')
})

it('LineChart: accepts keys of a row only', () => {
  expectTypeOf<'sold'>().toExtend<YKey<Sale>>()
  expectTypeOf<{ key: 'sold'; label: string }>().toExtend<YKey<Sale>>()
  expectTypeOf<'price'>().not.toExtend<YKey<Sale>>()
  expectTypeOf<{ key: 'price'; label: string }>().not.toExtend<YKey<Sale>>()
})

/** Sends a pointer event at a share of the chart's width, which is 600 pixels. */
async function point(target: { element: Element }, type: string, share: number): Promise<void> {
  target.element.setPointerCapture = () => {}
  target.element.dispatchEvent(new PointerEvent(type, { clientX: share * 600, bubbles: true }))
  await nextTick()
}

const press = (target: { element: Element }, key: string, options: KeyboardEventInit = {}) => {
  target.element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...options }))
  return nextTick()
}

const hours = Array.from({ length: 5 }, (_, hour) => ({
  at: new Date(Date.UTC(2026, 10, 24, hour)),
  sold: hour,
}))

it('LineChart: selects a range of times with the pointer or the keyboard, and resets it', async () => {
  const range = ref()
  const { wrapper } = mountApp(() =>
    h(LineChart<(typeof hours)[number]>, {
      ...{ data: hours, xKey: 'at', yKeys: 'sold', locale: 'en', range: range.value },
      'onUpdate:range': next => (range.value = next),
    }),
  )
  const points = () => wrapper.get('[role=slider]')
  await point(points(), 'pointerdown', 0.25)
  await point(points(), 'pointermove', 0.5)
  await point(points(), 'pointerup', 0.5)
  await nextFrame()
  expect(range.value).toEqual({ from: Number(hours[1]?.at), to: Number(hours[3]?.at) })
  expect(points().attributes('aria-valuemax')).toBe('2')
  await wrapper.get('.tm-chart__foot button').trigger('click')
  await nextFrame()
  expect(range.value).toBeUndefined()
  expect(points().attributes('aria-valuemax')).toBe('5')

  await press(points(), 'End')
  await press(points(), 'ArrowLeft', { shiftKey: true })
  await press(points(), 'Enter')
  expect(range.value).toEqual({ from: Number(hours[3]?.at), to: Number(hours[4]?.at) + 3_600_000 })
})

it('LineChart: leaves a selection whose rows are gone', async () => {
  const data = ref(hours)
  const range = ref()
  const { wrapper } = mountApp(() =>
    h(LineChart<(typeof hours)[number]>, {
      ...{ data: data.value, xKey: 'at', yKeys: 'sold', range: range.value },
      'onUpdate:range': next => (range.value = next),
    }),
  )
  await press(wrapper.get('[role=slider]'), 'ArrowLeft', { shiftKey: true })
  await press(wrapper.get('[role=slider]'), 'Enter')
  expect(range.value).toEqual({ from: Number(hours.at(-2)?.at), to: expect.any(Number) })
  data.value = hours.slice(0, 2)
  await nextFrame()
  expect(range.value).toBeUndefined()
})

it('LineChart: offers no selection for names and numbers', () => {
  const data = [
    { browser: 'Firefox', share: 1 },
    { browser: 'Safari', share: 2 },
  ]
  const { wrapper } = mountApp(() => [
    h(LineChart<(typeof data)[number]>, { data, xKey: 'browser', yKeys: 'share' }),
    h(LineChart<(typeof data)[number]>, { data, xKey: 'share', yKeys: 'share' }),
  ])
  expect(wrapper.findAll('[role=slider]')).toHaveLength(2)
  expect(wrapper.findAll('[data-tm-brushes]')).toHaveLength(0)
})

it('BarChart: emits the row of a clicked bar, also by keyboard', async () => {
  const onRowClick = vi.fn<(row: object, event: Event) => void>()
  const data = [
    { browser: 'Firefox', share: 1 },
    { browser: 'Safari', share: 2 },
    { browser: 'Edge', share: 3 },
  ]
  const { wrapper } = mountApp(() =>
    h(BarChart<(typeof data)[number]>, { data, xKey: 'browser', yKeys: 'share', onRowClick }),
  )
  const points = wrapper.get('[role=slider]')
  expect(points.attributes('aria-description')).toContain('Enter')
  await point(points, 'pointerdown', 0.1)
  await point(points, 'pointerup', 0.1)
  expect(onRowClick).toHaveBeenLastCalledWith(data[0], expect.any(PointerEvent))
  await points.trigger('focus')
  await press(points, 'ArrowRight')
  await press(points, 'Enter')
  expect(onRowClick).toHaveBeenLastCalledWith(data[1], expect.any(KeyboardEvent))
  expect(onRowClick).toHaveBeenCalledTimes(2)
})

it('BarChart: says nothing about Enter without a listener', () => {
  const data = [{ browser: 'Firefox', share: 1 }]
  const { wrapper } = mountApp(() =>
    h(BarChart<(typeof data)[number]>, { data, xKey: 'browser', yKeys: 'share' }),
  )
  expect(wrapper.get('[role=slider]').attributes('aria-description')).not.toContain('Enter')
  expect(wrapper.findAll('[data-tm-clickable]')).toHaveLength(0)
})

it('LineChart: has a skeleton with the height of its legend', () => {
  const { wrapper } = mountApp(() =>
    h(LineChart<Sale>, { data: undefined, xKey: 'day', yKeys: ['sold', 'returned'] }),
  )
  expect(wrapper.findAll('.tm-chart__legend')).toHaveLength(1)
  expect(wrapper.findAll('.tm-skeleton')).toHaveLength(1)
})
