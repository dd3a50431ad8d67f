import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeServer, createFakeServer } from './testing/fake-server.ts'
import type { FakeSocket } from './testing/fake-socket.ts'
import {
  acknowledge,
  connectMs,
  goLive,
  heartbeatMs,
  hello,
  lastSubscription,
  pingAt,
  snapshotAt,
  openClient,
} from './testing/scenario.ts'

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

const pollIntervalMs = 5000

/** Answers all polls with the same snapshot and returns the open socket. */
async function open(cursor = '7.3'): Promise<FakeSocket> {
  server.answerPolls(() => snapshotAt(cursor))
  await server.clock.advance(connectMs)
  return server.socket
}

describe('createLiveClient: new WebSocket', () => {
  it("subscribes to the selection from the reader's cursor", async () => {
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 1, pageViews: 1 }))
    await openClient(server, ['pageViews', 'currentVisitors'], { minutes: 15 })
    await server.clock.advance(connectMs)

    expect(server.messages).toEqual([
      {
        type: 'sub',
        id: expect.any(Number),
        channels: ['currentVisitors', 'pageViews'],
        minutes: 15,
        paths: [],
        properties: [],
        since: '7.3',
      },
    ])
  })

  it('subscribes from the cursor at the time of the open event', async () => {
    server.handshake = 'hang'
    server.answerPolls(() => snapshotAt('7.3'))
    await openClient(server)
    await server.clock.advance(connectMs)
    server.answerPolls(() => snapshotAt('7.9'))
    await server.clock.advance(pollIntervalMs)
    server.socket.accept()

    expect(server.messages).toMatchObject([{ type: 'sub', since: '7.9' }])
  })

  it('reports the phase `upgrading` and keeps polling', async () => {
    const { client } = await openClient(server)
    await open()
    server.socket.deliver(hello)
    acknowledge(server, '7.3')
    await server.clock.flush()
    expect(client.view.status).toMatchObject({ phase: 'upgrading', transport: 'poll' })

    await server.clock.advance(3 * pollIntervalMs)
    expect(server.count('poll')).toBe(4)
  })

  it('answers each ping', async () => {
    await openClient(server)
    const socket = await open()
    socket.deliver(hello)
    socket.deliver(pingAt('7.3'))
    socket.deliver(pingAt('7.3'))

    expect(server.messages.slice(1)).toEqual([{ type: 'pong' }, { type: 'pong' }])
  })
})

describe('createLiveClient: end of polling', () => {
  it('stops polling when a ping shows that no frame is missing', async () => {
    const { client } = await openClient(server)
    await goLive(server, snapshotAt('7.3'))
    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'websocket' })

    for (let beats = 0; beats < 20; beats++) {
      await server.clock.advance(heartbeatMs)
      server.socket.deliver(pingAt('7.3'))
    }
    expect(server.count('poll')).toBe(1)
    expect(server.count('connect')).toBe(1)
  })

  it.each([
    ['a ping alone', ['ping']],
    ['a response to the subscription alone', ['ok']],
    ['a ping before the response', ['ping', 'ok']],
    ['a response to an older subscription', ['older', 'ping']],
    ["a ping ahead of the reader's cursor", ['ok', 'ahead']],
    ['a ping of a newer epoch', ['ok', 'restarted']],
    ['a ping with an invalid cursor', ['ok', 'odd']],
  ])('keeps polling after %s', async (_, messages) => {
    const { client } = await openClient(server)
    const socket = await open()
    const id = lastSubscription(server)
    socket.deliver(hello)
    for (const name of messages) {
      if (name === 'ping') socket.deliver(pingAt('7.3'))
      if (name === 'ahead') socket.deliver(pingAt('7.4'))
      if (name === 'restarted') socket.deliver(pingAt('8.0'))
      if (name === 'odd') socket.deliver(pingAt('latest'))
      if (name === 'ok') socket.deliver({ type: 'ok', id, from: '7.3', to: '7.3' })
      if (name === 'older') socket.deliver({ type: 'ok', id: id - 1, from: '7.3', to: '7.3' })
    }
    await server.clock.advance(2 * pollIntervalMs)

    expect(client.view.status.phase).toBe('upgrading')
    expect(server.count('poll')).toBe(3)
  })

  it('stops polling when a poll is ahead of the ping', async () => {
    const { client } = await openClient(server)
    const socket = await open('7.9')
    socket.deliver(hello)
    acknowledge(server, '7.9')
    socket.deliver(pingAt('7.8'))
    await server.clock.flush()

    expect(client.view.status.phase).toBe('live')
    expect(server.messages.filter(({ type }) => type === 'sub')).toHaveLength(1)
  })

  it('cancels the poll in flight', async () => {
    const { client } = await openClient(server)
    const socket = await open()
    server.pausePolls()
    await server.clock.advance(pollIntervalMs)
    const { poll } = server
    socket.deliver(hello)
    acknowledge(server, '7.3')
    socket.deliver(pingAt('7.3'))
    await server.clock.flush()
    expect(poll.isAborted).toBe(true)

    poll.answer(snapshotAt('7.9'))
    await server.clock.advance(30_000)
    expect(server.count('poll')).toBe(2)
    expect(client.view.status).toMatchObject({ phase: 'live', cursor: '7.3', error: undefined })
  })
})

