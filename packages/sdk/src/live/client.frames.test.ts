import type { ClientMessage, ServerMessage } from '@tidemark/protocol'
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

function frame(p: number, s: number, currentVisitors = s): ServerMessage {
  return { type: 'frame', p, s, at: 1_700_000_000_000 + s, patch: { currentVisitors } }
}

const subs = (): ClientMessage[] => server.messages.filter(({ type }) => type === 'sub')

describe('createLiveClient: frames', () => {
  it('updates the state, the cursor and `syncedAt`', async () => {
    const { client, views } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(400)
    socket.deliver(frame(3, 4))
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 4 })
    expect(client.view.status).toMatchObject({ cursor: '7.4', syncedAt: server.clock.now() })
    expect(views.at(-1)).toBe(client.view)
  })

  it('notifies the listener once for a burst of frames', async () => {
    const { views } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    const before = views.length
    for (let s = 4; s < 54; s++) socket.deliver(frame(s - 1, s))
    await server.clock.flush()

    expect(views.slice(before).map(({ status }) => status.cursor)).toEqual(['7.53'])
  })

  it('sets a timer per check, not per frame', async () => {
    const { client } = await openClient(server, ['currentVisitors'])
    const socket = await goLive(server, snapshotAt('7.3'))
    // A spy would stay after the fake timers are gone.
    const { setTimeout } = globalThis
    let timers = 0
    Reflect.set(globalThis, 'setTimeout', (run: () => void, delayMs?: number) => {
      timers++
      return setTimeout(run, delayMs)
    })
    for (let s = 4; s < 1004; s++) {
      server.clock.jump(1)
      socket.deliver(frame(s - 1, s))
    }
    await server.clock.flush()
    expect(client.view.status).toMatchObject({ cursor: '7.1003', stale: false })
    Reflect.set(globalThis, 'setTimeout', setTimeout)
    expect(timers).toBeLessThan(3)
  })

  it("ignores frames before the reader's cursor", async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    socket.deliver(frame(1, 2, 99))
    socket.deliver(frame(2, 3, 99))
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(client.view.status.cursor).toBe('7.3')
  })

  it('requests the missing frames after a gap', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    socket.deliver(frame(5, 6))
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(subs().at(-1)).toMatchObject({ since: '7.3', id: 2 })

    socket.deliver({ type: 'ok', id: 2, from: '7.3', to: '7.6' })
    socket.deliver(frame(3, 6))
    await server.clock.flush()
    expect(client.view.state).toEqual({ currentVisitors: 6 })
    expect(client.view.status).toMatchObject({ phase: 'live', cursor: '7.6' })
    expect(subs()).toHaveLength(2)
  })
})

describe('createLiveClient: frames before the response to the last subscription', () => {
  it('ignores frames', async () => {
    const { client } = await openClient(server)
    server.poll.answer(snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(connectMs)
    server.socket.deliver(hello)
    server.socket.deliver(frame(3, 4))
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
  })

  it('ignores frames after a gap, and subscribes only once', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    socket.deliver(frame(5, 6))
    socket.deliver(frame(6, 7))
    socket.deliver(frame(3, 8))
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(subs()).toHaveLength(2)
  })

  it('ignores frames after the response to an older subscription', async () => {
    const { client } = await openClient(server)
    server.poll.answer(snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(connectMs)
    const { socket } = server
    socket.deliver(hello)
    const first = lastSubscription(server)
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    socket.deliver({ type: 'ok', id: first, from: '7.3', to: '7.4' })
    socket.deliver(frame(3, 4))
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
  })
})

describe('createLiveClient: pings', () => {
  it("requests the lost frame when a ping is ahead of the reader's cursor", async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    await server.clock.advance(heartbeatMs)
    socket.deliver(pingAt('7.4'))
    expect(subs().at(-1)).toMatchObject({ since: '7.3', id: 2 })

    socket.deliver({ type: 'ok', id: 2, from: '7.3', to: '7.4' })
    socket.deliver(frame(3, 4))
    await server.clock.flush()
    expect(client.view.status).toMatchObject({ phase: 'live', cursor: '7.4' })
  })

  it('confirms the state and clears an error', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => 'failure')
    await client.refresh()
    expect(client.view.status.error?.code).toBe('network')

    await server.clock.advance(1000)
    socket.deliver(pingAt('7.3'))
    await server.clock.flush()
    expect(client.view.status).toMatchObject({ error: undefined, syncedAt: server.clock.now() })
  })

  it('does not confirm the state when the ping is ahead', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    const { syncedAt } = client.view.status
    await server.clock.advance(heartbeatMs)
    socket.deliver(pingAt('7.4'))
    await server.clock.flush()

    expect(client.view.status.syncedAt).toBe(syncedAt)
  })
})

