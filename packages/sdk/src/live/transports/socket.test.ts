import process from 'node:process'
import ReconnectingWebSocket, { type Options } from 'reconnecting-websocket'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Socket, type SocketOptions, openSocket } from './socket.ts'
import { type FakeServer, createFakeServer } from '../testing/fake-server.ts'
import { FakeSocket } from '../testing/fake-socket.ts'

/**
 * What reconnecting-websocket 4.4.0 does wrong, fault by fault: first the library by itself, as its
 * documentation says to use it, and then as `openSocket` wraps it. When one of the first kind fails, the
 * library has changed, and what is done about that fault may be too much.
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
  /** What it called back with. */
  readonly heard: string[]
  send: ((text: string) => void) | undefined
}

function open(options: Partial<SocketOptions> = {}): Opened {
  const heard: string[] = []
  const socket = openSocket({
    platform: server.platform,
    url,
    protocols: () => ['tidemark.v1'],
    nextDelayMs: () => 0,
    onOpen(send) {
      heard.push('open')
      opened.send = send
    },
    onMessage: text => heard.push(text),
    onClose: code => heard.push(String(code)),
    ...options,
  })
  const opened: Opened = { ...socket, heard, send: undefined }
  return opened
}

/** Runs what rejects without anybody to handle it, and gives what that was. */
async function unhandled(run: () => Promise<void>): Promise<unknown[]> {
  const reasons: unknown[] = []
  const others = process.rawListeners('unhandledRejection') as NodeJS.UnhandledRejectionListener[]
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', reason => reasons.push(reason))
  try {
    await run()
    // Node looks for them when it has nothing else to do.
    await new Promise(resolve => setImmediate(resolve))
  } finally {
    process.removeAllListeners('unhandledRejection')
    for (const listener of others) process.on('unhandledRejection', listener)
  }
  return reasons
}

describe('a socket that is closed in its close handler', () => {
  it('never connects again in the library', async () => {
    const socket = openLibrary()
    socket.addEventListener('close', () => socket.close())
    await server.clock.advance(100)
    server.socket.end(4408)
    await server.clock.advance(minuteMs)
    socket.reconnect()
    await server.clock.advance(10 * minuteMs)

    expect(server.count('connect')).toBe(1)
  })

  it('is one generation of ours, and the next one connects', async () => {
    const first = open({ onClose: () => first.stop() })
    await server.clock.advance(100)
    server.socket.end(4408)
    await server.clock.advance(minuteMs)
    expect(server.count('connect')).toBe(1)

    const second = open()
    await server.clock.advance(100)
    expect(server.count('connect')).toBe(2)
    expect(second.heard).toEqual(['open'])
  })
})

describe('a predecessor that never said that it closed', () => {
  it('is the end of it, with nothing left open, for whoever has had enough then', async () => {
    server.cut()
    const first = open({
      onClose() {
        server.restore()
        first.stop()
      },
    })
    // The library gives up a handshake that takes too long, hides how that ends, and makes the next one.
    await server.clock.advance(10 * minuteMs)

    expect(server.sockets.filter(({ readyState }) => readyState < FakeSocket.CLOSING)).toEqual([])
  })
})

describe('a limit of retries', () => {
  it('locks the library for good once it is reached', async () => {
    const socket = openLibrary({ maxRetries: 2, minReconnectionDelay: 10 })
    server.handshake = 'refuse'
    await server.clock.advance(minuteMs)
    server.handshake = 'accept'
    socket.reconnect()
    await server.clock.advance(10 * minuteMs)

    expect(server.count('connect')).toBe(3)
    expect(socket.readyState).toBe(FakeSocket.CLOSED)
  })

  it('is not what we have: it still comes back after a thousand refusals', async () => {
    server.handshake = 'refuse'
    const { heard } = open({ nextDelayMs: () => 1000 })
    await server.clock.advance(1000 * 1010)
    expect(heard.length).toBeGreaterThan(950)

    server.handshake = 'accept'
    await server.clock.advance(2000)
    expect(heard.at(-1)).toBe('open')
  })
})

