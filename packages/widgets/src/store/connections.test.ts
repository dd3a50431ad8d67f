import type { ChannelName } from '@tidemark/protocol'
import type { LiveStatus, LiveView } from '@tidemark/sdk/live'
import { expect, it } from 'vitest'
import { type ConnectionTarget, toTarget } from '../config.ts'
import { createFakeClients } from '../testing/fake-clients.ts'
import type { Subscriber } from './connection.ts'
import { createConnections } from './connections.ts'
import type { FrameTimers } from './frame-batch.ts'
import { lingerMs } from './linger.ts'

const shop = toTarget({ baseUrl: '/api', siteId: 'shop' })

/** Animation frames that run on `runFrames`, and timers that run on `linger`. */
function createManualTimers() {
  const frames: ((startedAt: number) => void)[] = []
  const lingering = new Map<unknown, () => void>()
  const timers: FrameTimers = {
    requestAnimationFrame: run => frames.push(run),
    cancelAnimationFrame: () => frames.splice(0),
    setTimeout(run, delayMs) {
      const timer = {}
      if (delayMs === lingerMs) lingering.set(timer, run)
      return timer
    },
    clearTimeout: timer => void lingering.delete(timer),
    now: () => 0,
    isHidden: () => false,
  }
  return {
    timers,
    lingering,
    runFrames: () => frames.splice(0).forEach(run => run(0)),
    /** Runs the timers of connections without subscribers. */
    async linger() {
      await subscriptionsApplied()
      for (const run of [...lingering.values()]) run()
    },
  }
}

function setUp(timers: Partial<FrameTimers> = {}) {
  const clients = createFakeClients()
  const manual = createManualTimers()
  const connections = createConnections(clients.create, { ...manual.timers, ...timers })
  return { clients, connections, ...manual }
}

function createSubscriber(channels: ChannelName[], pollIntervalMs = 5000) {
  const views: LiveView[] = []
  const subscriber: Subscriber = { channels, pollIntervalMs, onView: view => views.push(view) }
  return Object.assign(subscriber, { views })
}

/** Waits for the microtask that applies new and closed subscriptions. */
const subscriptionsApplied = () => Promise.resolve()

it('createConnections: opens one client for all subscribers of a target', async () => {
  const { clients, connections } = setUp()
  connections.subscribe(shop, createSubscriber(['currentVisitors']))
  connections.subscribe({ ...shop }, createSubscriber(['recentEvents']))
  await subscriptionsApplied()
  expect(clients.created.map(client => client.subscriptions)).toEqual([
    [['currentVisitors', 'recentEvents']],
  ])
})

it.each<[string, Partial<ConnectionTarget>]>([
  ['server', { baseUrl: '/other' }],
  ['site', { siteId: 'blog' }],
  ['window', { minutes: 30 }],
  ['transport list', { transports: [] }],
  ['token', { token: 'a.b.c' }],
])('createConnections: opens another client for a different %s', async (_, difference) => {
  const { clients, connections } = setUp()
  connections.subscribe(shop, createSubscriber(['currentVisitors']))
  connections.subscribe({ ...shop, ...difference }, createSubscriber(['currentVisitors']))
  await subscriptionsApplied()
  expect(clients.created.length).toBe(2)
})

it('createConnections: ignores a trailing slash of `baseUrl`', async () => {
  const { clients, connections } = setUp()
  connections.subscribe(shop, createSubscriber(['currentVisitors']))
  const slashed = toTarget({ baseUrl: '/api/', siteId: 'shop' })
  connections.subscribe(slashed, createSubscriber(['currentVisitors']))
  await subscriptionsApplied()
  expect(clients.created.length).toBe(1)
})

it('createConnections: closes the client some seconds after the last subscriber has left', async () => {
  const { clients, connections, linger } = setUp()
  const first = connections.subscribe(shop, createSubscriber(['currentVisitors']))
  const second = connections.subscribe(shop, createSubscriber(['recentEvents']))
  await subscriptionsApplied()
  first.close()
  await subscriptionsApplied()
  expect(clients.last.subscriptions).toEqual([['recentEvents']])
  second.close()
  second.close()
  await subscriptionsApplied()
  expect(clients.last.subscriptions).toEqual([['recentEvents']])
  await linger()
  expect(clients.last.subscriptions).toEqual([])
})

it('createConnections: keeps a client open for a subscriber that returns within seconds', async () => {
  const { clients, connections, linger, lingering } = setUp()
  const first = connections.subscribe(shop, createSubscriber(['currentVisitors']))
  await subscriptionsApplied()
  first.close()
  await subscriptionsApplied()
  expect(lingering.size).toBe(1)
  connections.subscribe(shop, createSubscriber(['recentEvents']))
  expect(lingering.size).toBe(0)
  await linger()
  expect(clients.created.length).toBe(1)
  expect(clients.last.stopCount).toBe(0)
  expect(clients.last.subscriptions).toEqual([['recentEvents']])
})

