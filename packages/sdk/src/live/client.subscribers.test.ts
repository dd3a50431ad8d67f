import { type ChannelName, channelNames } from '@tidemark/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeServer, createFakeServer } from './testing/fake-server.ts'
import { FakeSocket } from './testing/fake-socket.ts'
import {
  acknowledge,
  connectMs,
  createClient,
  goLive,
  lastSubscription,
  pingAt,
  snapshotAt,
  openClient,
} from './testing/scenario.ts'
import type { LiveView } from './types.ts'

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

const both = { currentVisitors: 3, pageViews: 30 }

describe('the last subscriber to leave', () => {
  it.each([
    ['during the first poll', () => Promise.resolve()],
    ['while polling', () => pollFor(20_000)],
    ['before the first try to upgrade', () => pollFor(0)],
    ['during a handshake', () => pollFor(connectMs, 'hang')],
    ['after a refused handshake', () => pollFor(connectMs, 'refuse')],
    ['between two handshakes', () => pollFor(30_000, 'refuse')],
    ['while upgrading', () => pollFor(connectMs)],
    ['while live', () => goLive(server, snapshotAt('7.3'))],
    ['on a connection that is cut', () => liveAndCut()],
  ])('%s leaves no timer, no socket, no request and no listener', async (_, until) => {
    const { client, unsubscribe } = await openClient(server)
    await until()
    unsubscribe()
    expect(client.view.status).toMatchObject({ phase: 'idle', transport: 'none' })
    await server.clock.advance(1)
    expect(server.clock.pending).toBe(0)
    expect(server.page.listenerCount).toBe(0)
    expect(server.poll.isAborted || server.count('poll') > 0).toBe(true)
    const open = [FakeSocket.CONNECTING, FakeSocket.OPEN] as number[]
    expect(server.sockets.filter(({ readyState }) => open.includes(readyState))).toEqual([])

    const requests = server.log.length
    server.page.signal()
    await server.clock.advance(3_600_000)
    expect(server.log).toHaveLength(requests)
  })

  async function pollFor(ms: number, handshake: FakeServer['handshake'] = 'accept'): Promise<void> {
    server.handshake = handshake
    server.answerPolls(() => snapshotAt('7.3'))
    if (ms > 0) await server.clock.advance(ms)
    else await server.clock.flush()
  }

  async function liveAndCut(): Promise<void> {
    await goLive(server, snapshotAt('7.3'))
    server.cut()
  }

  it('gives up the poll that is under way', async () => {
    const { unsubscribe } = await openClient(server)
    unsubscribe()

    expect(server.poll.isAborted).toBe(true)
  })

  it('may leave twice, which is leaving once', async () => {
    const { client, unsubscribe } = await openClient(server)
    const stay = client.subscribe(['currentVisitors'], () => {})
    await server.clock.flush()
    unsubscribe()
    unsubscribe()
    expect(client.view.status.phase).toBe('polling')

    stay()
    expect(client.view.status.phase).toBe('idle')
  })

  it('leaves the state behind for whoever comes back', async () => {
    const { client, unsubscribe } = await openClient(server)
    await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    unsubscribe()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(client.view.status.cursor).toBe('7.3')
  })
})

