import {
  type StateAtCursor,
  type ServerMessage,
  type Snapshot,
  closeCodes,
  formatCursor,
  applyFrame,
  applySnapshot,
  toSelection,
} from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { type Authorization, openAuthorization } from '../guard/authorization.ts'
import { createManualClock } from '../testing/clock.ts'
import { createScriptedSource, watchAll } from '../testing/source.ts'
import { createScriptedSocket } from '../testing/message-socket.ts'
import { type ConnectionBounds, type ConnectionOptions, openConnection } from './connection.ts'
import type { RingBounds } from './ring.ts'
import { createStream } from './stream.ts'

const epoch = 7

const bounds: ConnectionBounds = {
  heartbeatMs: 15_000,
  firstHeartbeatMs: 1000,
  softBufferBytes: 1000,
  maxBufferBytes: 5000,
  maxMessages: 10,
  lifetimeMs: 1e9,
}

function setUp(ring?: RingBounds, options: Partial<ConnectionOptions> = {}) {
  const clock = createManualClock()
  const source = createScriptedSource({ currentVisitors: 0, activePages: [], pageViews: 0 })
  const stream = createStream({ source, epoch, clock, ...(ring && { ring }) })
  watchAll(stream, source)
  const socket = createScriptedSocket()
  const connection = openConnection({
    stream,
    channels: source.channels,
    socket,
    clock,
    bounds,
    random: () => 0.5,
    ...options,
  })
  const send = (message: unknown): void => connection.receive(JSON.stringify(message))
  let count = 0
  /** Adds a visitor and publishes the change at once. */
  const visit = (): void => {
    clock.advance(250)
    source.set('currentVisitors', ++count)
    stream.touch()
  }
  return { clock, source, stream, socket, connection, send, visit }
}

/** Opens a connection that has subscribed to the visitors and drained its first messages. */
function setUpSubscribed(ring?: RingBounds) {
  const all = setUp(ring)
  all.send({ type: 'sub', channels: ['currentVisitors'] })
  all.socket.drain()
  return all
}

function types(messages: readonly ServerMessage[]): string[] {
  return messages.map(message => message.type)
}

it('Connection: continues with a snapshot of another stream when its rules change', async () => {
  const clock = createManualClock()
  const streams = [1, 0].map(count => {
    const source = createScriptedSource({ currentVisitors: count })
    return { source, stream: createStream({ source, epoch, clock }) }
  })
  const [full, hidden] = streams
  if (!full || !hidden) throw new Error('There are two streams.')
  let isCurrent = true
  const stricter = { ...openAuthorization, access: { ...openAuthorization.access, minCount: 3 } }
  const authorization: Authorization = {
    ...openAuthorization,
    isCurrent: () => isCurrent,
    recheck: () => Promise.resolve(stricter),
    select: select => {
      const selected = openAuthorization.select(select)
      if (selected instanceof Promise || 'code' in selected) return selected
      return { ...authorization, figures: selected.figures }
    },
  }
  const { connection, send, socket } = setUp(undefined, {
    clock,
    authorization,
    stream: full.stream,
    streamOf: minCount => (minCount > 1 ? hidden : full).stream,
  })
  send({ type: 'sub', id: 4, channels: ['currentVisitors'] })
  socket.drain()
  isCurrent = false
  await connection.recheck()
  clock.advance(250)
  full.source.set('currentVisitors', 2)
  full.stream.touch()
  hidden.source.set('currentVisitors', 3)
  hidden.stream.touch()
  const sent = socket.sent.map(each => JSON.parse(each) as ServerMessage)
  expect(sent.filter(({ type }) => type !== 'ping')).toMatchObject([
    { type: 'snap', id: 4, snapshot: { currentVisitors: 0 } },
    { type: 'frame', patch: { currentVisitors: 3 } },
  ])
  connection.stop()
})

