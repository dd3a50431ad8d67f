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
/** What a poll may take; and so what it may be late. */
const slackMs = 10_000
const hourMs = 3_600_000

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

/** One poll is answered, and no later one. */
async function pollOnce(): Promise<OpenClient> {
  const watched = await openClient(server, ['currentVisitors'], { transports: [] })
  server.poll.answer(snapshotAt('7.3'))
  await server.clock.flush()
  return watched
}

/** Whether the state is stale a moment before and right at this time from now. */
async function staleAround(ms: number, { client, views }: OpenClient): Promise<boolean[]> {
  await server.clock.advance(ms - 1)
  const before = client.view.status.stale
  await server.clock.advance(1)
  expect(views.at(-1)).toBe(client.view)
  return [before, client.view.status.stale]
}

describe('the state is stale', () => {
  it('from when a poll by its rhythm should have been answered', async () => {
    const watched = await pollOnce()
    expect(await staleAround(pollIntervalMs + slackMs, watched)).toEqual([false, true])
  })

  it.each(['7.2', '6.9'])(
    'although polls are answered, when they say what is older: %s',
    async cursor => {
      const watched = await pollOnce()
      server.answerPolls(() => snapshotAt(cursor))
      expect(await staleAround(pollIntervalMs + slackMs, watched)).toEqual([false, true])
      expect(watched.client.view.status).toMatchObject({ cursor: '7.3', error: undefined })
      server.answerPolls(() => snapshotAt('7.3'))
      await server.clock.advance(pollIntervalMs)
      expect(watched.client.view.status.stale).toBe(false)
    },
  )

  it('at the same moment when polls fail one after the other', async () => {
    const watched = await pollOnce()
    server.answerPolls(() => 'failure')
    expect(await staleAround(pollIntervalMs + slackMs, watched)).toEqual([false, true])
  })

  it('later where the rhythm is slower', async () => {
    const watched = await openClient(server, ['currentVisitors'], {
      transports: [],
      pollIntervalMs: 30_000,
    })
    server.poll.answer(snapshotAt('7.3'))
    await server.clock.flush()
    expect(await staleAround(30_000 + slackMs, watched)).toEqual([false, true])
  })

  it('later on a hidden page, whose rhythm is slower', async () => {
    const watched = await pollOnce()
    server.page.hide()
    expect(await staleAround(60_000 + slackMs, watched)).toEqual([false, true])
  })

  it('at once on a hidden page that comes back into sight late, until its poll is answered', async () => {
    const { client } = await pollOnce()
    server.page.hide()
    await server.clock.advance(40_000)
    server.page.show()
    expect(client.view.status.stale).toBe(true)

    server.poll.answer(snapshotAt('7.3'))
    await server.clock.flush()
    expect(client.view.status.stale).toBe(false)
  })

  it('when a live connection has said nothing for as long as it is believed in', async () => {
    const watched = await openClient(server)
    await goLive(server, snapshotAt('7.3'))
    expect(await staleAround(2 * heartbeatMs + 5000, watched)).toEqual([false, true])
  })

  it('by the rhythm of polling once a live connection is lost', async () => {
    const watched = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    await server.clock.advance(6000)
    server.handshake = 'hang'
    server.pausePolls()
    socket.fail()
    expect(await staleAround(pollIntervalMs + slackMs - 6000, watched)).toEqual([false, true])
  })

  it('also when the subscriber has come back only lately', async () => {
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

  it('offline, too, when nothing can confirm it any more', async () => {
    const watched = await pollOnce()
    server.page.goOffline()
    expect(await staleAround(pollIntervalMs + slackMs, watched)).toEqual([false, true])
  })
})

describe('the state is not stale', () => {
  it('before there is any', async () => {
    const { client } = await openClient(server)
    await server.clock.advance(60_000)

    expect(client.view.status).toMatchObject({ stale: false, syncedAt: undefined })
  })

  it('in a thousand polls that are all answered, however slowly', async () => {
    const { client, views } = await openClient(server, ['currentVisitors'], { transports: [] })
    for (let polls = 0; polls < 1000; polls++) {
      await server.clock.advance(9900)
      server.poll.answer(snapshotAt('7.3'))
      await server.clock.advance(pollIntervalMs)
    }

    expect(client.view.status.syncedAt).toBeGreaterThan(0)
    expect(views.filter(({ status }) => status.stale)).toEqual([])
  })

  it('any more with the next success, which is also the end of the error', async () => {
    const { client } = await pollOnce()
    server.answerPolls(() => problem('internal'))
    await server.clock.advance(60_000)
    expect(client.view.status).toMatchObject({ stale: true, error: { code: 'internal' } })

    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(60_000)
    expect(client.view.status).toMatchObject({ stale: false, error: undefined })
  })

  it('any more when a live connection confirms it', async () => {
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

describe('a clock that is set', () => {
  it.each([
    ['back', -hourMs],
    ['forward', hourMs],
  ])('%s an hour changes nothing about the rhythm of polling', async (_, ms) => {
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
  ])('%s an hour does not end a live connection', async (_, ms) => {
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

  it('back an hour leaves no state that is younger than now', async () => {
    const { client } = await pollOnce()
    await server.clock.advance(2000)
    server.clock.jump(-hourMs)
    server.answerPolls(() => 'failure')
    await client.refresh()

    expect(client.view.status.syncedAt).toBeLessThanOrEqual(server.clock.now())
  })

  it('back an hour does not hide for an hour that the state is stale', async () => {
    const { client } = await pollOnce()
    await server.clock.advance(2000)
    server.clock.jump(-hourMs)
    await server.clock.advance(2 * (pollIntervalMs + slackMs))

    expect(client.view.status.stale).toBe(true)
  })

  it('forward an hour is over with the next answer', async () => {
    const { client } = await openClient(server, ['currentVisitors'], { transports: [] })
    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(12_000)
    server.clock.jump(hourMs)
    await server.clock.advance(pollIntervalMs)

    expect(client.view.status).toMatchObject({ stale: false, syncedAt: server.clock.now() - 2000 })
  })
})

describe('a channel that has not changed', () => {
  const state = {
    currentVisitors: 3,
    activePages: [{ path: '/', visitors: 3 }],
    countries: [{ country: 'DE', visitors: 3 }],
  }
  const copy = (): typeof state => structuredClone(state)

  it('is the same object after a poll that brings the same cursor', async () => {
    const { client } = await openClient(server, ['activePages', 'countries', 'currentVisitors'])
    server.answerPolls(() => snapshotAt('7.3', copy()))
    await server.clock.flush()
    const before = client.view.state
    await server.clock.advance(pollIntervalMs)

    expect(client.view.state).toBe(before)
  })

  it('is the same object after a poll that brings another one', async () => {
    const { client } = await openClient(server, ['activePages', 'countries', 'currentVisitors'])
    server.answerPolls(() => snapshotAt('7.3', copy()))
    await server.clock.flush()
    const before = client.view.state
    server.answerPolls(() => snapshotAt('7.4', { ...copy(), countries: [] }))
    await server.clock.advance(pollIntervalMs)

    expect(client.view.state.countries).toEqual([])
    expect(client.view.state.activePages).toBe(before.activePages)
    // The old view is what it was.
    expect(before).toEqual(state)
  })

  it('is the same object after a frame that brings another one', async () => {
    const { client } = await openClient(server, ['activePages', 'countries', 'currentVisitors'])
    const socket = await goLive(server, snapshotAt('7.3', copy()))
    const before = client.view.state
    socket.deliver({ type: 'frame', p: 3, s: 4, at: 1, patch: { countries: { del: ['DE'] } } })
    await server.clock.flush()

    expect(client.view.state.countries).toEqual([])
    expect(client.view.state.activePages).toBe(before.activePages)
    expect(before).toEqual(state)
  })

  it('is the same object after others were added and dropped, and after a restart of the server', async () => {
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
