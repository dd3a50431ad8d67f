import type { FramesAnswer } from '@tidemark/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeServer, createFakeServer } from './testing/fake-server.ts'
import { FakeSocket } from './testing/fake-socket.ts'
import type { FakeStream } from './testing/fake-stream.ts'
import {
  type OpenClient,
  acknowledge,
  connectMs,
  heartbeatMs,
  hello,
  pingAt,
  problem,
  snapshotAt,
  openClient,
} from './testing/scenario.ts'
import type { StreamingTransport } from './types.ts'

const pollIntervalMs = 5000
const minuteMs = 60_000

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

const allTransports: StreamingTransport[] = ['websocket', 'sse', 'long-poll']

/** Opens a client with these transports on a server that answers polls. */
async function openFallbackClient(
  transports: StreamingTransport[] = allTransports,
  random = 0.5,
): Promise<OpenClient> {
  server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
  return openClient(server, ['currentVisitors'], { transports, platform: { random: () => random } })
}

/** Sends the messages that verify a stream. */
function verify(stream: FakeStream, cursor = '7.3'): void {
  stream.deliver(hello)
  stream.deliver({ type: 'ok', from: cursor, to: cursor })
  stream.deliver(pingAt(cursor))
}

/** Sends the messages that verify each later socket. */
function verifySockets(): void {
  server.onOpen = socket => {
    socket.deliver(hello)
    queueMicrotask(() => {
      acknowledge(server, '7.3')
      socket.deliver(pingAt('7.3'))
    })
  }
}

function framesUpTo(from: string, to = from, ...seqs: number[]): FramesAnswer {
  const frames = seqs.map(s => ({ p: s - 1, s, at: 1, patch: { currentVisitors: s } }))
  return { from, to, frames, more: false }
}

function count(transport: 'connect' | 'stream' | 'frames'): number {
  return server.count(transport)
}

describe('createLiveClient: server-sent events', () => {
  beforeEach(() => void (server.streaming = 'accept'))

  it("requests the stream from the reader's cursor, without cache, cookies or custom headers", async () => {
    await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)

    const entry = server.log.find(({ kind }) => kind === 'stream')
    expect(String(server.stream.url)).toBe(
      'http://stats.test/api/sites/shop/realtime/sse?channels=currentVisitors&minutes=5&since=7.3',
    )
    expect(entry).toMatchObject({ init: { cache: 'no-store', credentials: 'omit' } })
    expect(entry?.kind === 'stream' && entry.init.headers).toBeUndefined()
  })

  it('polls until a ping shows that no frame is missing', async () => {
    const { client } = await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)
    server.stream.deliver(hello)
    server.stream.deliver({ type: 'ok', from: '7.3', to: '7.3' })
    await server.clock.advance(pollIntervalMs)
    expect(client.view.status).toMatchObject({ phase: 'upgrading', transport: 'poll' })
    expect(server.count('poll')).toBe(2)

    server.stream.deliver(pingAt('7.3'))
    await server.clock.flush()
    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'sse' })
    await server.clock.advance(heartbeatMs)
    expect(server.count('poll')).toBe(2)
  })

  it('applies frames that arrive in pieces', async () => {
    const { client } = await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)
    verify(server.stream)
    const text =
      'id: 7.4\ndata: {"type":"frame","p":3,"s":4,"at":1,"patch":{"currentVisitors":4}}\n\n'
    for (const character of text) {
      server.stream.deliverText(character)
      await server.clock.flush()
    }

    expect(client.view).toMatchObject({ state: { currentVisitors: 4 }, status: { cursor: '7.4' } })
  })

  it("requests the stream again from the reader's cursor when a ping reveals a lost frame", async () => {
    await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)
    verify(server.stream)
    await server.clock.flush()
    server.stream.deliver(pingAt('7.5'))
    await server.clock.flush()

    expect(server.streams).toHaveLength(2)
    expect(server.streams[0]?.isAborted).toBe(true)
    expect(server.stream.url.searchParams.get('since')).toBe('7.3')
  })

  it('requests a snapshot in a new stream when the selection grows', async () => {
    const { client } = await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)
    verify(server.stream)
    await server.clock.flush()
    client.subscribe(['pageViews'], () => {})
    await server.clock.flush()
    expect(server.streams[0]?.isAborted).toBe(true)
    expect(server.stream.url.searchParams.get('channels')).toBe('currentVisitors,pageViews')
    expect(server.stream.url.searchParams.get('since')).toBeNull()

    const snapshot = snapshotAt('7.4', { currentVisitors: 4, pageViews: 40 })
    server.stream.deliver(hello)
    server.stream.deliver({ type: 'snap', snapshot })
    await server.clock.flush()
    expect(client.view.state).toEqual({ currentVisitors: 4, pageViews: 40 })
    expect(server.count('poll')).toBe(1)
  })

  it.each([
    ['ends', (stream: FakeStream) => stream.end()],
    ['breaks', (stream: FakeStream) => stream.fail()],
  ])(
    "polls immediately when the stream %s, and resumes from the reader's cursor",
    async (_, lose) => {
      const { client } = await openFallbackClient(['sse'])
      await server.clock.advance(connectMs)
      verify(server.stream)
      await server.clock.flush()
      lose(server.stream)
      await server.clock.flush()
      expect(client.view.status.transport).toBe('poll')
      expect(server.count('poll')).toBe(2)

      await server.clock.advance(1000)
      verify(server.stream)
      await server.clock.flush()
      expect(server.streams).toHaveLength(2)
      expect(client.view.status).toMatchObject({ phase: 'live', transport: 'sse' })
    },
  )

  it('cancels a silent stream after two heartbeats and five seconds', async () => {
    await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)
    verify(server.stream)
    await server.clock.advance(2 * heartbeatMs + 4999)
    expect(server.stream.isAborted).toBe(false)

    await server.clock.advance(1)
    expect(server.streams[0]?.isAborted).toBe(true)
  })

  it('cancels the stream when the last subscriber leaves', async () => {
    const { unsubscribe } = await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)
    verify(server.stream)
    await server.clock.flush()
    unsubscribe()

    expect(server.stream.isAborted).toBe(true)
    expect(server.clock.pending).toBe(0)
  })
})

