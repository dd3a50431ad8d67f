import process from 'node:process'
import ReconnectingWebSocket, { type Options } from 'reconnecting-websocket'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Socket, type SocketOptions, openSocket } from './socket.ts'
import { type FakeServer, createFakeServer } from '../testing/fake-server.ts'
import { FakeSocket } from '../testing/fake-socket.ts'

/**
 * Faults of reconnecting-websocket 4.4.0. For each fault, the first tests show the library used as documented, and the
 * others show `openSocket`. When a test of the library fails, the library has changed, and the workaround may be
 * obsolete.
 */

const url = 'ws://stats.test/api/sites/shop/realtime/ws'
const minuteMs = 60_000

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

function openLibrary(
  options: Options = {},
  target: ConstructorParameters<typeof ReconnectingWebSocket>[0] = url,
): ReconnectingWebSocket {
  return new ReconnectingWebSocket(target, ['tidemark.v1'], {
    WebSocket: server.platform.WebSocket,
    ...options,
  })
}

interface Opened extends Socket {
  /** Arguments of its callbacks. */
  readonly calls: string[]
  send: ((text: string) => void) | undefined
}

function open(options: Partial<SocketOptions> = {}): Opened {
  const calls: string[] = []
  const socket = openSocket({
    platform: server.platform,
    url,
    protocols: () => ['tidemark.v1'],
    nextDelayMs: () => 0,
    onOpen(send) {
      calls.push('open')
      opened.send = send
    },
    onMessage: text => calls.push(text),
    onClose: code => calls.push(String(code)),
    ...options,
  })
  const opened: Opened = { ...socket, calls, send: undefined }
  return opened
}

/** Runs a function and returns the unhandled rejections. */
async function collectUnhandledRejections(run: () => Promise<void>): Promise<unknown[]> {
  const reasons: unknown[] = []
  const others = process.rawListeners('unhandledRejection') as NodeJS.UnhandledRejectionListener[]
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', reason => reasons.push(reason))
  try {
    await run()
    // Node reports unhandled rejections after the current tasks.
    await new Promise(resolve => setImmediate(resolve))
  } finally {
    process.removeAllListeners('unhandledRejection')
    for (const listener of others) process.on('unhandledRejection', listener)
  }
  return reasons
}

describe('openSocket: close in the close handler', () => {
  it('locks the library', async () => {
    const socket = openLibrary()
    socket.addEventListener('close', () => socket.close())
    await server.clock.advance(100)
    server.socket.end(4408)
    await server.clock.advance(minuteMs)
    socket.reconnect()
    await server.clock.advance(10 * minuteMs)

    expect(server.count('connect')).toBe(1)
  })

  it('ends one instance, and the next one connects', async () => {
    const first = open({ onClose: () => first.stop() })
    await server.clock.advance(100)
    server.socket.end(4408)
    await server.clock.advance(minuteMs)
    expect(server.count('connect')).toBe(1)

    const second = open()
    await server.clock.advance(100)
    expect(server.count('connect')).toBe(2)
    expect(second.calls).toEqual(['open'])
  })
})

describe('openSocket: previous socket without a close event', () => {
  it('leaves no socket open when it is stopped in that close', async () => {
    server.cut()
    const first = open({
      onClose() {
        server.restore()
        first.stop()
      },
    })
    // The library cancels a slow handshake, hides its close event, and starts the next one.
    await server.clock.advance(10 * minuteMs)

    expect(server.sockets.filter(({ readyState }) => readyState < FakeSocket.CLOSING)).toEqual([])
  })
})