it.each<[string, Partial<ConnectionTarget>, Partial<FrameTimers>, Partial<LiveStatus>]>([
  ['that only polls', { transports: [] }, {}, {}],
  ['outside a browser', {}, { requestAnimationFrame: undefined }, {}],
  ['that the server has refused', {}, {}, { unauthorized: true }],
])('createConnections: closes a client %s at once', async (_, target, timers, status) => {
  const { clients, connections, lingering, runFrames } = setUp(timers)
  const reader = createSubscriber(['currentVisitors'])
  const subscription = connections.subscribe({ ...shop, ...target }, reader)
  await subscriptionsApplied()
  clients.last.setStatus(status)
  runFrames()
  subscription.close()
  await subscriptionsApplied()
  expect(clients.last.subscriptions).toEqual([])
  expect(lingering.size).toBe(0)
})

it('createConnections: lets at most three clients wait for a returning subscriber', async () => {
  const { clients, connections, lingering } = setUp()
  for (let site = 0; site < 5; site++) {
    const target = { ...shop, siteId: `site-${site}` }
    const subscription = connections.subscribe(target, createSubscriber(['currentVisitors']))
    await subscriptionsApplied()
    subscription.close()
    await subscriptionsApplied()
  }
  expect(clients.created.map(client => client.subscriptions.length)).toEqual([0, 0, 1, 1, 1])
  expect(lingering.size).toBe(3)
})

it('createConnections: notifies a subscriber after the page was hidden, unless it asks for more', async () => {
  const { clients, connections, runFrames } = setUp()
  const reader = createSubscriber(['currentVisitors'])
  const always = Object.assign(createSubscriber(['currentVisitors']), { whileHidden: true })
  connections.subscribe(shop, reader)
  connections.subscribe(shop, always)
  await subscriptionsApplied()
  clients.last.receive({ currentVisitors: 1 }, { paused: true })
  runFrames()
  expect([reader.views.length, always.views.length]).toEqual([0, 1])
  clients.last.setStatus({ paused: false })
  runFrames()
  expect([reader.views.length, always.views.length]).toEqual([1, 2])
  expect(reader.views[0]?.state.currentVisitors).toBe(1)
})

it('createConnections: keeps the client open when a subscriber replaces another at once', async () => {
  const { clients, connections } = setUp()
  const first = connections.subscribe(shop, createSubscriber(['currentVisitors']))
  await subscriptionsApplied()
  first.close()
  connections.subscribe(shop, createSubscriber(['recentEvents']))
  await subscriptionsApplied()
  expect(clients.created.length).toBe(1)
  expect(clients.last.stopCount).toBe(0)
  expect(clients.last.subscriptions).toEqual([['recentEvents']])
})

it('createConnections: opens no client for a subscriber that leaves at once', async () => {
  const { clients, connections } = setUp()
  connections.subscribe(shop, createSubscriber(['currentVisitors'])).close()
  await subscriptionsApplied()
  expect(clients.created.length).toBe(0)
})

it('createConnections: notifies subscribers once per frame', async () => {
  const { clients, connections, runFrames } = setUp()
  const reader = createSubscriber(['currentVisitors'])
  connections.subscribe(shop, reader)
  await subscriptionsApplied()
  for (let visitors = 1; visitors <= 10; visitors++) {
    clients.last.receive({ currentVisitors: visitors })
  }
  expect(reader.views.length).toBe(0)
  runFrames()
  expect(reader.views.map(view => view.state.currentVisitors)).toEqual([10])
})

it('createConnections: gives a returning subscriber the last known state at once', async () => {
  const { clients, connections } = setUp()
  const first = connections.subscribe(shop, createSubscriber(['currentVisitors']))
  await subscriptionsApplied()
  clients.last.receive({ currentVisitors: 7 })
  first.close()
  await subscriptionsApplied()
  const second = connections.subscribe(shop, createSubscriber(['currentVisitors']))
  expect(second.view.state.currentVisitors).toBe(7)
  await subscriptionsApplied()
  expect(clients.created.length).toBe(1)
  expect(clients.last.subscriptions.length).toBe(1)
})

it('createConnections: creates a new client after the server refused the previous one', async () => {
  const { clients, connections, runFrames } = setUp()
  const first = connections.subscribe(shop, createSubscriber(['currentVisitors']))
  await subscriptionsApplied()
  clients.last.setStatus({ unauthorized: true })
  runFrames()
  first.close()
  await subscriptionsApplied()
  connections.subscribe(shop, createSubscriber(['currentVisitors']))
  await subscriptionsApplied()
  expect(clients.created.length).toBe(2)
})

it('createConnections: evicts the longest idle connections beyond eight', async () => {
  const { connections, linger } = setUp()
  for (let site = 0; site < 12; site++) {
    const target = { ...shop, siteId: `site-${site}` }
    const subscription = connections.subscribe(target, createSubscriber(['currentVisitors']))
    await subscriptionsApplied()
    subscription.close()
    await linger()
  }
  const sites = [...connections.byKey.values()].map(connection => connection.target.siteId)
  expect(sites).toEqual([4, 5, 6, 7, 8, 9, 10, 11].map(site => `site-${site}`))
})