describe('an attempt that throws', () => {
  it('is unhandled in the library, and the last one it makes, when its URL cannot be had', async () => {
    let isBroken = true
    const reasons = await unhandled(async () => {
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

  it('is unhandled in the library, and the last one it makes, when the browser forbids it', async () => {
    server.handshake = 'throw'
    const reasons = await unhandled(async () => {
      openLibrary()
      await server.clock.advance(100)
    })
    server.handshake = 'accept'
    await server.clock.advance(10 * minuteMs)

    expect(reasons).toHaveLength(1)
    expect(server.count('connect')).toBe(1)
  })

  it('is a failed one of ours, and there is another after the delay', async () => {
    server.handshake = 'throw'
    let opened: Opened | undefined
    const reasons = await unhandled(async () => {
      opened = open({ nextDelayMs: () => 5000 })
      await server.clock.advance(5100)
    })
    expect(reasons).toEqual([])
    expect(opened?.heard).toEqual(['1006'])
    expect(server.count('connect')).toBe(1)

    server.handshake = 'accept'
    await server.clock.advance(5100)
    expect(opened?.heard).toEqual(['1006', 'open'])
  })

  it('is told to nobody who has stopped meanwhile', async () => {
    const socket: Opened = open({
      protocols() {
        socket.stop()
        throw new Error('No token.')
      },
    })
    await server.clock.advance(minuteMs)

    expect(socket.heard).toEqual([])
    expect(server.clock.pending).toBe(0)
  })

  it('leaves nothing behind when it is the last one', async () => {
    server.handshake = 'throw'
    const socket = open({ nextDelayMs: () => 5000 })
    await server.clock.advance(5100)
    socket.stop()
    await server.clock.advance(1)

    expect(server.clock.pending).toBe(0)
  })
})

describe('a handshake that fails', () => {
  it('is a clean close with 1000 in the library', async () => {
    server.handshake = 'refuse'
    const closes: (readonly [number, boolean])[] = []
    openLibrary().addEventListener('close', ({ code, wasClean }) => {
      closes.push([code, wasClean])
    })
    await server.clock.advance(100)

    expect(closes[0]).toEqual([1000, true])
  })

  it('is what it is, 1006, and told once', async () => {
    server.handshake = 'refuse'
    const { heard } = open({ nextDelayMs: () => 1000 })
    await server.clock.advance(1900)

    expect(heard).toEqual(['1006'])
  })
})

describe('a handshake that gets no answer', () => {
  it('is given up by the library with a clean close', async () => {
    server.handshake = 'hang'
    const codes: number[] = []
    openLibrary().addEventListener('close', ({ code }) => void codes.push(code))
    await server.clock.advance(4100)

    expect(codes).toEqual([1000])
  })

  it('is given up after eight seconds, told once as 1006, and tried again', async () => {
    server.handshake = 'hang'
    const { heard } = open({ nextDelayMs: () => 1000 })
    await server.clock.advance(1000 + 7990)
    expect(heard).toEqual([])
    expect(server.socket.readyState).toBe(FakeSocket.CONNECTING)

    await server.clock.advance(20)
    expect(heard).toEqual(['1006'])
    expect(server.socket.readyState).toBe(FakeSocket.CLOSED)

    server.handshake = 'accept'
    await server.clock.advance(1010)
    expect(heard).toEqual(['1006', 'open'])
    expect(server.count('connect')).toBe(2)
  })
})

describe('a handshake that never ends, not even when it is given up', () => {
  it('is told once as 1006 when the next one begins', async () => {
    server.cut()
    const { heard } = open({ nextDelayMs: () => 1000 })
    await server.clock.advance(1000 + 8000 + 500)
    const { socket: lost } = server
    expect(heard).toEqual([])

    server.restore()
    await server.clock.advance(600)
    expect(heard).toEqual(['1006', 'open'])

    lost.fail()
    await server.clock.advance(100)
    expect(heard).toEqual(['1006', 'open'])
    expect(server.count('connect')).toBe(2)
  })
})

describe('a fatal close code', () => {
  it('does not keep the library from coming back', async () => {
    openLibrary()
    await server.clock.advance(100)
    server.socket.end(4403)
    await server.clock.advance(minuteMs)

    expect(server.count('connect')).toBe(2)
  })

  it('is told as it came, and stopping there is the end', async () => {
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

describe('the delay before each attempt', () => {
  it('is fixed once for the page in the library, so that readers who fell together rise together', async () => {
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

  it('is asked for anew each time, by a source that never rejects', async () => {
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
      // The library has timers of 0 ms of its own.
      expect(at - startedAt).toBeLessThan((due[index] ?? 0) + 3 * (index + 1))
    }
    expect(connects).toHaveLength(delays.length)
  })
})

describe('the subprotocols', () => {
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

  it('are asked for at each attempt', async () => {
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

describe('what was said while there was no connection', () => {
  it('is sent by the library before anyone hears that there is one', async () => {
    server.handshake = 'refuse'
    const socket = openLibrary({ minReconnectionDelay: 10 })
    socket.send('{"type":"pong"}')
    socket.addEventListener('open', () => socket.send('{"type":"sub"}'))
    server.handshake = 'accept'
    await server.clock.advance(1000)

    expect(server.messages).toEqual([{ type: 'pong' }, { type: 'sub' }])
  })

  it('is never sent, so the first word on a connection is of the one who opened it', async () => {
    const socket = open()
    await server.clock.advance(100)
    const sendOnFirst = socket.send
    server.socket.fail()
    sendOnFirst?.('{"type":"pong"}')
    await server.clock.advance(100)
    sendOnFirst?.('{"type":"pong"}')
    socket.send?.('{"type":"sub"}')

    expect(socket.heard).toEqual(['open', '1006', 'open'])
    expect(server.messages).toEqual([{ type: 'sub' }])
  })
})

describe('a socket that is closed before it has connected', () => {
  it('says CONNECTING for ever in the library', async () => {
    const socket = openLibrary()
    socket.close()
    await server.clock.advance(10 * minuteMs)

    expect(socket.readyState).toBe(FakeSocket.CONNECTING)
  })

  it.each([
    ['at once', 0, 0],
    ['while it waits for its turn', 5000, 100],
    ['while the handshake hangs', 0, 100],
  ])(
    'is gone when it is stopped %s: no socket, no timer, no call',
    async (_, delayMs, stopAfterMs) => {
      server.handshake = 'hang'
      const socket = open({ nextDelayMs: () => delayMs })
      if (stopAfterMs > 0) await server.clock.advance(stopAfterMs)
      socket.stop()
      await server.clock.advance(1)
      expect(server.clock.pending).toBe(0)

      await server.clock.advance(10 * minuteMs)
      expect(server.sockets.filter(({ readyState }) => readyState !== FakeSocket.CLOSED)).toEqual(
        [],
      )
      expect(server.count('connect')).toBe(stopAfterMs > 0 && delayMs === 0 ? 1 : 0)
      expect(socket.heard).toEqual([])
    },
  )

  it('asks for no delay any more when it is stopped between two attempts', async () => {
    server.handshake = 'refuse'
    let asked = 0
    const socket = open({
      nextDelayMs() {
        asked++
        return 0
      },
      onClose: () => socket.stop(),
    })
    await server.clock.advance(minuteMs)

    expect(asked).toBe(1)
    expect(server.clock.pending).toBe(0)
  })
})

describe('a connection that falls silent', () => {
  it('is never noticed by the library', async () => {
    const socket = openLibrary()
    await server.clock.advance(100)
    server.cut()
    await server.clock.advance(60 * minuteMs)

    expect(socket.readyState).toBe(FakeSocket.OPEN)
    expect(server.count('connect')).toBe(1)
  })

  it('can be dropped: told as 1006 at once, and tried again', async () => {
    const socket = open({ nextDelayMs: () => 1000 })
    await server.clock.advance(1100)
    server.cut()
    socket.reconnect()
    expect(socket.heard).toEqual(['open', '1006'])

    server.restore()
    await server.clock.advance(1100)
    expect(socket.heard).toEqual(['open', '1006', 'open'])
  })

  it('is not heard any more once it is dropped, whatever comes of it and however late', async () => {
    const socket = open()
    await server.clock.advance(100)
    const { socket: lost } = server
    server.cut()
    socket.reconnect()
    server.restore()
    await server.clock.advance(100)
    // Not every browser is as quiet about it as the standard has it.
    lost.dispatchEvent(new Event('open'))
    lost.dispatchEvent(new MessageEvent('message', { data: 'late' }))
    lost.fail()
    await server.clock.advance(100)

    expect(socket.heard).toEqual(['open', '1006', 'open'])
    expect(server.count('connect')).toBe(2)
    expect(server.socket.readyState).toBe(FakeSocket.OPEN)
  })

  it('is not brought back to life by dropping it after it was stopped', async () => {
    const socket = open()
    await server.clock.advance(100)
    socket.stop()
    socket.reconnect()
    await server.clock.advance(10 * minuteMs)

    expect(server.count('connect')).toBe(1)
    expect(socket.heard).toEqual(['open'])
  })

  it('may be dropped twice, and between two attempts', async () => {
    const socket = open({ nextDelayMs: () => 1000 })
    await server.clock.advance(1100)
    server.cut()
    socket.reconnect()
    socket.reconnect()
    await server.clock.advance(500)
    socket.reconnect()
    server.restore()
    await server.clock.advance(600)

    expect(socket.heard).toEqual(['open', '1006', 'open'])
    expect(server.count('connect')).toBe(2)
  })
})

describe('a socket of ours', () => {
  it('passes texts on and nothing else', async () => {
    const { heard } = open()
    await server.clock.advance(100)
    server.socket.deliverText('one')
    server.socket.deliverText(new ArrayBuffer(3))
    server.socket.deliverText('two')

    expect(heard).toEqual(['open', 'one', 'two'])
  })

  it('hears nothing after it was stopped, while its closing handshake is still going on', async () => {
    const socket = open()
    await server.clock.advance(100)
    server.cut()
    socket.stop()
    server.restore()
    server.socket.dispatchEvent(new Event('open'))
    server.socket.dispatchEvent(new MessageEvent('message', { data: 'late' }))
    server.socket.end(1000)
    await server.clock.advance(100)

    expect(socket.heard).toEqual(['open'])
    expect(server.clock.pending).toBe(0)
  })

  it('does nothing at all where there are no WebSockets', async () => {
    const socket = open({ platform: { ...server.platform, WebSocket: undefined } })
    await server.clock.advance(minuteMs)
    socket.reconnect()
    socket.stop()

    expect(socket.heard).toEqual([])
    expect(server.clock.pending).toBe(0)
  })
})
