import { type ServerMessage, compareCursors, formatCursor, parseCursor } from '@tidemark/protocol'
import { clampMs } from '../../shared/backoff.ts'
import { isObject } from '../../shared/is-object.ts'
import { isSnapshotOf } from '../snapshot.ts'
import type { ReconnectPolicy } from './reconnect-policy.ts'
import type { TransportOptions } from './transport.ts'

/** Silence limit until the server's `hello` announces the heartbeat interval. */
const initialMaxSilenceMs = 10_000
const maxHeartbeatMs = 120_000
/** A second gap within this time closes the connection: resuming has not delivered the missing frames. */
const minResumeMs = 1000

/** Sends the client's messages and carries those of the server. */
export interface MessageTransport {
  /**
   * Sends a subscription for the selection.
   * @param id repeated in the response, unless the transport has one subscription per connection
   * @param since cursor after which frames are requested; `undefined` requests a snapshot
   */
  subscribe(id: number, since: string | undefined): void
  /** Answers a ping, if the transport needs it. */
  pong(): void
  /** Renews the token, which expires soon. */
  renewToken(): void
  reconnect(): void
}

/** Message exchange with the server over a WebSocket or server-sent events. */
export interface Conversation {
  /** Longest silence of a working connection, in milliseconds. */
  readonly maxSilenceMs: number
  /** @param isResume whether to request the frames after the reader's cursor instead of a snapshot */
  subscribe(isResume: boolean): void
  receive(text: string): void
  /** Resets the conversation; later messages belong to another connection. */
  connectionClosed(): void
}

type Options = Pick<
  TransportOptions,
  'platform' | 'reader' | 'selection' | 'onActivity' | 'onVerified'
>

export function createConversation(
  options: Options,
  policy: ReconnectPolicy,
  transport: MessageTransport,
): Conversation {
  const { platform, reader } = options
  const silence = createSilenceWatch(platform, transport.reconnect)
  /** Id of the last subscription. Until it is answered, frames belong to an older one. */
  let subscription = 0
  let isSubscribed = false
  let isVerified = false
  let resumedAt = -Infinity
  /** The server's epoch; all messages before `hello` are ignored. */
  let epoch: number | undefined

  function subscribe(isResume: boolean): void {
    const since = isResume && reader.position ? formatCursor(reader.position.cursor) : undefined
    isSubscribed = false
    silence.restart()
    transport.subscribe(++subscription, since)
  }

  function isCurrentSubscription({ id }: { id?: number }): boolean {
    return id === undefined || id === subscription
  }

  /** Requests the missing frames. */
  function resume(): void {
    const now = platform.now()
    const isRepeated = Math.abs(now - resumedAt) < minResumeMs
    resumedAt = now
    if (isRepeated) transport.reconnect()
    else subscribe(reader.isComplete)
  }

  function apply(message: DataMessage): void {
    const result = applyData(options, message)
    if (result === 'gap') resume()
    // Invalid data leaves a gap that only a new connection is certain to fill.
    else if (result === 'invalid') transport.reconnect()
  }

  function handle(message: ServerMessage): void {
    if (message.type === 'hello') greet(message.epoch, message.heartbeat)
    if (epoch === undefined) return
    // Polling has reached a newer server process; the state of this one is outdated.
    if (reader.position && reader.position.cursor.epoch > epoch) {
      transport.reconnect()
      return
    }
    switch (message.type) {
      case 'ok':
        isSubscribed = isCurrentSubscription(message)
        break
      case 'snap':
        isSubscribed = isCurrentSubscription(message)
        if (isSubscribed) apply(message)
        break
      case 'frame':
        if (isSubscribed) apply(message)
        break
      case 'ping':
        transport.pong()
        checkPosition(message.cursor)
        break
      case 'error':
        // A rejected subscription delivers no data. The next poll reports the reason.
        if (message.id === subscription) transport.reconnect()
        break
      case 'expiring':
        transport.renewToken()
        break
      case 'bye':
        policy.setRetryAfter(message.retry)
        return
      default:
        return
    }
    options.onActivity(isSubscribed)
  }

  function greet(serverEpoch: unknown, heartbeatMs: unknown): void {
    if (Number.isSafeInteger(serverEpoch)) epoch = Number(serverEpoch)
    silence.setHeartbeat(heartbeatMs)
  }

  /** Compares the reader with a ping's cursor: if the reader is behind, the last frame was lost. */
  function checkPosition(cursorText: unknown): void {
    const cursor = typeof cursorText === 'string' ? parseCursor(cursorText) : undefined
    if (!cursor || !reader.position || !isSubscribed) return
    if (!reader.isComplete || compareCursors(reader.position.cursor, cursor) < 0) {
      resume()
    } else if (!isVerified) {
      isVerified = true
      policy.connectionVerified()
      options.onVerified()
    }
  }

  return {
    get maxSilenceMs() {
      return silence.maxMs
    },
    subscribe,
    receive(text) {
      const message = parseMessage(text)
      if (message) handle(message)
      // While a subscription waits for its response, no other message proves that the connection works.
      if (isSubscribed) silence.restart()
    },
    connectionClosed() {
      silence.reset()
      epoch = undefined
      isSubscribed = false
      isVerified = false
    },
  }
}