describe('createLiveClient: lost connection', () => {
  it('polls immediately, and then at the poll interval', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    server.handshake = 'hang'
    await server.clock.advance(heartbeatMs)
    server.answerPolls(() => snapshotAt('7.5', { currentVisitors: 5 }))
    socket.fail()
    await server.clock.flush()

    expect(server.count('poll')).toBe(2)
    expect(client.view).toMatchObject({
      state: { currentVisitors: 5 },
      status: { phase: 'polling', transport: 'poll', cursor: '7.5' },
    })
    await server.clock.advance(2 * pollIntervalMs)
    expect(server.count('poll')).toBe(4)
  })

  it("resumes from the reader's cursor on the next connection", async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    socket.deliver({ type: 'frame', p: 3, s: 8, at: 1, patch: { currentVisitors: 8 } })
    server.answerPolls(() => snapshotAt('7.8', { currentVisitors: 8 }))
    socket.fail()
    await server.clock.advance(2000)
    expect(server.count('connect')).toBe(2)
    expect(server.messages.at(-1)).toMatchObject({ type: 'sub', since: '7.8' })

    server.socket.deliver(hello)
    acknowledge(server, '7.8')
    server.socket.deliver(pingAt('7.8'))
    await server.clock.flush()
    expect(client.view.status).toMatchObject({ phase: 'live', cursor: '7.8' })
    const polls = server.count('poll')
    await server.clock.advance(heartbeatMs)
    expect(server.count('poll')).toBe(polls)
  })

  it('retains the state and reports the error when the poll fails', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    server.handshake = 'refuse'
    server.answerPolls(() => 'failure')
    socket.fail()
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(client.view.status.error?.code).toBe('network')
  })
})

