import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeServer, createFakeServer } from './testing/fake-server.ts'
import { FakeSocket } from './testing/fake-socket.ts'
import {
  connectMs,
  goLive,
  heartbeatMs,
  pingAt,
  snapshotAt,
  type OpenClient,
  openClient,
} from './testing/scenario.ts'

const pollIntervalMs = 5000
const minuteMs = 60_000

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

/** Opens a client that only polls, on a server that answers polls. */
async function openPollingClient(options: { pollIntervalMs?: number } = {}): Promise<OpenClient> {
  const watched = await openClient(server, ['currentVisitors'], { transports: [], ...options })
  server.answerPolls(() => snapshotAt('7.3'))
  return watched
}

describe('createLiveClient: hidden page', () => {
  it('polls once a minute and reports `paused`', async () => {
    const { client } = await openPollingClient()
    await server.clock.advance(2000)
    server.page.hide()
    await server.clock.flush()
    expect(client.view.status.paused).toBe(true)
    expect(server.count('poll')).toBe(1)

    await server.clock.advance(minuteMs - 2000 - 1)
    expect(server.count('poll')).toBe(1)
    await server.clock.advance(1)
    expect(server.count('poll')).toBe(2)
    await server.clock.advance(minuteMs)
    expect(server.count('poll')).toBe(3)
  })

  it('keeps a poll interval that is longer than a minute', async () => {
    await openPollingClient({ pollIntervalMs: 3 * minuteMs })
    await server.clock.advance(1000)
    server.page.hide()
    await server.clock.advance(3 * minuteMs - 1001)
    expect(server.count('poll')).toBe(1)

    await server.clock.advance(1)
    expect(server.count('poll')).toBe(2)
  })

  it('does not poll when the page becomes hidden, even after failures', async () => {
    await openClient(server)
    server.answerPolls(() => 'failure')
    await server.clock.advance(2000)
    server.page.hide()
    server.page.signal()
    await server.clock.flush()

    expect(server.count('poll')).toBe(1)
  })

  it('polls once at the start', async () => {
    server.page.hide()
    const { client } = await openPollingClient()
    await server.clock.advance(minuteMs - 1)

    expect(server.count('poll')).toBe(1)
    expect(client.view.state).toEqual({ currentVisitors: 1 })
  })

  it('closes its connection after five minutes, polls, and reconnects when the page is visible', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => snapshotAt('7.3'))
    server.page.hide()
    for (let beats = 0; beats < 20; beats++) {
      await server.clock.advance(heartbeatMs)
      socket.deliver(pingAt('7.3'))
    }
    expect(socket.readyState).not.toBe(FakeSocket.OPEN)
    expect(client.view.status).toMatchObject({ phase: 'polling', paused: true, stale: false })

    await server.clock.advance(10 * minuteMs)
    expect(server.count('connect')).toBe(1)
    expect(server.count('poll')).toBe(12)
    server.page.show()
    await server.clock.advance(connectMs)
    expect(client.view.status.phase).toBe('upgrading')
    expect(server.count('connect')).toBe(2)
  })

  it('keeps its connection for the first five minutes', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    server.page.hide()
    for (let beats = 0; beats < 19; beats++) {
      await server.clock.advance(heartbeatMs)
      socket.deliver(pingAt('7.3'))
    }

    expect(client.view.status).toMatchObject({ phase: 'live', paused: true, stale: false })
    expect(server.count('poll')).toBe(1)
  })
})

describe('createLiveClient: page that becomes visible', () => {
  it('polls immediately when a poll is due', async () => {
    const { client } = await openPollingClient()
    await server.clock.advance(1000)
    server.page.hide()
    await server.clock.advance(20_000)
    expect(server.count('poll')).toBe(1)

    server.page.show()
    await server.clock.flush()
    expect(server.count('poll')).toBe(2)
    expect(client.view.status.paused).toBe(false)
    await server.clock.advance(pollIntervalMs)
    expect(server.count('poll')).toBe(3)
  })

  it('polls immediately instead of waiting for the backoff', async () => {
    await openClient(server, ['currentVisitors'], {
      platform: { random: () => 1 - Number.EPSILON },
    })
    server.answerPolls(() => 'failure')
    await server.clock.advance(4 * minuteMs)
    const before = server.count('poll')
    await server.clock.advance(pollIntervalMs)
    expect(server.count('poll')).toBe(before)

    server.page.show()
    expect(server.count('poll')).toBe(before + 1)
  })

  it('waits for the rest of the poll interval when no poll is due', async () => {
    await openPollingClient()
    await server.clock.advance(1000)
    server.page.hide()
    await server.clock.advance(1000)
    server.page.show()
    await server.clock.advance(2999)
    expect(server.count('poll')).toBe(1)

    await server.clock.advance(1)
    expect(server.count('poll')).toBe(2)
  })

  it('polls at most once per interval, even if visibility changes often and polls fail', async () => {
    await openClient(server)
    server.answerPolls(() => 'failure')
    for (let times = 0; times < 595; times++) {
      server.page.hide()
      server.page.show()
      server.page.signal()
      await server.clock.advance(100)
    }

    expect(server.count('poll')).toBeLessThanOrEqual(minuteMs / pollIntervalMs)
  })

  it('does not cancel the poll in flight', async () => {
    await openPollingClient()
    server.pausePolls()
    await server.clock.advance(pollIntervalMs)
    server.page.hide()
    server.page.show()

    expect(server.count('poll')).toBe(2)
    expect(server.poll.isAborted).toBe(false)
  })

  it('polls within the poll interval after the clock was set back an hour', async () => {
    await openPollingClient()
    await server.clock.advance(1000)
    server.page.hide()
    server.clock.jump(-3_600_000)
    await server.clock.advance(30_000)
    server.page.show()
    await server.clock.advance(pollIntervalMs)

    expect(server.count('poll')).toBe(2)
  })
})

