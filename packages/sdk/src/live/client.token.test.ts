import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeServer, createFakeServer } from './testing/fake-server.ts'
import { FakeSocket } from './testing/fake-socket.ts'
import {
  connectMs,
  goLive,
  hello,
  pingAt,
  problem,
  snapshotAt,
  openClient,
} from './testing/scenario.ts'

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

/** Returns the headers of each poll, stream request and frames request. */
function authorizations(): unknown[] {
  return server.log.flatMap(entry => ('init' in entry ? [entry.init.headers] : []))
}

/** Creates a token function that returns `token-1`, `token-2`, … */
function createTokenSource(): { next: () => string; readonly count: number } {
  let count = 0
  return {
    next: () => `token-${++count}`,
    get count() {
      return count
    },
  }
}

describe('createLiveClient: token', () => {
  it('is sent with every poll, and with the handshake as a subprotocol', async () => {
    await openClient(server, ['currentVisitors'], { token: 'a.b.c' })
    await goLive(server, snapshotAt('7.3'))

    expect(authorizations()).toEqual([{ Authorization: 'Bearer a.b.c' }])
    expect(server.socket.offered).toEqual(['tidemark.v1', 'tidemark.token.a.b.c'])
    expect(server.socket.url).not.toContain('a.b.c')
  })

  it('is sent with server-sent events and long polls', async () => {
    server.answerPolls(() => snapshotAt('7.3'))
    await openClient(server, ['currentVisitors'], {
      token: 'a.b.c',
      transports: ['sse', 'long-poll'],
    })
    await server.clock.advance(20_000)

    const kinds = new Set(server.log.map(({ kind }) => kind))
    expect(kinds).toEqual(new Set(['poll', 'stream', 'frames']))
    for (const each of authorizations()) expect(each).toEqual({ Authorization: 'Bearer a.b.c' })
  })

  it('is requested from the function once, before the first request', async () => {
    const tokens = createTokenSource()
    await openClient(server, ['currentVisitors'], { token: tokens.next })
    await goLive(server, snapshotAt('7.3'))

    expect(tokens.count).toBe(1)
    expect(authorizations()).toEqual([{ Authorization: 'Bearer token-1' }])
    expect(server.socket.offered).toEqual(['tidemark.v1', 'tidemark.token.token-1'])
  })

  it('is requested again later when the function throws, with an error meanwhile', async () => {
    let fails = true
    const token = (): string => {
      if (fails) throw new Error('Not logged in yet.')
      return 'a.b.c'
    }
    const { client } = await openClient(server, ['currentVisitors'], { token })
    expect(server.log).toEqual([])
    expect(client.view.status).toMatchObject({
      error: { code: 'token_unavailable' },
      unauthorized: false,
    })

    fails = false
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
    await server.clock.advance(20_000)
    expect(client.view).toMatchObject({
      state: { currentVisitors: 3 },
      status: { error: undefined },
    })
  })
})