describe('Connection', () => {
  it('starts with hello, the epoch and the heartbeat', () => {
    const { socket } = setUp()
    expect(socket.drain()).toEqual([{ type: 'hello', epoch, heartbeat: 15_000 }])
  })

  it('sends no state before the first sub', () => {
    const { socket, visit } = setUp()
    socket.drain()
    visit()
    visit()
    expect(socket.drain()).toEqual([])
  })

  it('retains its stream from its start to its end', () => {
    const [closed, sentAway] = [setUp(), setUp()]
    expect([closed.stream.hasReaders, sentAway.stream.hasReaders]).toEqual([true, true])
    closed.connection.stop()
    sentAway.connection.disconnect(closeCodes.draining, 0)
    expect([closed.stream.hasReaders, sentAway.stream.hasReaders]).toEqual([false, false])
  })

  it('has no timer and sends nothing after the socket has closed', () => {
    const { socket, connection, clock, visit, send } = setUpSubscribed()
    connection.stop()
    expect(clock.pending).toBe(0)
    visit()
    send({ type: 'sub' })
    connection.disconnect(closeCodes.draining, 0)
    clock.advance(100_000)
    expect(socket.drain()).toEqual([])
  })

  it('sends bye with the code and the delay, and closes with that code', () => {
    const { socket, connection, clock, visit } = setUpSubscribed()
    connection.disconnect(closeCodes.draining, 1234)
    expect(socket.drain()).toEqual([{ type: 'bye', code: 4503, retry: 1234 }])
    expect(socket.closeCode).toBe(4503)
    visit()
    clock.advance(100_000)
    expect(socket.drain()).toEqual([])
    expect(clock.pending).toBe(0)
  })
})

