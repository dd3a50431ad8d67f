// @vitest-environment happy-dom
import type { ChannelName } from '@tidemark/protocol'
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, onTestFinished, vi } from 'vitest'
import {
  KeepAlive,
  type MaybeRefOrGetter,
  createSSRApp,
  defineComponent,
  effectScope,
  h,
  nextTick,
  ref,
  shallowRef,
  watch,
} from 'vue'
import { renderToString } from 'vue/server-renderer'
import type { RealtimeConfig } from '../config.ts'
import { useTidemarkStore } from '../store/useTidemarkStore.ts'
import { type FakeClients, createFakeClients } from '../testing/fake-clients.ts'
import { mountApp, nextFrame, unusedConnectionsClosed, useFakePage } from '../testing/mount-app.ts'
import { type UseRealtimeOptions, useRealtime } from './useRealtime.ts'

const shop: RealtimeConfig = { baseUrl: '/api', siteId: 'shop' }
const blog: RealtimeConfig = { baseUrl: '/api', siteId: 'blog' }

useFakePage()

/** Mounts a component that subscribes to visitors and page views and shows the visitors. */
function mountReader(
  config: MaybeRefOrGetter<RealtimeConfig | undefined>,
  options?: UseRealtimeOptions,
) {
  let live: ReturnType<typeof useRealtime<'currentVisitors' | 'pageViews'>> | undefined
  const Reader = defineComponent({
    name: 'Reader',
    setup() {
      live = useRealtime(config, ['currentVisitors', 'pageViews'], options)
      const { state } = live
      return () => h('p', state.currentVisitors ?? 'none')
    },
  })
  const app = mountApp(() => h(Reader))
  if (!live) throw new Error('The component was not set up.')
  return { ...app, live }
}

it('useRealtime: subscribes when mounted and unsubscribes when unmounted', async () => {
  const { clients, wrapper } = mountReader(shop)
  await nextTick()
  expect(clients.last.subscriptions).toEqual([['currentVisitors', 'pageViews']])
  wrapper.unmount()
  await unusedConnectionsClosed()
  expect(clients.last.subscriptions).toEqual([])
})

it('useRealtime: updates state, `isLoading`, `status` and `error`', async () => {
  const { clients, live, wrapper } = mountReader(shop)
  await nextTick()
  expect(live.isLoading.value).toBe(true)
  clients.last.receive({ currentVisitors: 3 })
  await nextFrame()
  expect(wrapper.text()).toBe('3')
  expect(live.isLoading.value).toBe(true)
  clients.last.receive({ pageViews: 9 })
  await nextFrame()
  expect(live.isLoading.value).toBe(false)
  expect(live.status.value.phase).toBe('live')
  clients.last.setStatus({ error: { code: 'network', message: 'No response.' } })
  await nextFrame()
  expect(live.error.value?.code).toBe('network')
  expect(wrapper.text()).toBe('3')
})

it('useRealtime: ends loading when the first response is an error', async () => {
  const { clients, live } = mountReader(shop)
  await nextTick()
  clients.last.setStatus({ error: { code: 'site_unknown', message: 'no' } })
  await nextFrame()
  expect(live.isLoading.value).toBe(false)
})

it('useRealtime: re-renders a component once for many changes in one frame', async () => {
  const { clients, rerenders } = mountReader(shop)
  await nextTick()
  for (let visitors = 1; visitors <= 50; visitors++) {
    clients.last.receive({ currentVisitors: visitors })
    await nextTick()
  }
  await nextFrame()
  expect(rerenders.get('Reader')).toBe(1)
})

it('useRealtime: does not re-render a component for channels that it does not read', async () => {
  const { clients, live, rerenders } = mountReader(shop)
  await nextTick()
  clients.last.receive({ currentVisitors: 1, pageViews: 1 })
  await nextFrame()
  const before = rerenders.get('Reader')
  clients.last.receive({ pageViews: 2 })
  await nextFrame()
  expect(live.state.pageViews).toBe(2)
  expect(rerenders.get('Reader')).toBe(before)
})

