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

/** Polls that are all answered, without any WebSocket. */
async function poll(options: { pollIntervalMs?: number } = {}): Promise<OpenClient> {
  const watched = await openClient(server, ['currentVisitors'], { transports: [], ...options })
  server.answerPolls(() => snapshotAt('7.3'))
  return watched
}

describe('a hidden page', () => {
  it('polls once a minute, and says that it is paused', async () => {
    const { client } = await poll()
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

  it('keeps a rhythm that is slower than that', async () => {
    await poll({ pollIntervalMs: 3 * minuteMs })
    await server.clock.advance(1000)
    server.page.hide()
    await server.clock.advance(3 * minuteMs - 1001)
    expect(server.count('poll')).toBe(1)

    await server.clock.advance(1)
    expect(server.count('poll')).toBe(2)
  })

  it('does not ask when it is being hidden, not even when nothing has worked so far', async () => {
    await openClient(server)
    server.answerPolls(() => 'failure')
    await server.clock.advance(2000)
    server.page.hide()
    server.page.signal()
    await server.clock.flush()

    expect(server.count('poll')).toBe(1)
  })

  it('begins with one poll all the same', async () => {
    server.page.hide()
    const { client } = await poll()
    await server.clock.advance(minuteMs - 1)

    expect(server.count('poll')).toBe(1)
    expect(client.view.state).toEqual({ currentVisitors: 1 })
  })

  it('gives up its live connection after five minutes, polls slowly, and is live again when it is seen', async () => {
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

  it('keeps its live connection for a while', async () => {
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

describe('a page that comes back into sight', () => {
  it('polls at once when that is due by its rhythm', async () => {
    const { client } = await poll()
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

  it('polls at once, too, when the last polls have failed and the next one is far away', async () => {
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

  it('waits for the rest of its rhythm when it is not', async () => {
    await poll()
    await server.clock.advance(1000)
    server.page.hide()
    await server.clock.advance(1000)
    server.page.show()
    await server.clock.advance(2999)
    expect(server.count('poll')).toBe(1)

    await server.clock.advance(1)
    expect(server.count('poll')).toBe(2)
  })

  it('is not polled for more often than in its rhythm, however often it comes and whatever is answered', async () => {
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

  it('does not give up the poll that is under way', async () => {
    await poll()
    server.pausePolls()
    await server.clock.advance(pollIntervalMs)
    server.page.hide()
    server.page.show()

    expect(server.count('poll')).toBe(2)
    expect(server.poll.isAborted).toBe(false)
  })

  it('polls within its rhythm though its clock was set back an hour meanwhile', async () => {
    await poll()
    await server.clock.advance(1000)
    server.page.hide()
    server.clock.jump(-3_600_000)
    await server.clock.advance(30_000)
    server.page.show()
    await server.clock.advance(pollIntervalMs)

    expect(server.count('poll')).toBe(2)
  })
})

describe('a page without a network', () => {
  it('asks for nothing, and says so', async () => {
    const { client } = await poll()
    await server.clock.advance(1000)
    server.page.goOffline()
    await server.clock.flush()
    expect(client.view.status.offline).toBe(true)

    await server.clock.advance(60 * minuteMs)
    expect(server.count('poll')).toBe(1)
    expect(client.view.state).toEqual({ currentVisitors: 1 })
    expect(client.view.status.stale).toBe(true)
  })

  it('says that nothing brings data, until it is back', async () => {
    const { client } = await poll()
    await server.clock.flush()
    expect(client.view.status.transport).toBe('poll')
    server.page.goOffline()
    await server.clock.flush()
    expect(client.view.status.transport).toBe('none')

    server.page.goOnline()
    await server.clock.flush()
    expect(client.view.status.transport).toBe('poll')
  })

  it('gives up the poll that is under way, which is no error', async () => {
    const { client } = await openClient(server)
    server.page.goOffline()
    await server.clock.flush()

    expect(server.poll.isAborted).toBe(true)
    expect(client.view.status.error).toBeUndefined()
  })

  it('closes its connection and does not try for another', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    server.page.goOffline()
    await server.clock.advance(10 * minuteMs)

    expect(socket.readyState).toBe(FakeSocket.CLOSED)
    expect(server.count('connect')).toBe(1)
    expect(client.view.status).toMatchObject({ phase: 'polling', offline: true })
    expect(server.clock.pending).toBe(0)
  })

  it('polls at once when the network is back, and upgrades again', async () => {
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

  it('for a moment polls at once all the same, for nobody knows what has changed', async () => {
    await poll()
    await server.clock.advance(1000)
    server.page.goOffline()
    server.page.goOnline()

    expect(server.count('poll')).toBe(2)
  })

  it('from the beginning, so soon after the last one, polls at once as well', async () => {
    const { client, unsubscribe } = await poll()
    await server.clock.advance(1000)
    unsubscribe()
    server.page.goOffline()
    client.subscribe(['currentVisitors'], () => {})
    await server.clock.flush()
    server.page.goOnline()

    expect(server.count('poll')).toBe(2)
  })

  it('from the beginning waits for it', async () => {
    server.page.goOffline()
    const { client } = await poll()
    await server.clock.advance(10 * minuteMs)
    expect(server.log).toEqual([])
    expect(client.view.status).toMatchObject({ phase: 'polling', offline: true })

    server.page.goOnline()
    await server.clock.flush()
    expect(server.count('poll')).toBe(1)
    expect(client.view.status.offline).toBe(false)
  })

  it('is not asked for by whoever refreshes or subscribes', async () => {
    const { client } = await poll()
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

describe('a page that wakes up', () => {
  it('polls at once when its poll is overdue', async () => {
    await poll()
    await server.clock.advance(1000)
    // Asleep: the clock goes on, the timers do not.
    server.clock.jump(60 * minuteMs)
    server.page.signal()

    expect(server.count('poll')).toBe(2)
  })

  it('gives up the connection that cannot have lived that long, and polls at once', async () => {
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

  it('keeps a connection that may well be alive', async () => {
    const { client } = await openClient(server)
    await goLive(server, snapshotAt('7.3'))
    server.clock.jump(20_000)
    server.page.signal()
    await server.clock.flush()

    expect(client.view.status.phase).toBe('live')
    expect(server.count('poll')).toBe(1)
  })
})