describe('Connection: sub', () => {
  it('sends a snapshot, then frames', () => {
    const { socket, stream, send, visit } = setUp()
    socket.drain()
    send({
      type: 'sub',
      id: 3,
      channels: ['currentVisitors', 'activePages'],
      minutes: 15,
    })
    const [snap] = socket.drain()
    expect(snap).toEqual({
      type: 'snap',
      id: 3,
      snapshot: {
        cursor: `${epoch}.0`,
        at: expect.any(Number) as number,
        windowMinutes: 15,
        currentVisitors: 0,
        activePages: [],
      },
    })
    visit()
    const [frame] = socket.drain()
    expect(frame).toEqual({
      type: 'frame',
      p: 0,
      s: 1,
      at: expect.any(Number) as number,
      patch: { currentVisitors: 1 },
    })
    expect(stream.head.seq).toBe(1)
  })

  it('selects all channels by default', () => {
    const { socket, send } = setUp()
    socket.drain()
    send({ type: 'sub' })
    const [snap] = socket.drain()
    expect(snap?.type === 'snap' && Object.keys(snap.snapshot)).toEqual([
      'cursor',
      'at',
      'windowMinutes',
      'currentVisitors',
      'activePages',
      'pageViews',
    ])
  })

  it('with a cursor sends ok and one frame for all missed ones', () => {
    const { socket, send, visit } = setUp()
    for (let step = 0; step < 5; step++) visit()
    socket.drain()
    send({ type: 'sub', id: 1, channels: ['currentVisitors'], since: `${epoch}.2` })
    expect(socket.drain()).toEqual([
      { type: 'ok', id: 1, from: '7.2', to: '7.5' },
      {
        type: 'frame',
        p: 2,
        s: 5,
        at: expect.any(Number) as number,
        patch: { currentVisitors: 5 },
      },
    ])
  })

  it('with the last cursor sends only ok', () => {
    const { socket, send, visit } = setUp()
    visit()
    socket.drain()
    send({ type: 'sub', channels: ['currentVisitors'], since: '7.1' })
    expect(socket.drain()).toEqual([{ type: 'ok', from: '7.1', to: '7.1' }])
    visit()
    expect(types(socket.drain())).toEqual(['frame'])
  })

  it.each([
    ['epoch', '6.1'],
    ['future', '7.99'],
    ['expired', '7.1'],
  ])('sends reset `%s` and a snapshot when the cursor is %s', (reason, since) => {
    const { socket, send, visit } = setUp({ maxFrames: 2, maxBytes: 10_000 })
    for (let step = 0; step < 5; step++) visit()
    socket.drain()
    send({ type: 'sub', id: 9, channels: ['currentVisitors'], since })
    const [reset, snap, ...more] = socket.drain()
    expect(reset).toMatchObject({ type: 'reset', reason })
    expect(snap).toMatchObject({
      type: 'snap',
      id: 9,
      snapshot: { cursor: '7.5', currentVisitors: 5 },
    })
    expect(more).toEqual([])
    visit()
    expect(socket.drain()).toMatchObject([{ type: 'frame', p: 5, s: 6 }])
  })

  it('replaces the previous selection', () => {
    const { socket, source, stream, clock, send, visit } = setUpSubscribed()
    send({ type: 'sub', channels: ['activePages'] })
    expect(socket.drain()).toMatchObject([{ type: 'snap', snapshot: { activePages: [] } }])
    visit()
    expect(socket.drain()).toEqual([])
    clock.advance(250)
    source.set('activePages', [{ path: '/a', visitors: 1 }])
    stream.touch()
    expect(socket.drain()).toMatchObject([{ type: 'frame', p: 0, s: 2 }])
  })

  it.each<[string, object, string]>([
    ['an unknown channel', { channels: ['visitors'] }, 'selection_invalid'],
    ['a channel that is not text', { channels: [{}] }, 'selection_invalid'],
    ['no channels', { channels: [] }, 'selection_invalid'],
    ['channels that are not a list', { channels: 'currentVisitors' }, 'selection_invalid'],
    ['a name of Object.prototype', { channels: ['__proto__'] }, 'selection_invalid'],
    ['an unknown window', { minutes: 7 }, 'selection_invalid'],
    ['a window as text', { minutes: '5' }, 'selection_invalid'],
    ['an invalid cursor', { since: '7' }, 'cursor_invalid'],
    ['a cursor that is not text', { since: 7.1 }, 'cursor_invalid'],
    ['an empty cursor', { since: '' }, 'cursor_invalid'],
  ])('with %s is refused and leaves the subscription unchanged', (_, fields, code) => {
    const { socket, send, visit } = setUpSubscribed()
    send({ type: 'sub', id: 4, ...fields })
    expect(socket.drain()).toEqual([
      { type: 'error', id: 4, code, detail: expect.any(String) as string },
    ])
    visit()
    expect(socket.drain()).toMatchObject([{ type: 'frame', p: 0, s: 1 }])
  })

  it.each([
    [{ channels: 'currentVisitors' }, '`channels` must be a list of names.'],
    [{ channels: [] }, '`channels` must have at least one name.'],
    [{ minutes: '5' }, '`minutes` must be one of 1, 2, 5, 10, 15, 20, 30, 45, 60.'],
    [
      { channels: ['pageViews'], minutes: 7 },
      '`minutes` must be one of 1, 2, 5, 10, 15, 20, 30, 45, 60.',
    ],
  ])('with %j names the mistake', (fields, detail) => {
    const { socket, send } = setUpSubscribed()
    send({ type: 'sub', ...fields })
    expect(socket.drain()).toMatchObject([{ code: 'selection_invalid', detail }])
  })

  it.each([
    ['text', '"1"'],
    ['a fraction', '1.5'],
    ['too large', '1e300'],
    ['null', 'null'],
  ])('ignores an id that is %s, so that no text of the reader gets into the JSON', (_, id) => {
    const { socket, connection } = setUp()
    socket.drain()
    connection.receive(`{"type":"sub","id":${id},"channels":["currentVisitors"]}`)
    expect(Object.keys(socket.drain()[0] ?? {})).toEqual(['type', 'snapshot'])
  })

  it('loses no change that is published during the subscription', () => {
    const { source, stream, clock } = setUp()
    const socket = createScriptedSocket()
    const connection = openConnection({
      stream,
      channels: source.channels,
      socket,
      clock,
      bounds,
      random: () => 0.5,
    })
    const selection = toSelection(['currentVisitors'])
    if (!selection) throw new Error('It is one of ours.')
    // Each sent message changes the source and publishes before `send` returns.
    let count = 0
    const publish = (): void => {
      clock.advance(250)
      source.set('currentVisitors', ++count)
      stream.touch()
    }
    const send = socket.send
    socket.send = text => {
      send(text)
      if (count < 6) publish()
    }
    connection.receive('{"type":"sub","channels":["currentVisitors"]}')
    publish()
    let position: StateAtCursor | undefined
    for (const message of socket.drain()) {
      if (message.type === 'snap') position = applySnapshot(position, message.snapshot)
      if (message.type !== 'frame') continue
      const next = position && applyFrame(position, message)
      if (!next || next === 'gap') throw new Error('Something is missing before this frame.')
      position = next
    }
    const snapshot = JSON.parse(stream.snapshotOf(selection)) as Snapshot
    expect(position && formatCursor(position.cursor)).toBe(snapshot.cursor)
    expect(position?.state.currentVisitors).toBe(snapshot.currentVisitors)
  })
})

