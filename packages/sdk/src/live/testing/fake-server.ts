import type { ClientMessage, Snapshot } from '@tidemark/protocol'
import type { Platform } from '../types.ts'
import { type ManualClock, createManualClock } from './clock.ts'
import { FakeSocket, readMessage } from './fake-socket.ts'
import { type FakePage, createFakePage } from './page.ts'
import { createSeededRandom } from './random.ts'

/** What the server was asked for, and when. */
export type LogEntry =
  | { kind: 'poll'; at: number; url: URL; init: RequestInit }
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

/** A snapshot, any other response, or no answer because the network failed. */
export type PollAnswer = Snapshot | Response | 'failure'

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
    log.push({ kind: 'poll', at: clock.now(), url, init })
    return new Promise((resolve, reject) => {
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
      polls.push(poll)
      if (isCut) return
      if (isDead) poll.answer('failure')
      else if (answerTo) poll.answer(answerTo(poll))
    })
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
    },
    revive() {
      isDead = false
    },
  }
  return server
}

function last<Item>(items: readonly Item[], name: string): Item {
  const item = items.at(-1)
  if (item === undefined) throw new Error(`There has been no ${name}.`)
  return item
}