describe('createLiveClient: long polling', () => {
  it('starts with a request that does not wait, and is live after its response', async () => {
    server.onFramesRequest = () => framesUpTo('7.3')
    const { client } = await openFallbackClient(['long-poll'])
    await server.clock.advance(connectMs)

    expect(String(server.framesRequest.url)).toBe(
      'http://stats.test/api/sites/shop/realtime/frames?channels=currentVisitors&minutes=5&since=7.3&wait=0',
    )
    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'long-poll' })
  })

  it('applies frames, and sends at most one request per second', async () => {
    server.onFramesRequest = () => framesUpTo('7.3')
    const { client } = await openFallbackClient(['long-poll'])
    await server.clock.advance(connectMs)
    server.onFramesRequest = () => undefined
    await server.clock.advance(1000)
    expect(server.framesRequest.url.searchParams.get('wait')).toBe('25')

    await server.clock.advance(20_000)
    server.framesRequest.answer(framesUpTo('7.3', '7.5', 4, 5))
    await server.clock.flush()
    expect(client.view).toMatchObject({ state: { currentVisitors: 5 }, status: { cursor: '7.5' } })
    await server.clock.advance(1)
    expect(server.framesRequest.url.searchParams.get('since')).toBe('7.5')
    server.framesRequest.answer(framesUpTo('7.5', '7.6', 6))
    await server.clock.flush()
    const requests = count('frames')
    await server.clock.advance(990)
    expect(count('frames')).toBe(requests)
    await server.clock.advance(10)
    expect(count('frames')).toBe(requests + 1)
    expect(server.count('poll')).toBe(1)
  })

  it.each([
    ['a response to another request', framesUpTo('7.2', '7.4', 4)],
    ['frames after a gap', framesUpTo('7.3', '7.9', 9)],
    ['HTML', new Response('<html>')],
    ['invalid frames', Response.json({ from: '7.3', to: '7.4', frames: [1], more: false })],
  ])('polls instead of applying %s', async (_, answer) => {
    server.onFramesRequest = () => framesUpTo('7.3')
    const { client } = await openFallbackClient(['long-poll'])
    await server.clock.advance(connectMs)
    server.onFramesRequest = () => undefined
    await server.clock.advance(1000)
    server.framesRequest.answer(answer)
    await server.clock.flush()

    expect(client.view).toMatchObject({
      state: { currentVisitors: 3 },
      status: { transport: 'poll' },
    })
    expect(server.count('poll')).toBe(2)
  })

  it('requests a snapshot when the server no longer has the frames', async () => {
    server.onFramesRequest = () => framesUpTo('7.3')
    const { client } = await openFallbackClient(['long-poll'])
    await server.clock.advance(connectMs)
    server.onFramesRequest = () => undefined
    await server.clock.advance(20_000)
    server.answerPolls(() => snapshotAt('8.2', { currentVisitors: 82 }))
    server.framesRequest.answer(problem('cursor_gone'))
    await server.clock.advance(1)
    expect(client.view).toMatchObject({ state: { currentVisitors: 82 }, status: { phase: 'live' } })

    await server.clock.advance(1000)
    expect(server.framesRequest.url.searchParams.get('since')).toBe('8.2')
  })

  it('pauses the transport after repeated 410 responses', async () => {
    server.onFramesRequest = () => problem('cursor_gone')
    const { client } = await openFallbackClient(['long-poll'])
    await server.clock.advance(minuteMs)

    expect(client.view.status.transport).toBe('poll')
    expect(count('frames')).toBeLessThan(15)
  })

  it('waits for Retry-After before the next request', async () => {
    server.onFramesRequest = () => problem('too_busy', { 'Retry-After': '40' })
    await openFallbackClient(['long-poll'])
    await server.clock.advance(40_000)
    expect(count('frames')).toBe(1)

    await server.clock.advance(2000)
    expect(count('frames')).toBe(2)
  })
})