describe('createLiveClient: responses to a subscription', () => {
  it("applies a merged frame that starts before the reader's cursor", async () => {
    const { client } = await openClient(server)
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(connectMs)
    server.answerPolls(() => snapshotAt('7.5', { currentVisitors: 5 }))
    await server.clock.advance(5000)
    const { socket } = server
    socket.deliver(hello)
    acknowledge(server, '7.3')
    socket.deliver(frame(3, 9))
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 9 })
    expect(client.view.status.cursor).toBe('7.9')
  })

  it('applies a snapshot and later frames after a reset', async () => {
    const { client } = await openClient(server)
    server.poll.answer(snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(connectMs)
    const { socket } = server
    socket.deliver({ ...hello, epoch: 8 } as ServerMessage)
    socket.deliver({ type: 'reset', reason: 'epoch' })
    const id = lastSubscription(server)
    socket.deliver({ type: 'snap', id, snapshot: snapshotAt('8.1', { currentVisitors: 1 }) })
    socket.deliver(frame(1, 2))
    socket.deliver(pingAt('8.2'))
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 2 })
    expect(client.view.status).toMatchObject({ phase: 'live', cursor: '8.2' })
  })

  it('applies a snapshot when the missed frames have expired', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    socket.deliver(frame(900, 901))
    socket.deliver({ type: 'reset', reason: 'expired' })
    socket.deliver({ type: 'snap', id: 2, snapshot: snapshotAt('7.901', { currentVisitors: 901 }) })
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 901 })
    expect(client.view.status).toMatchObject({ phase: 'live', cursor: '7.901' })
  })

  it('ignores a snapshot for an older subscription', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    socket.deliver({ type: 'snap', id: 1, snapshot: snapshotAt('7.4', { currentVisitors: 4 }) })
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(client.view.status.phase).toBe('live')
  })
})

describe('createLiveClient: outdated snapshots', () => {
  it.each([
    ['of an older epoch', '6.900'],
    ['of an older frame', '7.2'],
    ['of the same frame', '7.3'],
  ])('ignores a polled snapshot %s', async (_, cursor) => {
    const { client } = await openClient(server, ['currentVisitors'], { transports: [] })
    server.poll.answer(snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(5000)
    const { state } = client.view
    server.poll.answer(snapshotAt(cursor, { currentVisitors: 99 }))
    await server.clock.flush()

    expect(client.view.state).toBe(state)
    expect(client.view.status.cursor).toBe('7.3')
  })

  it.each([
    ['of an older frame', '7.2'],
    ['of the same frame', '7.3'],
  ])('ignores a snapshot %s from the WebSocket', async (_, cursor) => {
    const { client } = await openClient(server)
    server.poll.answer(snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(connectMs)
    const { state } = client.view
    server.socket.deliver(hello)
    const id = lastSubscription(server)
    server.socket.deliver({
      type: 'snap',
      id,
      snapshot: snapshotAt(cursor, { currentVisitors: 99 }),
    })
    await server.clock.flush()

    expect(client.view.state).toBe(state)
  })

  it('ignores a polled snapshot that is older than the last frame', async () => {
    const { client } = await openClient(server)
    await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    const refreshed = client.refresh()
    server.socket.deliver(frame(3, 8))
    server.poll.answer(snapshotAt('7.5', { currentVisitors: 5 }))
    await refreshed

    expect(client.view.state).toEqual({ currentVisitors: 8 })
    expect(client.view.status.cursor).toBe('7.8')
  })
})

describe('createLiveClient: connection to a server of an older epoch', () => {
  /** Polls the new server, and connects to the old one, which still accepts connections. */
  async function connectToOldServer(): Promise<{ socket: FakeSocket; poll: () => void }> {
    server.answerPolls(() => snapshotAt('8.3', { currentVisitors: 83 }))
    await server.clock.advance(connectMs)
    const { socket } = server
    socket.deliver(hello)
    socket.deliver({ type: 'reset', reason: 'epoch' })
    const id = lastSubscription(server)
    socket.deliver({ type: 'snap', id, snapshot: snapshotAt('7.2', { currentVisitors: 72 }) })
    return { socket, poll: () => server.poll }
  }

  it('ignores frames and pings', async () => {
    const { client, views } = await openClient(server)
    const { socket } = await connectToOldServer()
    socket.deliver(frame(2, 4, 74))
    socket.deliver(frame(4, 5, 75))
    socket.deliver(pingAt('7.5'))
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 83 })
    expect(views.map(({ status }) => status.phase)).not.toContain('live')
  })

  it('closes the connection and polls until a connection reaches the new server', async () => {
    const { client } = await openClient(server)
    await connectToOldServer()
    server.onOpen = socket => {
      socket.deliver({ ...hello, epoch: 8 } as ServerMessage)
      queueMicrotask(() => {
        acknowledge(server, '8.3')
        socket.deliver(pingAt('8.3'))
      })
    }
    await server.clock.advance(5000)

    expect(server.count('connect')).toBe(2)
    expect(client.view.status).toMatchObject({ phase: 'live', cursor: '8.3' })
  })

  it('closes the connection when a poll has reached the new server', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    server.answerPolls(() => snapshotAt('8.0', { currentVisitors: 80 }))
    await client.refresh()
    const before = subs().length
    for (let s = 4; s < 100; s++) socket.deliver(frame(s - 1, s))
    await server.clock.advance(100)

    expect(client.view.state).toEqual({ currentVisitors: 80 })
    expect(subs().length - before).toBeLessThan(3)
    expect(client.view.status.phase).not.toBe('live')
  })
})

