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
import { createBackoff } from './backoff.ts'
import type { Reader } from './reader.ts'
import { openSocket } from './socket.ts'
import type { Platform } from './types.ts'

/** After this without a word a connection is given up; the server's `hello` says how long its own silences are. */
const firstSilenceMs = 10_000
const backoffBaseMs = 1000
const backoffMaxMs = 60_000

export interface UpgradeOptions {
  platform: Platform
  url: string
  reader: Reader
  selection(): Selection
  /** Something has come; `isCurrent` when it shows that the mark is the server's own state. */
  onNews(isCurrent: boolean): void
  /** The connection has proved itself: subscribed, one heartbeat seen, and nothing missing. */
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
      watch()
      options.onNews(false)
      subscribe(reader.isComplete)
    },
    onMessage(text) {
      watch()
      const message = parseMessage(text)
      if (message) take(message)
    },
    onClose(code) {
      platform.clearTimeout(watchdog)
      send = undefined
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

  /** @param resume whether to be sent what came after the mark, or the whole state */
  function subscribe(resume: boolean): void {
    if (!send) return
    const { channels, minutes } = options.selection()
    const since = resume && reader.mark && formatCursor(reader.mark.cursor)
    const id = ++subscription
    isSubscribed = false
    const message: ClientMessage = { type: 'sub', id, channels, minutes, ...(since && { since }) }
    send(JSON.stringify(message))
  }

  function take(message: ServerMessage): void {
    switch (message.type) {
      case 'hello':
        // Two heartbeats missed, and a little for the network.
        silenceMs = message.heartbeat * 2 + 5000
        watch()
        return
      case 'ok':
        isSubscribed = message.id === subscription
        break
      case 'snap':
        isSubscribed = message.id === subscription
        if (isSubscribed) reader.takeSnapshot(message.snapshot)
        break
      case 'frame':
        if (isSubscribed && reader.takeFrame(message) === 'gap') subscribe(reader.isComplete)
        break
      case 'ping':
        send?.('{"type":"pong"}')
        prove(message.cursor)
        break
      case 'bye':
        floorMs = Math.max(0, message.retry)
        return
      default:
        return
    }
    options.onNews(isSubscribed)
  }

  /** A ping says where the selection is. A mark behind it missed the last frame before a silence. */
  function prove(cursorText: string): void {
    const cursor = parseCursor(cursorText)
    if (!cursor) return
    const isBehind = !reader.mark || compareCursors(reader.mark.cursor, cursor) < 0
    if (!isSubscribed || !reader.isComplete || isBehind) {
      subscribe(reader.isComplete)
    } else if (!isProved) {
      isProved = true
      backoff.reset()
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
    const isMessage = typeof value === 'object' && value !== null && 'type' in value
    return isMessage ? (value as ServerMessage) : undefined
  } catch {
    return undefined
  }
}