describe('Connection: invalid messages', () => {
  it.each([
    ['not JSON', 'sub'],
    ['empty', ''],
    ['text in JSON', '"sub"'],
    ['a number', '7'],
    ['null', 'null'],
    ['a list', '[{"type":"sub"}]'],
    ['an object without a type', '{"channels":[]}'],
    ['an object with a type that is not text', '{"type":7}'],
    ['binary', undefined],
    ['deeply nested', '['.repeat(16_000)],
  ])('close it with 4400: %s', (_, text) => {
    const { socket, connection, clock } = setUpSubscribed()
    connection.receive(text)
    expect(socket.drain()).toEqual([{ type: 'bye', code: 4400, retry: 0 }])
    expect(socket.closeCode).toBe(4400)
    expect(clock.pending).toBe(0)
  })

  it.each(['SUB', 'constructor', ''])(
    'of the type %j are refused, and the connection stays open',
    type => {
      const { socket, send, visit } = setUpSubscribed()
      send({ type, id: 9 })
      expect(socket.drain()).toMatchObject([{ type: 'error', id: 9, code: 'message_unknown' }])
      expect(socket.closeCode).toBeUndefined()
      visit()
      expect(types(socket.drain())).toEqual(['frame'])
    },
  )

  it('close it with 4429 when there are too many between two pings', () => {
    const { socket, send } = setUpSubscribed()
    for (let count = 1; count < bounds.maxMessages; count++) send({ type: 'pong' })
    expect(socket.closeCode).toBeUndefined()
    send({ type: 'pong' })
    expect(socket.drain()).toEqual([{ type: 'bye', code: 4429, retry: 15_000 }])
    expect(socket.closeCode).toBe(4429)
  })

  it.each([
    ['nothing is sent to it', false],
    ['frames are', true],
  ])('are counted anew in each heartbeat, while %s', (_, isBusy) => {
    const { socket, clock, send, visit } = setUpSubscribed()
    for (let beat = 0; beat < 5; beat++) {
      for (let count = 1; count < bounds.maxMessages; count++) send({ type: 'pong' })
      if (isBusy) for (let quarter = 0; quarter < 60; quarter++) visit()
      else clock.advance(15_000)
    }
    expect(socket.closeCode).toBeUndefined()
  })
})

