// @vitest-environment happy-dom
import { expect, expectTypeOf, it } from 'vitest'
import { h } from 'vue'
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
