import {
  type ClientMessage,
  type Selection,
  type ServerMessage,
  closeCodes,
  compareCursors,
  formatCursor,
  parseCursor,
  subprotocol,
} from '@tidemark/protocol'
import { isObject } from '../is-object.ts'
import { clampMs, createBackoff, maxRetryAfterMs } from './backoff.ts'
import type { Reader } from './reader.ts'
import { isSnapshotOf } from './snapshot.ts'
import { openSocket } from './socket.ts'
import type { Platform } from './types.ts'

/** After this without a word a connection is given up; the server's `hello` says how long its own silences are. */
const firstSilenceMs = 10_000
const maxHeartbeatMs = 120_000
/** A connection that held for this long after it was proved was a good one, and the next try may come soon. */
const lastingMs = 30_000
/** On a connection that holds nothing is ever missing, so what is missing twice in this time will be again. */
const minResumeMs = 1000
const backoffBaseMs = 1000
const backoffMaxMs = 30_000

export interface UpgradeOptions {
  platform: Platform
  url: string
  reader: Reader
  selection(): Selection
  /** Something has come; `isCurrent` when it shows that the mark is the server's own state. */
  onNews(isCurrent: boolean): void
  /** The connection has proved itself: subscribed, one heartbeat seen, and nothing missing. `onNews` follows. */
  onProved(): void
  /** It is gone, and will be tried again by itself unless it was refused. */
  onLost(refused: boolean): void
}

/** The WebSocket road: it adds to the same mark as polling does. */
export interface Upgrade {
  /** Connected, and perhaps not proved yet. */
  readonly isOpen: boolean
  readonly isProved: boolean
  /** Longest silence to expect of a connection that holds, in milliseconds. */
  readonly silenceMs: number
  /** The selection has changed. */
  resubscribe(): void
  /** Gives up the present connection for the next one. */
  drop(): void
  stop(): void
}

/** Refusals that coming back does not help. */
const fatalCodes: readonly number[] = [closeCodes.refused, closeCodes.tokenExpired]

export function startUpgrade(options: UpgradeOptions): Upgrade {
  const { platform, reader } = options
  const backoff = createBackoff({
    baseMs: backoffBaseMs,
    maxMs: backoffMaxMs,
    random: platform.random,
  })
  let send: ((text: string) => void) | undefined
  /** The last subscription that was sent, and whether it has been answered; until then frames are of an older one. */
  let subscription = 0
  let isSubscribed = false
  let isProved = false
  let provedAt = 0
  let resumedAt = -Infinity
  /** The server's, as its `hello` says: nothing counts before that. */
  let epoch: number | undefined
  let isFirst = true
  let floorMs = 0
  let silenceMs = firstSilenceMs
  let watchdog: unknown

  const socket = openSocket({
    platform,
    url: options.url,
    protocols: () => [subprotocol],
    nextDelayMs() {
      // The very first try is not held up: polling has just shown that the server is there.
      const delay = isFirst ? 0 : backoff.next(floorMs)
      isFirst = false
      floorMs = 0
      return delay
    },
    onOpen(sendText) {
      send = sendText
      options.onNews(false)
      subscribe(reader.isComplete)
    },
    onMessage(text) {
      const message = parseMessage(text)
      if (message) take(message)
      // As long as a subscription waits for its answer, nothing else is a sign of life.
      if (isSubscribed) watch()
    },
    onClose(code) {
      platform.clearTimeout(watchdog)
      if (isProved && platform.now() >= provedAt + lastingMs) backoff.reset()
      send = undefined
      epoch = undefined
      isSubscribed = false
      isProved = false
      silenceMs = firstSilenceMs
      const refused = fatalCodes.includes(code)
      if (refused) socket.stop()
      options.onLost(refused)
    },
  })

  function watch(): void {
    platform.clearTimeout(watchdog)
    watchdog = platform.setTimeout(() => socket.drop(), silenceMs)
  }

  /** @param goesOn whether to be sent what came after the mark, or the whole state */
  function subscribe(goesOn: boolean): void {
    if (!send) return
    const { channels, minutes } = options.selection()
    const since = goesOn && reader.mark && formatCursor(reader.mark.cursor)
    const id = ++subscription
    isSubscribed = false
    watch()
    const message: ClientMessage = { type: 'sub', id, channels, minutes, ...(since && { since }) }
    send(JSON.stringify(message))
  }

  /** Asks for what is missing. */
  function resume(): void {
    const now = platform.now()
    const isAgain = Math.abs(now - resumedAt) < minResumeMs
    resumedAt = now
    if (isAgain) socket.drop()
    else subscribe(reader.isComplete)
  }

  function take(message: ServerMessage): void {
    if (message.type === 'hello') greet(message.epoch, message.heartbeat)
    if (epoch === undefined) return
    // Polling has met this server's successor: what this one says is about a state that is over.
    if (reader.mark && reader.mark.cursor.epoch > epoch) {
      socket.drop()
      return
    }
    switch (message.type) {
      case 'ok':
        isSubscribed = message.id === subscription
        break
      case 'snap':
        isSubscribed = message.id === subscription
        if (isSubscribed) takeIn(() => takeSnapshot(message.snapshot))
        break
      case 'frame':
        if (isSubscribed) takeIn(() => reader.takeFrame(message))
        break
      case 'ping':
        send?.('{"type":"pong"}')
        prove(message.cursor)
        break
      case 'error':
        // Without a subscription nothing comes any more. Polling finds out why, and shows it.
        if (message.id === subscription) socket.drop()
        break
      case 'bye':
        floorMs = clampMs(message.retry, maxRetryAfterMs)
        return
      default:
        return
    }
    options.onNews(isSubscribed)
  }

  function greet(its: unknown, heartbeatMs: unknown): void {
    if (Number.isSafeInteger(its)) epoch = Number(its)
    // Two heartbeats missed, and a little for the network.
    silenceMs = clampMs(heartbeatMs, maxHeartbeatMs) * 2 + 5000
    watch()
  }

  function takeSnapshot(snapshot: unknown): void {
    if (!isSnapshotOf(options.selection(), snapshot)) throw new TypeError('Not a snapshot')
    reader.takeSnapshot(snapshot)
  }

  /** What cannot be taken in leaves a hole that only a new connection is sure to fill. */
  function takeIn(data: () => unknown): void {
    try {
      if (data() === 'gap') resume()
    } catch {
      socket.drop()
    }
  }

  /** A ping says where the selection is. A mark behind it missed the last frame before a silence. */
  function prove(cursorText: unknown): void {
    const cursor = typeof cursorText === 'string' ? parseCursor(cursorText) : undefined
    if (!cursor || !reader.mark || !isSubscribed) return
    if (!reader.isComplete || compareCursors(reader.mark.cursor, cursor) < 0) {
      resume()
    } else if (!isProved) {
      isProved = true
      provedAt = platform.now()
      options.onProved()
    }
  }

  return {
    get isOpen() {
      return send !== undefined
    },
    get isProved() {
      return isProved
    },
    get silenceMs() {
      return silenceMs
    },
    resubscribe: () => subscribe(false),
    drop: socket.drop,
    stop() {
      platform.clearTimeout(watchdog)
      socket.stop()
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
