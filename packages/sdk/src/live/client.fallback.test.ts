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

const all: StreamingTransport[] = ['websocket', 'sse', 'long-poll']

/** A client that may take these, on a server whose polls are answered. */
async function openFallbackClient(
  transports: StreamingTransport[] = all,
  random = 0.5,
): Promise<OpenClient> {
  server.answerPolls(() => snapshotAt('7.3', { currentVisitors: 3 }))
  return openClient(server, ['currentVisitors'], { transports, platform: { random: () => random } })
}

/** Says all that a stream needs to be proved. */
function prove(stream: FakeStream, cursor = '7.3'): void {
  stream.deliver(hello)
  stream.deliver({ type: 'ok', from: cursor, to: cursor })
  stream.deliver(pingAt(cursor))
}

/** Sockets become live by themselves from now on. */
function proveSockets(): void {
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

describe('server-sent events', () => {
  beforeEach(() => void (server.streaming = 'accept'))

  it('are asked for from the mark, past every cache, without a cookie or a header of our own', async () => {
    await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)

    const entry = server.log.find(({ kind }) => kind === 'stream')
    expect(String(server.stream.url)).toBe(
      'http://stats.test/api/sites/shop/realtime/sse?channels=currentVisitors&minutes=5&since=7.3',
    )
    expect(entry).toMatchObject({ init: { cache: 'no-store', credentials: 'omit' } })
    expect(entry?.kind === 'stream' && entry.init.headers).toBeUndefined()
  })

  it('are live once they have answered, had a ping and are not behind; polling goes on until then', async () => {
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

  it('move the state by frames, however they are cut on the way', async () => {
    const { client } = await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)
    prove(server.stream)
    const text =
      'id: 7.4\ndata: {"type":"frame","p":3,"s":4,"at":1,"patch":{"currentVisitors":4}}\n\n'
    for (const character of text) {
      server.stream.deliverText(character)
      await server.clock.flush()
    }

    expect(client.view).toMatchObject({ state: { currentVisitors: 4 }, status: { cursor: '7.4' } })
  })

  it('whose last frame was lost ask again from the mark within one heartbeat', async () => {
    await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)
    prove(server.stream)
    await server.clock.flush()
    server.stream.deliver(pingAt('7.5'))
    await server.clock.flush()

    expect(server.streams).toHaveLength(2)
    expect(server.streams[0]?.isAborted).toBe(true)
    expect(server.stream.url.searchParams.get('since')).toBe('7.3')
  })

  it('are asked for anew when the selection grows, for the whole state', async () => {
    const { client } = await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)
    prove(server.stream)
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
  ])('whose answer %s are polled for at once, and come back from the mark', async (_, lose) => {
    const { client } = await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)
    prove(server.stream)
    await server.clock.flush()
    lose(server.stream)
    await server.clock.flush()
    expect(client.view.status.transport).toBe('poll')
    expect(server.count('poll')).toBe(2)

    await server.clock.advance(1000)
    prove(server.stream)
    await server.clock.flush()
    expect(server.streams).toHaveLength(2)
    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'sse' })
  })

  it('that fall silent are given up after two heartbeats and five seconds', async () => {
    await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)
    prove(server.stream)
    await server.clock.advance(2 * heartbeatMs + 4999)
    expect(server.stream.isAborted).toBe(false)

    await server.clock.advance(1)
    expect(server.streams[0]?.isAborted).toBe(true)
  })

  it('end with the last subscriber', async () => {
    const { unsubscribe } = await openFallbackClient(['sse'])
    await server.clock.advance(connectMs)
    prove(server.stream)
    await server.clock.flush()
    unsubscribe()

    expect(server.stream.isAborted).toBe(true)
    expect(server.clock.pending).toBe(0)
  })
})

