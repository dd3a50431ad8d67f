import { type ServerMessage, compareCursors, formatCursor, parseCursor } from '@tidemark/protocol'
import { isObject } from '../../shared/is-object.ts'
import type { Attempts } from './attempts.ts'
import { clampMs } from '../../shared/backoff.ts'
import type { TransportOptions } from './transport.ts'
import { isSnapshotOf } from '../snapshot.ts'

/** After this without a word a connection is given up; the server's `hello` says how long its own silences are. */
const firstSilenceMs = 10_000
const maxHeartbeatMs = 120_000
/** On a connection that holds nothing is ever missing, so what is missing twice in this time will be again. */
const minResumeMs = 1000

/** What carries a conversation. */
export interface MessageTransport {
  /**
   * Asks for the selection: what came after this cursor, or without one the whole state.
   * @param id what the answer names, unless it can be the answer to nothing else
   */
  subscribe(id: number, since: string | undefined): void
  /** Answers a ping, where that is needed. */
  pong(): void
  /** The token ends soon. */
  expiring(): void
  /** Gives up the connection. */
  drop(): void
}

/** What server and reader say to each other, the same on every road that carries messages. */
export interface Conversation {
  readonly isProved: boolean
  /** Longest silence to expect, in milliseconds. */
  readonly silenceMs: number
  /** @param goesOn whether to be sent what came after the mark, or the whole state */
  subscribe(goesOn: boolean): void
  receive(text: string): void
  /** The connection has ended; what is said next is said on another one. */
  ended(): void
}

type Options = Pick<TransportOptions, 'platform' | 'reader' | 'selection' | 'onNews' | 'onProved'>

export function createConversation(
  { platform, reader, selection, onNews, onProved }: Options,
  attempts: Attempts,
  transport: MessageTransport,
): Conversation {
  /** The last subscription that was sent, and whether it has been answered; until then frames are of an older one. */
  let subscription = 0
  let isSubscribed = false
  let isProved = false
  let resumedAt = -Infinity
  /** The server's, as its `hello` says: nothing counts before that. */
  let epoch: number | undefined
  let silenceMs = firstSilenceMs
  let watchdog: unknown

  function watch(): void {
    platform.clearTimeout(watchdog)
    watchdog = platform.setTimeout(transport.drop, silenceMs)
  }

  function subscribe(goesOn: boolean): void {
    const since = goesOn && reader.position ? formatCursor(reader.position.cursor) : undefined
    isSubscribed = false
    watch()
    transport.subscribe(++subscription, since)
  }

  function isAnswer({ id }: { id?: number }): boolean {
    return id === undefined || id === subscription
  }

  /** Asks for what is missing. */
  function resume(): void {
    const now = platform.now()
    const isAgain = Math.abs(now - resumedAt) < minResumeMs
    resumedAt = now
    if (isAgain) transport.drop()
    else subscribe(reader.isComplete)
  }

  function take(message: ServerMessage): void {
    if (message.type === 'hello') greet(message.epoch, message.heartbeat)
    if (epoch === undefined) return
    // Polling has met this server's successor: what this one says is about a state that is over.
    if (reader.position && reader.position.cursor.epoch > epoch) {
      transport.drop()
      return
    }
    switch (message.type) {
      case 'ok':
        isSubscribed = isAnswer(message)
        break
      case 'snap':
        isSubscribed = isAnswer(message)
        if (isSubscribed) takeIn(() => takeSnapshot(message.snapshot))
        break
      case 'frame':
        if (isSubscribed) takeIn(() => reader.takeFrame(message))
        break
      case 'ping':
        transport.pong()
        prove(message.cursor)
        break
      case 'error':
        // Without a subscription nothing comes any more. Polling finds out why, and shows it.
        if (message.id === subscription) transport.drop()
        break
      case 'expiring':
        transport.expiring()
        break
      case 'bye':
        attempts.stayAway(message.retry)
        return
      default:
        return
    }
    onNews(isSubscribed)
  }

  function greet(its: unknown, heartbeatMs: unknown): void {
    if (Number.isSafeInteger(its)) epoch = Number(its)
    // Two heartbeats missed, and a little for the network.
    silenceMs = clampMs(heartbeatMs, maxHeartbeatMs) * 2 + 5000
    watch()
  }

  function takeSnapshot(snapshot: unknown): void {
    if (!isSnapshotOf(selection(), snapshot)) throw new TypeError('Not a snapshot')
    reader.applySnapshot(snapshot)
  }

  /** What cannot be taken in leaves a hole that only a new connection is sure to fill. */
  function takeIn(data: () => unknown): void {
    try {
      if (data() === 'gap') resume()
    } catch {
      transport.drop()
    }
  }

  /** A ping says where the selection is. A mark behind it missed the last frame before a silence. */
  function prove(cursorText: unknown): void {
    const cursor = typeof cursorText === 'string' ? parseCursor(cursorText) : undefined
    if (!cursor || !reader.position || !isSubscribed) return
    if (!reader.isComplete || compareCursors(reader.position.cursor, cursor) < 0) {
      resume()
    } else if (!isProved) {
      isProved = true
      attempts.proved()
      onProved()
    }
  }

  return {
    get isProved() {
      return isProved
    },
    get silenceMs() {
      return silenceMs
    },
    subscribe,
    receive(text) {
      const message = parseMessage(text)
      if (message) take(message)
      // As long as a subscription waits for its answer, nothing else is a sign of life.
      if (isSubscribed) watch()
    },
    ended() {
      platform.clearTimeout(watchdog)
      epoch = undefined
      isSubscribed = false
      isProved = false
      silenceMs = firstSilenceMs
    },
  }
}

/** Messages of kinds that are not known are for newer readers; what cannot be read at all is nothing. */
function parseMessage(text: string): ServerMessage | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) && 'type' in value ? (value as unknown as ServerMessage) : undefined
  } catch {
    return undefined
  }
}