describe('openSocket: retry limit', () => {
  it('locks the library once it is reached', async () => {
    const socket = openLibrary({ maxRetries: 2, minReconnectionDelay: 10 })
    server.handshake = 'refuse'
    await server.clock.advance(minuteMs)
    server.handshake = 'accept'
    socket.reconnect()
    await server.clock.advance(10 * minuteMs)

    expect(server.count('connect')).toBe(3)
    expect(socket.readyState).toBe(FakeSocket.CLOSED)
  })

  it('does not exist: reconnects after a thousand refused handshakes', async () => {
    server.handshake = 'refuse'
    const { calls } = open({ nextDelayMs: () => 1000 })
    await server.clock.advance(1000 * 1010)
    expect(calls.length).toBeGreaterThan(950)

    server.handshake = 'accept'
    await server.clock.advance(2000)
    expect(calls.at(-1)).toBe('open')
  })
})

describe('openSocket: attempt that throws', () => {
  it('stops the library with an unhandled rejection when the URL provider rejects', async () => {
    let isBroken = true
    const reasons = await collectUnhandledRejections(async () => {
      openLibrary({}, () =>
        isBroken ? Promise.reject(new Error('No token.')) : Promise.resolve(url),
      )
      await server.clock.advance(100)
    })
    isBroken = false
    await server.clock.advance(10 * minuteMs)

    expect(reasons).toEqual([new Error('No token.')])
    expect(server.count('connect')).toBe(0)
  })

  it('stops the library with an unhandled rejection when the browser forbids the socket', async () => {
    server.handshake = 'throw'
    const reasons = await collectUnhandledRejections(async () => {
      openLibrary()
      await server.clock.advance(100)
    })
    server.handshake = 'accept'
    await server.clock.advance(10 * minuteMs)

    expect(reasons).toHaveLength(1)
    expect(server.count('connect')).toBe(1)
  })

  it('counts as a failed handshake and is repeated after the delay', async () => {
    server.handshake = 'throw'
    let opened: Opened | undefined
    const reasons = await collectUnhandledRejections(async () => {
      opened = open({ nextDelayMs: () => 5000 })
      await server.clock.advance(5100)
    })
    expect(reasons).toEqual([])
    expect(opened?.calls).toEqual(['1006'])
    expect(server.count('connect')).toBe(1)

    server.handshake = 'accept'
    await server.clock.advance(5100)
    expect(opened?.calls).toEqual(['1006', 'open'])
  })

  it('reports nothing after the socket was stopped', async () => {
    const socket: Opened = open({
      protocols() {
        socket.stop()
        throw new Error('No token.')
      },
    })
    await server.clock.advance(minuteMs)

    expect(socket.calls).toEqual([])
    expect(server.clock.pending).toBe(0)
  })

  it('releases its timer when the socket is stopped', async () => {
    server.handshake = 'throw'
    const socket = open({ nextDelayMs: () => 5000 })
    await server.clock.advance(5100)
    socket.stop()
    await server.clock.advance(1)

    expect(server.clock.pending).toBe(0)
  })
})

describe('openSocket: failed handshake', () => {
  it('is reported by the library as a clean close with 1000', async () => {
    server.handshake = 'refuse'
    const closes: (readonly [number, boolean])[] = []
    openLibrary().addEventListener('close', ({ code, wasClean }) => {
      closes.push([code, wasClean])
    })
    await server.clock.advance(100)

    expect(closes[0]).toEqual([1000, true])
  })

  it('is reported once as 1006', async () => {
    server.handshake = 'refuse'
    const { calls } = open({ nextDelayMs: () => 1000 })
    await server.clock.advance(1900)

    expect(calls).toEqual(['1006'])
  })
})

describe('openSocket: handshake without a response', () => {
  it('is reported by the library as a clean close', async () => {
    server.handshake = 'hang'
    const codes: number[] = []
    openLibrary().addEventListener('close', ({ code }) => void codes.push(code))
    await server.clock.advance(4100)

    expect(codes).toEqual([1000])
  })

  it('fails after eight seconds, is reported once as 1006, and is repeated', async () => {
    server.handshake = 'hang'
    const { calls } = open({ nextDelayMs: () => 1000 })
    await server.clock.advance(1000 + 7990)
    expect(calls).toEqual([])
    expect(server.socket.readyState).toBe(FakeSocket.CONNECTING)

    await server.clock.advance(20)
    expect(calls).toEqual(['1006'])
    expect(server.socket.readyState).toBe(FakeSocket.CLOSED)

    server.handshake = 'accept'
    await server.clock.advance(1010)
    expect(calls).toEqual(['1006', 'open'])
    expect(server.count('connect')).toBe(2)
  })
})

