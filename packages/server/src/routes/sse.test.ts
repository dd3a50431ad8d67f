import { type ServerMessage, toSelection } from '@tidemark/protocol'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../testing/clock.ts'
import { createScriptedSource, watchAll } from '../testing/source.ts'
import { type Authorization, openAuthorization } from '../guard/authorization.ts'
import { createConnectionLimiter, defaultConnectionLimits } from '../live/connection-limiter.ts'
import { defaultReaderBounds } from '../live/reader-bounds.ts'
import { type EventStreamOptions, answerEventStream } from './sse.ts'
import { createStream } from '../live/stream.ts'

const bounds = {
  ...defaultReaderBounds,
  softBufferBytes: 1000,
  maxBufferBytes: 5000,
}

function setUp(options: Partial<EventStreamOptions> = {}) {
  const clock = createManualClock()
  const source = createScriptedSource({ currentVisitors: 0, pageViews: 0 })
  const stream = createStream({ source, epoch: 7, clock })
  watchAll(stream, source)
  const limiter = createConnectionLimiter(defaultConnectionLimits)
  const selection = toSelection(['currentVisitors'])
  if (!selection) throw new Error('There is no such selection.')
  const terminated: boolean[] = []
  const open = (query = '', headers: Record<string, string> = {}, method = 'GET'): Response =>
    answerEventStream({
      stream,
      selection,
      request: new Request(`http://stats.example/sse${query}`, { headers, method }),
      clock,
      random: () => 0.5,
      bounds,
      limiter,
      owner: { site: 'shop', address: '198.51.100.7' },
      terminate: () => void terminated.push(true),
      ...options,
    })
  let count = 0
  /** Adds a visitor and publishes the change at once. */
  const visit = (): void => {
    clock.advance(250)
    source.set('currentVisitors', ++count)
    stream.touch()
  }
  return { clock, source, stream, limiter, open, visit, terminated }
}

interface Event {
  id: string | undefined
  message: ServerMessage
}

/** Reads the events that have arrived. */
function read(response: Response) {
  if (!response.body) throw new Error('There is no body.')
  const chunks = response.body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let isDone = false
  let next: ReturnType<typeof chunks.read> | undefined

  /** Returns all events that have arrived. */
  async function all(): Promise<string> {
    for (;;) {
      next ??= chunks.read()
      const idle = new Promise<'idle'>(resolve => setImmediate(() => resolve('idle')))
      const got = await Promise.race([next, idle])
      if (got === 'idle') return rest
      next = undefined
      isDone = got.done
      if (got.done) return rest
      rest += decoder.decode(got.value, { stream: true })
    }
  }

  return {
    async events(): Promise<Event[]> {
      const blocks = (await all()).split('\n\n')
      rest = blocks.pop() ?? ''
      return blocks.map(block => {
        const lines = block.split('\n')
        const data = lines.find(line => line.startsWith('data: '))?.slice(6) ?? ''
        const id = lines.find(line => line.startsWith('id: '))?.slice(4)
        return { id, message: JSON.parse(data) as ServerMessage }
      })
    },
    text: all,
    cancel: () => chunks.cancel(),
    get isDone() {
      return isDone
    },
  }
}

