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

/** Answers each poll with the number of polls so far. */
function answerWithCount(): void {
  let polls = 0
  server.answerPolls(() => snapshotAt(`7.${++polls}`, { currentVisitors: polls }))
}

/** Accepts the next socket and sends the messages that verify it. */
function acceptAndVerify(): void {
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

// A page cannot see the reason for a failed handshake: a 403, a 200 instead of the 101, and a reset connection all
// look like `refuse` (WHATWG WebSockets, section 6: a page must not be able to probe a network).
describe.each(['refuse', 'hang', 'throw'] as const)(
  'createLiveClient: blocked WebSocket (%s)',
  handshake => {
    it('keeps polling at the poll interval', async () => {
      server.handshake = handshake
      const { client } = await openClient(server)
      answerWithCount()
      await server.clock.advance(10 * minuteMs)

      expect(server.count('connect')).toBeGreaterThan(8)
      const polls = server.log.flatMap(({ kind, at }) => (kind === 'poll' ? [at] : []))
      const gaps = polls.slice(1).map((at, index) => at - (polls[index] ?? 0))
      expect(new Set(gaps)).toEqual(new Set([pollIntervalMs]))
      expect(client.view.state).toEqual({ currentVisitors: polls.length })
      expect(client.view.status).toMatchObject({ phase: 'polling', stale: false, error: undefined })
    })

    it('upgrades once handshakes succeed', async () => {
      server.handshake = handshake
      const { client } = await openClient(server)
      answerWithCount()
      await server.clock.advance(10 * minuteMs)
      acceptAndVerify()
      await server.clock.advance(70_000)

      expect(client.view.status.phase).toBe('live')
    })
  },
)

describe('createLiveClient: failed WebSocket attempt', () => {
  it('leaves the poll in flight undisturbed', async () => {
    await openClient(server)
    server.handshake = 'hang'
    answerWithCount()
    await server.clock.advance(connectMs)
    server.pausePolls()
    await server.clock.advance(pollIntervalMs)
    server.socket.fail()

    expect(server.poll.isAborted).toBe(false)
    expect(server.count('poll')).toBe(2)
  })
})

describe('createLiveClient: WebSocket without messages', () => {
  it('reconnects after ten seconds and keeps polling', async () => {
    const { client } = await openClient(server)
    answerWithCount()
    await server.clock.advance(9999)
    expect(server.socket.readyState).toBe(FakeSocket.OPEN)
    expect(client.view.status.phase).toBe('upgrading')

    await server.clock.advance(connectMs)
    expect(server.socket.readyState).toBe(FakeSocket.CLOSED)
    expect(client.view.status.phase).toBe('polling')
    expect(server.count('poll')).toBe(3)

    acceptAndVerify()
    await server.clock.advance(2000)
    expect(server.count('connect')).toBe(2)
    expect(client.view.status.phase).toBe('live')
  })

  it('reconnects after ten seconds, even if the previous heartbeat interval was longer', async () => {
    await openClient(server)
    const socket = await goLive(server, snapshotAt('7.0'))
    answerWithCount()
    socket.fail()
    await server.clock.advance(1000 + connectMs)
    expect(server.count('connect')).toBe(2)

    await server.clock.advance(10_000)
    expect(server.sockets[1]?.readyState).toBe(FakeSocket.CLOSED)
  })

  it('reconnects when the server never answers the subscription', async () => {
    const { client } = await openClient(server)
    answerWithCount()
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

describe('createLiveClient: live connection without messages', () => {
  it('does not apply the silence limit of a closed connection to the next handshake', async () => {
    await openClient(server)
    const socket = await goLive(server, snapshotAt('7.0'))
    answerWithCount()
    server.handshake = 'hang'
    socket.deliver({ type: 'bye', code: 4503, retry: 2 * heartbeatMs })
    socket.end(4503)
    // The silence limit of the old connection has passed by now.
    await server.clock.advance(2 * heartbeatMs + 6000)

    expect(server.count('connect')).toBe(2)
    expect(server.socket.readyState).toBe(FakeSocket.CONNECTING)
  })

  it('closes after two heartbeats and five seconds, and polls immediately', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.0'))
    server.cut()
    await server.clock.advance(2 * heartbeatMs + 4999)
    expect(client.view.status.phase).toBe('live')
    expect(server.count('poll')).toBe(1)

    server.restore()
    answerWithCount()
    await server.clock.advance(1)
    expect(socket.readyState).not.toBe(FakeSocket.OPEN)
    expect(client.view.status).toMatchObject({ phase: 'polling', stale: false })
    expect(server.count('poll')).toBe(2)
  })

  it('does not apply the silence limit to the next handshake after an invalid message', async () => {
    await openClient(server, ['currentVisitors'], { platform: { random: () => 0.5 } })
    const socket = await goLive(server, snapshotAt('7.0'))
    answerWithCount()
    server.handshake = 'hang'
    socket.deliver({ type: 'bye', code: 4503, retry: 5000 })
    socket.deliverText('{"type":"frame"}')
    await server.clock.advance(5500 + 7900)

    expect(server.count('connect')).toBe(2)
    expect(server.socket.readyState).toBe(FakeSocket.CONNECTING)
  })

  it('stays open with pings only', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.0'))
    for (let beats = 0; beats < 100; beats++) {
      await server.clock.advance(heartbeatMs)
      socket.deliver(pingAt('7.0'))
    }

    expect(client.view.status).toMatchObject({ phase: 'live', stale: false })
    expect(server.log.filter(({ kind }) => kind !== 'message')).toHaveLength(2)
  })

  it('stays open with frames only', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.0'))
    for (let s = 1; s < 20; s++) {
      await server.clock.advance(30_000)
      socket.deliver({ type: 'frame', p: s - 1, s, at: 1, patch: { currentVisitors: s } })
    }
    await server.clock.flush()

    expect(client.view).toMatchObject({ state: { currentVisitors: 19 }, status: { phase: 'live' } })
  })

  it('ignores messages of a connection that it has abandoned', async () => {
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

describe('createLiveClient: server outage', () => {
  it('retries with growing delays, and recovers within a minute of the restart', async () => {
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
