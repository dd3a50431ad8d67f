// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
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

const all = { currentVisitors: 2, activePages: [], pageViews: 3, recentEvents: [] }

it('does nothing until it is started', async () => {
  const poller = createRealtimePoller(shop)
  await nextFrame()
  expect(clients.made.length).toBe(0)
  expect(poller.isLoading.value).toBe(false)
  expect(poller.data.value).toBeUndefined()
})

it('says at once which option is a mistake, by the name that it has here', () => {
  expect(() => createRealtimePoller({ ...shop, interval: 0 })).toThrow(
    new TypeError('interval: 0 is not a number of milliseconds above 0 and at most 2147483647.'),
  )
  expect(() => createRealtimePoller({ ...shop, siteId: '' })).toThrow(
    new TypeError("siteId: '' is not the ID of a site; for example 'my-site'."),
  )
})

it('polls at its interval, by HTTP alone', async () => {
  createRealtimePoller(shop).start()
  await nextFrame()
  expect(clients.last.options).toMatchObject({
    siteId: 'shop',
    pollIntervalMs: 2000,
    transports: [],
  })
})

it('gives the state when all of it has arrived', async () => {
  const poller = createRealtimePoller(shop)
  poller.start()
  await nextFrame()
  expect(poller.isLoading.value).toBe(true)
  clients.last.receive({ currentVisitors: 2 })
  await nextFrame()
  expect(poller.data.value).toBeUndefined()
  clients.last.receive(all)
  await nextFrame()
  expect(poller.data.value).toEqual(all)
  expect(poller.isLoading.value).toBe(false)
})

it('tells an error and keeps the data', async () => {
  const poller = createRealtimePoller(shop)
  poller.start()
  await nextFrame()
  clients.last.receive(all)
  clients.last.become({ error: { code: 'too_busy', message: 'later' } })
  await nextFrame()
  expect(poller.error.value).toEqual({ code: 'too_busy', message: 'later' })
  expect(poller.data.value).toEqual(all)
})

it('ends at stop and keeps the data', async () => {
  const poller = createRealtimePoller(shop)
  poller.start()
  await nextFrame()
  clients.last.receive(all)
  await nextFrame()
  poller.stop()
  await nextFrame()
  expect(clients.last.open).toEqual([])
  expect(poller.data.value).toEqual(all)
})

it('starts only once, and again after a stop', async () => {
  const poller = createRealtimePoller(shop)
  poller.start()
  poller.start()
  await nextFrame()
  expect(clients.last.open.length).toBe(1)
  poller.stop()
  poller.start()
  await nextFrame()
  expect(clients.last.open.length).toBe(1)
})

it('opens nothing when it is stopped in the moment that it was started', async () => {
  const poller = createRealtimePoller(shop)
  poller.start()
  poller.stop()
  await nextFrame()
  expect(clients.made.length).toBe(0)
})

it('ends with the scope that it was made in', async () => {
  const scope = effectScope()
  scope.run(() => createRealtimePoller(shop).start())
  await nextFrame()
  scope.stop()
  await nextFrame()
  expect(clients.last.open).toEqual([])
})

it('takes the channels that it was told to', async () => {
  const poller = createRealtimePoller({ ...shop, channels: ['devices'] })
  poller.start()
  await nextFrame()
  expect(clients.last.open).toEqual([['devices']])
  clients.last.receive({ devices: [] })
  await nextFrame()
  expect(poller.data.value).toEqual({ devices: [] })
})
