import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeServer, createFakeServer } from './testing/fake-server.ts'
import {
  connectMs,
  goLive,
  heartbeatMs,
  pingAt,
  problem,
  snapshotAt,
  type OpenClient,
  openClient,
} from './testing/scenario.ts'

const pollIntervalMs = 5000
/** Longest duration of a poll, and so the allowed delay of its response. */
const slackMs = 10_000
const hourMs = 3_600_000

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

/** Opens a client that only polls, and answers its first poll only. */
async function pollOnce(): Promise<OpenClient> {
  const watched = await openClient(server, ['currentVisitors'], { transports: [] })
  server.poll.answer(snapshotAt('7.3'))
  await server.clock.flush()
  return watched
}

/** Returns whether the state is stale 1 ms before and exactly at a time from now. */
async function staleAround(ms: number, { client, views }: OpenClient): Promise<boolean[]> {
  await server.clock.advance(ms - 1)
  const before = client.view.status.stale
  await server.clock.advance(1)
  expect(views.at(-1)).toBe(client.view)
  return [before, client.view.status.stale]
}

describe('createLiveClient: stale state', () => {
  it('becomes stale when a due poll has had no response', async () => {
    const watched = await pollOnce()
    expect(await staleAround(pollIntervalMs + slackMs, watched)).toEqual([false, true])
  })

  it.each(['7.2', '6.9'])('becomes stale when polls return the older cursor %s', async cursor => {
    const watched = await pollOnce()
    server.answerPolls(() => snapshotAt(cursor))
    expect(await staleAround(pollIntervalMs + slackMs, watched)).toEqual([false, true])
    expect(watched.client.view.status).toMatchObject({ cursor: '7.3', error: undefined })
    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(pollIntervalMs)
    expect(watched.client.view.status.stale).toBe(false)
  })

  it('becomes stale at the same time when polls fail', async () => {
    const watched = await pollOnce()
    server.answerPolls(() => 'failure')
    expect(await staleAround(pollIntervalMs + slackMs, watched)).toEqual([false, true])
  })

  it('becomes stale later with a longer poll interval', async () => {
    const watched = await openClient(server, ['currentVisitors'], {
      transports: [],
      pollIntervalMs: 30_000,
    })
    server.poll.answer(snapshotAt('7.3'))
    await server.clock.flush()
    expect(await staleAround(30_000 + slackMs, watched)).toEqual([false, true])
  })

  it('becomes stale later on a hidden page', async () => {
    const watched = await pollOnce()
    server.page.hide()
    expect(await staleAround(60_000 + slackMs, watched)).toEqual([false, true])
  })

  it('is stale when a page becomes visible late, until its poll is answered', async () => {
    const { client } = await pollOnce()
    server.page.hide()
    await server.clock.advance(40_000)
    server.page.show()
    expect(client.view.status.stale).toBe(true)

    server.poll.answer(snapshotAt('7.3'))
    await server.clock.flush()
    expect(client.view.status.stale).toBe(false)
  })

  it('becomes stale when a live connection exceeds its silence limit', async () => {
    const watched = await openClient(server)
    await goLive(server, snapshotAt('7.3'))
    expect(await staleAround(2 * heartbeatMs + 5000, watched)).toEqual([false, true])
  })

  it('uses the poll interval after a live connection is lost', async () => {
    const watched = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    await server.clock.advance(6000)
    server.handshake = 'hang'
    server.pausePolls()
    socket.fail()
    expect(await staleAround(pollIntervalMs + slackMs - 6000, watched)).toEqual([false, true])
  })

  it('becomes stale although the subscriber joined recently', async () => {
    const { client, unsubscribe } = await pollOnce()
    await server.clock.advance(2000)
    unsubscribe()
    await server.clock.advance(2000)
    client.subscribe(['currentVisitors'], () => {})
    await server.clock.advance(pollIntervalMs + slackMs - 4000 - 1)
    expect(client.view.status.stale).toBe(false)

    await server.clock.advance(1)
    expect(client.view.status.stale).toBe(true)
  })

  it('becomes stale offline', async () => {
    const watched = await pollOnce()
    server.page.goOffline()
    expect(await staleAround(pollIntervalMs + slackMs, watched)).toEqual([false, true])
  })
})

describe('createLiveClient: current state', () => {
  it('is not stale before the first snapshot', async () => {
    const { client } = await openClient(server)
    await server.clock.advance(60_000)

    expect(client.view.status).toMatchObject({ stale: false, syncedAt: undefined })
  })

  it('is not stale during a thousand slow polls', async () => {
    const { client, views } = await openClient(server, ['currentVisitors'], { transports: [] })
    for (let polls = 0; polls < 1000; polls++) {
      await server.clock.advance(9900)
      server.poll.answer(snapshotAt('7.3'))
      await server.clock.advance(pollIntervalMs)
    }

    expect(client.view.status.syncedAt).toBeGreaterThan(0)
    expect(views.filter(({ status }) => status.stale)).toEqual([])
  })

  it('is current again after the next success, which also clears the error', async () => {
    const { client } = await pollOnce()
    server.answerPolls(() => problem('internal'))
    await server.clock.advance(60_000)
    expect(client.view.status).toMatchObject({ stale: true, error: { code: 'internal' } })

    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(60_000)
    expect(client.view.status).toMatchObject({ stale: false, error: undefined })
  })

  it('is current again when a live connection confirms it', async () => {
    const { client } = await openClient(server)
    server.poll.answer(snapshotAt('7.3'))
    await server.clock.advance(connectMs)
    server.answerPolls(() => problem('internal'))
    await server.clock.advance(4000)
    await client.refresh()
    expect(client.view.status.error?.code).toBe('internal')

    const id = server.messages.find(({ type }) => type === 'sub')
    server.socket.deliver({ type: 'hello', epoch: 7, heartbeat: heartbeatMs })
    server.socket.deliver({
      type: 'ok',
      id: id?.type === 'sub' ? (id.id ?? 0) : 0,
      from: '7.3',
      to: '7.3',
    })
    server.socket.deliver(pingAt('7.3'))
    await server.clock.flush()
    expect(client.view.status).toMatchObject({ stale: false, error: undefined, phase: 'live' })
  })
})