it('useRealtime: clears its state when the site changes', async () => {
  const config = shallowRef(shop)
  const { clients, live } = mountReader(config)
  await nextTick()
  clients.last.receive({ currentVisitors: 3 })
  await nextFrame()
  const [first] = clients.created
  config.value = blog
  expect(live.state.currentVisitors).toBeUndefined()
  expect(live.status.value.syncedAt).toBeUndefined()
  await unusedConnectionsClosed()
  expect(first?.subscriptions).toEqual([])
  expect(clients.last.options.siteId).toBe('blog')
  clients.last.receive({ currentVisitors: 5 })
  await nextFrame()
  expect(live.state.currentVisitors).toBe(5)
})

it('useRealtime: does not resubscribe for a new config object with equal values', async () => {
  const config = shallowRef(shop)
  const { clients } = mountReader(config)
  await nextTick()
  const subscribe = vi.spyOn(clients.last, 'subscribe')
  config.value = { ...shop }
  await nextTick()
  expect(subscribe).not.toHaveBeenCalled()
  expect(clients.created.length).toBe(1)
})

it('useRealtime: retains its state when only the poll interval changes', async () => {
  const config = shallowRef(shop)
  const { clients, live } = mountReader(config)
  await nextTick()
  clients.last.receive({ currentVisitors: 3 })
  await nextFrame()
  config.value = { ...shop, pollIntervalMs: 1000 }
  await nextTick()
  await nextFrame()
  expect(live.state.currentVisitors).toBe(3)
  expect(live.status.value.syncedAt).toBeDefined()
  expect(clients.last.options.pollIntervalMs).toBe(1000)
})

it.each<[string, object, string]>([
  ['a poll interval of 0', { pollIntervalMs: 0 }, 'pollIntervalMs: 0 is not'],
  ['an unknown transport', { transports: ['ws'] }, 'transports: ws is not a list'],
  ['a missing address', { baseUrl: undefined }, 'baseUrl: undefined is not'],
])('useRealtime: throws for %s', (_, part, sentence) => {
  const config: object = { ...shop, ...part }
  const scope = effectScope()
  const use = () => scope.run(() => useRealtime(config as RealtimeConfig, ['currentVisitors']))
  expect(use).toThrow(TypeError)
  expect(use).toThrow(sentence)
  scope.stop()
})

it('useRealtime: opens no connection while `config` is undefined', async () => {
  const config = shallowRef<RealtimeConfig>()
  const { clients, live } = mountReader(config)
  await nextTick()
  expect(clients.created.length).toBe(0)
  expect(live.isLoading.value).toBe(false)
  config.value = shop
  await nextTick()
  expect(clients.created.length).toBe(1)
})

it('useRealtime: shows the known state to a new subscriber before the next frame', async () => {
  const { clients, pinia } = mountReader(shop)
  await nextTick()
  clients.last.receive({ currentVisitors: 3, pageViews: 1 })
  const Late = defineComponent({
    setup() {
      const { state } = useRealtime(shop, ['currentVisitors'])
      return () => h('p', state.currentVisitors ?? 'none')
    },
  })
  const late = mount(Late, { global: { plugins: [pinia] } })
  await nextTick()
  expect(late.text()).toBe('3')
  late.unmount()
})

it('useRealtime: follows a changed list of channels', async () => {
  const channels = ref<('currentVisitors' | 'pageViews')[]>(['currentVisitors'])
  const clients = createFakeClients()
  const pinia = createPinia()
  setActivePinia(pinia)
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const scope = effectScope()
  const live = scope.run(() => useRealtime(shop, channels))
  await nextTick()
  clients.last.receive({ currentVisitors: 3 })
  await nextFrame()
  channels.value = ['pageViews']
  await nextTick()
  expect(clients.last.subscriptions).toEqual([['pageViews']])
  expect(live?.state).toEqual({})
  scope.stop()
  setActivePinia(undefined)
})

it('useRealtime: works in an effect scope outside components', async () => {
  const clients = createFakeClients()
  const pinia = createPinia()
  setActivePinia(pinia)
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const values: (number | undefined)[] = []
  const scope = effectScope()
  scope.run(() => {
    const { state } = useRealtime(shop, ['currentVisitors'])
    watch(
      () => state.currentVisitors,
      visitors => values.push(visitors),
    )
  })
  await nextTick()
  clients.last.receive({ currentVisitors: 4 })
  await nextFrame()
  expect(values).toEqual([4])
  scope.stop()
  await unusedConnectionsClosed()
  expect(clients.last.subscriptions).toEqual([])
  setActivePinia(undefined)
})

