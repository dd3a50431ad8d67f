import type { ChannelName } from '@tidemark/protocol'
import type { LiveView } from '@tidemark/sdk/live'
import { expect, it } from 'vitest'
import { type ConnectionTarget, toTarget } from '../config.ts'
import { createFakeClients } from '../testing/fake-clients.ts'
import type { Subscriber } from './connection.ts'
import { createConnections } from './connections.ts'
import type { FrameTimers } from './frame-batch.ts'

const shop = toTarget({ baseUrl: '/api', siteId: 'shop' })

/** Frames that come when a test says so. */
function manualFrames() {
  const waiting: (() => void)[] = []
  const timers: FrameTimers = {
    requestAnimationFrame: run => waiting.push(run),
    cancelAnimationFrame: () => waiting.splice(0),
    setTimeout: () => 0,
    clearTimeout: () => undefined,
    isHidden: () => false,
  }
  return { timers, draw: () => waiting.splice(0).forEach(run => run()) }
}

function setUp() {
  const clients = createFakeClients()
  const frames = manualFrames()
  const connections = createConnections(clients.create, frames.timers)
  return { clients, connections, draw: frames.draw }
}

function subscriber(channels: ChannelName[], pollIntervalMs = 5000) {
  const views: LiveView[] = []
  const self: Subscriber = { channels, pollIntervalMs, take: view => views.push(view) }
  return Object.assign(self, { views })
}

/** The microtask in which who came and who went is settled. */
const settled = () => Promise.resolve()

it('opens one client for all who ask for the same target', async () => {
  const { clients, connections } = setUp()
  connections.subscribe(shop, subscriber(['currentVisitors']))
  connections.subscribe({ ...shop }, subscriber(['recentEvents']))
  await settled()
  expect(clients.made.map(client => client.open)).toEqual([[['currentVisitors', 'recentEvents']]])
})

it.each<[string, Partial<ConnectionTarget>]>([
  ['server', { baseUrl: '/other' }],
  ['site', { siteId: 'blog' }],
  ['window', { minutes: 30 }],
  ['ladder', { transports: [] }],
  ['token', { token: 'a.b.c' }],
])('opens another client for another %s', async (_, difference) => {
  const { clients, connections } = setUp()
  connections.subscribe(shop, subscriber(['currentVisitors']))
  connections.subscribe({ ...shop, ...difference }, subscriber(['currentVisitors']))
  await settled()
  expect(clients.made.length).toBe(2)
})

it('takes a base with and without a slash at the end as the same', async () => {
  const { clients, connections } = setUp()
  connections.subscribe(shop, subscriber(['currentVisitors']))
  const slashed = toTarget({ baseUrl: '/api/', siteId: 'shop' })
  connections.subscribe(slashed, subscriber(['currentVisitors']))
  await settled()
  expect(clients.made.length).toBe(1)
})

it('closes when the last one leaves and not before', async () => {
  const { clients, connections } = setUp()
  const first = connections.subscribe(shop, subscriber(['currentVisitors']))
  const second = connections.subscribe(shop, subscriber(['recentEvents']))
  await settled()
  first.close()
  await settled()
  expect(clients.last.open).toEqual([['recentEvents']])
  second.close()
  second.close()
  await settled()
  expect(clients.last.open).toEqual([])
})

it('stays open when one leaves and another comes in the same moment', async () => {
  const { clients, connections } = setUp()
  const first = connections.subscribe(shop, subscriber(['currentVisitors']))
  await settled()
  first.close()
  connections.subscribe(shop, subscriber(['recentEvents']))
  await settled()
  expect(clients.made.length).toBe(1)
  expect(clients.last.restCount).toBe(0)
  expect(clients.last.open).toEqual([['recentEvents']])
})

it('opens nothing for one who leaves before it was settled', async () => {
  const { clients, connections } = setUp()
  connections.subscribe(shop, subscriber(['currentVisitors'])).close()
  await settled()
  expect(clients.made.length).toBe(0)
})

it('gives many changes as one view in the next frame', async () => {
  const { clients, connections, draw } = setUp()
  const reader = subscriber(['currentVisitors'])
  connections.subscribe(shop, reader)
  await settled()
  for (let visitors = 1; visitors <= 10; visitors++) {
    clients.last.receive({ currentVisitors: visitors })
  }
  expect(reader.views.length).toBe(0)
  draw()
  expect(reader.views.map(view => view.state.currentVisitors)).toEqual([10])
})

