import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeServer, type FakeAnswer, createFakeServer } from './testing/fake-server.ts'
import {
  connectMs,
  createClient,
  goLive,
  problem,
  snapshotAt,
  openClient,
} from './testing/scenario.ts'

const pollIntervalMs = 5000
const almostOne = 1 - Number.EPSILON

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

/** Returns the delays between the polls of ten minutes, all answered in the same way. */
async function delaysBetweenPolls(
  answer: () => FakeAnswer,
  random: () => number,
): Promise<number[]> {
  await openClient(server, ['currentVisitors'], { platform: { random } })
  server.answerPolls(answer)
  await server.clock.advance(10 * 60_000)
  const polls = server.log.flatMap(({ kind, at }) => (kind === 'poll' ? [at] : []))
  return polls.slice(1).map((at, index) => at - (polls[index] ?? 0))
}

describe('createLiveClient: failed polls', () => {
  it.each([
    ['a network failure', (): FakeAnswer => 'failure'],
    ['status 500', () => problem('internal')],
    ['status 404', () => problem('site_unknown')],
    ['status 502 with HTML', () => new Response('<h1>Bad Gateway</h1>', { status: 502 })],
    ['status 200 with HTML', () => new Response('<h1>Welcome</h1>')],
    ['status 304', () => new Response(null, { status: 304 })],
  ])(
    'retries after %s with the interval plus a delay that grows to a minute',
    async (_, answer) => {
      expect((await delaysBetweenPolls(answer, () => almostOne)).slice(0, 6)).toEqual([
        10_000, 15_000, 25_000, 45_000, 65_000, 65_000,
      ])
    },
  )

  it('adds jitter, so that clients that failed together do not retry together', async () => {
    const [second = 0] = await delaysBetweenPolls(
      () => 'failure',
      () => 0.5,
    )
    expect(second).toBe(7500)
  })

  it('never retries before the poll interval', async () => {
    expect(
      await delaysBetweenPolls(
        () => 'failure',
        () => 0,
      ),
    ).toEqual(Array.from({ length: 120 }, () => 5000))
    expect(server.count('connect')).toBe(0)
  })

  it('returns to the poll interval after a success', async () => {
    let isHealthy = false
    await openClient(server, ['currentVisitors'], {
      platform: { random: () => almostOne },
      transports: [],
    })
    server.answerPolls(() => (isHealthy ? snapshotAt('7.3') : 'failure'))
    await server.clock.advance(5 * 60_000)
    isHealthy = true
    await server.clock.advance(70_000)
    const before = server.count('poll')
    await server.clock.advance(4 * pollIntervalMs)
    expect(server.count('poll') - before).toBe(4)

    isHealthy = false
    await server.clock.advance(pollIntervalMs + 1)
    const failed = server.count('poll')
    await server.clock.advance(2 * pollIntervalMs)
    expect(server.count('poll') - failed).toBe(1)
  })

  it('reports the transport `none` until a poll succeeds', async () => {
    const { client } = await openClient(server, ['currentVisitors'], { transports: [] })
    server.answerPolls(() => 'failure')
    await server.clock.flush()
    expect(client.view.status).toMatchObject({ phase: 'polling', transport: 'none' })

    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(60_000)
    expect(client.view.status).toMatchObject({ phase: 'polling', transport: 'poll' })
  })

  it('does not affect a live connection', async () => {
    const { client } = await openClient(server)
    await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => 'failure')
    await client.refresh()

    expect(client.view.status).toMatchObject({ transport: 'websocket', error: { code: 'network' } })
  })

  it('cancels polls without a response, and retries', async () => {
    await openClient(server)
    await server.clock.advance(10 * 60_000)

    expect(server.count('poll')).toBeGreaterThan(10)
    expect(server.count('poll')).toBeLessThan(40)
  })
})

describe('createLiveClient: unknown site', () => {
  it('reports the error, retains the state, and recovers when the site exists', async () => {
    const { client } = await openClient(server, ['currentVisitors'], { transports: [] })
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.flush()
    server.answerPolls(() => problem('site_unknown'))
    await server.clock.advance(pollIntervalMs)
    expect(client.view.state).toEqual({ currentVisitors: 3 })
    expect(client.view.status).toMatchObject({
      unauthorized: false,
      error: { code: 'site_unknown' },
    })

    server.answerPolls(() => snapshotAt('7.4', { currentVisitors: 4 }))
    await server.clock.advance(60_000)
    expect(client.view.state).toEqual({ currentVisitors: 4 })
    expect(client.view.status.error).toBeUndefined()
  })
})