describe('createLiveClient: invalid messages', () => {
  it.each([
    ['text that is not JSON', '{"type":"fra'],
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
    ['an object without a type', '{"p":3,"s":4}'],
    ['an unknown type', '{"type":"expiring","in":60000}'],
    ['a type that is not a string', '{"type":{"toString":1}}'],
  ])('ignores %s', async (_, text) => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    const { view } = client
    socket.deliverText(text)
    await server.clock.flush()
    expect(client.view.state).toBe(view.state)

    socket.deliver(frame(3, 4))
    await server.clock.flush()
    expect(client.view.state).toEqual({ currentVisitors: 4 })
  })

  it.each([
    ['a frame without a patch', '{"type":"frame","p":3,"s":4,"at":1}'],
    ['a frame with a patch of null', '{"type":"frame","p":3,"s":4,"at":1,"patch":null}'],
    [
      'a frame with invalid rows',
      '{"type":"frame","p":3,"s":4,"at":1,"patch":{"activePages":{"set":7}}}',
    ],
    ['a frame without sequence numbers', '{"type":"frame","patch":{"currentVisitors":9}}'],
    ['a snapshot without a cursor', '{"type":"snap","id":1,"snapshot":{"currentVisitors":9}}'],
    ['a snapshot of other channels', '{"type":"snap","id":1,"snapshot":{"cursor":"7.9"}}'],
    ['a missing snapshot', '{"type":"snap","id":1}'],
  ])('reconnects after %s, and recovers', async (_, text) => {
    const { client } = await openClient(server, ['currentVisitors', 'activePages'])
    const state = { currentVisitors: 3, activePages: [{ path: '/', visitors: 3 }] }
    const socket = await goLive(server, snapshotAt('7.3', state))
    server.answerPolls(() => snapshotAt('7.3', state))
    socket.deliverText(text)
    await server.clock.advance(2000)

    expect(client.view.state).toEqual(state)
    expect(client.view.status).toMatchObject({ cursor: '7.3', error: undefined })
    expect(server.count('connect')).toBe(2)
    expect(server.messages.at(-1)).toMatchObject({ type: 'sub', since: '7.3' })
  })

  it.each([
    ['missing', undefined],
    ['a string', 'often'],
    ['a negative number', -90_000],
    ['a year', 31_536_000_000],
  ])('limits the silence although the heartbeat is %s', async (_, heartbeat) => {
    const { client } = await openClient(server)
    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(connectMs)
    server.socket.deliverText(JSON.stringify({ type: 'hello', epoch: 7, heartbeat }))
    await server.clock.advance(4000)
    expect(client.view.status.phase).toBe('upgrading')
    expect(server.count('connect')).toBe(1)

    await server.clock.advance(300_000)
    expect(server.count('connect')).toBeGreaterThan(1)
  })
})

