import { afterEach, describe, expect, it, vi } from 'vitest'
import { createFakeServer } from './testing/fake-server.ts'
import { connectMs, createClient, problem, snapshotAt, openClient } from './testing/scenario.ts'

afterEach(() => void vi.useRealTimers())

describe('createLiveClient: first poll', () => {
  it('polls the selected channels immediately', async () => {
    const server = createFakeServer()
    await openClient(server, ['recentEvents', 'currentVisitors'], { minutes: 30 })

    expect(server.log).toHaveLength(1)
    expect(String(server.poll.url)).toBe(
      'http://stats.test/api/sites/shop/realtime?channels=currentVisitors,recentEvents&minutes=30',
    )
  })

  it('sends a request without preflight or cookies, and revalidates it', async () => {
    const server = createFakeServer()
    await openClient(server)

    const [entry] = server.log
    expect(entry).toMatchObject({
      kind: 'poll',
      init: { cache: 'no-cache', credentials: 'omit' },
    })
    // A custom header or another method would require a preflight for each client.
    expect(entry?.kind === 'poll' && Object.keys(entry.init).toSorted()).toEqual([
      'cache',
      'credentials',
      'signal',
    ])
  })

  it('sends nothing before the first subscriber', async () => {
    const server = createFakeServer()
    const client = createClient(server)
    await server.clock.advance(60_000)

    expect(server.log).toEqual([])
    expect(server.clock.pending).toBe(0)
    expect(client.view).toEqual({
      state: {},
      status: {
        phase: 'idle',
        transport: 'none',
        cursor: undefined,
        syncedAt: undefined,
        stale: false,
        offline: false,
        paused: false,
        unauthorized: false,
        error: undefined,
      },
    })
  })

  it('notifies the listener as soon as the response has arrived', async () => {
    const server = createFakeServer()
    const { client, views } = await openClient(server)
    await server.clock.advance(150)
    server.poll.answer(snapshotAt('7.3', { currentVisitors: 42 }))
    await server.clock.flush()

    expect(client.view.state).toEqual({ currentVisitors: 42 })
    expect(client.view.status).toMatchObject({
      phase: 'polling',
      transport: 'poll',
      cursor: '7.3',
      syncedAt: server.clock.now(),
      error: undefined,
    })
    expect(views.at(-1)).toBe(client.view)
  })
})

describe('createLiveClient: first WebSocket', () => {
  it.each([
    ['fails', () => 'failure' as const],
    ['is answered with 500', () => problem('internal')],
    ['is answered with a page of HTML', () => new Response('<html>Please log in</html>')],
  ])('does not connect while every poll %s', async (_, answer) => {
    const server = createFakeServer()
    server.answerPolls(answer)
    await openClient(server)
    await server.clock.advance(120_000)

    expect(server.count('poll')).toBeGreaterThan(2)
    expect(server.count('connect')).toBe(0)
  })

  it('does not connect while polls get no response', async () => {
    const server = createFakeServer()
    await openClient(server)
    await server.clock.advance(120_000)

    expect(server.count('poll')).toBeGreaterThan(2)
    expect(server.count('connect')).toBe(0)
  })

  it.each([
    ['http://stats.test/api', 'ws://stats.test/api/sites/shop/realtime/ws'],
    ['https://stats.test/api', 'wss://stats.test/api/sites/shop/realtime/ws'],
  ])('connects to the server at %s after the first response', async (baseUrl, url) => {
    const server = createFakeServer()
    await openClient(server, ['currentVisitors'], { baseUrl })
    server.poll.answer(snapshotAt('7.3'))
    await server.clock.advance(connectMs)

    expect(server.sockets.map(socket => [socket.url, socket.offered])).toEqual([
      [url, ['tidemark.v1']],
    ])
  })

  it.each([
    ['the transports exclude it', { transports: [] }],
    ['the runtime has no WebSocket', { platform: { WebSocket: undefined } }],
  ])('polls at its interval when %s', async (_, options) => {
    const server = createFakeServer()
    server.answerPolls(() => snapshotAt('7.3'))
    await openClient(server, ['currentVisitors'], { ...options, pollIntervalMs: 3000 })
    const startedAt = server.clock.now()
    await server.clock.advance(10_000)

    expect(server.count('connect')).toBe(0)
    expect(server.log.map(({ at }) => at - startedAt)).toEqual([0, 3000, 6000, 9000])
  })
})
