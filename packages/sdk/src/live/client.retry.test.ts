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

/** The pauses between the polls of some minutes in which all are answered like this. */
async function pauses(answer: () => FakeAnswer, random: () => number): Promise<number[]> {
  await openClient(server, ['currentVisitors'], { platform: { random } })
  server.answerPolls(answer)
  await server.clock.advance(10 * 60_000)
  const polls = server.log.flatMap(({ kind, at }) => (kind === 'poll' ? [at] : []))
  return polls.slice(1).map((at, index) => at - (polls[index] ?? 0))
}

describe('polls that fail', () => {
  it.each([
    ['by the network', (): FakeAnswer => 'failure'],
    ['with 500', () => problem('internal')],
    ['with 404', () => problem('site_unknown')],
    ['with 502 and HTML', () => new Response('<h1>Bad Gateway</h1>', { status: 502 })],
    ['with 200 and HTML', () => new Response('<h1>Welcome</h1>')],
    ['with 304', () => new Response(null, { status: 304 })],
  ])('%s come again after the rhythm and a wait that grows, up to a minute', async (_, answer) => {
    expect((await pauses(answer, () => almostOne)).slice(0, 6)).toEqual([
      10_000, 15_000, 25_000, 45_000, 65_000, 65_000,
    ])
  })

  it('of readers who fell together do not come together', async () => {
    const [second = 0] = await pauses(
      () => 'failure',
      () => 0.5,
    )
    expect(second).toBe(7500)
  })

  it('are spread over these distances, and never faster than the rhythm', async () => {
    expect(
      await pauses(
        () => 'failure',
        () => 0,
      ),
    ).toEqual(Array.from({ length: 120 }, () => 5000))
    expect(server.count('connect')).toBe(0)
  })

  it('come in their rhythm again after one that succeeds', async () => {
    let isWell = false
    await openClient(server, ['currentVisitors'], {
      platform: { random: () => almostOne },
      transports: [],
    })
    server.answerPolls(() => (isWell ? snapshotAt('7.3') : 'failure'))
    await server.clock.advance(5 * 60_000)
    isWell = true
    await server.clock.advance(70_000)
    const before = server.count('poll')
    await server.clock.advance(4 * pollIntervalMs)
    expect(server.count('poll') - before).toBe(4)

    isWell = false
    await server.clock.advance(pollIntervalMs + 1)
    const failed = server.count('poll')
    await server.clock.advance(2 * pollIntervalMs)
    expect(server.count('poll') - failed).toBe(1)
  })

  it('bring nothing, and are said to, until one succeeds', async () => {
    const { client } = await openClient(server, ['currentVisitors'], { transports: [] })
    server.answerPolls(() => 'failure')
    await server.clock.flush()
    expect(client.view.status).toMatchObject({ phase: 'polling', transport: 'none' })

    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(60_000)
    expect(client.view.status).toMatchObject({ phase: 'polling', transport: 'poll' })
  })

  it('beside a live connection take nothing away from it', async () => {
    const { client } = await openClient(server)
    await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => 'failure')
    await client.refresh()

    expect(client.view.status).toMatchObject({ transport: 'websocket', error: { code: 'network' } })
  })

  it('that get no answer are given up and made again, too', async () => {
    await openClient(server)
    await server.clock.advance(10 * 60_000)

    expect(server.count('poll')).toBeGreaterThan(10)
    expect(server.count('poll')).toBeLessThan(40)
  })
})

describe('404', () => {
  it('is shown, keeps what is on screen, and is gone when the site is there', async () => {
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

describe('Retry-After', () => {
  /** Answers the first poll so. */
  async function sendAway(headers: Record<string, string>): Promise<void> {
    await openClient(server, ['currentVisitors'], { platform: { random: () => 0 } })
    server.answerPolls(() => problem('too_busy', headers))
    await server.clock.flush()
  }

  it.each([
    ['in seconds', () => '90'],
    ['as a date', () => new Date(server.clock.now() + 90_000).toUTCString()],
  ])('%s is the shortest pause', async (_, header) => {
    await sendAway({ 'Retry-After': header() })
    await server.clock.advance(89_999)
    expect(server.count('poll')).toBe(1)

    await server.clock.advance(1)
    expect(server.count('poll')).toBe(2)
  })

  it('is spread, so that those sent away together do not come back together', async () => {
    await openClient(server, ['currentVisitors'], { platform: { random: () => 0.5 } })
    server.answerPolls(() => problem('log_unavailable', { 'Retry-After': '90' }))
    await server.clock.advance(90_000)
    expect(server.count('poll')).toBe(1)

    await server.clock.advance(2500)
    expect(server.count('poll')).toBe(2)
  })

  it('that is shorter than the rhythm does not make it faster', async () => {
    await sendAway({ 'Retry-After': '0' })
    await server.clock.advance(pollIntervalMs - 1)
    expect(server.count('poll')).toBe(1)

    await server.clock.advance(1)
    expect(server.count('poll')).toBe(2)
  })

  it('holds though the page comes back into sight and has one more widget', async () => {
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

  it('is forgotten once it has been obeyed', async () => {
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

describe('a poll that somebody asked for', () => {
  it('is made at once and settles when its answer has been taken in', async () => {
    const { client } = await openClient(server, ['currentVisitors'], { transports: [] })
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(1000)
    server.answerPolls(() => snapshotAt('7.4', { currentVisitors: 4 }))
    await client.refresh()
    expect(client.view.state).toEqual({ currentVisitors: 4 })
    expect(server.count('poll')).toBe(2)

    // And the rhythm begins anew with it.
    await server.clock.advance(pollIntervalMs - 1)
    expect(server.count('poll')).toBe(2)
    await server.clock.advance(1)
    expect(server.count('poll')).toBe(3)
  })

  it('settles when it has failed, and says why', async () => {
    const { client } = await openClient(server)
    server.answerPolls(() => 'failure')
    await client.refresh()

    expect(client.view.status.error).toEqual({
      code: 'network',
      message: 'The server did not answer.',
    })
  })

  it('waits for the one that takes its place', async () => {
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

  it('settles when everybody leaves meanwhile', async () => {
    const { client, unsubscribe } = await openClient(server)
    let isDone = false
    void client.refresh().then(() => (isDone = true))
    unsubscribe()
    await server.clock.flush()

    expect(isDone).toBe(true)
  })

  it('does not bring polling back when it fails beside a live connection', async () => {
    const { client } = await openClient(server)
    await goLive(server, snapshotAt('7.3'))
    server.answerPolls(() => problem('too_busy', { 'Retry-After': '1' }))
    await client.refresh()
    const before = server.count('poll')
    await server.clock.advance(30_000)

    expect(server.count('poll')).toBe(before)
    expect(client.view.status.phase).toBe('live')
  })

  it('that was sent away beside a live connection does not hold up the poll after a loss', async () => {
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

  it('is none, and no error, before anybody has subscribed', async () => {
    const client = createClient(server)
    await client.refresh()

    expect(server.log).toEqual([])
    expect(client.view.status).toMatchObject({ phase: 'idle', error: undefined })
  })

  it('is made once, and leads to nothing more, after everybody has left', async () => {
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
