import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeServer, createFakeServer } from './testing/fake-server.ts'
import { FakeSocket } from './testing/fake-socket.ts'
import {
  acknowledge,
  connectMs,
  goLive,
  heartbeatMs,
  hello,
  pingAt,
  snapshotAt,
  openClient,
} from './testing/scenario.ts'

const minuteMs = 60_000
const pollIntervalMs = 5000

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

/** A server whose state is counted up with each poll. */
function count(): void {
  let polls = 0
  server.answerPolls(() => snapshotAt(`7.${++polls}`, { currentVisitors: polls }))
}

/** Lets the next socket become live by itself. */
function acceptAndProve(): void {
  server.handshake = 'accept'
  server.onOpen = socket => {
    socket.deliver(hello)
    queueMicrotask(() => {
      const cursor = `7.${server.count('poll')}`
      acknowledge(server, cursor)
      socket.deliver(pingAt(cursor))
    })
  }
}

// A page is not told why a handshake failed: a 403, a 200 instead of the 101 and a reset connection all look
// like `refuse` (WHATWG WebSockets, section 6: so that a page cannot probe a network).
describe.each(['refuse', 'hang', 'throw'] as const)('where handshakes %s', handshake => {
  it('polling is right, and neither slower nor faster than its rhythm', async () => {
    server.handshake = handshake
    const { client } = await openClient(server)
    count()
    await server.clock.advance(10 * minuteMs)

    expect(server.count('connect')).toBeGreaterThan(8)
    const polls = server.log.flatMap(({ kind, at }) => (kind === 'poll' ? [at] : []))
    const gaps = polls.slice(1).map((at, index) => at - (polls[index] ?? 0))
    expect(new Set(gaps)).toEqual(new Set([pollIntervalMs]))
    expect(client.view.state).toEqual({ currentVisitors: polls.length })
    expect(client.view.status).toMatchObject({ phase: 'polling', stale: false, error: undefined })
  })

  it('an upgrade comes by itself when it can', async () => {
    server.handshake = handshake
    const { client } = await openClient(server)
    count()
    await server.clock.advance(10 * minuteMs)
    acceptAndProve()
    await server.clock.advance(70_000)

    expect(client.view.status.phase).toBe('live')
  })
})

describe('a try to connect that fails', () => {
  it('does not disturb the poll that is under way', async () => {
    await openClient(server)
    server.handshake = 'hang'
    count()
    await server.clock.advance(connectMs)
    server.pausePolls()
    await server.clock.advance(pollIntervalMs)
    server.socket.fail()

    expect(server.poll.isAborted).toBe(false)
    expect(server.count('poll')).toBe(2)
  })
})

describe('a connection that opens and says nothing', () => {
  it('is given up after ten seconds, with polling never interrupted', async () => {
    const { client } = await openClient(server)
    count()
    await server.clock.advance(9999)
    expect(server.socket.readyState).toBe(FakeSocket.OPEN)
    expect(client.view.status.phase).toBe('upgrading')

    await server.clock.advance(connectMs)
    expect(server.socket.readyState).toBe(FakeSocket.CLOSED)
    expect(client.view.status.phase).toBe('polling')
    expect(server.count('poll')).toBe(3)

    acceptAndProve()
    await server.clock.advance(2000)
    expect(server.count('connect')).toBe(2)
    expect(client.view.status.phase).toBe('live')
  })

  it('is given up after ten seconds also when the one before it had longer silences', async () => {
    await openClient(server)
    const socket = await goLive(server, snapshotAt('7.0'))
    count()
    socket.fail()
    await server.clock.advance(1000 + connectMs)
    expect(server.count('connect')).toBe(2)

    await server.clock.advance(10_000)
    expect(server.sockets[1]?.readyState).toBe(FakeSocket.CLOSED)
  })

  it('after its hello is given up when it never answers the subscription', async () => {
    const { client } = await openClient(server)
    count()
    server.onOpen = socket => socket.deliver(hello)
    await server.clock.advance(30_000)
    const { socket } = server
    socket.deliver(pingAt('7.1'))
    expect(server.count('connect')).toBe(1)

    await server.clock.advance(5000 + 2 * connectMs)
    expect(socket.readyState).toBe(FakeSocket.CLOSED)
    expect(client.view.status.phase).not.toBe('live')
  })
})

