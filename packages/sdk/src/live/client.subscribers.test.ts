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

describe('createLiveClient: last subscriber', () => {
  it.each([
    ['during the first poll', () => Promise.resolve()],
    ['while polling', () => pollFor(20_000)],
    ['before the first upgrade', () => pollFor(0)],
    ['after a refused handshake', () => pollFor(connectMs, 'refuse')],
    ['between two handshakes', () => pollFor(30_000, 'refuse')],
    ['while upgrading', () => pollFor(connectMs)],
    ['while live', () => goLive(server, snapshotAt('7.3'))],
    ['on an interrupted connection', () => liveAndCut()],
  ])('releases all timers, sockets, requests and listeners when leaving %s', async (_, until) => {
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

  it('closes the socket when a handshake takes too long', async () => {
    const { unsubscribe } = await openClient(server)
    await pollFor(connectMs, 'hang')
    unsubscribe()
    await server.clock.advance(10_000)
    expect(server.clock.pending).toBe(0)
    expect(server.sockets.map(({ readyState }) => readyState)).toEqual([FakeSocket.CLOSED])
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

  it('cancels the poll in flight', async () => {
    const { unsubscribe } = await openClient(server)
    unsubscribe()

    expect(server.poll.isAborted).toBe(true)
  })

  it('ignores a second unsubscribe', async () => {
    const { client, unsubscribe } = await openClient(server)
    const stay = client.subscribe(['currentVisitors'], () => {})
    await server.clock.flush()
    unsubscribe()
    unsubscribe()
    expect(client.view.status.phase).toBe('polling')

    stay()
    expect(client.view.status.phase).toBe('idle')
  })

  it('retains the state for the next subscriber', async () => {
    const { client, unsubscribe } = await openClient(server)
    await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    unsubscribe()

    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(client.view.status.cursor).toBe('7.3')
  })
})

describe('createLiveClient: returning subscriber', () => {
  it('sees the retained state immediately, polls, and resumes from its cursor', async () => {
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

  it('requests the channels of the new subscriber', async () => {
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

  it('keeps the state when it joins as the last one leaves', async () => {
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

describe('createLiveClient: added channels', () => {
  it('polls immediately and cancels the poll in flight', async () => {
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

  it('subscribes on a live connection without a poll, and retains the state', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    expect(server.messages.at(-1)).toEqual({
      type: 'sub',
      id: 2,
      channels: ['currentVisitors', 'pageViews'],
      minutes: 5,
      paths: [],
      properties: [],
    })
    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(client.view.status.phase).toBe('live')

    // Belongs to the old subscription; the response to the new one includes its change.
    socket.deliver({ type: 'frame', p: 3, s: 4, at: 1, patch: { currentVisitors: 4 } })
    const snapshot = snapshotAt('7.4', { currentVisitors: 4, pageViews: 40 })
    socket.deliver({ type: 'snap', id: lastSubscription(server), snapshot })
    socket.deliver({ type: 'frame', p: 4, s: 5, at: 1, patch: { pageViews: 50 } })
    await server.clock.flush()
    expect(client.view.state).toEqual({ currentVisitors: 4, pageViews: 50 })
    expect(client.view.status.cursor).toBe('7.5')
    expect(server.count('poll')).toBe(1)
  })

  it("applies a snapshot with the reader's cursor", async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    socket.deliver({ type: 'snap', id: 2, snapshot: snapshotAt('7.3', both) })
    await server.clock.flush()

    expect(client.view.state).toEqual(both)
  })

  it('polls and subscribes while upgrading, and applies the first response', async () => {
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

  it('ignores the response to a refresh with fewer channels', async () => {
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

  it('rejects a response of a cache that ignores the query', async () => {
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

  it('sends nothing for a channel that is already selected', async () => {
    const { client } = await openClient(server, ['currentVisitors', 'pageViews'])
    await goLive(server, snapshotAt('7.3', both))
    const { length } = server.log
    client.subscribe(['pageViews'], () => {})()
    await server.clock.flush()

    expect(server.log).toHaveLength(length)
  })
})

describe('createLiveClient: removed channels', () => {
  it('removes the channel from the state and stays live', async () => {
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

  it('keeps a channel that another subscriber uses', async () => {
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

describe('createLiveClient: replaced channel', () => {
  it.each([
    ['subscribes first', true],
    ['unsubscribes first', false],
  ])('delivers only the new channel when a subscriber %s', async (_, newFirst) => {
    const { client } = await openClient(server, ['countries'])
    const swap = client.subscribe(['currentVisitors'], () => {})
    await server.clock.flush()
    const socket = await goLive(server, snapshotAt('7.30', { currentVisitors: 3, countries: [] }))
    const subscribeNew = (): unknown => client.subscribe(['pageViews'], () => {})
    if (newFirst) subscribeNew()
    swap()
    if (!newFirst) subscribeNew()
    await server.clock.flush()
    // Neither channel has changed recently.
    const snapshot = snapshotAt('7.12', { pageViews: 12, countries: [] })
    socket.deliver({ type: 'snap', id: lastSubscription(server), snapshot })
    socket.deliver({ type: 'frame', p: 12, s: 31, at: 1, patch: { pageViews: 31 } })
    await server.clock.flush()

    expect(client.view.state).toEqual({ pageViews: 31, countries: [] })
    expect(client.view.status).toMatchObject({ phase: 'live', cursor: '7.31' })
  })
})

describe('LiveClient.subscribe: listeners', () => {
  it('are never called before `subscribe` has returned', async () => {
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

  it('are all called when one throws, and the error is rethrown as uncaught', async () => {
    const client = createClient(server)
    const views: LiveView[] = []
    let calls = 0
    client.subscribe(['currentVisitors'], () => {
      calls++
      throw new Error('A widget is broken.')
    })
    client.subscribe(['currentVisitors'], view => views.push(view))
    await server.clock.flush()
    expect(views).toEqual([client.view])
    await expect(server.clock.advance(0)).rejects.toThrow('A widget is broken.')

    server.poll.answer(snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.flush()
    expect(views.at(-1)?.state).toEqual({ currentVisitors: 3 })
    expect(calls).toBe(2)
    await expect(server.clock.advance(0)).rejects.toThrow('A widget is broken.')
  })

  it('may unsubscribe themselves', async () => {
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

  it('are not called after another listener has unsubscribed them', async () => {
    const client = createClient(server)
    let calls = 0
    let leaveSecond = (): void => {}
    client.subscribe(['currentVisitors'], () => leaveSecond())
    await server.clock.flush()
    leaveSecond = client.subscribe(['currentVisitors'], () => calls++)
    await server.clock.flush()

    expect(calls).toBe(0)
  })

  it('may unsubscribe the last subscriber', async () => {
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

  it('that are added during a notification are called for the next change', async () => {
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

  it('may subscribe to more channels', async () => {
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

  it('are not called without a change', async () => {
    const { views } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    const { length } = views
    socket.deliver({ type: 'frame', p: 1, s: 2, at: 1, patch: { currentVisitors: 2 } })
    acknowledge(server, '7.3')
    await server.clock.flush()

    expect(views).toHaveLength(length)
  })
})

describe('LiveClient.subscribe: channels', () => {
  it('throws for an unknown channel and sends nothing', async () => {
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
