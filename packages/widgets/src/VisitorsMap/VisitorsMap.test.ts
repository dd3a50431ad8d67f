// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import { createSSRApp, h, nextTick, shallowReactive } from 'vue'
import { renderToString } from 'vue/server-renderer'
import type { RangeSelection } from '../history/range-selection.ts'
import { metricsOf, stubMetrics, useStubbedMetrics } from '../testing/fake-metrics.ts'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import VisitorsMap from './VisitorsMap.vue'
import type { CountryVisitors, MapRow } from './country-rows.ts'
import type { DrawnMap, MapInput } from './draw-map.ts'
import { loadMap } from './load-map.ts'

vi.mock(import('./load-map.ts'), () => ({ loadMap: vi.fn<typeof loadMap>() }))

const config = { baseUrl: '/api', siteId: 'shop' }
const items: CountryVisitors[] = [
  { country: 'DE', visitors: 30 },
  { country: 'FR', visitors: 1200 },
  { country: 'SG', visitors: 3 },
  { country: '(unknown)', visitors: 17 },
]

useFakePage()
useStubbedMetrics()

interface Props {
  items?: CountryVisitors[] | undefined
  range?: RangeSelection
  locale?: string
  title?: string
  format?: Intl.NumberFormatOptions
}

/** Fake map that knows one country, at 10, 10. */
function useFakeMap() {
  const drawn: MapInput[] = []
  const map = {
    draw: vi.fn<DrawnMap['draw']>(input => void drawn.push(input)),
    highlight: vi.fn<DrawnMap['highlight']>(),
    codeAt: ({ x }) => (x === 10 ? 'FR' : x === 20 ? 'JP' : undefined),
    centerOf: () => ({ x: 10, y: 10 }),
    destroy: vi.fn<DrawnMap['destroy']>(),
  } satisfies DrawnMap
  vi.mocked(loadMap).mockResolvedValue({
    createMap: (_, input) => {
      drawn.push(input)
      return map
    },
  })
  return { map, drawn }
}

async function mountMap(initial: Props = {}, onRowClick?: (row: MapRow) => void) {
  const props = shallowReactive<Props>(initial)
  const errors: unknown[] = []
  const updates: unknown[] = []
  const app = mountApp(() =>
    h(VisitorsMap, {
      config,
      ...props,
      ...(onRowClick && { onRowClick }),
      onUpdate: rows => void updates.push(rows),
      onError: error => void errors.push(error),
    }),
  )
  await nextFrame()
  await nextFrame()
  const { wrapper } = app
  const slider = () => wrapper.find('.tm-map__points')
  const tooltip = () => wrapper.find('.tm-map__tooltip').element.textContent
  const shades = (input: MapInput | undefined) => Object.fromEntries(input?.shades ?? [])
  return { ...app, props, errors, updates, slider, tooltip, shades }
}

it('VisitorsMap: draws the visitors of the live state', async () => {
  const { drawn } = useFakeMap()
  const { clients, shades, wrapper } = await mountMap()
  expect(wrapper.find('.tm-map').attributes('aria-busy')).toBe('true')
  expect(clients.last.subscriptions).toEqual([['countries']])
  clients.last.receive({ countries: [{ country: 'DE', visitors: 2 }] })
  await nextFrame()
  await nextFrame()
  expect(shades(drawn.at(-1))).toEqual({ DE: 5 })
  clients.last.receive({
    countries: [
      { country: 'DE', visitors: 2 },
      { country: 'FR', visitors: 1 },
    ],
  })
  await nextFrame()
  await nextFrame()
  expect(shades(drawn.at(-1))).toEqual({ DE: 5, FR: 4 })
})

it('VisitorsMap: draws the history of a range', async () => {
  const { drawn } = useFakeMap()
  const requests = stubMetrics()
  const { clients, shades } = await mountMap({ range: { last: '30d' } })
  expect(clients.created.length).toBe(0)
  expect(requests[0]?.query).toMatchObject({ by: 'country', granularity: 'day' })
  const rows = [{ country: 'IT', pageViews: 9, visitors: 4 }]
  requests[0]?.respond(metricsOf({ by: 'country', rows, buckets: [] }))
  await nextFrame()
  await nextFrame()
  expect(shades(drawn.at(-1))).toEqual({ IT: 5 })
})

it('VisitorsMap: draws the items of the host without a connection', async () => {
  const { drawn } = useFakeMap()
  const { clients, shades, updates, wrapper } = await mountMap({ items })
  expect(clients.created.length).toBe(0)
  expect(shades(drawn[0])).toEqual({ FR: 5, DE: 3, SG: 1 })
  expect(updates).toEqual([])
  expect(wrapper.text()).toContain('17 visitors from an unknown country')
  expect(wrapper.find('canvas').attributes('aria-label')).toBe(
    'Visitors by country. 3 countries. Most: France: 1,200 visitors.',
  )
})

it('VisitorsMap: draws again only when a shade changes', async () => {
  const { map } = useFakeMap()
  const { props } = await mountMap({ items })
  props.items = items.map(item => ({ ...item, visitors: item.visitors + 0.001 }))
  await nextFrame()
  expect(map.draw).not.toHaveBeenCalled()
  props.items = [{ country: 'DE', visitors: 30 }]
  await nextFrame()
  expect(map.draw).toHaveBeenCalledTimes(1)
})

it('VisitorsMap: shows a legend of its shades', async () => {
  useFakeMap()
  const { wrapper } = await mountMap({ items: [{ country: 'DE', visitors: 3 }] })
  const legend = wrapper.findAll('.tm-map__legend > li')
  expect(legend.map(entry => entry.text())).toEqual(['1', '2', '3'])
  const shades = legend.map(entry => entry.find('i').attributes('data-tm-shade'))
  expect(shades).toEqual(['3', '4', '5'])
})