describe('createLiveClient: Retry-After', () => {
  /** Answers the first poll with 429 and these headers. */
  async function answerBusy(headers: Record<string, string>): Promise<void> {
    await openClient(server, ['currentVisitors'], { platform: { random: () => 0 } })
    server.answerPolls(() => problem('too_busy', headers))
    await server.clock.flush()
  }

  it.each([
    ['in seconds', () => '90'],
    ['as a date', () => new Date(server.clock.now() + 90_000).toUTCString()],
  ])('waits at least for a value %s', async (_, header) => {
    await answerBusy({ 'Retry-After': header() })
    await server.clock.advance(89_999)
    expect(server.count('poll')).toBe(1)

    await server.clock.advance(1)
    expect(server.count('poll')).toBe(2)
  })

  it('adds jitter to the requested delay', async () => {
    await openClient(server, ['currentVisitors'], { platform: { random: () => 0.5 } })
    server.answerPolls(() => problem('log_unavailable', { 'Retry-After': '90' }))
    await server.clock.advance(90_000)
    expect(server.count('poll')).toBe(1)

    await server.clock.advance(2500)
    expect(server.count('poll')).toBe(2)
  })

  it('keeps the poll interval when the requested delay is shorter', async () => {
    await answerBusy({ 'Retry-After': '0' })
    await server.clock.advance(pollIntervalMs - 1)
    expect(server.count('poll')).toBe(1)

    await server.clock.advance(1)
    expect(server.count('poll')).toBe(2)
  })

  it('still waits when the page becomes visible or a subscriber joins', async () => {
    const { client } = await openClient(server, ['currentVisitors'], {
      platform: { random: () => 0 },
    })
    server.answerPolls(() => problem('too_busy', { 'Retry-After': '90' }))
    await server.clock.advance(10_000)
    const before = server.count('poll')
    server.page.hide()
    server.page.show()
    server.page.signal()
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    await server.clock.advance(70_000)

    expect(server.count('poll')).toBe(before)
  })

  it('does not wait again after the next poll', async () => {
    const platform = { random: () => 0 }
    await openClient(server, ['currentVisitors'], { platform, transports: [] })
    server.answerPolls(() => problem('too_busy', { 'Retry-After': '90' }))
    await server.clock.flush()
    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(90_000)
    const before = server.count('poll')
    server.page.hide()
    await server.clock.advance(20_000)
    expect(server.count('poll')).toBe(before)

    server.page.show()
    await server.clock.flush()
    expect(server.count('poll')).toBe(before + 1)
  })
})

describe('LiveClient.refresh', () => {
  it('polls immediately and resolves when the response has been applied', async () => {
    const { client } = await openClient(server, ['currentVisitors'], { transports: [] })
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(1000)
    server.answerPolls(() => snapshotAt('7.4', { currentVisitors: 4 }))
    await client.refresh()
    expect(client.view.state).toEqual({ currentVisitors: 4 })
    expect(server.count('poll')).toBe(2)

    // The poll interval restarts with it.
    await server.clock.advance(pollIntervalMs - 1)
    expect(server.count('poll')).toBe(2)
    await server.clock.advance(1)
    expect(server.count('poll')).toBe(3)
  })

  it('resolves when the poll has failed, and reports the error', async () => {
    const { client } = await openClient(server)
    server.answerPolls(() => 'failure')
    await client.refresh()

    expect(client.view.status.error).toEqual({
      code: 'network',
      message: 'The server did not answer.',
    })
  })

  it('waits for a poll that replaces it', async () => {
    const { client } = await openClient(server, ['currentVisitors'], { transports: [] })
    let isDone = false
    void client.refresh().then(() => (isDone = true))
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    expect(isDone).toBe(false)

    server.poll.answer(snapshotAt('7.4', { currentVisitors: 4, pageViews: 40 }))
    await server.clock.flush()
    expect(isDone).toBe(true)
    expect(client.view.state).toEqual({ currentVisitors: 4, pageViews: 40 })
  })

  it('resolves when the last subscriber leaves', async () => {
    const { client, unsubscribe } = await openClient(server)
    let isDone = false
    void client.refresh().then(() => (isDone = true))
    unsubscribe()
    await server.clock.flush()

    expect(isDone).toBe(true)
  })

  it('does not resume polling after a failure beside a live connection', async () => {
    const { client } = await openClient(server)
    await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => problem('too_busy', { 'Retry-After': '1' }))
    await client.refresh()
    const before = server.count('poll')
    await server.clock.advance(30_000)

    expect(server.count('poll')).toBe(before)
    expect(client.view.status.phase).toBe('live')
  })

  it('does not defer the poll after a lost connection because of an earlier Retry-After', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => problem('too_busy', { 'Retry-After': '600' }))
    await client.refresh()
    server.handshake = 'hang'
    const before = server.count('poll')
    socket.fail()
    await server.clock.advance(connectMs)

    expect(server.count('poll')).toBe(before + 1)
  })

  it('sends nothing and reports no error before the first subscriber', async () => {
    const client = createClient(server)
    await client.refresh()

    expect(server.log).toEqual([])
    expect(client.view.status).toMatchObject({ phase: 'idle', error: undefined })
  })

  it('polls once, and schedules nothing, after the last subscriber has left', async () => {
    const { client, unsubscribe } = await openClient(server)
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
    unsubscribe()
    await server.clock.flush()
    server.answerPolls(() => snapshotAt('7.4', { currentVisitors: 4 }))
    const before = server.count('poll')
    await client.refresh()
    expect(client.view.state).toEqual({ currentVisitors: 4 })
    expect(server.clock.pending).toBe(0)

    await server.clock.advance(60_000)
    expect(server.count('poll')).toBe(before + 1)
    expect(server.count('connect')).toBe(0)
  })
})
