import type { ClientMessage, FramesAnswer, Snapshot } from '@tidemark/protocol'
import type { Platform } from '../types.ts'
import { type ManualClock, createManualClock } from './clock.ts'
import { FakeSocket, readMessage } from './fake-socket.ts'
import { type FakeStream, createFakeStream } from './fake-stream.ts'
import { type FakePage, createFakePage } from './page.ts'
import { createSeededRandom } from './random.ts'

/** What the server was asked for, and when. */
export type LogEntry =
  | { kind: 'poll'; at: number; url: URL; init: RequestInit }
  | { kind: 'stream'; at: number; url: URL; init: RequestInit; stream: FakeStream }
  | { kind: 'question'; at: number; url: URL; init: RequestInit; question: Poll }
  | { kind: 'connect'; at: number; socket: FakeSocket }
  | { kind: 'message'; at: number; socket: FakeSocket; message: ClientMessage }
  | { kind: 'close'; at: number; socket: FakeSocket; code: number }

/** A poll that waits for its answer. */
export interface Poll {
  readonly url: URL
  /** Aborted when the page gives it up; a body that is still coming has to break off then, as a browser's does. */
  readonly signal: AbortSignal
  readonly isAborted: boolean
  answer(answer: PollAnswer): void
}

/** A snapshot or the answer to a question, any other response, or no answer because the network failed. */
export type PollAnswer = Snapshot | FramesAnswer | Response | 'failure'

export type Handshake = 'accept' | 'refuse' | 'hang' | 'throw'

/** A server in this process, and the page in front of it, that do what a test tells them. */
export interface FakeServer {
  /** To be handed to the client. */
  readonly platform: Platform
  readonly clock: ManualClock
  readonly page: FakePage
  /** All that was received, oldest first. */
  readonly log: readonly LogEntry[]
  /** Answers every poll from now on, and the one that waits. */
  answerPolls(answer: (poll: Poll) => PollAnswer): void
  /** Lets polls wait from now on, as they do at first, until the test answers them or the page gives up. */
  holdPolls(): void
  /** What becomes of requests for server-sent events. @default 'refuse' */
  streaming: Exclude<Handshake, 'throw'>
  /** Called when one has been accepted. */
  onStream: (stream: FakeStream) => void
  /** The last request for server-sent events. */
  readonly stream: FakeStream
  readonly streams: readonly FakeStream[]
  /** Answers a request for frames; `undefined` holds it. @default 404 */
  onQuestion: (question: Poll) => PollAnswer | undefined
  /** The last request for frames. */
  readonly question: Poll
  /** What becomes of the next handshakes. @default 'accept' */
  handshake: Handshake
  /** Called when a handshake has been accepted. */
  onOpen: (socket: FakeSocket) => unknown
  onMessage: (socket: FakeSocket, message: ClientMessage) => void
  /** The page has closed this socket. */
  onClose: (socket: FakeSocket) => void
  /** The last poll. */
  readonly poll: Poll
  /** The last socket. */
  readonly socket: FakeSocket
  /** Every socket that was made, oldest first. */
  readonly sockets: readonly FakeSocket[]
  /** What was sent on any socket. */
  readonly messages: readonly ClientMessage[]
  /** Entries of one kind. */
  count(kind: LogEntry['kind']): number
  /**
   * Cuts the cable: nothing gets an answer, and what was open stays so without a word, as nobody can say
   * that it has ended.
   */
  cut(): void
  restore(): void
  /** The server's process ends: all that was open breaks, and whoever comes is turned away at once. */
  kill(): void
  /** Somebody listens again. */
  revive(): void
}

/** @param seed of what `platform.random` says */
export function createFakeServer(seed?: number): FakeServer {
  const clock = createManualClock()
  const page = createFakePage()
  const log: LogEntry[] = []
  const polls: Poll[] = []
  const sockets: FakeSocket[] = []
  const streams: FakeStream[] = []
  const questions: Poll[] = []
  let answerTo: ((poll: Poll) => PollAnswer) | undefined
  let isCut = false
  let isDead = false

  const peer = {
    onConnect(socket: FakeSocket): void {
      log.push({ kind: 'connect', at: clock.now(), socket })
      if (server.handshake === 'throw') throw new DOMException('Not allowed.', 'SecurityError')
      sockets.push(socket)
      // The network takes a moment, so that whoever made the socket can listen to it.
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
    const isQuestion = url.pathname.endsWith('/realtime/frames')
    if (isQuestion) log.push({ kind: 'question', at, url, init, question: poll })
    else log.push({ kind: 'poll', at, url, init })
    ;(isQuestion ? questions : polls).push(poll)
    if (isDead) poll.answer('failure')
    else if (!isCut) {
      const answer = isQuestion ? server.onQuestion(poll) : answerTo?.(poll)
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
      answerTo = answer
      const waiting = polls.at(-1)
      if (waiting) waiting.answer(answer(waiting))
    },
    holdPolls() {
      answerTo = undefined
    },
    streaming: 'refuse',
    onStream: () => {},
    get stream() {
      return last(streams, 'stream')
    },
    streams,
    onQuestion: () => new Response('', { status: 404 }),
    get question() {
      return last(questions, 'question')
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

function createPoll(url: URL, signal: AbortSignal): { poll: Poll; response: Promise<Response> } {
  const { promise: response, resolve, reject } = Promise.withResolvers<Response>()
  signal.addEventListener('abort', () => reject(signal.reason))
  const poll: Poll = {
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
  if (item === undefined) throw new Error(`There has been no ${name}.`)
  return item
}