it('VisitorsMap: shows a tooltip at the pointer, also without visitors', async () => {
  const { map } = useFakeMap()
  const { slider, tooltip, wrapper } = await mountMap({ items })
  await slider().trigger('pointermove', { clientX: 10, clientY: 5 })
  expect(tooltip()).toBe('France1,200 visitors')
  expect(map.highlight).toHaveBeenLastCalledWith('FR')
  await slider().trigger('pointermove', { clientX: 20, clientY: 5 })
  expect(tooltip()).toBe('JapanNo visitors')
  await slider().trigger('pointerleave', { pointerType: 'mouse' })
  expect(wrapper.find('.tm-map__tooltip').exists()).toBe(false)
  expect(map.highlight).toHaveBeenLastCalledWith(undefined)
})

it('VisitorsMap: a tap shows a tooltip that stays', async () => {
  useFakeMap()
  const { slider, tooltip } = await mountMap({ items })
  await slider().trigger('click', { clientX: 10, clientY: 5 })
  await slider().trigger('pointerleave', { pointerType: 'touch' })
  expect(tooltip()).toBe('France1,200 visitors')
})

it('VisitorsMap: the arrow keys move through the countries', async () => {
  useFakeMap()
  const { slider, tooltip, wrapper } = await mountMap({ items })
  expect(slider().attributes('aria-valuetext')).toBe('France: 1,200 visitors')
  await slider().trigger('keydown', { key: 'ArrowDown' })
  expect(slider().attributes('aria-valuetext')).toBe('Germany: 30 visitors')
  expect(tooltip()).toBe('Germany30 visitors')
  await slider().trigger('keydown', { key: 'End' })
  expect(slider().attributes('aria-valuenow')).toBe('3')
  await slider().trigger('keydown', { key: 'ArrowRight' })
  expect(slider().attributes('aria-valuetext')).toBe('Singapore: 3 visitors')
  await slider().trigger('keydown', { key: 'Escape' })
  expect(wrapper.find('.tm-map__tooltip').exists()).toBe(false)
})

it('VisitorsMap: emits `row-click` for a click, Enter, and a row of the table', async () => {
  useFakeMap()
  const clicked: MapRow[] = []
  const { slider, wrapper } = await mountMap({ items }, row => void clicked.push(row))
  await slider().trigger('click', { clientX: 20, clientY: 5 })
  await slider().trigger('keydown', { key: 'Enter' })
  await wrapper.find('.tm-map__foot button').trigger('click')
  await wrapper.findAll('.tm-map__table button')[1]?.trigger('click')
  expect(clicked.map(({ code, visitors }) => [code, visitors])).toEqual([
    ['JP', 0],
    ['FR', 1200],
    ['DE', 30],
  ])
})

it('VisitorsMap: shows the same numbers as a table', async () => {
  const { map } = useFakeMap()
  const { wrapper } = await mountMap({ items })
  await wrapper.find('.tm-map__foot button').trigger('click')
  expect(map.destroy).toHaveBeenCalledTimes(1)
  const rows = wrapper.findAll('tbody tr').map(row => row.text())
  expect(rows).toEqual(['🇫🇷France1,20096%', '🇩🇪Germany302%', '🇸🇬Singapore3<1%', 'Unknown171%'])
  expect(wrapper.find('.tm-map__table button').exists()).toBe(false)
})

it('VisitorsMap: names countries and formats numbers for the locale', async () => {
  useFakeMap()
  const { slider } = await mountMap({ items, locale: 'nl', format: { minimumFractionDigits: 1 } })
  expect(slider().attributes('aria-valuetext')).toBe('Frankrijk: 1.200,0')
})

it('VisitorsMap: explains that the map did not load, and tries again', async () => {
  useFakeMap()
  vi.mocked(loadMap).mockRejectedValueOnce(new TypeError('Failed to fetch'))
  const { slider, wrapper } = await mountMap({ items })
  expect(wrapper.find('.tm-map__failed').text()).toContain('The map could not be loaded.')
  await wrapper.find('.tm-map__failed button').trigger('click')
  await nextFrame()
  expect(wrapper.find('.tm-map__failed').exists()).toBe(false)
  expect(slider().exists()).toBe(true)
})

it('VisitorsMap: explains empty data', async () => {
  useFakeMap()
  const { clients, wrapper } = await mountMap()
  clients.last.receive({ countries: [] })
  await nextFrame()
  expect(wrapper.text()).toContain('No visitors right now.')
})

it('VisitorsMap: destroys the map when unmounted, and does not draw one after it', async () => {
  const { map } = useFakeMap()
  const { wrapper } = await mountMap({ items })
  wrapper.unmount()
  expect(map.destroy).toHaveBeenCalledTimes(1)
  const late = Promise.withResolvers<Awaited<ReturnType<typeof loadMap>>>()
  vi.mocked(loadMap).mockReturnValueOnce(late.promise)
  const second = await mountMap({ items })
  second.wrapper.unmount()
  const createMap = vi.fn<() => undefined>()
  late.resolve({ createMap })
  await nextTick()
  expect(createMap).not.toHaveBeenCalled()
})

it('VisitorsMap: renders a skeleton of its size on a server', async () => {
  const html = await renderToString(createSSRApp({ render: () => h(VisitorsMap, { config }) }))
  expect(html).toContain('tm-map__figure')
  expect(html).toContain('aria-busy="true"')
})