describe('whoever comes back', () => {
  it('sees the held state at once, polls, and resumes from the held mark', async () => {
    const { client, unsubscribe } = await openClient(server)
    await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    unsubscribe()
    await server.clock.advance(60_000)
    client.subscribe(['currentVisitors'], () => {})
    await server.clock.flush()
    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(client.view.status).toMatchObject({ phase: 'polling', stale: true, cursor: '7.3' })
    expect(server.count('poll')).toBe(2)

    server.poll.answer(snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(connectMs)
    expect(client.view.status.stale).toBe(false)
    expect(server.messages.at(-1)).toMatchObject({ type: 'sub', since: '7.3' })
  })

  it('for other channels starts with those', async () => {
    const { client, unsubscribe } = await openClient(server)
    await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    unsubscribe()
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    expect(client.view.state).toEqual({})
    expect(server.poll.url.searchParams.get('channels')).toBe('pageViews')

    server.poll.answer(snapshotAt('7.2', { pageViews: 20 }))
    await server.clock.advance(connectMs)
    expect(client.view.state).toEqual({ pageViews: 20 })
    expect(server.messages.at(-1)).toMatchObject({ channels: ['pageViews'], since: '7.2' })
  })

  it('in the same moment as the last one leaves loses nothing', async () => {
    const { client, unsubscribe } = await openClient(server)
    await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    const { state } = client.view
    unsubscribe()
    client.subscribe(['currentVisitors'], () => {})
    await server.clock.flush()
    server.poll.answer(snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(connectMs)

    expect(client.view.state).toBe(state)
    expect(client.view.status.phase).toBe('upgrading')
  })
})

describe('a selection that grows', () => {
  it('is polled for at once while polling, in place of the poll that is under way', async () => {
    const { client } = await openClient(server)
    const first = server.poll
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    expect(first.isAborted).toBe(true)
    expect(server.poll.url.searchParams.get('channels')).toBe('currentVisitors,pageViews')

    first.answer(snapshotAt('7.3', { currentVisitors: 3 }))
    server.poll.answer(snapshotAt('7.3', both))
    await server.clock.flush()
    expect(client.view.state).toEqual(both)
  })

  it('is asked for on a live connection, without a poll, and what is held stays', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    expect(server.messages.at(-1)).toEqual({
      type: 'sub',
      id: 2,
      channels: ['currentVisitors', 'pageViews'],
      minutes: 5,
    })
    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(client.view.status.phase).toBe('live')

    // Still of the old subscription; what it says is in the answer to the new one.
    socket.deliver({ type: 'frame', p: 3, s: 4, at: 1, patch: { currentVisitors: 4 } })
    const snapshot = snapshotAt('7.4', { currentVisitors: 4, pageViews: 40 })
    socket.deliver({ type: 'snap', id: lastSubscription(server), snapshot })
    socket.deliver({ type: 'frame', p: 4, s: 5, at: 1, patch: { pageViews: 50 } })
    await server.clock.flush()
    expect(client.view.state).toEqual({ currentVisitors: 4, pageViews: 50 })
    expect(client.view.status.cursor).toBe('7.5')
    expect(server.count('poll')).toBe(1)
  })

  it('gets its state at the very cursor that is held', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    socket.deliver({ type: 'snap', id: 2, snapshot: snapshotAt('7.3', both) })
    await server.clock.flush()

    expect(client.view.state).toEqual(both)
  })

  it('while upgrading is both polled and subscribed to, and the first answer counts', async () => {
    const { client } = await openClient(server)
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(connectMs)
    server.socket.deliver({ type: 'hello', epoch: 7, heartbeat: 15_000 })
    server.answerPolls(() => snapshotAt('7.4', { currentVisitors: 4, pageViews: 40 }))
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    expect(client.view.state).toEqual({ currentVisitors: 4, pageViews: 40 })

    server.socket.deliver({
      type: 'snap',
      id: lastSubscription(server),
      snapshot: snapshotAt('7.3', both),
    })
    server.socket.deliver(pingAt('7.4'))
    await server.clock.flush()
    expect(client.view.state).toEqual({ currentVisitors: 4, pageViews: 40 })
    expect(client.view.status.phase).toBe('live')
  })

  it('beside a poll that somebody asked for does not take the answer to less for all', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    void client.refresh()
    const narrow = server.poll
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    narrow.answer(snapshotAt('7.4', { currentVisitors: 4 }))
    await server.clock.flush()
    expect(client.view.state).toEqual({ currentVisitors: 3 })

    socket.deliver({
      type: 'snap',
      id: 2,
      snapshot: snapshotAt('7.4', { ...both, currentVisitors: 4 }),
    })
    await server.clock.flush()
    expect(client.view.state).toEqual({ currentVisitors: 4, pageViews: 30 })
  })

  it('does not take the answer of a cache that goes by the path alone', async () => {
    const { client } = await openClient(server, ['currentVisitors'], { transports: [] })
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.flush()
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    expect(client.view.status.error?.code).toBe('answer_invalid')

    server.answerPolls(() => snapshotAt('7.3', both))
    await server.clock.advance(60_000)
    expect(client.view.state).toEqual(both)
  })

  it('by a channel that is already there asks for nothing', async () => {
    const { client } = await openClient(server, ['currentVisitors', 'pageViews'])
    await goLive(server, snapshotAt('7.3', both))
    const { length } = server.log
    client.subscribe(['pageViews'], () => {})()
    await server.clock.flush()

    expect(server.log).toHaveLength(length)
  })
})

