// @vitest-environment happy-dom
import type { ValueRow, ValueWindow } from '@tidemark/protocol'
import { expect, it } from 'vitest'
import { h, nextTick, shallowRef } from 'vue'
import { metricsOf, stubMetrics, useStubbedMetrics } from '../testing/fake-metrics.ts'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import ValuePanel from './ValuePanel.vue'

const config = { baseUrl: '/api', siteId: 'shop' }

useFakePage(Date.UTC(2026, 11, 1, 12))
useStubbedMetrics()

/** Statistics that are all a multiple of a number. */
function windowOf(unit: number): ValueWindow {
  return {
    count: unit,
    sum: unit,
    mean: unit,
    min: unit,
    max: unit,
    last: unit,
    p50: unit * 1.5,
    p75: unit * 2,
    p90: unit * 3,
    p95: unit * 4,
    p99: unit * 5,
    rate: unit / 10,
  }
}

const rows: ValueRow[] = [
  { name: 'cpu', '1s': windowOf(0), '5s': windowOf(2), '1m': windowOf(10) },
  { name: 'order', '1s': windowOf(1), '5s': windowOf(1), '1m': windowOf(1000) },
]

function mountPanel(
  props: InstanceType<typeof ValuePanel>['$props'],
  slots: Parameters<typeof h>[2] = {},
) {
  const current = shallowRef(props)
  const app = mountApp(() => h(ValuePanel, { config, ...current.value }, slots))
  const cells = () =>
    app.wrapper
      .findAll('tbody tr')
      .map(row => row.findAll('th, td').map(cell => cell.text().replaceAll(/\s+/g, ' ')))
  return { ...app, cells, current }
}

it('ValuePanel: shows the statistics of the last minute by name', async () => {
  const { cells, clients, wrapper } = mountPanel({})
  await nextTick()
  clients.last.receive({ values: rows })
  await nextFrame()
  expect(wrapper.findAll('thead th').map(cell => cell.text())).toEqual([
    'Name',
    'Last',
    'Median',
    'p75',
    'p95',
    'p99',
    'Per second',
  ])
  expect(cells()).toEqual([
    ['cpu', '10', '15', '20', '40', '50', '1'],
    ['order', '1,000', '1,500', '2,000', '4,000', '5,000', '100'],
  ])
})

it('ValuePanel: switches the window, and shows no values for an empty one', async () => {
  const windows: string[] = []
  const { cells, wrapper } = mountPanel({
    items: rows,
    names: ['cpu'],
    stats: ['count', 'mean', 'rate'],
    'onUpdate:window': window => windows.push(window),
  })
  expect(cells()).toEqual([['cpu', '10', '10', '1']])
  await wrapper.find('input[value="1s"]').setValue()
  expect(cells()).toEqual([['cpu', '0', '–', '0']])
  expect(windows).toEqual(['1s'])
})

it('ValuePanel: shows selected names in their order, also without values, with units and format', () => {
  const { cells } = mountPanel({
    items: rows,
    names: ['order', 'missing'],
    stats: ['count', 'mean'],
    units: { order: '€' },
    format: { minimumFractionDigits: 2 },
  })
  expect(cells()).toEqual([
    ['order€', '1,000', '1,000.00'],
    ['missing', '0', '–'],
  ])
})

it('ValuePanel: shows the history of a range, without windows', async () => {
  const requests = stubMetrics()
  const { cells, wrapper } = mountPanel({ range: { last: '24h' }, stats: ['count', 'mean'] })
  await nextTick()
  expect(requests[0]?.query).toMatchObject({ by: 'value', granularity: 'hour' })
  requests[0]?.respond(
    metricsOf({ by: 'value', rows: [{ name: 'cpu', ...windowOf(3) }], buckets: [] }),
  )
  await nextFrame()
  expect(cells()).toEqual([['cpu', '3', '3']])
  expect(wrapper.find('fieldset').exists()).toBe(false)
})

it('ValuePanel: shows a skeleton, then a text for no values', async () => {
  const { clients, wrapper } = mountPanel({})
  await nextTick()
  expect(wrapper.findAll('.tm-skeleton').length).toBe(3)
  clients.last.receive({ values: [] })
  await nextFrame()
  expect(wrapper.find('.tm-empty').text()).toMatch(/^No numeric values yet/)
})

it('ValuePanel: shows the state of the source of the host, and emits errors', async () => {
  const { current, wrapper } = mountPanel({ items: rows, status: 'disconnected' })
  expect(wrapper.find('.tm-status button').text()).toBe('Disconnected')
  current.value = { status: 'error' }
  await nextTick()
  expect(wrapper.find('.tm-notice').exists()).toBe(true)

  const codes: string[] = []
  const live = mountPanel({ onError: error => codes.push(error.code) })
  await nextTick()
  live.clients.last.setStatus({ error: { code: 'network', message: 'x' } })
  await nextFrame()
  expect(codes).toEqual(['network'])
})

it('ValuePanel: renders the slots label and value', () => {
  const { cells } = mountPanel(
    { items: rows, names: ['cpu'], stats: ['mean'] },
    {
      label: ({ valueName }: { valueName: string }) => `L${valueName}`,
      value: ({ stat, text }: { stat: string; text: string }) => `V${stat}${text}`,
    },
  )
  expect(cells()).toEqual([['Lcpu', 'Vmean10']])
})
