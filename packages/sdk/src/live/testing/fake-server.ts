import type { ClientMessage, FramesAnswer, Snapshot } from '@tidemark/protocol'
import { loadTransports } from '../transports/open-transport.ts'
import type { LivePlatform } from '../types.ts'
import { type ManualClock, createManualClock } from './clock.ts'
import { FakeSocket, readMessage } from './fake-socket.ts'
import { type FakeStream, createFakeStream } from './fake-stream.ts'
import { type FakePage, createFakePage } from './fake-page.ts'
import { createSeededRandom } from './random.ts'

// So that the clients of the tests open connections without waiting for a file.
await loadTransports()

/** A request, connection or message that the server received, with its time. */
export type LogEntry =
  | { kind: 'poll'; at: number; url: URL; init: RequestInit }
  | { kind: 'stream'; at: number; url: URL; init: RequestInit; stream: FakeStream }
  | { kind: 'frames'; at: number; url: URL; init: RequestInit; request: FakeRequest }
  | { kind: 'connect'; at: number; socket: FakeSocket }
  | { kind: 'message'; at: number; socket: FakeSocket; message: ClientMessage }
  | { kind: 'close'; at: number; socket: FakeSocket; code: number }

/** A poll or a request for frames that waits for its response. */
export interface FakeRequest {
  readonly url: URL
  /** Aborted when the client cancels the request; an unfinished body must then fail, as in a browser. */
  readonly signal: AbortSignal
  readonly isAborted: boolean
  answer(answer: FakeAnswer): void
}

/** A JSON body, any other response, or a network failure. */
export type FakeAnswer = Snapshot | FramesAnswer | Response | 'failure'

export type Handshake = 'accept' | 'refuse' | 'hang' | 'throw'

/** A server in the test process, and the page of its client, both controlled by the test. */
export interface FakeServer {
  /** Platform for the client. */
  readonly platform: LivePlatform
  readonly clock: ManualClock
  readonly page: FakePage
  /** All received requests, connections and messages, oldest first. */
  readonly log: readonly LogEntry[]
  /** Answers all later polls, and the pending one. */
  answerPolls(answer: (poll: FakeRequest) => FakeAnswer): void
  /** Leaves later polls pending, as at the start, until the test answers them or the client cancels them. */
  pausePolls(): void
  /** Result of requests for server-sent events. @default 'refuse' */
  streaming: Exclude<Handshake, 'throw'>
  /** Called when a request for server-sent events was accepted. */
  onStream: (stream: FakeStream) => void
  /** Last request for server-sent events. */
  readonly stream: FakeStream
  readonly streams: readonly FakeStream[]
  /** Answers a request for frames; `undefined` leaves it pending. @default 404 */
  onFramesRequest: (request: FakeRequest) => FakeAnswer | undefined
  /** Last request for frames. */
  readonly framesRequest: FakeRequest
  /** Result of the next WebSocket handshakes. @default 'accept' */
  handshake: Handshake
  /** Called when a handshake was accepted. */
  onOpen: (socket: FakeSocket) => unknown
  onMessage: (socket: FakeSocket, message: ClientMessage) => void
  /** Called when the client has closed a socket. */
  onClose: (socket: FakeSocket) => void
  /** Last poll. */
  readonly poll: FakeRequest
  /** Last socket. */
  readonly socket: FakeSocket
  /** All sockets, oldest first. */
  readonly sockets: readonly FakeSocket[]
  /** Messages received on all sockets. */
  readonly messages: readonly ClientMessage[]
  /** Counts the log entries of a kind. */
  count(kind: LogEntry['kind']): number
  /** Interrupts the network: requests get no response, and open connections stay open without any event. */
  cut(): void
  restore(): void
  /** Ends the server process: open connections fail, and new requests are refused immediately. */
  kill(): void
  /** Starts the server process again. */
  revive(): void
}

/**
 * Creates a fake server with a manual clock and a fake page.
 * @param seed of `platform.random`
 */