describe('createLiveClient: blocked WebSockets', () => {
  it.each(['refuse', 'hang', 'throw'] as const)(
    'falls back to the next transport after handshakes that %s',
    async handshake => {
      server.handshake = handshake
      server.streaming = 'accept'
      server.onStream = stream => verify(stream)
      const { client } = await openFallbackClient()
      await server.clock.advance(20_000)

      expect(client.view.status).toMatchObject({ phase: 'live', transport: 'sse' })
    },
  )

  it('falls back to long polling when streams never start', async () => {
    server.handshake = 'refuse'
    server.streaming = 'hang'
    server.onFramesRequest = ({ url }) =>
      url.searchParams.get('wait') === '0' ? framesUpTo('7.3') : undefined
    const { client } = await openFallbackClient()
    await server.clock.advance(30_000)

    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'long-poll' })
    expect(server.streams.every(({ isAborted }) => isAborted)).toBe(true)
  })

  it('polls when all transports are blocked, and tries them again later', async () => {
    server.handshake = 'refuse'
    const { client } = await openFallbackClient()
    await server.clock.advance(10 * minuteMs)
    expect(client.view.status).toMatchObject({ phase: 'polling', transport: 'poll', stale: false })
    expect(server.count('poll')).toBe(121)
    const tries = [count('connect'), count('stream'), count('frames')]
    expect(Math.min(...tries)).toBeGreaterThan(4)
    // Each round tries every transport twice; the pauses between rounds grow.
    expect(Math.max(...tries)).toBeLessThan(30)

    server.handshake = 'accept'
    verifySockets()
    await server.clock.advance(6 * minuteMs)
    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'websocket' })
  })

  it('upgrades to a WebSocket later, and keeps the stream until it is verified', async () => {
    server.handshake = 'refuse'
    server.streaming = 'accept'
    server.onStream = stream => verify(stream)
    const { client } = await openFallbackClient()
    await server.clock.advance(5000)
    const { stream } = server
    expect(client.view.status.transport).toBe('sse')

    server.handshake = 'accept'
    // The pause: ten seconds plus half of the first jitter of thirty.
    for (let seconds = 0; seconds < 30; seconds++) {
      await server.clock.advance(1000)
      stream.deliver(pingAt('7.3'))
    }
    server.socket.deliver(hello)
    acknowledge(server, '7.3')
    // Both connections deliver the same frame.
    const frame = { type: 'frame', p: 3, s: 4, at: 1, patch: { currentVisitors: 4 } } as const
    stream.deliver(frame)
    server.socket.deliver(frame)
    await server.clock.flush()
    expect(client.view).toMatchObject({
      state: { currentVisitors: 4 },
      status: { phase: 'live', transport: 'sse', cursor: '7.4' },
    })
    expect(stream.isAborted).toBe(false)

    server.socket.deliver(pingAt('7.4'))
    await server.clock.flush()
    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'websocket' })
    expect(stream.isAborted).toBe(true)
    expect(server.streams).toHaveLength(1)
    expect(server.count('poll')).toBeLessThan(4)
  })

  it('keeps the stream, and tries WebSockets less and less often', async () => {
    server.handshake = 'refuse'
    server.streaming = 'accept'
    server.onStream = stream => verify(stream)
    const { client } = await openFallbackClient()
    await server.clock.advance(5000)
    for (let beats = 0; beats < 240; beats++) {
      await server.clock.advance(heartbeatMs)
      server.stream.deliver(pingAt('7.3'))
    }

    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'sse' })
    expect(server.streams).toHaveLength(1)
    // Within an hour: two attempts each time, with pauses that grow from 25 to 160 seconds.
    expect(count('connect')).toBeGreaterThan(20)
    expect(count('connect')).toBeLessThan(60)
  })

  it('continues with a pending WebSocket when the stream is lost', async () => {
    server.handshake = 'refuse'
    server.streaming = 'accept'
    server.onStream = stream => verify(stream)
    const { client } = await openFallbackClient()
    await server.clock.advance(5000)
    server.handshake = 'accept'
    for (let seconds = 0; seconds < 30; seconds++) {
      await server.clock.advance(1000)
      server.stream.deliver(pingAt('7.3'))
    }
    server.stream.fail()
    await server.clock.flush()
    expect(client.view.status.transport).toBe('poll')
    server.socket.deliver(hello)
    acknowledge(server, '7.3')
    server.socket.deliver(pingAt('7.3'))
    await server.clock.advance(minuteMs / 2)

    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'websocket' })
    expect(server.streams).toHaveLength(1)
  })
})