describe('held requests', () => {
  it('begin with one that is not held, and are live when it is answered', async () => {
    server.onFramesRequest = () => framesUpTo('7.3')
    const { client } = await openFallbackClient(['long-poll'])
    await server.clock.advance(connectMs)

    expect(String(server.framesRequest.url)).toBe(
      'http://stats.test/api/sites/shop/realtime/frames?channels=currentVisitors&minutes=5&since=7.3&wait=0',
    )
    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'long-poll' })
  })

  it('are then held, and bring frames; a second apart at least', async () => {
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
    ['an answer to another question', framesUpTo('7.2', '7.4', 4)],
    ['frames with a hole before them', framesUpTo('7.3', '7.9', 9)],
    ['something else', new Response('<html>')],
    ['frames that are none', Response.json({ from: '7.3', to: '7.4', frames: [1], more: false })],
  ])('that bring %s are not taken in, and polling takes over', async (_, answer) => {
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

  it('whose frames are gone take a snapshot, and go on from it', async () => {
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

  it('that are told again and again that the frames are gone lead nowhere, and are paused', async () => {
    server.onFramesRequest = () => problem('cursor_gone')
    const { client } = await openFallbackClient(['long-poll'])
    await server.clock.advance(minuteMs)

    expect(client.view.status.transport).toBe('poll')
    expect(count('frames')).toBeLessThan(15)
  })

  it('stay away as long as the server asks for', async () => {
    server.onFramesRequest = () => problem('too_busy', { 'Retry-After': '40' })
    await openFallbackClient(['long-poll'])
    await server.clock.advance(40_000)
    expect(count('frames')).toBe(1)

    await server.clock.advance(2000)
    expect(count('frames')).toBe(2)
  })
})

describe('where WebSockets are blocked', () => {
  it.each(['refuse', 'hang', 'throw'] as const)(
    'by handshakes that %s, the next transport takes over by itself',
    async handshake => {
      server.handshake = handshake
      server.streaming = 'accept'
      server.onStream = stream => prove(stream)
      const { client } = await openFallbackClient()
      await server.clock.advance(20_000)

      expect(client.view.status).toMatchObject({ phase: 'live', transport: 'sse' })
    },
  )

  it('and streams never begin, held requests take over', async () => {
    server.handshake = 'refuse'
    server.streaming = 'hang'
    server.onFramesRequest = ({ url }) =>
      url.searchParams.get('wait') === '0' ? framesUpTo('7.3') : undefined
    const { client } = await openFallbackClient()
    await server.clock.advance(30_000)

    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'long-poll' })
    expect(server.streams.every(({ isAborted }) => isAborted)).toBe(true)
  })

  it('and so is everything else, polling goes on, and all of it is tried again later', async () => {
    server.handshake = 'refuse'
    const { client } = await openFallbackClient()
    await server.clock.advance(10 * minuteMs)
    expect(client.view.status).toMatchObject({ phase: 'polling', transport: 'poll', stale: false })
    expect(server.count('poll')).toBe(121)
    const tries = [count('connect'), count('stream'), count('frames')]
    expect(Math.min(...tries)).toBeGreaterThan(4)
    // Every round is two of each; the pauses between rounds grow.
    expect(Math.max(...tries)).toBeLessThan(30)

    server.handshake = 'accept'
    proveSockets()
    await server.clock.advance(6 * minuteMs)
    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'websocket' })
  })

  it('but not for ever, the WebSocket takes over again, and the stream stays until it is proved', async () => {
    server.handshake = 'refuse'
    server.streaming = 'accept'
    server.onStream = stream => prove(stream)
    const { client } = await openFallbackClient()
    await server.clock.advance(5000)
    const { stream } = server
    expect(client.view.status.transport).toBe('sse')

    server.handshake = 'accept'
    // Ten seconds, and half of the first thirty.
    for (let seconds = 0; seconds < 30; seconds++) {
      await server.clock.advance(1000)
      stream.deliver(pingAt('7.3'))
    }
    server.socket.deliver(hello)
    acknowledge(server, '7.3')
    // While both run, both bring the same frame.
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

  it('for ever, the stream goes on, and WebSockets are knocked at more and more rarely', async () => {
    server.handshake = 'refuse'
    server.streaming = 'accept'
    server.onStream = stream => prove(stream)
    const { client } = await openFallbackClient()
    await server.clock.advance(5000)
    for (let beats = 0; beats < 240; beats++) {
      await server.clock.advance(heartbeatMs)
      server.stream.deliver(pingAt('7.3'))
    }

    expect(client.view.status).toMatchObject({ phase: 'live', transport: 'sse' })
    expect(server.streams).toHaveLength(1)
    // In an hour: two tries each time, with pauses that grow from 25 to 160 seconds.
    expect(count('connect')).toBeGreaterThan(20)
    expect(count('connect')).toBeLessThan(60)
  })

  it('and a stream is lost while a WebSocket is being tried, the WebSocket goes on', async () => {
    server.handshake = 'refuse'
    server.streaming = 'accept'
    server.onStream = stream => prove(stream)
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

describe('a server that is gone', () => {
  it('is no reason to step down: the WebSocket comes back with it', async () => {
    proveSockets()
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

describe('a reader that is sent away', () => {
  it('neither connects nor polls before the time that it was told', async () => {
    proveSockets()
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

describe('a page on its way into the back/forward cache', () => {
  it('leaves nothing open, and is polled for and live again when it is back', async () => {
    proveSockets()
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
