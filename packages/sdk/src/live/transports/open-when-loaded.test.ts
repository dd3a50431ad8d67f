import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createReader } from '../reader.ts'
import { type FakeServer, createFakeServer } from '../testing/fake-server.ts'
import { createTokenProvider } from '../token.ts'
import { createTransportSelector } from '../transport-selector.ts'
import type { StreamingTransport } from '../types.ts'
import { type OpenTransport, openWhenLoaded } from './open-when-loaded.ts'
import type {
  ConnectionLoss,
  TransportConnection,
  TransportEvents,
  TransportOptions,
} from './transport.ts'

let server: FakeServer
let losses: ConnectionLoss[]
beforeEach(() => {
  server = createFakeServer()
  losses = []
})
afterEach(() => void vi.useRealTimers())

const silentEvents: TransportEvents = { onActivity() {}, onVerified() {}, onLost() {} }
const broken: ConnectionLoss = { reason: 'broken', retryAfterMs: 0 }

function optionsOf(events: TransportEvents): TransportOptions {
  return {
    ...events,
    platform: { ...server.platform, random: () => 0.5 },
    siteUrl: 'http://stats.test/api/sites/shop',
    token: createTokenProvider(undefined),
    reader: createReader(),
    selection: () => ({ channels: ['currentVisitors'], minutes: 5, paths: [], properties: [] }),
  }
}

function createTransport(): { connection: TransportConnection; open: OpenTransport } {
  const connection = {
    isOpen: true,
    retryAt: 7,
    maxSilenceMs: 35_000,
    resubscribe: vi.fn<() => void>(),
    reconnect: vi.fn<() => void>(),
    stop: vi.fn<() => void>(),
  }
  return { connection, open: vi.fn<OpenTransport>(() => connection) }
}

function openLoading(load: () => Promise<OpenTransport>): TransportConnection {
  return openWhenLoaded(
    load,
    optionsOf({ ...silentEvents, onLost: loss => void losses.push(loss) }),
  )
}

describe('openWhenLoaded', () => {
  it('opens the transport as soon as it has loaded', async () => {
    const { connection, open } = createTransport()
    const { promise, resolve } = Promise.withResolvers<OpenTransport>()
    const opened = openLoading(() => promise)
    await server.clock.advance(5000)
    expect(opened).toMatchObject({ isOpen: false })
    opened.resubscribe()
    opened.reconnect()

    resolve(open)
    await server.clock.flush()
    expect(open).toHaveBeenCalledOnce()
    expect(opened).toMatchObject({ isOpen: true, retryAt: 7, maxSilenceMs: 35_000 })
    expect(connection.reconnect).not.toHaveBeenCalled()
    expect(server.clock.pending).toBe(0)

    opened.resubscribe()
    opened.reconnect()
    opened.stop()
    expect(connection.resubscribe).toHaveBeenCalledOnce()
    expect(connection.reconnect).toHaveBeenCalledOnce()
    expect(connection.stop).toHaveBeenCalledOnce()
  })

  it('reports a failed attempt and tries again after the backoff', async () => {
    const { open } = createTransport()
    const load = vi.fn<() => Promise<OpenTransport>>(async () => open)
    load.mockRejectedValueOnce(new TypeError('Failed to fetch dynamically imported module'))
    const opened = openLoading(load)
    await server.clock.advance(0)
    expect(losses).toEqual([broken])
    expect(opened.retryAt).toBeGreaterThan(server.clock.now())
    expect(load).toHaveBeenCalledOnce()

    await server.clock.advance(2000)
    expect(open).toHaveBeenCalledOnce()
    expect(losses).toEqual([broken])
  })

  it('reports an attempt without an end as failed', async () => {
    const { promise, reject } = Promise.withResolvers<OpenTransport>()
    openLoading(() => promise)
    await server.clock.advance(8000)
    expect(losses).toEqual([broken])

    reject(new TypeError('Failed to fetch dynamically imported module'))
    await server.clock.flush()
    expect(losses).toEqual([broken])
  })

  it.each(['loads', 'fails'])('opens nothing when it is stopped before loading %s', async end => {
    const { open } = createTransport()
    const { promise, resolve, reject } = Promise.withResolvers<OpenTransport>()
    const opened = openLoading(() => promise)
    await server.clock.advance(100)
    opened.stop()
    if (end === 'loads') resolve(open)
    else reject(new TypeError('Failed to fetch dynamically imported module'))
    await server.clock.advance(60_000)

    expect(open).not.toHaveBeenCalled()
    expect(losses).toEqual([])
    expect(server.clock.pending).toBe(0)
  })
})

it('createTransportSelector: uses the next transport while the best one cannot be loaded', async () => {
  const load = vi.fn<() => Promise<OpenTransport>>(async () =>
    Promise.reject(new TypeError('blocked')),
  )
  const tried: StreamingTransport[] = []
  const selector = createTransportSelector({
    platform: { ...server.platform, random: () => 0.5 },
    fallbackOrder: ['websocket', 'sse'],
    open(transport, events) {
      tried.push(transport)
      if (transport === 'websocket') return openWhenLoaded(load, optionsOf(events))
      queueMicrotask(events.onVerified)
      return createTransport().connection
    },
    isServerReachable: () => true,
    onActivity() {},
    onActive() {},
    onLost() {},
  })
  selector.upgrade()
  await server.clock.advance(5000)
  expect(load).toHaveBeenCalledTimes(2)
  expect(selector.active?.transport).toBe('sse')

  await server.clock.advance(40_000)
  expect(tried).toEqual(['websocket', 'sse', 'websocket'])
  expect(load).toHaveBeenCalledTimes(4)
  expect(selector.active?.transport).toBe('sse')
  selector.stop()
})