describe('openSocket: handshake that never ends', () => {
  it('is reported once as 1006 when the next one starts', async () => {
    server.cut()
    const { calls } = open({ nextDelayMs: () => 1000 })
    await server.clock.advance(1000 + 8000 + 500)
    const { socket: lost } = server
    expect(calls).toEqual([])

    server.restore()
    await server.clock.advance(600)
    expect(calls).toEqual(['1006', 'open'])

    lost.fail()
    await server.clock.advance(100)
    expect(calls).toEqual(['1006', 'open'])
    expect(server.count('connect')).toBe(2)
  })
})

describe('openSocket: fatal close code', () => {
  it('does not prevent the library from reconnecting', async () => {
    openLibrary()
    await server.clock.advance(100)
    server.socket.end(4403)
    await server.clock.advance(minuteMs)

    expect(server.count('connect')).toBe(2)
  })

  it('is reported unchanged, and stopping then ends the socket', async () => {
    const codes: number[] = []
    const socket = open({
      onClose(code) {
        codes.push(code)
        socket.stop()
      },
    })
    await server.clock.advance(100)
    server.socket.end(4403)
    await server.clock.advance(10 * minuteMs)

    expect(codes).toEqual([4403])
    expect(server.count('connect')).toBe(1)
    expect(server.clock.pending).toBe(0)
  })
})

describe('openSocket: delay before each attempt', () => {
  it('is chosen by the library once per page', async () => {
    const delayOf = async (): Promise<number> => {
      const socket = openLibrary()
      await server.clock.advance(100)
      const closedAt = server.clock.now()
      server.socket.fail()
      const before = server.count('connect')
      while (server.count('connect') === before) await server.clock.advance(1)
      const connect = server.log.findLast(entry => entry.kind === 'connect')
      socket.close()
      return Math.round(((connect?.at ?? 0) - closedAt) / 10)
    }
    const [first, ...others] = [await delayOf(), await delayOf(), await delayOf()]

    expect(others).toEqual([first, first])
  })

  it('is requested for each attempt', async () => {
    server.handshake = 'refuse'
    const delays = [0, 700, 100, 3000, 20]
    const waited = [...delays]
    open({ nextDelayMs: () => waited.shift() ?? minuteMs })
    const startedAt = server.clock.now()
    await server.clock.advance(10_000)

    const connects = server.log.filter(entry => entry.kind === 'connect')
    const due = delays.map((_, index) =>
      delays.slice(0, index + 1).reduce((sum, each) => sum + each),
    )
    for (const [index, { at }] of connects.entries()) {
      expect(at - startedAt).toBeGreaterThanOrEqual(due[index] ?? Infinity)
      // The library adds timers of 0 ms.
      expect(at - startedAt).toBeLessThan((due[index] ?? 0) + 3 * (index + 1))
    }
    expect(connects).toHaveLength(delays.length)
  })
})

describe('openSocket: subprotocols', () => {
  it('are fixed at construction in the library', async () => {
    const protocols = ['token.1']
    const socket = new ReconnectingWebSocket(url, protocols[0], {
      WebSocket: server.platform.WebSocket,
      minReconnectionDelay: 10,
    })
    await server.clock.advance(100)
    protocols[0] = 'token.2'
    socket.reconnect()
    await server.clock.advance(100)

    expect(server.sockets.map(({ offered }) => offered)).toEqual([['token.1'], ['token.1']])
  })

  it('are requested for each attempt', async () => {
    let token = 1
    open({ protocols: () => ['tidemark.v1', `token.${token++}`] })
    await server.clock.advance(100)
    server.socket.fail()
    await server.clock.advance(100)

    expect(server.sockets.map(({ offered }) => offered)).toEqual([
      ['tidemark.v1', 'token.1'],
      ['tidemark.v1', 'token.2'],
    ])
  })
})

