// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'
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
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import { useRealtime } from './useRealtime.ts'

const shop: RealtimeConfig = { baseUrl: '/api', siteId: 'shop' }
const blog: RealtimeConfig = { baseUrl: '/api', siteId: 'blog' }

useFakePage()

/** Calls `useRealtime` for visitors and page views in a component that draws the visitors. */
function mountReader(config: MaybeRefOrGetter<RealtimeConfig | undefined>) {
  let live: ReturnType<typeof useRealtime<'currentVisitors' | 'pageViews'>> | undefined
  const Reader = defineComponent({
    name: 'Reader',
    setup() {
      live = useRealtime(config, ['currentVisitors', 'pageViews'])
      const { state } = live
      return () => h('p', state.currentVisitors ?? 'none')
    },
  })
  const app = mountApp(() => h(Reader))
  if (!live) throw new Error('The component was not set up.')
  return { ...app, live }
}

it('subscribes when mounted and unsubscribes when unmounted', async () => {
  const { clients, wrapper } = mountReader(shop)
  await nextTick()
  expect(clients.last.open).toEqual([['currentVisitors', 'pageViews']])
  wrapper.unmount()
  await nextTick()
  expect(clients.last.open).toEqual([])
})

it('shows what arrives and tells loading, status and error', async () => {
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
  clients.last.become({ error: { code: 'network', message: 'gone' } })
  await nextFrame()
  expect(live.error.value?.code).toBe('network')
  expect(wrapper.text()).toBe('3')
})

it('is no longer loading when the first answer is an error', async () => {
  const { clients, live } = mountReader(shop)
  await nextTick()
  clients.last.become({ error: { code: 'site_unknown', message: 'no' } })
  await nextFrame()
  expect(live.isLoading.value).toBe(false)
})

it('draws a component once for many changes in one frame', async () => {
  const { clients, redraws } = mountReader(shop)
  await nextTick()
  for (let visitors = 1; visitors <= 50; visitors++) {
    clients.last.receive({ currentVisitors: visitors })
    await nextTick()
  }
  await nextFrame()
  expect(redraws.get('Reader')).toBe(1)
})

it('does not draw a component again when only channels that it does not read changed', async () => {
  const { clients, live, redraws } = mountReader(shop)
  await nextTick()
  clients.last.receive({ currentVisitors: 1, pageViews: 1 })
  await nextFrame()
  const before = redraws.get('Reader')
  clients.last.receive({ pageViews: 2 })
  await nextFrame()
  expect(live.state.pageViews).toBe(2)
  expect(redraws.get('Reader')).toBe(before)
})

it('follows to another site and shows nothing of the one before', async () => {
  const config = shallowRef(shop)
  const { clients, live } = mountReader(config)
  await nextTick()
  clients.last.receive({ currentVisitors: 3 })
  await nextFrame()
  const [first] = clients.made
  config.value = blog
  expect(live.state.currentVisitors).toBeUndefined()
  expect(live.status.value.syncedAt).toBeUndefined()
  await nextTick()
  expect(first?.open).toEqual([])
  expect(clients.last.options.siteId).toBe('blog')
  clients.last.receive({ currentVisitors: 5 })
  await nextFrame()
  expect(live.state.currentVisitors).toBe(5)
})

it('does not subscribe again for a new object with the same values', async () => {
  const config = shallowRef(shop)
  const { clients } = mountReader(config)
  await nextTick()
  const subscribe = vi.spyOn(clients.last, 'subscribe')
  config.value = { ...shop }
  await nextTick()
  expect(subscribe).not.toHaveBeenCalled()
  expect(clients.made.length).toBe(1)
})

it('keeps what it shows when only the poll interval changes', async () => {
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
  ['no time between polls', { pollIntervalMs: 0 }, 'pollIntervalMs: 0 is not'],
  ['a transport that there is not', { transports: ['ws'] }, 'transports: ws is not a list'],
  ['no address', { baseUrl: undefined }, 'baseUrl: undefined is not'],
])('throws for %s, where it is called and in a sentence', (_, part, sentence) => {
  const config: object = { ...shop, ...part }
  const scope = effectScope()
  const use = () => scope.run(() => useRealtime(config as RealtimeConfig, ['currentVisitors']))
  expect(use).toThrow(TypeError)
  expect(use).toThrow(sentence)
  scope.stop()
})

it('does nothing until there is a configuration', async () => {
  const config = shallowRef<RealtimeConfig>()
  const { clients, live } = mountReader(config)
  await nextTick()
  expect(clients.made.length).toBe(0)
  expect(live.isLoading.value).toBe(false)
  config.value = shop
  await nextTick()
  expect(clients.made.length).toBe(1)
})

it('paints a widget that joins from what is there, before the next frame', async () => {
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

it('takes other channels when the list changes, and drops those that left it', async () => {
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
  expect(clients.last.open).toEqual([['pageViews']])
  expect(live?.state).toEqual({})
  scope.stop()
  setActivePinia(undefined)
})

it('works in an effect scope outside of components', async () => {
  const clients = createFakeClients()
  const pinia = createPinia()
  setActivePinia(pinia)
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const seen: (number | undefined)[] = []
  const scope = effectScope()
  scope.run(() => {
    const { state } = useRealtime(shop, ['currentVisitors'])
    watch(
      () => state.currentVisitors,
      visitors => seen.push(visitors),
    )
  })
  await nextTick()
  clients.last.receive({ currentVisitors: 4 })
  await nextFrame()
  expect(seen).toEqual([4])
  scope.stop()
  await nextTick()
  expect(clients.last.open).toEqual([])
  setActivePinia(undefined)
})

it('leaves the connection while it is put aside, and comes back with it', async () => {
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
  expect(clients.last.open.length).toBe(1)
  isShown.value = false
  await nextTick()
  await nextTick()
  expect(clients.last.open.length).toBe(0)
  isShown.value = true
  await nextTick()
  await nextTick()
  expect(clients.last.open.length).toBe(1)
  wrapper.unmount()
})

it('refreshes through the shared connection', async () => {
  const { clients, live } = mountReader(shop)
  await nextTick()
  await live.refresh()
  expect(clients.last.refreshCount).toBe(1)
})

it('opens no connection when it is rendered on a server', async () => {
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
  expect(clients.made.length).toBe(0)
})