/** Timer that reports a connection without messages. */
interface SilenceWatch {
  /** Longest silence, in milliseconds. */
  readonly maxMs: number
  /** Records a message. */
  restart(): void
  /** Sets the limit to two heartbeats and 5 s for the network, and restarts the timer. */
  setHeartbeat(heartbeatMs: unknown): void
  /** Stops the timer and restores the initial limit. */
  reset(): void
}

function createSilenceWatch(
  platform: TransportOptions['platform'],
  onSilence: () => void,
): SilenceWatch {
  let maxMs = initialMaxSilenceMs
  let timer: unknown
  let lastMessageAt = 0
  /** Time of the message that the timer counts from; `undefined` without a timer. */
  let countsFrom: number | undefined

  function start(delayMs: number): void {
    platform.clearTimeout(timer)
    countsFrom = lastMessageAt
    timer = platform.setTimeout(onTimer, delayMs)
  }

  function onTimer(): void {
    const laterMs = lastMessageAt - (countsFrom ?? lastMessageAt)
    countsFrom = undefined
    if (laterMs === 0) onSilence()
    // Any other difference comes from a changed clock.
    else start(laterMs > 0 && laterMs < maxMs ? laterMs : maxMs)
  }

  /** Does not move the timer with each message, which would take a tenth of the time at a thousand frames a second. */
  function restart(): void {
    lastMessageAt = platform.now()
    if (countsFrom === undefined) start(maxMs)
  }

  return {
    get maxMs() {
      return maxMs
    },
    restart,
    setHeartbeat(heartbeatMs) {
      maxMs = clampMs(heartbeatMs, maxHeartbeatMs) * 2 + 5000
      lastMessageAt = platform.now()
      start(maxMs)
    },
    reset() {
      platform.clearTimeout(timer)
      countsFrom = undefined
      maxMs = initialMaxSilenceMs
    },
  }
}

type DataMessage = Extract<ServerMessage, { type: 'snap' | 'frame' }>

/** Applies a snapshot or frame to the reader. */
function applyData(
  { reader, selection }: Options,
  message: DataMessage,
): 'applied' | 'gap' | 'invalid' {
  try {
    if (message.type === 'frame') return reader.applyFrame(message)
    if (!isSnapshotOf(selection(), message.snapshot)) return 'invalid'
    reader.applySnapshot(message.snapshot)
    return 'applied'
  } catch {
    return 'invalid'
  }
}

/** Returns the message, or `undefined` for text that is not a message. Newer servers may send unknown types. */
function parseMessage(text: string): ServerMessage | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) && 'type' in value ? (value as unknown as ServerMessage) : undefined
  } catch {
    return undefined
  }
}