describe('a selection that shrinks', () => {
  it('drops the channel and goes on', async () => {
    const { client } = await openClient(server)
    const leave = client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    const socket = await goLive(server, snapshotAt('7.3', both))
    leave()
    await server.clock.flush()
    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(server.messages.at(-1)).toMatchObject({ type: 'sub', channels: ['currentVisitors'] })

    const snapshot = snapshotAt('7.2', { currentVisitors: 3 })
    socket.deliver({ type: 'snap', id: lastSubscription(server), snapshot })
    socket.deliver({ type: 'frame', p: 2, s: 8, at: 1, patch: { currentVisitors: 8 } })
    await server.clock.flush()
    expect(client.view.state).toEqual({ currentVisitors: 8 })
    expect(client.view.status).toMatchObject({ phase: 'live', cursor: '7.8' })
  })

  it('keeps the channel as long as another subscriber has it', async () => {
    const { client } = await openClient(server, ['currentVisitors', 'pageViews'])
    const leave = client.subscribe(['pageViews', 'currentVisitors'], () => {})
    await server.clock.flush()
    await goLive(server, snapshotAt('7.3', both))
    const { length } = server.log
    leave()

    expect(client.view.state).toEqual(both)
    expect(server.log).toHaveLength(length)
  })
})

describe('a subscriber that swaps its channel', () => {
  it.each([
    ['takes the new one first', true],
    ['leaves the old one first', false],
  ])('and %s gets it, and the old one is gone', async (_, newFirst) => {
    const { client } = await openClient(server, ['countries'])
    const swap = client.subscribe(['currentVisitors'], () => {})
    await server.clock.flush()
    const socket = await goLive(server, snapshotAt('7.30', { currentVisitors: 3, countries: [] }))
    const take = (): unknown => client.subscribe(['pageViews'], () => {})
    if (newFirst) take()
    swap()
    if (!newFirst) take()
    await server.clock.flush()
    // Neither of the two changed lately.
    const snapshot = snapshotAt('7.12', { pageViews: 12, countries: [] })
    socket.deliver({ type: 'snap', id: lastSubscription(server), snapshot })
    socket.deliver({ type: 'frame', p: 12, s: 31, at: 1, patch: { pageViews: 31 } })
    await server.clock.flush()

    expect(client.view.state).toEqual({ pageViews: 31, countries: [] })
    expect(client.view.status).toMatchObject({ phase: 'live', cursor: '7.31' })
  })
})

