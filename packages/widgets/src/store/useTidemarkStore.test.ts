// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, getActivePinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick } from 'vue'
import { toTarget } from '../config.ts'
import { createFakeClients } from '../testing/fake-clients.ts'
import { useRealtime } from '../useRealtime/useRealtime.ts'
import { type TidemarkStore, useTidemarkStore } from './useTidemarkStore.ts'

const config = { baseUrl: '/api', siteId: 'shop' }

beforeEach(() => setActivePinia(undefined))
afterEach(() => setActivePinia(undefined))

/** A component that shows the number of visitors. */
const Reader = defineComponent({
  setup() {
    const { state } = useRealtime(config, ['currentVisitors'])
    return () => h('p', state.currentVisitors ?? 'none')
  },
})

// Must be the first test of the file: the internal store is created only once.
it('useTidemarkStore: does not change the active Pinia of another app', async () => {
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
  const otherPinia = createPinia()
  setActivePinia(otherPinia)
  const app = mount(Reader)
  await nextTick()
  expect(getActivePinia()).toBe(otherPinia)
  expect(otherPinia.state.value).toEqual({})
  app.unmount()
  await nextTick()
  vi.unstubAllGlobals()
})

it('useTidemarkStore: shares one connection between apps without a Pinia', async () => {
  const clients = createFakeClients()
  useTidemarkStore().registry.setClientFactory(clients.create)
  const apps = [mount(Reader), mount(Reader)]
  await nextTick()
  expect(clients.created.length).toBe(1)
  expect(useTidemarkStore().connections).toMatchObject([{ subscribers: 2 }])
  for (const app of apps) app.unmount()
  await nextTick()
  expect(clients.last.subscriptions).toEqual([])
})

it('useTidemarkStore: shares one connection between apps with the same Pinia', async () => {
  const clients = createFakeClients()
  const pinia = createPinia()
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const apps = [Reader, Reader].map(reader => mount(reader, { global: { plugins: [pinia] } }))
  await nextTick()
  expect(clients.created.length).toBe(1)
  expect(useTidemarkStore(pinia).connections).toMatchObject([{ subscribers: 2 }])
  for (const app of apps) app.unmount()
})

it('useTidemarkStore: gives apps with different Pinias separate connections', async () => {
  const apps = [createFakeClients(), createFakeClients()].map(clients => {
    const pinia = createPinia()
    useTidemarkStore(pinia).registry.setClientFactory(clients.create)
    return { clients, app: mount(Reader, { global: { plugins: [pinia] } }) }
  })
  await nextTick()
  expect(apps.map(({ clients }) => clients.created.length)).toEqual([1, 1])
  for (const { app } of apps) app.unmount()
})

it('useTidemarkStore: lists connections with their number of subscribers', async () => {
  const clients = createFakeClients()
  const pinia = createPinia()
  const store: TidemarkStore = useTidemarkStore(pinia)
  store.registry.setClientFactory(clients.create)
  const onView = () => undefined
  const reader = { channels: ['currentVisitors'], pollIntervalMs: 5000, onView } as const
  const first = store.registry.subscribe(toTarget(config), reader)
  store.registry.subscribe(toTarget(config), { ...reader })
  expect(store.connections).toMatchObject([{ siteId: 'shop', subscribers: 2 }])
  first.close()
  expect(store.connections).toMatchObject([{ siteId: 'shop', subscribers: 1 }])
})