describe('createLiveClient: offline page', () => {
  it('sends no requests and reports `offline`', async () => {
    const { client } = await openPollingClient()
    await server.clock.advance(1000)
    server.page.goOffline()
    await server.clock.flush()
    expect(client.view.status.offline).toBe(true)

    await server.clock.advance(60 * minuteMs)
    expect(server.count('poll')).toBe(1)
    expect(client.view.state).toEqual({ currentVisitors: 1 })
    expect(client.view.status.stale).toBe(true)
  })

  it('reports the transport `none` until it is online', async () => {
    const { client } = await openPollingClient()
    await server.clock.flush()
    expect(client.view.status.transport).toBe('poll')
    server.page.goOffline()
    await server.clock.flush()
    expect(client.view.status.transport).toBe('none')

    server.page.goOnline()
    await server.clock.flush()
    expect(client.view.status.transport).toBe('poll')
  })

  it('cancels the poll in flight without an error', async () => {
    const { client } = await openClient(server)
    server.page.goOffline()
    await server.clock.flush()

    expect(server.poll.isAborted).toBe(true)
    expect(client.view.status.error).toBeUndefined()
  })

  it('closes its connection and opens no other', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    server.page.goOffline()
    await server.clock.advance(10 * minuteMs)

    expect(socket.readyState).toBe(FakeSocket.CLOSED)
    expect(server.count('connect')).toBe(1)
    expect(client.view.status).toMatchObject({ phase: 'polling', offline: true })
    expect(server.clock.pending).toBe(0)
  })

  it('polls immediately when it is online again, and upgrades', async () => {
    const { client } = await openClient(server)
    await goLive(server, snapshotAt('7.3'))
    server.page.goOffline()
    await server.clock.advance(10 * minuteMs)
    server.page.goOnline()
    expect(server.count('poll')).toBe(2)

    await goLive(server, snapshotAt('7.9', { currentVisitors: 9 }))
    expect(client.view.state).toEqual({ currentVisitors: 9 })
    expect(client.view.status).toMatchObject({ phase: 'live', offline: false, stale: false })
    expect(server.messages.findLast(({ type }) => type === 'sub')).toMatchObject({ since: '7.9' })
  })

  it('polls immediately after a short interruption', async () => {
    await openPollingClient()
    await server.clock.advance(1000)
    server.page.goOffline()
    server.page.goOnline()

    expect(server.count('poll')).toBe(2)
  })

  it('polls immediately when it was offline at the start and is online again', async () => {
    const { client, unsubscribe } = await openPollingClient()
    await server.clock.advance(1000)
    unsubscribe()
    server.page.goOffline()
    client.subscribe(['currentVisitors'], () => {})
    await server.clock.flush()
    server.page.goOnline()

    expect(server.count('poll')).toBe(2)
  })

  it('waits for the network when it is offline at the start', async () => {
    server.page.goOffline()
    const { client } = await openPollingClient()
    await server.clock.advance(10 * minuteMs)
    expect(server.log).toEqual([])
    expect(client.view.status).toMatchObject({ phase: 'polling', offline: true })

    server.page.goOnline()
    await server.clock.flush()
    expect(server.count('poll')).toBe(1)
    expect(client.view.status.offline).toBe(false)
  })

  it('sends no requests on refresh or subscribe', async () => {
    const { client } = await openPollingClient()
    await server.clock.advance(1000)
    server.page.goOffline()
    await client.refresh()
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    server.page.hide()
    server.page.show()
    await server.clock.advance(minuteMs)

    expect(server.count('poll')).toBe(1)
  })
})

describe('createLiveClient: page that resumes from sleep', () => {
  it('polls immediately when a poll is overdue', async () => {
    await openPollingClient()
    await server.clock.advance(1000)
    // During sleep the clock advances but timers do not run.
    server.clock.jump(60 * minuteMs)
    server.page.signal()

    expect(server.count('poll')).toBe(2)
  })

  it('abandons a connection that has become stale, and polls immediately', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    server.cut()
    server.clock.jump(60 * minuteMs)
    server.restore()
    server.answerPolls(() => snapshotAt('7.90', { currentVisitors: 90 }))
    server.page.signal()
    await server.clock.flush()

    expect(socket.readyState).not.toBe(FakeSocket.OPEN)
    expect(server.count('poll')).toBe(2)
    expect(client.view).toMatchObject({
      state: { currentVisitors: 90 },
      status: { phase: 'polling' },
    })
    await server.clock.advance(1000 + connectMs)
    expect(server.count('connect')).toBe(2)
  })

  it('keeps a connection that is not stale', async () => {
    const { client } = await openClient(server)
    await goLive(server, snapshotAt('7.3'))
    server.clock.jump(20_000)
    server.page.signal()
    await server.clock.flush()

    expect(client.view.status.phase).toBe('live')
    expect(server.count('poll')).toBe(1)
  })
})
