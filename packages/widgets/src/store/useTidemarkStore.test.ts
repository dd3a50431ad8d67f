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

/** A component that takes the number of visitors. */
const Reader = defineComponent({
  setup() {
    const { state } = useRealtime(config, ['currentVisitors'])
    return () => h('p', state.currentVisitors ?? 'none')
  },
})

// The first test of the file, because the store of our own is made only once.
it('leaves the active Pinia of another app on the page alone', async () => {
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
  const theirs = createPinia()
  setActivePinia(theirs)
  const app = mount(Reader)
  await nextTick()
  expect(getActivePinia()).toBe(theirs)
  expect(theirs.state.value).toEqual({})
  app.unmount()
  await nextTick()
  vi.unstubAllGlobals()
})

it('shares a connection between apps that have no Pinia', async () => {
  const clients = createFakeClients()
  useTidemarkStore().registry.setClientFactory(clients.create)
  const apps = [mount(Reader), mount(Reader)]
  await nextTick()
  expect(clients.made.length).toBe(1)
  expect(useTidemarkStore().connections).toMatchObject([{ subscribers: 2 }])
  for (const app of apps) app.unmount()
  await nextTick()
  expect(clients.last.open).toEqual([])
})

it('shares a connection between apps that have the same Pinia', async () => {
  const clients = createFakeClients()
  const pinia = createPinia()
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const apps = [Reader, Reader].map(reader => mount(reader, { global: { plugins: [pinia] } }))
  await nextTick()
  expect(clients.made.length).toBe(1)
  expect(useTidemarkStore(pinia).connections).toMatchObject([{ subscribers: 2 }])
  for (const app of apps) app.unmount()
})

it('keeps apart apps that have a Pinia each', async () => {
  const sides = [createFakeClients(), createFakeClients()].map(clients => {
    const pinia = createPinia()
    useTidemarkStore(pinia).registry.setClientFactory(clients.create)
    return { clients, app: mount(Reader, { global: { plugins: [pinia] } }) }
  })
  await nextTick()
  expect(sides.map(({ clients }) => clients.made.length)).toEqual([1, 1])
  for (const { app } of sides) app.unmount()
})

it('tells which connections there are and how many subscribe to each', async () => {
  const clients = createFakeClients()
  const pinia = createPinia()
  const store: TidemarkStore = useTidemarkStore(pinia)
  store.registry.setClientFactory(clients.create)
  const take = () => undefined
  const reader = { channels: ['currentVisitors'], pollIntervalMs: 5000, take } as const
  const first = store.registry.subscribe(toTarget(config), reader)
  store.registry.subscribe(toTarget(config), { ...reader })
  expect(store.connections).toMatchObject([{ siteId: 'shop', subscribers: 2 }])
  first.close()
  expect(store.connections).toMatchObject([{ siteId: 'shop', subscribers: 1 }])
})