export function createFakeServer(seed?: number): FakeServer {
  const clock = createManualClock()
  const page = createFakePage()
  const log: LogEntry[] = []
  const polls: FakeRequest[] = []
  const sockets: FakeSocket[] = []
  const streams: FakeStream[] = []
  const framesRequests: FakeRequest[] = []
  let answerPoll: ((poll: FakeRequest) => FakeAnswer) | undefined
  let isCut = false
  let isDead = false

  const peer = {
    onConnect(socket: FakeSocket): void {
      log.push({ kind: 'connect', at: clock.now(), socket })
      if (server.handshake === 'throw') throw new DOMException('Not allowed.', 'SecurityError')
      sockets.push(socket)
      // Answers in a microtask, after the client has added its listeners.
      queueMicrotask(() => {
        if (isCut || server.handshake === 'hang') return
        if (isDead || server.handshake === 'refuse') socket.fail()
        else if (socket.readyState === FakeSocket.CONNECTING) {
          socket.accept()
          server.onOpen(socket)
        }
      })
    },
    onMessage(socket: FakeSocket, text: string): void {
      if (isCut) return
      const message = readMessage(text)
      log.push({ kind: 'message', at: clock.now(), socket, message })
      server.onMessage(socket, message)
    },
    onClose(socket: FakeSocket, code: number): void {
      log.push({ kind: 'close', at: clock.now(), socket, code })
      server.onClose(socket)
    },
    answersClose: () => !isCut,
  }

  function fetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input)
    const signal = init.signal ?? new AbortController().signal
    const at = clock.now()
    if (url.pathname.endsWith('/realtime/sse')) {
      const { stream, response } = createFakeStream(url, signal)
      log.push({ kind: 'stream', at, url, init, stream })
      streams.push(stream)
      open(stream)
      return response
    }
    const { poll, response } = createPoll(url, signal)
    const isFramesRequest = url.pathname.endsWith('/realtime/frames')
    if (isFramesRequest) log.push({ kind: 'frames', at, url, init, request: poll })
    else log.push({ kind: 'poll', at, url, init })
    ;(isFramesRequest ? framesRequests : polls).push(poll)
    if (isDead) poll.answer('failure')
    else if (!isCut) {
      const answer = isFramesRequest ? server.onFramesRequest(poll) : answerPoll?.(poll)
      if (answer) poll.answer(answer)
    }
    return response
  }

  function open(stream: FakeStream): void {
    if (isCut || server.streaming === 'hang') return
    if (isDead) stream.fail()
    else if (server.streaming === 'refuse') stream.refuse(new Response('', { status: 404 }))
    else {
      stream.accept()
      server.onStream(stream)
    }
  }

  const server: FakeServer = {
    platform: {
      now: clock.now,
      setTimeout: (run, delayMs) => setTimeout(run, delayMs),
      clearTimeout: timer => clearTimeout(timer as number),
      random: createSeededRandom(seed),
      fetch,
      WebSocket: class extends FakeSocket {
        constructor(url: string | URL, protocols?: string | string[]) {
          super(peer, url, protocols)
        }
      },
      href: undefined,
      page,
    },
    clock,
    page,
    log,
    answerPolls(answer) {
      answerPoll = answer
      const pending = polls.at(-1)
      if (pending) pending.answer(answer(pending))
    },
    pausePolls() {
      answerPoll = undefined
    },
    streaming: 'refuse',
    onStream: () => {},
    get stream() {
      return last(streams, 'stream')
    },
    streams,
    onFramesRequest: () => new Response('', { status: 404 }),
    get framesRequest() {
      return last(framesRequests, 'frames request')
    },
    handshake: 'accept',
    onOpen: () => {},
    onMessage: () => {},
    onClose: () => {},
    get poll() {
      return last(polls, 'poll')
    },
    get socket() {
      return last(sockets, 'socket')
    },
    sockets,
    get messages() {
      return log.flatMap(entry => (entry.kind === 'message' ? [entry.message] : []))
    },
    count: kind => log.filter(entry => entry.kind === kind).length,
    cut() {
      isCut = true
    },
    restore() {
      isCut = false
    },
    kill() {
      isDead = true
      for (const socket of sockets) socket.fail()
      for (const stream of streams) stream.fail()
    },
    revive() {
      isDead = false
    },
  }
  return server
}

function createPoll(
  url: URL,
  signal: AbortSignal,
): { poll: FakeRequest; response: Promise<Response> } {
  const { promise: response, resolve, reject } = Promise.withResolvers<Response>()
  signal.addEventListener('abort', () => reject(signal.reason))
  const poll: FakeRequest = {
    url,
    signal,
    get isAborted() {
      return signal.aborted
    },
    answer(answer) {
      if (answer === 'failure') reject(new TypeError('Failed to fetch'))
      else resolve(answer instanceof Response ? answer : Response.json(answer))
    },
  }
  return { poll, response }
}

function last<Item>(items: readonly Item[], name: string): Item {
  const item = items.at(-1)
  if (item === undefined) throw new Error(`The server has received no ${name}.`)
  return item
}
