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

/** Answers the first poll and every later one with the same snapshot; the socket is open afterwards. */
async function open(cursor = '7.3'): Promise<FakeSocket> {
  server.answerPolls(() => snapshotAt(cursor))
  await server.clock.advance(connectMs)
  return server.socket
}

describe('a new connection', () => {
  it('asks for what comes after the mark, of the selection', async () => {
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 1, pageViews: 1 }))
    await openClient(server, ['pageViews', 'currentVisitors'], { minutes: 15 })
    await server.clock.advance(connectMs)

    expect(server.messages).toEqual([
      {
        type: 'sub',
        id: expect.any(Number),
        channels: ['currentVisitors', 'pageViews'],
        minutes: 15,
        since: '7.3',
      },
    ])
  })

  it('asks from where the mark is by then, not from where it was when the try began', async () => {
    server.handshake = 'hang'
    server.answerPolls(() => snapshotAt('7.3'))
    await openClient(server)
    await server.clock.advance(connectMs)
    server.answerPolls(() => snapshotAt('7.9'))
    await server.clock.advance(pollIntervalMs)
    server.socket.accept()

    expect(server.messages).toMatchObject([{ type: 'sub', since: '7.9' }])
  })

  it('is seen as upgrading, and polling goes on beside it', async () => {
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

describe('polling stops', () => {
  it('once the connection is subscribed, has had a ping and is not behind', async () => {
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
    ['an answer to the subscription alone', ['ok']],
    ['a ping before the answer', ['ping', 'ok']],
    ['an answer to an older subscription', ['older', 'ping']],
    ['a ping that is ahead of the mark', ['ok', 'ahead']],
    ['a ping of a newer epoch', ['ok', 'restarted']],
    ['a ping without a cursor that can be read', ['ok', 'odd']],
  ])('not after %s', async (_, said) => {
    const { client } = await openClient(server)
    const socket = await open()
    const id = lastSubscription(server)
    socket.deliver(hello)
    for (const word of said) {
      if (word === 'ping') socket.deliver(pingAt('7.3'))
      if (word === 'ahead') socket.deliver(pingAt('7.4'))
      if (word === 'restarted') socket.deliver(pingAt('8.0'))
      if (word === 'odd') socket.deliver(pingAt('latest'))
      if (word === 'ok') socket.deliver({ type: 'ok', id, from: '7.3', to: '7.3' })
      if (word === 'older') socket.deliver({ type: 'ok', id: id - 1, from: '7.3', to: '7.3' })
    }
    await server.clock.advance(2 * pollIntervalMs)

    expect(client.view.status.phase).toBe('upgrading')
    expect(server.count('poll')).toBe(3)
  })

  it('also when a poll has overtaken what the ping says', async () => {
    const { client } = await openClient(server)
    const socket = await open('7.9')
    socket.deliver(hello)
    acknowledge(server, '7.9')
    socket.deliver(pingAt('7.8'))
    await server.clock.flush()

    expect(client.view.status.phase).toBe('live')
    expect(server.messages.filter(({ type }) => type === 'sub')).toHaveLength(1)
  })

  it('also for a poll that is under way, whose answer is not waited for', async () => {
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

describe('when a live connection is lost', () => {
  it('there is a poll at once, and polling goes on in its rhythm', async () => {
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

  it('the next one resumes after the mark, and is live again', async () => {
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

  it('a poll that fails changes nothing on screen but says so', async () => {
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

describe('the times between tries', () => {
  /** When each try began, from the first on, in milliseconds; all are turned away at once. */
  async function tries(random: () => number, forMs: number): Promise<number[]> {
    server.handshake = 'refuse'
    server.answerPolls(() => snapshotAt('7.3'))
    await openClient(server, ['currentVisitors'], { platform: { random } })
    await server.clock.advance(forMs)
    const at = server.log.flatMap(entry => (entry.kind === 'connect' ? [entry.at] : []))
    return at.slice(1).map((each, index) => each - (at[index] ?? 0))
  }

  it('grow from a second to half a minute', async () => {
    const waits = await tries(() => 1 - Number.EPSILON, 600_000)

    // The library's own timers of 0 ms add a little to each.
    const seconds = waits.map(wait => Math.floor(wait / 1000))
    expect(seconds.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 30, 30, 30])
    expect(seconds.slice(8).every(each => each === 30)).toBe(true)
  })

  it('are spread over all of that', async () => {
    const waits = await tries(() => 0.25, 60_000)

    const quarters = waits.map(wait => Math.floor(wait / 250))
    expect(quarters.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 30])
  })

  it('are never shorter than a `bye` asked for', async () => {
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

  it('are as before once a `bye` has been obeyed', async () => {
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
    ['nothing', undefined],
    ['text', 'soon'],
    ['less than nothing', -60_000],
    ['null', null],
  ])('are no shorter for a `bye` that asks for %s', async (_, retry) => {
    await openClient(server, ['currentVisitors'], { platform: { random: () => 0.5 } })
    const socket = await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => snapshotAt('7.3'))
    socket.deliverText(JSON.stringify({ type: 'bye', code: 4503, retry }))
    socket.end(4503)
    await server.clock.advance(490)

    expect(server.count('connect')).toBe(1)
  })

  it('are at most ten minutes and the usual, whatever a `bye` asks for', async () => {
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

  it('begin anew only after a connection that has lasted', async () => {
    await openClient(server, ['currentVisitors'], {
      platform: { random: () => 1 - Number.EPSILON },
    })
    server.answerPolls(() => snapshotAt('7.3'))
    server.onOpen = socket => {
      socket.deliver(hello)
      queueMicrotask(() => {
        acknowledge(server, '7.3')
        socket.deliver(pingAt('7.3'))
        // Proved, and gone the next moment: a server that starts and falls, or one that is too full.
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