it('createConnections: polls at the shortest interval of their subscribers', async () => {
  const { clients, connections } = setUp()
  connections.subscribe(shop, createSubscriber(['currentVisitors'], 30_000))
  connections.subscribe(shop, createSubscriber(['currentVisitors'], 2000))
  await subscriptionsApplied()
  expect(clients.created.map(client => client.options.pollIntervalMs)).toEqual([2000])
})

it('createConnections: replaces a client by one with a new interval after its first response', async () => {
  const { clients, connections, runFrames } = setUp()
  const slow = createSubscriber(['currentVisitors'], 30_000)
  connections.subscribe(shop, slow)
  await subscriptionsApplied()
  const [before] = clients.created
  before?.receive({ currentVisitors: 1 })
  runFrames()
  connections.subscribe(shop, createSubscriber(['recentEvents'], 1000))
  await subscriptionsApplied()
  const after = clients.last
  expect(after.options.pollIntervalMs).toBe(1000)
  after.setStatus({ phase: 'polling' })
  runFrames()
  expect(before?.subscriptions).toEqual([['currentVisitors', 'recentEvents']])
  expect(slow.views.at(-1)?.status.syncedAt).toBeDefined()
  after.receive({ currentVisitors: 2, recentEvents: [] })
  runFrames()
  expect(before?.subscriptions).toEqual([])
  expect(slow.views.at(-1)?.state).toEqual({ currentVisitors: 2, recentEvents: [] })
})

it('createConnections: stops a replacement client when its interval is no longer needed', async () => {
  const { clients, connections } = setUp()
  connections.subscribe(shop, createSubscriber(['currentVisitors'], 5000))
  await subscriptionsApplied()
  const fast = connections.subscribe(shop, createSubscriber(['currentVisitors'], 1000))
  await subscriptionsApplied()
  fast.close()
  await subscriptionsApplied()
  expect(clients.created.map(client => client.subscriptions.length)).toEqual([1, 0])
})

it('createConnections: refreshes through the current client', async () => {
  const { clients, connections } = setUp()
  const subscription = connections.subscribe(shop, createSubscriber(['currentVisitors']))
  await subscription.refresh()
  expect(clients.last.refreshCount).toBe(1)
})

it('createConnections: notifies subscribers when no client can be created', async () => {
  const { connections } = setUp()
  connections.setClientFactory(() => {
    throw new TypeError('Invalid URL')
  })
  const reader = createSubscriber(['currentVisitors'])
  connections.subscribe(shop, reader)
  await subscriptionsApplied()
  expect(reader.views.at(-1)?.status.error).toEqual({
    code: 'not_found',
    message: 'TypeError: Invalid URL',
  })
})

it('createConnections: reports an idle status after the last subscriber has left', async () => {
  const { clients, connections, linger, runFrames } = setUp()
  const subscription = connections.subscribe(shop, createSubscriber(['currentVisitors']))
  await subscriptionsApplied()
  clients.last.receive({ currentVisitors: 1 })
  runFrames()
  const [connection] = connections.byKey.values()
  expect(connection?.status.value.phase).toBe('live')
  subscription.close()
  await linger()
  expect(connection?.status.value.phase).toBe('idle')
})

it('createConnections: throws for an unknown channel', () => {
  const { connections } = setUp()
  const unknownChannel: unknown = 'visitors'
  const reader = createSubscriber([unknownChannel as ChannelName])
  expect(() => connections.subscribe(shop, reader)).toThrow(
    /^channels: 'visitors' is not one of currentVisitors, /,
  )
})

it('createConnections: subscribes to the paths of all subscribers', async () => {
  const { clients, connections } = setUp()
  const boots = Object.assign(createSubscriber(['pageVisitors']), { paths: ['/boots?size=40'] })
  const hats = Object.assign(createSubscriber(['pageVisitors']), { paths: ['/hats', '/boots'] })
  const first = connections.subscribe(shop, boots)
  await subscriptionsApplied()
  expect(clients.last.paths).toEqual(['/boots'])
  connections.subscribe(shop, hats)
  await subscriptionsApplied()
  expect(clients.last.paths).toEqual(['/boots', '/hats'])
  first.close()
  await subscriptionsApplied()
  expect(clients.created.length).toBe(1)
  expect(clients.last.subscriptions).toEqual([['pageVisitors']])
})

it.each<[string, ChannelName[], string[]]>([
  ['a path without its channel', ['goals'], ['/boots']],
  ['its channel without a path', ['pageVisitors'], []],
])('createConnections: throws for %s', (_, channels, paths) => {
  const { connections } = setUp()
  const reader = Object.assign(createSubscriber(channels), { paths })
  expect(() => connections.subscribe(shop, reader)).toThrow(
    "paths: the channel 'pageVisitors' needs a path, and a path this channel.",
  )
})