it('useRealtime: unsubscribes while deactivated by KeepAlive', async () => {
  const isShown = ref(true)
  const Reader = defineComponent({
    setup() {
      const { state } = useRealtime(shop, ['currentVisitors'])
      return () => h('p', state.currentVisitors ?? 'none')
    },
  })
  const { clients, wrapper } = mountApp(() =>
    h(KeepAlive, () => (isShown.value ? h(Reader) : h('p'))),
  )
  await nextTick()
  expect(clients.last.subscriptions.length).toBe(1)
  isShown.value = false
  await nextTick()
  await unusedConnectionsClosed()
  expect(clients.last.subscriptions.length).toBe(0)
  isShown.value = true
  await nextTick()
  await nextTick()
  expect(clients.last.subscriptions.length).toBe(1)
  wrapper.unmount()
})

it('useRealtime: keeps its state while paused, and applies the latest state afterwards', async () => {
  const paused = ref(false)
  const { clients, live } = mountReader(shop, { paused })
  await nextTick()
  clients.last.receive({ currentVisitors: 3 })
  await nextFrame()
  paused.value = true
  await nextFrame()
  clients.last.receive({ currentVisitors: 4, pageViews: 1 }, { cursor: '1.2' })
  await nextFrame()
  expect(live.state, 'first values still arrive').toEqual({ currentVisitors: 3, pageViews: 1 })
  expect(live.status.value.cursor).toBe('1.2')
  paused.value = false
  await nextTick()
  expect(live.state).toEqual({ currentVisitors: 4, pageViews: 1 })
})

it('useRealtime: shows the values of another site also while paused', async () => {
  const config = shallowRef(shop)
  const { clients, live } = mountReader(config, { paused: true })
  await nextTick()
  clients.last.receive({ currentVisitors: 3 })
  await nextFrame()
  config.value = blog
  await nextTick()
  clients.last.receive({ currentVisitors: 5 })
  await nextFrame()
  expect(live.state.currentVisitors).toBe(5)
})

it('useRealtime: changes nothing while the page is hidden', async () => {
  const { clients, live, rerenders } = mountReader(shop)
  await nextTick()
  clients.last.receive({ currentVisitors: 3 }, { cursor: '1.1' })
  await nextFrame()
  const before = rerenders.get('Reader')
  clients.last.setStatus({ paused: true })
  clients.last.receive({ currentVisitors: 4 }, { cursor: '1.2' })
  await nextFrame()
  expect(live.state.currentVisitors).toBe(3)
  expect(live.status.value.cursor).toBe('1.1')
  expect(rerenders.get('Reader')).toBe(before)
  clients.last.setStatus({ paused: false })
  await nextFrame()
  expect(live.state.currentVisitors).toBe(4)
  expect(live.status.value.cursor).toBe('1.2')
})

it('useRealtime: changes its state in a hidden page with `whileHidden`', async () => {
  const { clients, live } = mountReader(shop, { whileHidden: true })
  await nextTick()
  clients.last.setStatus({ paused: true })
  clients.last.receive({ currentVisitors: 4 })
  await nextFrame()
  expect(live.state.currentVisitors).toBe(4)
  expect(live.status.value.paused).toBe(true)
})

/** Subscribes to visitors of pages in an effect scope. */
function readPages(paths: MaybeRefOrGetter<string[]>, options: UseRealtimeOptions = {}) {
  return readRows('pageVisitors', { ...options, paths })
}

/** Subscribes to a channel with selected rows in an effect scope. */
function readRows<Name extends ChannelName>(channel: Name, options: UseRealtimeOptions) {
  const clients = createFakeClients()
  const pinia = createPinia()
  setActivePinia(pinia)
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  onTestFinished(() => {
    setActivePinia(undefined)
  })
  const scope = effectScope()
  onTestFinished(() => scope.stop())
  const live = scope.run(() => useRealtime(shop, [channel], options))
  if (!live) throw new Error('The scope has stopped.')
  return { clients, live }
}