describe('a live connection that falls silent', () => {
  it('and then ends has no say in how long the next handshake may take', async () => {
    await openClient(server)
    const socket = await goLive(server, snapshotAt('7.0'))
    count()
    server.handshake = 'hang'
    socket.deliver({ type: 'bye', code: 4503, retry: 2 * heartbeatMs })
    socket.end(4503)
    // By now the silence of the old one would have been too long.
    await server.clock.advance(2 * heartbeatMs + 6000)

    expect(server.count('connect')).toBe(2)
    expect(server.socket.readyState).toBe(FakeSocket.CONNECTING)
  })

  it('is given up after two heartbeats and five seconds; polling takes over at once', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.0'))
    server.cut()
    await server.clock.advance(2 * heartbeatMs + 4999)
    expect(client.view.status.phase).toBe('live')
    expect(server.count('poll')).toBe(1)

    server.restore()
    count()
    await server.clock.advance(1)
    expect(socket.readyState).not.toBe(FakeSocket.OPEN)
    expect(client.view.status).toMatchObject({ phase: 'polling', stale: false })
    expect(server.count('poll')).toBe(2)
  })

  it('or says what cannot be used has no say in it either', async () => {
    await openClient(server, ['currentVisitors'], { platform: { random: () => 0.5 } })
    const socket = await goLive(server, snapshotAt('7.0'))
    count()
    server.handshake = 'hang'
    socket.deliver({ type: 'bye', code: 4503, retry: 5000 })
    socket.deliverText('{"type":"frame"}')
    await server.clock.advance(5500 + 7900)

    expect(server.count('connect')).toBe(2)
    expect(server.socket.readyState).toBe(FakeSocket.CONNECTING)
  })

  it('is held by pings alone, for as long as there are some', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.0'))
    for (let beats = 0; beats < 100; beats++) {
      await server.clock.advance(heartbeatMs)
      socket.deliver(pingAt('7.0'))
    }

    expect(client.view.status).toMatchObject({ phase: 'live', stale: false })
    expect(server.log.filter(({ kind }) => kind !== 'message')).toHaveLength(2)
  })

  it('is held by frames alone, too', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.0'))
    for (let s = 1; s < 20; s++) {
      await server.clock.advance(30_000)
      socket.deliver({ type: 'frame', p: s - 1, s, at: 1, patch: { currentVisitors: s } })
    }
    await server.clock.flush()

    expect(client.view).toMatchObject({ state: { currentVisitors: 19 }, status: { phase: 'live' } })
  })

  it('does not wake up again when it speaks later', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.0', { currentVisitors: 1 }))
    server.handshake = 'hang'
    server.cut()
    await server.clock.advance(36_000)
    server.restore()
    socket.deliver({ type: 'frame', p: 0, s: 9, at: 1, patch: { currentVisitors: 99 } })
    socket.deliver(pingAt('7.9'))
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 1 })
    expect(client.view.status.phase).toBe('polling')
  })
})

describe('a server that dies', () => {
  it('is polled and knocked at with growing pauses, and found again within a minute of its return', async () => {
    const { client } = await openClient(server)
    await goLive(server, snapshotAt('7.0', { currentVisitors: 70 }))
    server.kill()
    await server.clock.advance(10 * minuteMs)
    expect(client.view.state).toEqual({ currentVisitors: 70 })
    expect(client.view.status).toMatchObject({
      phase: 'polling',
      stale: true,
      error: { code: 'network' },
    })
    const requests = server.count('poll') + server.count('connect')
    expect(requests).toBeLessThan(100)

    server.revive()
    server.answerPolls(() => snapshotAt('8.0', { currentVisitors: 80 }))
    await server.clock.advance(minuteMs + connectMs)
    expect(client.view.state).toEqual({ currentVisitors: 80 })
    expect(client.view.status).toMatchObject({ stale: false, error: undefined, cursor: '8.0' })
  })
})