describe('a listener', () => {
  it('is never called before its `subscribe` has returned', async () => {
    const client = createClient(server)
    let hasReturned = false
    const calledEarly: boolean[] = []
    client.subscribe(['currentVisitors'], () => calledEarly.push(!hasReturned))
    hasReturned = true
    await server.clock.flush()
    server.poll.answer(snapshotAt('7.3'))
    await server.clock.flush()
    hasReturned = false
    client.subscribe(['pageViews'], () => calledEarly.push(!hasReturned))
    hasReturned = true
    await server.clock.flush()

    expect(calledEarly.length).toBeGreaterThan(1)
    expect(calledEarly).not.toContain(true)
  })

  it('that throws does not keep the news from others, and its error is not lost', async () => {
    const client = createClient(server)
    const heard: LiveView[] = []
    let calls = 0
    client.subscribe(['currentVisitors'], () => {
      calls++
      throw new Error('A widget is broken.')
    })
    client.subscribe(['currentVisitors'], view => heard.push(view))
    await server.clock.flush()
    expect(heard).toEqual([client.view])
    await expect(server.clock.advance(0)).rejects.toThrow('A widget is broken.')

    server.poll.answer(snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.flush()
    expect(heard.at(-1)?.state).toEqual({ currentVisitors: 3 })
    expect(calls).toBe(2)
    await expect(server.clock.advance(0)).rejects.toThrow('A widget is broken.')
  })

  it('may leave while it is called, and is not called again', async () => {
    const client = createClient(server)
    let calls = 0
    const others: LiveView[] = []
    const leave = client.subscribe(['currentVisitors'], () => {
      calls++
      leave()
    })
    client.subscribe(['currentVisitors'], view => others.push(view))
    await server.clock.flush()
    server.poll.answer(snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.flush()

    expect(calls).toBe(1)
    expect(others.at(-1)?.state).toEqual({ currentVisitors: 3 })
  })

  it('that another one has sent away is not called any more', async () => {
    const client = createClient(server)
    let calls = 0
    let leaveSecond = (): void => {}
    client.subscribe(['currentVisitors'], () => leaveSecond())
    await server.clock.flush()
    leaveSecond = client.subscribe(['currentVisitors'], () => calls++)
    await server.clock.flush()

    expect(calls).toBe(0)
  })

  it('may end everything while it is called', async () => {
    const client = createClient(server)
    const leave = client.subscribe(['currentVisitors'], ({ state }) => {
      if ('currentVisitors' in state) leave()
    })
    await server.clock.flush()
    server.poll.answer(snapshotAt('7.3'))
    await server.clock.advance(connectMs)

    expect(client.view.status.phase).toBe('idle')
    expect(server.clock.pending).toBe(0)
  })

  it('that comes while others are called hears of what is new since then', async () => {
    const client = createClient(server)
    let calls = 0
    const leave = client.subscribe(['currentVisitors'], () => {
      leave()
      client.subscribe(['currentVisitors'], () => calls++)
    })
    client.subscribe(['currentVisitors'], () => {})
    await server.clock.flush()
    expect(calls).toBe(0)

    server.poll.answer(snapshotAt('7.3'))
    await server.clock.flush()
    expect(calls).toBe(1)
  })

  it('may take more while it is called', async () => {
    const client = createClient(server)
    let isGrown = false
    client.subscribe(['currentVisitors'], ({ state }) => {
      if (!('currentVisitors' in state) || isGrown) return
      isGrown = true
      client.subscribe(['pageViews'], () => {})
    })
    await server.clock.flush()
    server.poll.answer(snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.flush()
    expect(server.poll.url.searchParams.get('channels')).toBe('currentVisitors,pageViews')

    server.poll.answer(snapshotAt('7.3', both))
    await server.clock.flush()
    expect(client.view.state).toEqual(both)
  })

  it('hears nothing when nothing has changed', async () => {
    const { views } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    const { length } = views
    socket.deliver({ type: 'frame', p: 1, s: 2, at: 1, patch: { currentVisitors: 2 } })
    acknowledge(server, '7.3')
    await server.clock.flush()

    expect(views).toHaveLength(length)
  })
})

describe('a channel that there is not', () => {
  it('is a mistake of the caller, and changes nothing', async () => {
    const client = createClient(server)
    const wrong = ['currentVisitors', 'visitors'] as readonly string[] as ChannelName[]

    expect(() => client.subscribe(wrong, () => {})).toThrow(
      new TypeError(`channels: 'visitors' is not one of ${channelNames.join(', ')}.`),
    )
    await server.clock.flush()
    expect(server.log).toEqual([])
    expect(client.view.status.phase).toBe('idle')
  })
})