describe('openSocket: messages without a connection', () => {
  it('are sent by the library before the open event', async () => {
    server.handshake = 'refuse'
    const socket = openLibrary({ minReconnectionDelay: 10 })
    socket.send('{"type":"pong"}')
    socket.addEventListener('open', () => socket.send('{"type":"sub"}'))
    server.handshake = 'accept'
    await server.clock.advance(1000)

    expect(server.messages).toEqual([{ type: 'pong' }, { type: 'sub' }])
  })

  it('are never sent on a later connection', async () => {
    const socket = open()
    await server.clock.advance(100)
    const sendOnFirst = socket.send
    server.socket.fail()
    sendOnFirst?.('{"type":"pong"}')
    await server.clock.advance(100)
    sendOnFirst?.('{"type":"pong"}')
    socket.send?.('{"type":"sub"}')

    expect(socket.calls).toEqual(['open', '1006', 'open'])
    expect(server.messages).toEqual([{ type: 'sub' }])
  })
})

describe('openSocket: close before the connection', () => {
  it('leaves the library in CONNECTING', async () => {
    const socket = openLibrary()
    socket.close()
    await server.clock.advance(10 * minuteMs)

    expect(socket.readyState).toBe(FakeSocket.CONNECTING)
  })

  it.each([
    ['at once', 0, 0],
    ['during the delay', 5000, 100],
  ])('releases everything when it is stopped %s', async (_, delayMs, stopAfterMs) => {
    const socket = open({ nextDelayMs: () => delayMs })
    if (stopAfterMs > 0) await server.clock.advance(stopAfterMs)
    socket.stop()
    await server.clock.advance(1)
    expect(server.clock.pending).toBe(0)

    await server.clock.advance(10 * minuteMs)
    expect(server.count('connect')).toBe(0)
    expect(socket.calls).toEqual([])
  })

  it('requests no delay after it was stopped between two attempts', async () => {
    server.handshake = 'refuse'
    let delayRequests = 0
    const socket = open({
      nextDelayMs() {
        delayRequests++
        return 0
      },
      onClose: () => socket.stop(),
    })
    await server.clock.advance(minuteMs)

    expect(delayRequests).toBe(1)
    expect(server.clock.pending).toBe(0)
  })
})

describe('openSocket: close during the handshake', () => {
  async function openSlowly(): Promise<Opened> {
    server.handshake = 'hang'
    const socket = open()
    await server.clock.advance(100)
    return socket
  }

  it('closes the library’s socket while it is connecting', async () => {
    server.handshake = 'hang'
    const socket = openLibrary()
    await server.clock.advance(100)
    socket.close()
    expect(server.socket.readyState).toBe(FakeSocket.CLOSING)
  })

  it('closes the socket when it is open, and reports nothing', async () => {
    const socket = await openSlowly()
    socket.stop()
    expect(server.count('close')).toBe(0)
    server.socket.accept()
    await server.clock.advance(1)
    expect(server.socket.readyState).toBe(FakeSocket.CLOSED)
    expect(server.count('connect')).toBe(1)
    expect(socket.calls).toEqual([])
    expect(server.clock.pending).toBe(0)
  })

  it('closes the socket when the handshake takes too long', async () => {
    const socket = await openSlowly()
    socket.stop()
    await server.clock.advance(8000)
    expect(server.socket.readyState).toBe(FakeSocket.CLOSED)
    await server.clock.advance(10 * minuteMs)
    expect(server.count('connect')).toBe(1)
    expect(socket.calls).toEqual([])
    expect(server.clock.pending).toBe(0)
  })

  it('releases its timer when the handshake fails', async () => {
    const socket = await openSlowly()
    socket.stop()
    server.socket.fail()
    await server.clock.advance(1)
    expect(server.clock.pending).toBe(0)
    expect(socket.calls).toEqual([])
  })

  it('closes the socket at once when the page enters the back/forward cache', async () => {
    const socket = await openSlowly()
    server.page.freeze()
    socket.stop()
    await server.clock.advance(1)
    expect(server.socket.readyState).toBe(FakeSocket.CLOSED)
    expect(server.clock.pending).toBe(0)
  })
})