describe('Connection: heartbeats', () => {
  it('ping soon after the start and then regularly, with head and cursor', () => {
    const { socket, source, stream, clock, send } = setUpSubscribed()
    clock.advance(250)
    source.set('activePages', [{ path: '/a', visitors: 1 }])
    stream.touch()
    clock.advance(750)
    expect(socket.drain()).toEqual([{ type: 'ping', head: '7.1', cursor: '7.0' }])
    send({ type: 'pong' })
    clock.advance(14_999)
    expect(socket.drain()).toEqual([])
    clock.advance(1)
    expect(socket.drain()).toEqual([{ type: 'ping', head: '7.1', cursor: '7.0' }])
  })

  it('are aligned for readers that came at different times, and never late', () => {
    const { clock, stream, source, socket: early } = setUp()
    early.drain()
    clock.advance(100)
    const lateSocket = createScriptedSocket()
    const options = { stream, channels: source.channels, clock, bounds, random: () => 0.5 }
    openConnection({ ...options, socket: lateSocket })
    lateSocket.drain()
    clock.advance(899)
    const isPinged = (): boolean[] =>
      [early, lateSocket].map(socket => socket.drain().some(({ type }) => type === 'ping'))
    expect(isPinged()).toEqual([false, false])
    clock.advance(1)
    expect(isPinged()).toEqual([true, true])
    clock.advance(14_999)
    expect(isPinged()).toEqual([false, false])
    clock.advance(1)
    expect(isPinged()).toEqual([true, true])
  })

  describe('while frames are sent', () => {
    /** Seconds from the start at which pings leave, with a frame in each of the first quarter seconds. */
    function pingedAt(frames: number, seconds: number): number[] {
      const { socket, clock, send, visit } = setUpSubscribed()
      const startedAt = clock.now()
      const pinged: number[] = []
      for (let quarter = 0; quarter < seconds * 4; quarter++) {
        if (quarter < frames) visit()
        else clock.advance(250)
        if (!socket.drain().some(({ type }) => type === 'ping')) continue
        send({ type: 'pong' })
        pinged.push((clock.now() - startedAt) / 1000)
      }
      return pinged
    }

    it('ping at the first beat, and then at one in four', () => {
      expect(pingedAt(1000, 200)).toEqual([1, 61, 121, 181])
    })

    it('ping at every beat while a ping is unanswered', () => {
      const { socket, clock, visit } = setUpSubscribed()
      const startedAt = clock.now()
      while (socket.closeCode === undefined) visit()
      expect([socket.closeCode, (clock.now() - startedAt) / 1000]).toEqual([4408, 31])
    })

    it('ping at the next beat after a subscription', () => {
      const { socket, clock, send, visit } = setUp()
      clock.advance(1000)
      expect(types(socket.drain())).toContain('ping')
      send({ type: 'pong' })
      send({ type: 'sub', channels: ['currentVisitors'] })
      for (let quarter = 0; quarter < 60; quarter++) visit()
      expect(types(socket.drain())).toContain('ping')
    })

    it('ping one heartbeat after the last frame or ping', () => {
      expect(pingedAt(100, 60)).toEqual([1, 40, 55])
      // One in four beats is due before that.
      expect(pingedAt(230, 90)).toEqual([1, 61, 76])
    })
  })

  it('name the head as the cursor before the first sub', () => {
    const { socket, clock, visit } = setUp()
    visit()
    socket.drain()
    clock.advance(1000)
    expect(socket.drain()).toEqual([{ type: 'ping', head: '7.1', cursor: '7.1' }])
  })

  it('terminate a reader that answers neither of two pings', () => {
    const { socket, clock } = setUpSubscribed()
    clock.advance(1000 + 15_000)
    expect(types(socket.drain())).toEqual(['ping', 'ping'])
    expect(socket.isTerminated).toBe(false)
    clock.advance(15_000)
    expect(socket.drain()).toEqual([{ type: 'bye', code: 4408, retry: 0 }])
    expect(socket.closeCode).toBe(4408)
    expect(socket.isTerminated).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('keep a reader that answers every other ping', () => {
    const { socket, clock, send } = setUpSubscribed()
    for (let minute = 0; minute < 10; minute++) {
      clock.advance(30_000)
      send({ type: 'pong' })
    }
    expect(socket.closeCode).toBeUndefined()
  })
})

describe('Connection: a slow reader', () => {
  it('gets no frames above the soft bound, and then one for all missed ones', () => {
    const { socket, visit } = setUpSubscribed()
    socket.buffered = bounds.softBufferBytes + 1
    for (let step = 0; step < 4; step++) visit()
    expect(types(socket.drain())).toEqual(['ping'])
    socket.buffered = 0
    visit()
    expect(socket.drain()).toMatchObject([
      { type: 'frame', p: 0, s: 5, patch: { currentVisitors: 5 } },
    ])
    visit()
    expect(socket.drain()).toMatchObject([{ type: 'frame', p: 5, s: 6 }])
  })

  it('gets no change twice', () => {
    const { socket, source, stream, clock, send, visit } = setUp()
    send({ type: 'sub', channels: ['currentVisitors', 'activePages'] })
    clock.advance(250)
    source.set('activePages', [{ path: '/a', visitors: 1 }])
    stream.touch()
    socket.buffered = bounds.softBufferBytes + 1
    visit()
    socket.buffered = 0
    socket.drain()
    visit()
    expect(socket.drain()).toMatchObject([{ type: 'frame', p: 1, s: 3 }])
  })

  it('gets the frames after the cursor of a reset', () => {
    const { socket, send, visit } = setUp()
    visit()
    send({ type: 'sub', channels: ['currentVisitors'], since: '6.1' })
    socket.drain()
    socket.buffered = bounds.softBufferBytes + 1
    visit()
    socket.buffered = 0
    visit()
    expect(socket.drain()).toMatchObject([{ type: 'frame', p: 1, s: 3 }])
  })

  it('gets the missed frames with the next ping when nothing changes', () => {
    const { socket, clock, visit } = setUpSubscribed()
    socket.buffered = bounds.softBufferBytes + 1
    visit()
    visit()
    socket.buffered = bounds.softBufferBytes
    clock.advance(500)
    expect(socket.drain()).toMatchObject([
      { type: 'frame', p: 0, s: 2, patch: { currentVisitors: 2 } },
      { type: 'ping', cursor: '7.2' },
    ])
  })

  it('gets a snapshot when the missed frames have been evicted', () => {
    const { socket, visit } = setUpSubscribed({ maxFrames: 1, maxBytes: 10_000 })
    socket.buffered = bounds.softBufferBytes + 1
    visit()
    visit()
    socket.buffered = 0
    visit()
    expect(socket.drain()).toMatchObject([
      { type: 'reset', reason: 'expired' },
      { type: 'snap', snapshot: { cursor: '7.3', currentVisitors: 3 } },
    ])
    socket.buffered = 0
    visit()
    expect(socket.drain()).toMatchObject([{ type: 'ping' }, { type: 'frame', p: 3, s: 4 }])
  })

  it('is terminated above the hard bound', () => {
    const { socket, clock, visit } = setUpSubscribed()
    socket.buffered = bounds.maxBufferBytes + 1
    visit()
    expect(socket.drain()).toEqual([{ type: 'bye', code: 4413, retry: 0 }])
    expect(socket.closeCode).toBe(4413)
    expect(socket.isTerminated).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('is not terminated for several short stalls between frames', () => {
    const { socket, clock, send, visit } = setUpSubscribed()
    for (let stall = 0; stall < 5; stall++) {
      socket.buffered = bounds.softBufferBytes + 1
      clock.advance(15_000)
      socket.buffered = 0
      send({ type: 'pong' })
      for (let quarter = 0; quarter < 40; quarter++) visit()
    }
    expect(socket.closeCode).toBeUndefined()
  })

  it('is terminated above the hard bound also by its own requests', () => {
    const { socket, clock, send } = setUpSubscribed()
    let mostBuffered = 0
    for (let beat = 0; beat < 100 && !socket.isTerminated; beat++) {
      for (let count = 2; count < bounds.maxMessages; count++) {
        send({ type: 'sub' })
        socket.buffered += socket.sent.splice(0).join('').length
        mostBuffered = Math.max(mostBuffered, socket.buffered)
      }
      send({ type: 'pong' })
      clock.advance(15_000)
    }
    expect(socket.closeCode).toBe(4413)
    expect(mostBuffered).toBeLessThan(bounds.maxBufferBytes + 500)
  })
})

describe('Connection: lifetime', () => {
  it.each([
    ['80 %', 0, 48_000],
    ['90 %', 0.5, 54_000],
    ['all', 1, 60_000],
  ])('ends after %s of the bound, with a short delay', (_, random, ms) => {
    const { socket, clock, send } = setUp(undefined, {
      bounds: { ...bounds, lifetimeMs: 60_000 },
      random: () => random,
    })
    send({ type: 'sub', channels: ['currentVisitors'] })
    for (let at = 0; at < ms - 6000; at += 6000) {
      clock.advance(6000)
      send({ type: 'pong' })
    }
    clock.advance(5999)
    expect(socket.closeCode).toBeUndefined()

    clock.advance(1)
    expect(socket.closeCode).toBe(4503)
    expect(socket.drain().at(-1)).toEqual({ type: 'bye', code: 4503, retry: random * 1000 })
    expect(clock.pending).toBe(0)
  })
})

/** Resolves when the promises of a message have settled. */
const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('Connection: expiry', () => {
  /** Tokens of this test are their expiry times. */
  function accessUntil(expiresAt: number): Authorization {
    const authorization: Authorization = {
      ...openAuthorization,
      expiresAt,
      async renew(token) {
        return /^\d+$/.test(token) ? accessUntil(Number(token)) : { code: 'token_invalid' }
      },
      async select(select) {
        const selected = await openAuthorization.select(select)
        return 'code' in selected ? selected : { ...authorization, figures: selected.figures }
      },
    }
    return authorization
  }

  function setUpUntil(leftMs: number) {
    const now = createManualClock().now()
    const all = setUp(undefined, { authorization: accessUntil(now + leftMs) })
    all.socket.drain()
    /** Advances the time while the reader answers pings. */
    const pass = (ms: number): void => {
      for (let left = ms; left > 0; left -= 10_000) {
        all.clock.advance(Math.min(left, 10_000))
        all.send({ type: 'pong' })
      }
    }
    const drain = (): string[] => types(all.socket.drain()).filter(type => type !== 'ping')
    return { ...all, now, pass, drain }
  }

  it('sends a notice half a minute before, and closes with 4401', () => {
    const { socket, clock, pass, drain } = setUpUntil(100_000)
    pass(69_000)
    expect(drain()).toEqual([])
    pass(1000)
    expect(socket.drain()).toContainEqual({ type: 'expiring', in: 30_000 })
    pass(29_000)
    expect(socket.closeCode).toBeUndefined()

    pass(1000)
    expect(drain()).toEqual(['bye'])
    expect(socket.closeCode).toBe(4401)
    expect(clock.pending).toBe(0)
  })

  it('sends the notice at once when less time is left', () => {
    const { clock, socket } = setUpUntil(5000)
    clock.advance(0)
    expect(socket.drain()).toEqual([{ type: 'expiring', in: 5000 }])
  })

  it('is postponed by each fresh token', async () => {
    const { socket, clock, now, send, pass, drain } = setUpUntil(60_000)
    for (let minutes = 2; minutes < 6; minutes++) {
      pass(40_000)
      send({ type: 'auth', token: String(now + minutes * 60_000) })
      await settle()
      pass(20_000)
    }
    expect(socket.closeCode).toBeUndefined()
    expect(drain()).not.toContain('error')

    pass(60_000)
    expect(socket.closeCode).toBe(4401)
    expect(clock.pending).toBe(0)
  })

  it.each([{ token: 'forged' }, { token: 7 }, {}])(
    'refuses %j and keeps the previous token',
    async message => {
      const { socket, send, pass } = setUpUntil(60_000)
      send({ type: 'auth', id: 3, ...message })
      await settle()
      expect(socket.drain()).toMatchObject([{ type: 'error', id: 3, code: 'token_invalid' }])
      pass(59_000)
      expect(socket.closeCode).toBeUndefined()
      pass(1000)
      expect(socket.closeCode).toBe(4401)
    },
  )

  it('leaves no timer when the token is renewed during the close', async () => {
    const { connection, clock, now, send } = setUpUntil(60_000)
    send({ type: 'auth', token: String(now + 600_000) })
    connection.stop()
    await Promise.resolve()
    await Promise.resolve()
    expect(clock.pending).toBe(0)
  })
})

describe('Connection: properties', () => {
  const some = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ event: 'purchase', property: `p${index}` }))
  const sub = (id: number, count: number) => ({
    ...{ type: 'sub', id, channels: ['properties'], properties: some(count) },
  })
  function setUpProperties() {
    const all = setUp(undefined, { channels: ['currentVisitors', 'properties'] })
    all.socket.drain()
    return all
  }

  it('refuses those for which there is no room, and keeps the subscription', () => {
    const { send, socket, visit } = setUpProperties()
    send({ type: 'sub', id: 1, channels: ['currentVisitors'] })
    socket.drain()
    // The source has room for three.
    send(sub(2, 4))
    visit()
    expect(socket.drain()).toMatchObject([
      { type: 'error', id: 2, code: 'too_busy' },
      { type: 'frame', patch: { currentVisitors: 1 } },
    ])
    send(sub(3, 3))
    expect(socket.drain()).toMatchObject([
      { type: 'snap', id: 3, snapshot: { properties: [{}, {}, {}] } },
    ])
  })

  it('answers in the order of the messages while history is read', async () => {
    const { send, socket, source } = setUpProperties()
    let finish = (): void => {}
    source.properties.load = () => new Promise(resolve => void (finish = resolve))
    send(sub(1, 1))
    send({ type: 'sub', id: 2, channels: ['currentVisitors'] })
    expect(socket.drain()).toEqual([])
    finish()
    const received: ServerMessage[] = []
    await expect.poll(() => received.push(...socket.drain())).toBe(2)
    expect(received).toMatchObject([
      { type: 'snap', id: 1 },
      { type: 'snap', id: 2 },
    ])
  })

  it('closes the connection with 4429 when history cannot be read', async () => {
    const { send, socket, source } = setUpProperties()
    source.properties.load = () => Promise.reject(new Error('damaged'))
    send(sub(1, 1))
    await expect.poll(() => socket.closeCode).toBe(closeCodes.backOff)
  })

  it('sends nothing to a reader that left while history was read', async () => {
    const { send, socket, source, connection } = setUpProperties()
    let finish = (): void => {}
    source.properties.load = () => new Promise(resolve => void (finish = resolve))
    send(sub(1, 1))
    connection.stop()
    finish()
    await new Promise(resolve => setImmediate(resolve))
    expect(socket.drain()).toEqual([])
  })
})