describe('createLiveClient: server restart', () => {
  it('reconnects the WebSocket instead of falling back', async () => {
    verifySockets()
    const { client } = await openFallbackClient()
    await server.clock.advance(connectMs)
    expect(client.view.status.transport).toBe('websocket')

    server.kill()
    await server.clock.advance(minuteMs)
    server.revive()
    await server.clock.advance(minuteMs)
    expect(count('stream')).toBe(0)
    expect(server.socket.readyState).toBe(FakeSocket.OPEN)
  })
})

describe('createLiveClient: bye with a delay', () => {
  it('neither connects nor polls before the delay has passed', async () => {
    verifySockets()
    await openFallbackClient()
    await server.clock.advance(connectMs)
    server.socket.deliver({ type: 'bye', code: 4503, retry: 4000 })
    server.socket.end(4503)
    await server.clock.advance(3999)
    expect([server.count('poll'), count('connect')]).toEqual([1, 1])

    await server.clock.advance(1)
    expect(server.count('poll')).toBe(2)
    await server.clock.advance(1000)
    expect(count('connect')).toBe(2)
  })
})

describe('createLiveClient: back/forward cache', () => {
  it('closes its connection when the page freezes, and polls and reconnects when it resumes', async () => {
    verifySockets()
    const { client } = await openFallbackClient()
    await server.clock.advance(connectMs)
    server.page.freeze()
    await server.clock.flush()
    expect(server.socket.readyState).not.toBe(FakeSocket.OPEN)
    await server.clock.advance(minuteMs)
    expect([server.count('poll'), count('connect')]).toEqual([1, 1])

    server.page.thaw()
    await server.clock.advance(connectMs)
    expect([server.count('poll'), count('connect')]).toEqual([2, 2])
    expect(client.view.status.phase).toBe('live')
  })
})