it('shows whoever comes back the last known state at once, and reopens', async () => {
  const { clients, connections } = setUp()
  const first = connections.subscribe(shop, subscriber(['currentVisitors']))
  await settled()
  clients.last.receive({ currentVisitors: 7 })
  first.close()
  await settled()
  const second = connections.subscribe(shop, subscriber(['currentVisitors']))
  expect(second.view.state.currentVisitors).toBe(7)
  await settled()
  expect(clients.made.length).toBe(1)
  expect(clients.last.open.length).toBe(1)
})

it('makes a new client for whoever comes back after the server refused', async () => {
  const { clients, connections, draw } = setUp()
  const first = connections.subscribe(shop, subscriber(['currentVisitors']))
  await settled()
  clients.last.become({ unauthorized: true })
  draw()
  first.close()
  await settled()
  connections.subscribe(shop, subscriber(['currentVisitors']))
  await settled()
  expect(clients.made.length).toBe(2)
})

it('forgets the connections that were at rest longest when there are more than eight', async () => {
  const { connections } = setUp()
  for (let site = 0; site < 12; site++) {
    const target = { ...shop, siteId: `site-${site}` }
    const subscription = connections.subscribe(target, subscriber(['currentVisitors']))
    await settled()
    subscription.close()
    await settled()
  }
  const sites = [...connections.byKey.values()].map(connection => connection.target.siteId)
  expect(sites).toEqual([4, 5, 6, 7, 8, 9, 10, 11].map(site => `site-${site}`))
})

it('polls at the shortest interval that those who come together ask for', async () => {
  const { clients, connections } = setUp()
  connections.subscribe(shop, subscriber(['currentVisitors'], 30_000))
  connections.subscribe(shop, subscriber(['currentVisitors'], 2000))
  await settled()
  expect(clients.made.map(client => client.options.pollIntervalMs)).toEqual([2000])
})

it('hands over to a client with another interval only when that one has its first answer', async () => {
  const { clients, connections, draw } = setUp()
  const slow = subscriber(['currentVisitors'], 30_000)
  connections.subscribe(shop, slow)
  await settled()
  const [before] = clients.made
  before?.receive({ currentVisitors: 1 })
  draw()
  connections.subscribe(shop, subscriber(['recentEvents'], 1000))
  await settled()
  const after = clients.last
  expect(after.options.pollIntervalMs).toBe(1000)
  after.become({ phase: 'polling' })
  draw()
  expect(before?.open).toEqual([['currentVisitors', 'recentEvents']])
  expect(slow.views.at(-1)?.status.syncedAt).toBeDefined()
  after.receive({ currentVisitors: 2, recentEvents: [] })
  draw()
  expect(before?.open).toEqual([])
  expect(slow.views.at(-1)?.state).toEqual({ currentVisitors: 2, recentEvents: [] })
})

it('drops a client that was to take over when nobody asks for its interval any more', async () => {
  const { clients, connections } = setUp()
  connections.subscribe(shop, subscriber(['currentVisitors'], 5000))
  await settled()
  const fast = connections.subscribe(shop, subscriber(['currentVisitors'], 1000))
  await settled()
  fast.close()
  await settled()
  expect(clients.made.map(client => client.open.length)).toEqual([1, 0])
})

it('polls through the client that is in use when it is told to refresh', async () => {
  const { clients, connections } = setUp()
  const subscription = connections.subscribe(shop, subscriber(['currentVisitors']))
  await subscription.refresh()
  expect(clients.last.refreshCount).toBe(1)
})

it('tells subscribers when no client can be made for the address', async () => {
  const { connections } = setUp()
  connections.setClientFactory(() => {
    throw new TypeError('Invalid URL')
  })
  const reader = subscriber(['currentVisitors'])
  connections.subscribe(shop, reader)
  await settled()
  expect(reader.views.at(-1)?.status.error).toEqual({
    code: 'not_found',
    message: 'TypeError: Invalid URL',
  })
})

it('says that it is at rest when the last one has left', async () => {
  const { clients, connections, draw } = setUp()
  const subscription = connections.subscribe(shop, subscriber(['currentVisitors']))
  await settled()
  clients.last.receive({ currentVisitors: 1 })
  draw()
  const [connection] = connections.byKey.values()
  expect(connection?.status.value.phase).toBe('live')
  subscription.close()
  await settled()
  expect(connection?.status.value.phase).toBe('idle')
})

it('throws for a channel that there is not', () => {
  const { connections } = setUp()
  const stranger: unknown = 'visitors'
  const reader = subscriber([stranger as ChannelName])
  expect(() => connections.subscribe(shop, reader)).toThrow(
    new TypeError('There is no channel visitors'),
  )
})