it('useRealtime: has the visitors of its own pages, and follows their list', async () => {
  const paths = ref(['/boots'])
  const { clients, live } = readPages(paths)
  await nextTick()
  expect(clients.last.paths).toEqual(['/boots'])
  expect(live.isLoading.value).toBe(true)
  const [boots, hats] = [
    { path: '/boots', visitors: 2 },
    { path: '/hats', visitors: 0 },
  ]
  clients.last.receive({ pageVisitors: [boots, { path: '/socks', visitors: 9 }] })
  await nextFrame()
  expect(live.state.pageVisitors).toEqual([boots])
  expect(live.isLoading.value).toBe(false)
  paths.value = ['/boots', '/hats']
  await nextTick()
  expect(clients.created.length).toBe(1)
  expect(clients.last.paths).toEqual(['/boots', '/hats'])
  expect(live.state.pageVisitors, 'known pages keep their visitors').toEqual([boots])
  expect(live.isLoading.value).toBe(true)
  clients.last.receive({ pageVisitors: [boots, hats] })
  await nextFrame()
  expect(live.state.pageVisitors).toEqual([boots, hats])
})

it('useRealtime: has the rows of its own properties, and follows their list', async () => {
  const plan = { event: 'purchase', property: 'plan' }
  const size = { event: 'purchase', property: 'size' }
  const properties = ref([plan])
  const { live, clients } = readRows('properties', { properties })
  await nextTick()
  expect(clients.last.subscriptions).toEqual([['properties']])
  expect(clients.last.properties).toEqual([plan])
  expect(live.isLoading.value).toBe(true)
  const rows = [{ property: 'pro', events: 2, visitors: 1 }]
  clients.last.receive({
    properties: [
      { ...plan, rows },
      { event: 'a', property: 'b', rows: [] },
    ],
  })
  await nextFrame()
  expect(live.state.properties).toEqual([{ ...plan, rows }])
  expect(live.isLoading.value).toBe(false)
  properties.value = [plan, size]
  await nextTick()
  expect(clients.last.properties).toEqual([plan, size])
  expect(live.state.properties, 'known properties keep their rows').toEqual([{ ...plan, rows }])
  expect(live.isLoading.value).toBe(true)
  properties.value = []
  await nextTick()
  expect(live.state.properties).toBeUndefined()
  expect(live.isLoading.value).toBe(false)
})

it('useRealtime: reads no visitors of pages without a path', async () => {
  const paths = ref<string[]>([])
  const { clients, live } = readPages(paths)
  await nextTick()
  expect(clients.created.length).toBe(0)
  expect(live.isLoading.value).toBe(false)
  paths.value = ['/boots']
  await nextTick()
  expect(clients.last.subscriptions).toEqual([['pageVisitors']])
})

it('useRealtime: shows the visitors of other pages also while paused', async () => {
  const paths = ref(['/boots'])
  const { clients, live } = readPages(paths, { paused: true })
  await nextTick()
  const rows = [
    { path: '/boots', visitors: 2 },
    { path: '/hats', visitors: 3 },
  ]
  clients.last.receive({ pageVisitors: rows })
  await nextFrame()
  expect(live.state.pageVisitors).toEqual([rows[0]])
  paths.value = ['/hats', '/boots']
  await nextTick()
  expect(live.state.pageVisitors).toEqual(rows)
})

it('useRealtime: refreshes through the shared connection', async () => {
  const { clients, live } = mountReader(shop)
  await nextTick()
  await live.refresh()
  expect(clients.last.refreshCount).toBe(1)
})

it('useRealtime: opens no connection during server-side rendering', async () => {
  const clients: FakeClients = createFakeClients()
  const pinia = createPinia()
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const Reader = defineComponent({
    setup() {
      const { state, isLoading } = useRealtime(shop, ['currentVisitors'])
      return () => h('p', isLoading.value ? 'loading' : String(state.currentVisitors))
    },
  })
  const html = await renderToString(createSSRApp(Reader).use(pinia))
  expect(html).toBe('<p>loading</p>')
  expect(clients.created.length).toBe(0)
})