describe('createLiveClient: clock changes', () => {
  it.each([
    ['back', -hourMs],
    ['forward', hourMs],
  ])('keeps the poll interval when the clock is set %s an hour', async (_, ms) => {
    await openClient(server, ['currentVisitors'], { transports: [] })
    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(12_000)
    server.clock.jump(ms)
    const before = server.count('poll')
    await server.clock.advance(60_000)

    expect(server.count('poll') - before).toBe(12)
  })

  it.each([
    ['back', -hourMs],
    ['forward', hourMs],
  ])('keeps a live connection when the clock is set %s an hour', async (_, ms) => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    server.clock.jump(ms)
    for (let beats = 0; beats < 10; beats++) {
      await server.clock.advance(heartbeatMs)
      socket.deliver(pingAt('7.3'))
      await server.clock.flush()
      expect(client.view.status.stale).toBe(false)
    }

    expect(client.view.status.phase).toBe('live')
    expect(server.count('poll')).toBe(1)
  })

  it('reports no `syncedAt` in the future after the clock was set back', async () => {
    const { client } = await pollOnce()
    await server.clock.advance(2000)
    server.clock.jump(-hourMs)
    server.answerPolls(() => 'failure')
    await client.refresh()

    expect(client.view.status.syncedAt).toBeLessThanOrEqual(server.clock.now())
  })

  it('reports stale state in time after the clock was set back', async () => {
    const { client } = await pollOnce()
    await server.clock.advance(2000)
    server.clock.jump(-hourMs)
    await server.clock.advance(2 * (pollIntervalMs + slackMs))

    expect(client.view.status.stale).toBe(true)
  })

  it('is current again after the next response when the clock was set forward', async () => {
    const { client } = await openClient(server, ['currentVisitors'], { transports: [] })
    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(12_000)
    server.clock.jump(hourMs)
    await server.clock.advance(pollIntervalMs)

    expect(client.view.status).toMatchObject({ stale: false, syncedAt: server.clock.now() - 2000 })
  })
})

describe('createLiveClient: identity of unchanged channels', () => {
  const state = {
    currentVisitors: 3,
    activePages: [{ path: '/', visitors: 3 }],
    countries: [{ country: 'DE', visitors: 3 }],
  }
  const copy = (): typeof state => structuredClone(state)

  it('keeps the state object after a poll with the same cursor', async () => {
    const { client } = await openClient(server, ['activePages', 'countries', 'currentVisitors'])
    server.answerPolls(() => snapshotAt('7.3', copy()))
    await server.clock.flush()
    const before = client.view.state
    await server.clock.advance(pollIntervalMs)

    expect(client.view.state).toBe(before)
  })

  it('keeps unchanged channels after a poll with another cursor', async () => {
    const { client } = await openClient(server, ['activePages', 'countries', 'currentVisitors'])
    server.answerPolls(() => snapshotAt('7.3', copy()))
    await server.clock.flush()
    const before = client.view.state
    server.answerPolls(() => snapshotAt('7.4', { ...copy(), countries: [] }))
    await server.clock.advance(pollIntervalMs)

    expect(client.view.state.countries).toEqual([])
    expect(client.view.state.activePages).toBe(before.activePages)
    // The previous view is unchanged.
    expect(before).toEqual(state)
  })

  it('keeps unchanged channels after a frame', async () => {
    const { client } = await openClient(server, ['activePages', 'countries', 'currentVisitors'])
    const socket = await goLive(server, snapshotAt('7.3', copy()))
    const before = client.view.state
    socket.deliver({ type: 'frame', p: 3, s: 4, at: 1, patch: { countries: { del: ['DE'] } } })
    await server.clock.flush()

    expect(client.view.state.countries).toEqual([])
    expect(client.view.state.activePages).toBe(before.activePages)
    expect(before).toEqual(state)
  })

  it('keeps unchanged channels after a selection change and a server restart', async () => {
    const { client } = await openClient(server, ['activePages', 'currentVisitors'], {
      transports: [],
    })
    server.answerPolls(() => snapshotAt('7.3', { ...copy(), pageViews: 9 }))
    await server.clock.flush()
    const before = client.view.state
    const leave = client.subscribe(['countries', 'pageViews'], () => {})
    await server.clock.flush()
    leave()
    server.answerPolls(() => snapshotAt('8.0', { ...copy(), currentVisitors: 0 }))
    await server.clock.advance(pollIntervalMs)

    expect(client.view.status.cursor).toBe('8.0')
    expect(Object.keys(client.view.state).toSorted()).toEqual(['activePages', 'currentVisitors'])
    expect(client.view.state.activePages).toBe(before.activePages)
  })
})
