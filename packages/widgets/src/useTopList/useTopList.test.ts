// @vitest-environment happy-dom
import { expect, expectTypeOf, it } from 'vitest'
import { type VNodeChild, defineComponent, effectScope, h, nextTick, shallowRef } from 'vue'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import { metricsOf, stubMetrics, useStubbedMetrics } from '../testing/fake-metrics.ts'
import type { ListRow } from './list-item.ts'
import type { TopListDimension } from './list-source.ts'
import { type TopListOptions, type UseTopListReturn, useTopList } from './useTopList.ts'

const config = { baseUrl: '/api', siteId: 'shop' }
const pages = [
  { path: '/', visitors: 3 },
  { path: '/pricing', visitors: 1 },
]

useFakePage()
useStubbedMetrics()

/** Mounts a host's own list. */
function mountList(options: () => TopListOptions) {
  let list: UseTopListReturn | undefined
  const Host = defineComponent({
    name: 'Host',
    setup() {
      const own = useTopList(options)
      list = own
      return (): VNodeChild => own.rows.value?.map(row => h('p', `${row.label} ${row.value}`))
    },
  })
  const app = mountApp(() => h(Host))
  if (!list) throw new Error('The component was not set up.')
  return { ...app, list }
}

it('useTopList: ranks a channel without any component or style sheet', async () => {
  const { clients, list, wrapper } = mountList(() => ({ config, channel: 'activePages', limit: 1 }))
  expect(list.rows.value).toBeUndefined()
  await nextTick()
  expect(list.isLoading.value).toBe(true)
  expect(clients.last.subscriptions).toEqual([['activePages']])
  clients.last.receive({ activePages: pages })
  await nextFrame()
  expect(wrapper.text()).toBe('/ 3Other 1')
  expect(wrapper.findAll('[class]')).toEqual([])
  expect([list.total.value, list.unit.value, list.hasMore.value]).toEqual([4, 'visitors', true])
  expect([list.isLoading.value, list.state.value]).toEqual([false, 'live'])
})

it('useTopList: keeps unchanged rows, and the array without any change', async () => {
  const { clients, list } = mountList(() => ({ config, channel: 'goals' }))
  await nextTick()
  const goal = { goal: 'a', count: 3, visitors: 2 }
  clients.last.receive({ goals: [goal, { goal: 'b', count: 1, visitors: 1 }] })
  await nextFrame()
  const before = list.rows.value
  clients.last.receive({ goals: [{ ...goal }, { goal: 'b', count: 1, visitors: 1 }] })
  await nextFrame()
  expect(list.rows.value).toBe(before)
  clients.last.receive({ goals: [{ ...goal }, { goal: 'b', count: 2, visitors: 1 }] })
  await nextFrame()
  expect(list.rows.value?.[0]).toBe(before?.[0])
  expect(list.rows.value?.[1]?.value).toBe(2)
})

it('useTopList: changes from a channel to the history', async () => {
  const requests = stubMetrics()
  const options = shallowRef<TopListOptions>({ config, channel: 'devices' })
  const { clients, list } = mountList(() => options.value)
  await nextTick()
  clients.last.receive({ devices: [{ device: 'tv', visitors: 1 }] })
  await nextFrame()
  expect(list.rows.value?.[0]?.label).toBe('TV')
  options.value = { config, by: 'country', range: { last: '30d' } }
  await nextTick()
  expect(list.rows.value).toBeUndefined()
  requests[0]?.respond(
    metricsOf({ by: 'country', buckets: [], rows: [{ country: 'DE', pageViews: 2, visitors: 1 }] }),
  )
  await nextFrame()
  expect(list.rows.value?.[0]).toMatchObject({ name: 'DE', label: 'Germany', flag: '🇩🇪', value: 2 })
  expect(list.unit.value).toBe('pageViews')
})

it('useTopList: ranks items in an effect scope, outside a component', () => {
  const scope = effectScope()
  const list = scope.run(() =>
    useTopList({ items: pages, labelKey: 'path', valueKey: 'visitors', sort: 'label' }),
  )
  expect(list?.rows.value?.map(row => row.share)).toEqual([0.75, 0.25])
  expectTypeOf(list?.rows.value?.[0]?.item).toEqualTypeOf<(typeof pages)[number] | undefined>()
  scope.stop()
})

it('useTopList: types its source', () => {
  const items = pages
  expectTypeOf<{ channel: 'events' }>().toExtend<TopListOptions>()
  expectTypeOf<{ by: 'goal'; range: { last: '7d' } }>().toExtend<TopListOptions>()
  type Week = { range: { last: '7d' } }
  expectTypeOf<{ by: TopListDimension } & Week>().toExtend<TopListOptions>()
  expectTypeOf<{ by: 'property' } & Week>().toExtend<TopListOptions>()
  type Plan = { name: 'purchase'; property: 'plan' } & Week
  expectTypeOf<{ by: 'property'; stat: 'sum' } & Plan>().toExtend<TopListOptions>()
  expectTypeOf<{ by: 'path' } & Plan>().not.toExtend<TopListOptions>()
  expectTypeOf<{ by: 'path'; stat: 'sum' } & Week>().not.toExtend<TopListOptions>()
  expectTypeOf<{ by: 'property'; property: 'plan' } & Week>().not.toExtend<TopListOptions>()
  type OfNews = { referrer: 'news.example' } & Week
  expectTypeOf<{ by: 'referringPage' } & OfNews>().toExtend<TopListOptions>()
  expectTypeOf<{ by: 'referrer' } & OfNews>().not.toExtend<TopListOptions>()
  expectTypeOf<{
    items: typeof items
    labelKey: 'path'
    valueKey: 'visitors'
  }>().toExtend<TopListOptions<(typeof items)[number]>>()
  expectTypeOf<{ items: typeof items }>().not.toExtend<TopListOptions<(typeof items)[number]>>()
  expectTypeOf<{ by: 'goal' }>().not.toExtend<TopListOptions>()
  expectTypeOf<{ range: { last: '7d' } }>().not.toExtend<TopListOptions>()
  expectTypeOf<{ channel: 'pages' }>().not.toExtend<TopListOptions>()
  expectTypeOf<{
    channel: 'events'
    by: 'goal'
    range: { last: '7d' }
  }>().not.toExtend<TopListOptions>()
  expectTypeOf<ListRow<{ a: 1 }>>().toExtend<ListRow>()
})
