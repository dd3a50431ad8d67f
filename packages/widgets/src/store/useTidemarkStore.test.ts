// @vitest-environment happy-dom
import type { ChannelName } from '@tidemark/protocol'
import { mount } from '@vue/test-utils'
import { createPinia, getActivePinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick } from 'vue'

import { toTarget } from '../config.ts'
import { createFakeClients } from '../testing/fake-clients.ts'
import { nextFrame } from '../testing/mount-app.ts'
import { useRealtime } from '../useRealtime/useRealtime.ts'
import type { Subscriber } from './connection.ts'
import { type TidemarkStore, useTidemarkStore } from './useTidemarkStore.ts'

const config = { baseUrl: '/api', siteId: 'shop' }

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(undefined)
})
afterEach(() => {
  setActivePinia(undefined)
  vi.useRealTimers()
})

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
  expect(useTidemarkStore().connections).toMatchObject({ 'shop at /api': { subscribers: 2 } })
  for (const app of apps) app.unmount()
  expect(useTidemarkStore().connections).toMatchObject({ 'shop at /api': { subscribers: 0 } })
})

it('useTidemarkStore: shares one connection between apps with the same Pinia', async () => {
  const clients = createFakeClients()
  const pinia = createPinia()
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const apps = [Reader, Reader].map(reader => mount(reader, { global: { plugins: [pinia] } }))
  await nextTick()
  expect(clients.created.length).toBe(1)
  expect(useTidemarkStore(pinia).connections).toMatchObject({ 'shop at /api': { subscribers: 2 } })
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

/** A store with a connection to the shop that has two subscribers. */
async function createStore() {
  const clients = createFakeClients()
  const pinia = createPinia()
  const store: TidemarkStore = useTidemarkStore(pinia)
  store.registry.setClientFactory(clients.create)
  const reader = (channels: readonly ChannelName[]): Subscriber => ({
    channels,
    pollIntervalMs: 5000,
    onView: () => undefined,
  })
  const target = toTarget({ ...config, token: 'a.b.c' })
  const first = store.registry.subscribe(target, reader(['pageViews', 'currentVisitors']))
  store.registry.subscribe(target, reader(['currentVisitors']))
  await nextTick()
  return { store, pinia, client: clients.last, first }
}

it('useTidemarkStore: describes connections by name, without tokens', async () => {
  const { store, client, first } = await createStore()
  client.receive({ currentVisitors: 3, pageViews: 9 }, { cursor: '1.1' })
  await nextFrame()
  client.receive({ currentVisitors: 4 }, { cursor: '1.2' })
  await nextFrame()
  expect(store.connections).toEqual({
    'shop at /api': {
      ...{ baseUrl: '/api', siteId: 'shop', minutes: 5, transports: undefined },
      subscribers: 2,
      channels: ['currentVisitors', 'pageViews'],
      paths: [],
      properties: [],
      cursor: '1.2',
      lastFrame: { at: expect.any(Number), channels: ['currentVisitors'] },
      status: client.view.status,
    },
  })
  first.close()
  expect(store.connections['shop at /api']).toMatchObject({
    subscribers: 1,
    channels: ['currentVisitors'],
  })
})

it('useTidemarkStore: numbers connections with the same site and server', async () => {
  const { store } = await createStore()
  const reader: Subscriber = { channels: ['goals'], pollIntervalMs: 5000, onView: () => undefined }
  store.registry.subscribe(toTarget({ ...config, minutes: 30 }), reader)
  expect(Object.keys(store.connections)).toEqual(['shop at /api', 'shop at /api #2'])
})

it('useTidemarkStore: updates the state that developer tools watch', async () => {
  const { pinia, store, client } = await createStore()
  const changed = vi.fn<() => void>()
  // The developer tools of Pinia do the same.
  store.$subscribe(changed, { flush: 'sync', detached: true })
  expect(Object.keys(pinia.state.value['tidemark'] ?? {})).toEqual(['connections'])
  client.receive({ currentVisitors: 3 }, { cursor: '1.1' })
  await nextFrame()
  expect(changed).toHaveBeenCalled()
  expect(pinia.state.value['tidemark']?.['connections']).toEqual(store.connections)
})

it('useTidemarkStore: ignores a restored state', async () => {
  const { store } = await createStore()
  const before = store.connections
  store.$patch({ connections: {} })
  expect(store.connections).toEqual(before)
})