describe('createLiveClient: delays between connection attempts', () => {
  /** Refuses all handshakes and returns the delays between them, in milliseconds. */
  async function delaysBetweenAttempts(random: () => number, forMs: number): Promise<number[]> {
    server.handshake = 'refuse'
    server.answerPolls(() => snapshotAt('7.3'))
    await openClient(server, ['currentVisitors'], { platform: { random } })
    await server.clock.advance(forMs)
    const times = server.log.flatMap(entry => (entry.kind === 'connect' ? [entry.at] : []))
    return times.slice(1).map((at, index) => at - (times[index] ?? 0))
  }

  it('grow from a second to 30 seconds', async () => {
    const waits = await delaysBetweenAttempts(() => 1 - Number.EPSILON, 600_000)

    // The library adds timers of 0 ms to each.
    const seconds = waits.map(wait => Math.floor(wait / 1000))
    expect(seconds.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 30, 30, 30])
    expect(seconds.slice(8).every(delay => delay === 30)).toBe(true)
  })

  it('have full jitter', async () => {
    const waits = await delaysBetweenAttempts(() => 0.25, 60_000)

    const quarters = waits.map(wait => Math.floor(wait / 250))
    expect(quarters.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 30])
  })

  it('are at least the delay in a `bye`', async () => {
    await openClient(server, ['currentVisitors'], { platform: { random: () => 0 } })
    const socket = await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => snapshotAt('7.3'))
    socket.deliver({ type: 'bye', code: 4503, retry: 20_000 })
    socket.end(4503)
    await server.clock.advance(19_999)
    expect(server.count('connect')).toBe(1)

    await server.clock.advance(connectMs)
    expect(server.count('connect')).toBe(2)
  })

  it('do not include the delay of an earlier `bye`', async () => {
    await openClient(server, ['currentVisitors'], { platform: { random: () => 0.5 } })
    const socket = await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => snapshotAt('7.3'))
    socket.deliver({ type: 'bye', code: 4503, retry: 20_000 })
    socket.end(4503)
    server.handshake = 'refuse'
    await server.clock.advance(20_500 + connectMs)
    expect(server.count('connect')).toBe(2)

    await server.clock.advance(1000 + connectMs)
    expect(server.count('connect')).toBe(3)
  })

  it.each([
    ['undefined', undefined],
    ['a string', 'soon'],
    ['a negative number', -60_000],
    ['null', null],
  ])('are unchanged by a `bye` with a delay of %s', async (_, retry) => {
    await openClient(server, ['currentVisitors'], { platform: { random: () => 0.5 } })
    const socket = await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => snapshotAt('7.3'))
    socket.deliverText(JSON.stringify({ type: 'bye', code: 4503, retry }))
    socket.end(4503)
    await server.clock.advance(490)

    expect(server.count('connect')).toBe(1)
  })

  it('are at most ten minutes plus jitter', async () => {
    await openClient(server, ['currentVisitors'], { platform: { random: () => 0 } })
    const socket = await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => snapshotAt('7.3'))
    socket.deliver({ type: 'bye', code: 4503, retry: 1e15 })
    socket.end(4503)
    await server.clock.advance(599_000)
    expect(server.count('connect')).toBe(1)

    await server.clock.advance(2000)
    expect(server.count('connect')).toBe(2)
  })

  it('start again only after a connection that has lasted 30 seconds', async () => {
    await openClient(server, ['currentVisitors'], {
      platform: { random: () => 1 - Number.EPSILON },
    })
    server.answerPolls(() => snapshotAt('7.3'))
    server.onOpen = socket => {
      socket.deliver(hello)
      queueMicrotask(() => {
        acknowledge(server, '7.3')
        socket.deliver(pingAt('7.3'))
        // Closes right after verification, like a server that crashes on start or is overloaded.
        socket.fail()
      })
    }
    await server.clock.advance(60_000)
    const connects = server.log.flatMap(({ kind, at }) => (kind === 'connect' ? [at] : []))
    const waits = connects
      .slice(1)
      .map((at, index) => Math.floor((at - (connects[index] ?? 0)) / 1000))
    expect(waits).toEqual([1, 2, 4, 8, 16])

    server.onOpen = () => {}
    await server.clock.advance(2000)
    const before = server.count('connect')
    server.socket.deliver(hello)
    acknowledge(server, '7.3')
    for (let beats = 0; beats < 5; beats++) {
      server.socket.deliver(pingAt('7.3'))
      await server.clock.advance(heartbeatMs)
    }
    server.socket.fail()
    await server.clock.advance(1000 + connectMs)
    expect(server.count('connect')).toBe(before + 1)
  })
})