describe('GET realtime/sse', () => {
  it('forbids storage, compression and buffering', () => {
    const { headers } = setUp().open()
    expect(headers.get('Content-Type')).toBe('text/event-stream')
    expect(headers.get('Cache-Control')).toBe('no-store, no-transform')
    expect(headers.get('X-Accel-Buffering')).toBe('no')
  })

  it('starts with the retry delay, hello and a snapshot', async () => {
    const { open } = setUp()
    const text = await read(open()).text()
    expect(text.split('\n')).toEqual([
      'retry: 2000',
      'data: {"type":"hello","epoch":7,"heartbeat":15000}',
      '',
      'id: 7.0',
      expect.stringMatching(/^data: \{"type":"snap","snapshot":\{"cursor":"7\.0",/),
      '',
      '',
    ])
  })

  it.each<[string, string, Record<string, string>]>([
    ['since', '?since=7.1', {}],
    ['Last-Event-ID', '', { 'Last-Event-ID': '7.1' }],
    ['Last-Event-ID, whatever `since` says,', '?since=7.0', { 'Last-Event-ID': '7.1' }],
  ])('continues after the cursor in %s', async (_, query, headers) => {
    const { open, stream, visit } = setUp()
    expect(stream.head.seq).toBe(0)
    for (let visits = 0; visits < 3; visits++) visit()
    const events = await read(open(query, headers)).events()
    expect(events.slice(1)).toMatchObject([
      { id: undefined, message: { type: 'ok', from: '7.1', to: '7.3' } },
      { id: '7.3', message: { type: 'frame', p: 1, s: 3, patch: { currentVisitors: 3 } } },
    ])
  })

  it('resets a cursor that cannot be replayed', async () => {
    const events = await read(setUp().open('?since=6.40')).events()
    expect(events.slice(1)).toMatchObject([
      { id: undefined, message: { type: 'reset', reason: 'epoch' } },
      { id: '7.0', message: { type: 'snap' } },
    ])
  })

  it('ignores an invalid Last-Event-ID, as an EventSource stops at an error', async () => {
    const events = await read(setUp().open('', { 'Last-Event-ID': 'latest' })).events()
    expect(events.at(-1)?.message.type).toBe('snap')
  })

  it('refuses an invalid `since`', async () => {
    const answer = setUp().open('?since=latest')
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'cursor_invalid' })
  })

  it('sets the cursor as the id of frames, but not of pings', async () => {
    const { open, visit, clock } = setUp()
    const reader = read(open())
    await reader.events()
    visit()
    visit()
    clock.advance(1000)
    expect(await reader.events()).toMatchObject([
      { id: '7.1', message: { type: 'frame', p: 0, s: 1 } },
      { id: '7.2', message: { type: 'frame', p: 1, s: 2 } },
      { id: undefined, message: { type: 'ping', head: '7.2', cursor: '7.2' } },
    ])
  })

  it('releases everything when the reader disconnects', async () => {
    const { open, stream, clock, limiter, visit } = setUp()
    const reader = read(open())
    await reader.events()
    expect([stream.hasReaders, limiter.count('sse')]).toEqual([true, 1])
    await reader.cancel()
    visit()
    expect([stream.hasReaders, limiter.count('sse'), clock.pending]).toEqual([false, 0, 0])
  })

  it('does not start for HEAD', () => {
    const { open, stream, limiter } = setUp()
    expect(open('', {}, 'HEAD').status).toBe(200)
    expect([stream.hasReaders, limiter.count('sse')]).toEqual([false, 0])
  })

  it('answers with Retry-After when there is no room', async () => {
    const { open, stream } = setUp({
      limiter: createConnectionLimiter({ maxPerSite: 0, maxPerAddress: 1 }),
    })
    const answer = open()
    expect(answer.status).toBe(429)
    expect(answer.headers.get('Retry-After')).toBe('30')
    expect(stream.hasReaders).toBe(false)
  })

  it('ends with bye when the server disconnects its readers', async () => {
    const { open, limiter, stream } = setUp()
    const reader = read(open())
    await reader.events()
    limiter.disconnectAll(4503, () => 700)
    expect(await reader.events()).toEqual([
      { id: undefined, message: { type: 'bye', code: 4503, retry: 700 } },
    ])
    expect(reader.isDone).toBe(true)
    expect([stream.hasReaders, limiter.count('sse')]).toEqual([false, 0])
  })

  it('ends when the authorization ends', async () => {
    const authorization: Authorization = {
      ...openAuthorization,
      expiresAt: createManualClock().now() + 40_000,
    }
    const { open, clock } = setUp({ authorization })
    const reader = read(open())
    await reader.events()
    clock.advance(40_000)
    const messages = (await reader.events()).map(({ message }) => message)
    expect(messages.filter(({ type }) => type !== 'ping')).toEqual([
      { type: 'expiring', in: 30_000 },
      { type: 'bye', code: 4401, retry: 0 },
    ])
    expect(reader.isDone).toBe(true)
  })

  it('passes a compressing middleware unchanged', async () => {
    const { open, visit } = setUp()
    const app = new Hono().use(compress()).get('/', () => open())
    const response = await app.request('/', { headers: { 'Accept-Encoding': 'gzip' } })
    expect(response.headers.get('Content-Encoding')).toBeNull()
    const reader = read(response)
    await reader.events()
    visit()
    expect(await reader.events()).toMatchObject([{ id: '7.1' }])
    await reader.cancel()
  })
})

describe('GET realtime/sse: a reader that does not read', () => {
  it('gets no frames above the soft bound, and one merged frame when it reads again', async () => {
    const { open, visit } = setUp()
    const reader = read(open())
    await reader.events()
    let visits = 0
    for (; visits < 50; visits++) visit()
    const events = await reader.events()
    const bytes = JSON.stringify(events).length
    expect(bytes).toBeLessThan(2 * bounds.softBufferBytes)

    visit()
    const [last] = await reader.events()
    expect(last?.message).toMatchObject({ type: 'frame', s: 51, patch: { currentVisitors: 51 } })
    expect(events.at(-1)?.id).toBe(`7.${last?.message.type === 'frame' ? last.message.p : ''}`)
  })

  it('is terminated when it has not caught up after two heartbeats', () => {
    const { open, visit, clock, stream, terminated } = setUp()
    open()
    for (let visits = 0; visits < 50; visits++) visit()
    clock.advance(2 * bounds.heartbeatMs)
    expect(terminated).toEqual([])
    clock.advance(bounds.heartbeatMs)
    expect(terminated).toEqual([true])
    expect([stream.hasReaders, clock.pending]).toEqual([false, 0])
  })

  it('is terminated above the hard bound, with its connection', () => {
    const { open, clock, stream, limiter, terminated } = setUp({
      bounds: { ...bounds, softBufferBytes: 1e6, maxBufferBytes: 2000 },
    })
    open()
    // Pings alone fill the buffer in time.
    clock.advance(60 * bounds.heartbeatMs)
    expect(terminated).toEqual([true])
    expect([stream.hasReaders, limiter.count('sse'), clock.pending]).toEqual([false, 0, 0])
  })
})