describe('createLiveClient: token rejected by a poll', () => {
  it('requests a fresh token and polls immediately', async () => {
    const tokens = createTokenSource()
    const { client } = await openClient(server, ['currentVisitors'], { token: tokens.next })
    server.poll.answer(problem('token_expired'))
    await server.clock.flush()
    expect(server.count('poll')).toBe(2)
    expect(authorizations()).toEqual([
      { Authorization: 'Bearer token-1' },
      { Authorization: 'Bearer token-2' },
    ])

    await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    expect(client.view).toMatchObject({
      state: { currentVisitors: 3 },
      status: { phase: 'live', unauthorized: false, error: undefined },
    })
  })

  it('stops after three rejected fresh tokens', async () => {
    const tokens = createTokenSource()
    const { client } = await openClient(server, ['currentVisitors'], { token: tokens.next })
    server.answerPolls(() => problem('token_invalid'))
    await server.clock.advance(3_600_000)

    expect(server.count('poll')).toBe(4)
    expect(client.view.status).toMatchObject({
      phase: 'idle',
      unauthorized: true,
      error: { code: 'token_invalid' },
    })
    expect(server.clock.pending).toBe(0)
  })

  it('requests a token again until the function returns one', async () => {
    let isDown = false
    let count = 0
    const token = (): string => {
      if (isDown) throw new Error('The source is down')
      return `token-${++count}`
    }
    const { client } = await openClient(server, ['currentVisitors'], { token })
    isDown = true
    server.answerPolls(() => problem('token_expired'))
    server.poll.answer(problem('token_expired'))
    await server.clock.advance(600_000)
    expect(client.view.status).toMatchObject({ unauthorized: false, phase: 'polling' })

    isDown = false
    const isFresh = (): boolean => JSON.stringify(authorizations().at(-1)).includes('token-2')
    server.answerPolls(() => (isFresh() ? snapshotAt('7.3') : problem('token_expired')))
    await server.clock.advance(600_000)
    expect(client.view.status).toMatchObject({ unauthorized: false, error: undefined })
  })

  it('retries later when the function returns the same token', async () => {
    let token = 'old'
    const { client } = await openClient(server, ['currentVisitors'], {
      token: () => token,
      platform: { random: () => 0.5 },
    })
    server.poll.answer(problem('token_expired'))
    await server.clock.advance(4000)
    expect(server.count('poll')).toBe(1)
    expect(client.view.status.error?.code).toBe('token_expired')

    token = 'new'
    const isFresh = (): boolean => JSON.stringify(authorizations().at(-1)).includes('new')
    server.answerPolls(() => (isFresh() ? snapshotAt('7.3') : problem('token_expired')))
    await server.clock.advance(8000)
    expect(client.view.status).toMatchObject({ unauthorized: false, error: undefined })
  })

  it('requests no fresh token after a 403', async () => {
    const tokens = createTokenSource()
    const { client } = await openClient(server, ['currentVisitors'], { token: tokens.next })
    server.poll.answer(problem('refused'))
    await server.clock.advance(3_600_000)

    expect(tokens.count).toBe(1)
    expect(client.view.status.unauthorized).toBe(true)
  })
})

describe('createLiveClient: token expires on a connection', () => {
  it('sends a fresh token on the same WebSocket', async () => {
    const tokens = createTokenSource()
    const { client } = await openClient(server, ['currentVisitors'], { token: tokens.next })
    const socket = await goLive(server, snapshotAt('7.3'))
    socket.deliver({ type: 'expiring', in: 30_000 })
    await server.clock.flush()

    expect(server.messages.at(-1)).toEqual({ type: 'auth', token: 'token-2' })
    expect(client.view.status.phase).toBe('live')
    expect(server.count('connect')).toBe(1)
  })

  it('polls and reconnects with a fresh token after close code 4401', async () => {
    const tokens = createTokenSource()
    const { client } = await openClient(server, ['currentVisitors'], { token: tokens.next })
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
    socket.deliver({ type: 'bye', code: 4401, retry: 0 })
    socket.end(4401)
    await server.clock.advance(connectMs)

    expect(client.view).toMatchObject({
      state: { currentVisitors: 3 },
      status: { phase: 'upgrading', unauthorized: false },
    })
    expect(server.socket.offered.at(-1)).toBe('tidemark.token.token-2')
  })

  it("requests the stream again with a fresh token, from the reader's cursor", async () => {
    server.streaming = 'accept'
    server.answerPolls(() => snapshotAt('7.3'))
    const tokens = createTokenSource()
    await openClient(server, ['currentVisitors'], { token: tokens.next, transports: ['sse'] })
    await server.clock.advance(connectMs)
    const { stream } = server
    stream.deliver(hello)
    stream.deliver({ type: 'ok', from: '7.3', to: '7.3' })
    stream.deliver(pingAt('7.3'))
    stream.deliver({ type: 'expiring', in: 30_000 })
    await server.clock.flush()

    expect(server.streams).toHaveLength(2)
    expect(stream.isAborted).toBe(true)
    expect(server.stream.url.searchParams.get('since')).toBe('7.3')
    expect(authorizations().at(-1)).toEqual({ Authorization: 'Bearer token-2' })
  })

  it('stops when the token is a fixed string', async () => {
    const { client } = await openClient(server, ['currentVisitors'], { token: 'a.b.c' })
    const socket = await goLive(server, snapshotAt('7.3'))
    socket.deliver({ type: 'expiring', in: 30_000 })
    await server.clock.flush()
    expect(socket.readyState).toBe(FakeSocket.OPEN)
    expect(server.messages.some(({ type }) => type === 'auth')).toBe(false)

    socket.end(4401)
    await server.clock.advance(3_600_000)
    expect(client.view.status.unauthorized).toBe(true)
    expect(server.clock.pending).toBe(0)
  })
})
