// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createSSRApp, defineComponent, effectScope, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { useTidemarkStore } from '../store/useTidemarkStore.ts'
import { type FakeClients, createFakeClients } from '../testing/fake-clients.ts'
import { nextFrame } from '../testing/mount-app.ts'
import { createRealtimePoller } from './createRealtimePoller.ts'

const shop = { baseUrl: '/api', siteId: 'shop', interval: 2000 }
let clients: FakeClients

beforeEach(() => {
  vi.useFakeTimers()
  const pinia = createPinia()
  setActivePinia(pinia)
  clients = createFakeClients()
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
})
afterEach(() => {
  setActivePinia(undefined)
  vi.useRealTimers()
})

const allChannels = { currentVisitors: 2, activePages: [], pageViews: 3, recentEvents: [] }

it('createRealtimePoller: is loading before `start`, without a request', async () => {
  const poller = createRealtimePoller(shop)
  await nextFrame()
  expect(clients.created.length).toBe(0)
  expect(poller.isLoading.value).toBe(true)
  expect(poller.data.value).toBeUndefined()
})

it('createRealtimePoller: throws for an invalid option and names it', () => {
  expect(() => createRealtimePoller({ ...shop, interval: 0 })).toThrow(
    new TypeError('interval: 0 is not a number of milliseconds above 0 and at most 2147483647.'),
  )
  expect(() => createRealtimePoller({ ...shop, siteId: '' })).toThrow(
    new TypeError("siteId: '' is not the ID of a site; for example 'my-site'."),
  )
})

it('createRealtimePoller: polls by HTTP at its interval', async () => {
  createRealtimePoller(shop).start()
  await nextFrame()
  expect(clients.last.options).toMatchObject({
    siteId: 'shop',
    pollIntervalMs: 2000,
    transports: [],
  })
})

it('createRealtimePoller: sets `data` when all channels have arrived', async () => {
  const poller = createRealtimePoller(shop)
  poller.start()
  await nextFrame()
  expect(poller.isLoading.value).toBe(true)
  clients.last.receive({ currentVisitors: 2 })
  await nextFrame()
  expect(poller.data.value).toBeUndefined()
  clients.last.receive(allChannels)
  await nextFrame()
  expect(poller.data.value).toEqual(allChannels)
  expect(poller.isLoading.value).toBe(false)
})

it('createRealtimePoller: ends loading with an error', async () => {
  const poller = createRealtimePoller(shop)
  poller.start()
  await nextFrame()
  clients.last.setStatus({ error: { code: 'site_unknown', message: 'no' } })
  await nextFrame()
  expect(poller.isLoading.value).toBe(false)
})

it('createRealtimePoller: is loading in HTML from a server', async () => {
  const App = defineComponent(() => {
    const { data, isLoading } = createRealtimePoller(shop)
    return () => h('p', isLoading.value ? 'loading' : `${data.value?.currentVisitors ?? 0}`)
  })
  expect(await renderToString(createSSRApp(App))).toBe('<p>loading</p>')
})

it('createRealtimePoller: sets `data` also while the page is hidden', async () => {
  const poller = createRealtimePoller(shop)
  poller.start()
  await nextFrame()
  clients.last.setStatus({ paused: true })
  clients.last.receive(allChannels)
  await nextFrame()
  expect(poller.data.value).toEqual(allChannels)
})

it('createRealtimePoller: sets `error` and retains `data`', async () => {
  const poller = createRealtimePoller(shop)
  poller.start()
  await nextFrame()
  clients.last.receive(allChannels)
  clients.last.setStatus({ error: { code: 'too_busy', message: 'later' } })
  await nextFrame()
  expect(poller.error.value).toEqual({ code: 'too_busy', message: 'later' })
  expect(poller.data.value).toEqual(allChannels)
})

it('createRealtimePoller: retains `data` after `stop`', async () => {
  const poller = createRealtimePoller(shop)
  poller.start()
  await nextFrame()
  clients.last.receive(allChannels)
  await nextFrame()
  poller.stop()
  await nextFrame()
  expect(clients.last.subscriptions).toEqual([])
  expect(poller.data.value).toEqual(allChannels)
})

it('createRealtimePoller: ignores a second `start`, and restarts after `stop`', async () => {
  const poller = createRealtimePoller(shop)
  poller.start()
  poller.start()
  await nextFrame()
  expect(clients.last.subscriptions.length).toBe(1)
  poller.stop()
  poller.start()
  await nextFrame()
  expect(clients.last.subscriptions.length).toBe(1)
})

it('createRealtimePoller: opens no connection when stopped at once', async () => {
  const poller = createRealtimePoller(shop)
  poller.start()
  poller.stop()
  await nextFrame()
  expect(clients.created.length).toBe(0)
})

it('createRealtimePoller: stops with its effect scope', async () => {
  const scope = effectScope()
  scope.run(() => createRealtimePoller(shop).start())
  await nextFrame()
  scope.stop()
  await nextFrame()
  expect(clients.last.subscriptions).toEqual([])
})

it('createRealtimePoller: polls the given channels', async () => {
  const poller = createRealtimePoller({ ...shop, channels: ['devices'] })
  poller.start()
  await nextFrame()
  expect(clients.last.subscriptions).toEqual([['devices']])
  clients.last.receive({ devices: [] })
  await nextFrame()
  expect(poller.data.value).toEqual({ devices: [] })
})