describe('openSocket: silent connection', () => {
  it('is not detected by the library', async () => {
    const socket = openLibrary()
    await server.clock.advance(100)
    server.cut()
    await server.clock.advance(60 * minuteMs)

    expect(socket.readyState).toBe(FakeSocket.OPEN)
    expect(server.count('connect')).toBe(1)
  })

  it('reports 1006 on `reconnect` and connects again', async () => {
    const socket = open({ nextDelayMs: () => 1000 })
    await server.clock.advance(1100)
    server.cut()
    socket.reconnect()
    expect(socket.calls).toEqual(['open', '1006'])

    server.restore()
    await server.clock.advance(1100)
    expect(socket.calls).toEqual(['open', '1006', 'open'])
  })

  it('is ignored after `reconnect`, even if late events arrive', async () => {
    const socket = open()
    await server.clock.advance(100)
    const { socket: lost } = server
    server.cut()
    socket.reconnect()
    server.restore()
    await server.clock.advance(100)
    // Some browsers fire events that the standard excludes.
    lost.dispatchEvent(new Event('open'))
    lost.dispatchEvent(new MessageEvent('message', { data: 'late' }))
    lost.fail()
    await server.clock.advance(100)

    expect(socket.calls).toEqual(['open', '1006', 'open'])
    expect(server.count('connect')).toBe(2)
    expect(server.socket.readyState).toBe(FakeSocket.OPEN)
  })

  it('stays stopped on a later `reconnect`', async () => {
    const socket = open()
    await server.clock.advance(100)
    socket.stop()
    socket.reconnect()
    await server.clock.advance(10 * minuteMs)

    expect(server.count('connect')).toBe(1)
    expect(socket.calls).toEqual(['open'])
  })

  it('allows repeated `reconnect` calls', async () => {
    const socket = open({ nextDelayMs: () => 1000 })
    await server.clock.advance(1100)
    server.cut()
    socket.reconnect()
    socket.reconnect()
    await server.clock.advance(500)
    socket.reconnect()
    server.restore()
    await server.clock.advance(600)

    expect(socket.calls).toEqual(['open', '1006', 'open'])
    expect(server.count('connect')).toBe(2)
  })
})

describe('openSocket', () => {
  it('delivers text messages only', async () => {
    const { calls } = open()
    await server.clock.advance(100)
    server.socket.deliverText('one')
    server.socket.deliverText(new ArrayBuffer(3))
    server.socket.deliverText('two')

    expect(calls).toEqual(['open', 'one', 'two'])
  })

  it('reports nothing after it was stopped, even during the closing handshake', async () => {
    const socket = open()
    await server.clock.advance(100)
    server.cut()
    socket.stop()
    server.restore()
    server.socket.dispatchEvent(new Event('open'))
    server.socket.dispatchEvent(new MessageEvent('message', { data: 'late' }))
    server.socket.end(1000)
    await server.clock.advance(100)

    expect(socket.calls).toEqual(['open'])
    expect(server.clock.pending).toBe(0)
  })

  it('does nothing in a runtime without WebSocket', async () => {
    const socket = open({ platform: { ...server.platform, WebSocket: undefined } })
    await server.clock.advance(minuteMs)
    socket.reconnect()
    socket.stop()

    expect(socket.calls).toEqual([])
    expect(server.clock.pending).toBe(0)
  })
})