describe('createLiveClient: connection without hello', () => {
  const withoutHello = (socket: FakeSocket): void => {
    acknowledge(server, '7.3')
    socket.deliver(frame(3, 4))
    socket.deliver(pingAt('7.4'))
  }

  it('ignores all messages', async () => {
    const { client } = await openClient(server)
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(connectMs)
    withoutHello(server.socket)
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(client.view.status.phase).toBe('upgrading')
  })

  it('ignores all messages when the epoch is not a number', async () => {
    const { client } = await openClient(server)
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(connectMs)
    server.socket.deliverText('{"type":"hello","epoch":"latest","heartbeat":15000}')
    withoutHello(server.socket)
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
  })

  it('does not use the hello of the previous connection', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
    socket.fail()
    await server.clock.advance(1000 + connectMs)
    withoutHello(server.socket)
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(client.view.status.phase).toBe('upgrading')
  })
})

describe('createLiveClient: missing frames', () => {
  /** Loses a frame, and delivers it after the client has requested it. */
  async function loseAndResend(socket: FakeSocket, p: number): Promise<void> {
    socket.deliver(frame(p + 1, p + 2))
    socket.deliver({ type: 'ok', id: lastSubscription(server), from: `7.${p}`, to: `7.${p + 2}` })
    socket.deliver(frame(p, p + 2))
    await server.clock.flush()
  }

  it('reconnects when frames are missing again immediately', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => snapshotAt('7.6'))
    await loseAndResend(socket, 3)
    expect(client.view.status).toMatchObject({ phase: 'live', cursor: '7.5' })

    socket.deliver(frame(8, 9))
    await server.clock.flush()
    expect(client.view.status).toMatchObject({ phase: 'polling', cursor: '7.6' })
  })

  it('requests frames that are missing again a second later or after the clock was set back', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    await loseAndResend(socket, 3)
    await server.clock.advance(1000)
    await loseAndResend(socket, 5)
    server.clock.jump(-3_600_000)
    await loseAndResend(socket, 7)

    expect(client.view.status).toMatchObject({ phase: 'live', cursor: '7.9' })
    expect(server.count('connect')).toBe(1)
  })

  it('requests a snapshot when an added channel is missing', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    const copy = snapshotAt('7.2', { currentVisitors: 2, pageViews: 20 })
    socket.deliver({ type: 'snap', id: 2, snapshot: copy })
    socket.deliver(pingAt('7.3'))
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(subs().at(-1)).toMatchObject({ id: 3, channels: ['currentVisitors', 'pageViews'] })
    expect(subs().at(-1)).not.toHaveProperty('since')
  })
})

describe('createLiveClient: rejected subscription', () => {
  it('closes the connection, and polls for the reason', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    client.subscribe(['goals'], () => {})
    await server.clock.flush()
    server.answerPolls(() =>
      Response.json(
        { code: 'selection_invalid', title: 'Invalid.', detail: 'No goals.' },
        { status: 400 },
      ),
    )
    socket.deliver({ type: 'error', id: 2, code: 'selection_invalid', detail: 'No goals.' })
    await server.clock.flush()

    expect(client.view.status.phase).not.toBe('live')
    expect(client.view.status.error).toEqual({ code: 'selection_invalid', message: 'No goals.' })
  })

  it('stays live after an error about another message', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    socket.deliver({ type: 'error', code: 'message_unknown', detail: 'What?' })
    await server.clock.flush()

    expect(client.view.status.phase).toBe('live')
  })

  it('reconnects when the subscription gets no response, despite heartbeats', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    server.answerPolls(() => snapshotAt('7.4', { currentVisitors: 1, pageViews: 2 }))
    for (let beats = 0; beats < 3; beats++) {
      await server.clock.advance(heartbeatMs)
      socket.deliver(pingAt('7.4'))
    }
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 1, pageViews: 2 })
  })
})
