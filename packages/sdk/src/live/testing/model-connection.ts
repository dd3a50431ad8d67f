import {
  type ClientMessage,
  type Cursor,
  type Selection,
  type ServerMessage,
  formatCursor,
  mergeFrames,
  parseCursor,
  toSelection,
} from '@tidemark/protocol'
import type { ManualClock } from './clock.ts'
import type { ModelSite } from './model-site.ts'

/** Faults of the network between server and clients. */
export interface ConnectionFaults {
  /** Delay of each message, in milliseconds, at most 4,000. Messages stay in order, as with TCP. */
  lagMs: number
  /** Number of next frames that are lost although the server counts them as sent. */
  framesToLose: number
  /** Whether each frame is sent twice. */
  doublesFrames: boolean
  /** Whether subscriptions get no response. */
  ignoresSubscriptions: boolean
}

/** One client on a WebSocket or on server-sent events, served as by `packages/server/src/live`. */
export interface ModelConnection {
  readonly site: ModelSite
  subscribe(message: ClientMessage & { type: 'sub' }): void
  /** Releases the timer and listener of a closed connection. */
  end(): void
}

export interface ModelConnectionOptions {
  clock: ManualClock
  send(message: ServerMessage): void
  site: ModelSite
  faults: ConnectionFaults
  heartbeatMs: number
}

interface Subscription {
  readonly id: number | undefined
  readonly selection: Selection
  /** Cursor of the client once it has received all sent frames. */
  cursor: Cursor
}

const firstHeartbeatMs = 1000
const maxLagMs = 4000

export function openModelConnection(options: ModelConnectionOptions): ModelConnection {
  const { clock, send: sendNow, site, faults, heartbeatMs } = options
  let subscription: Subscription | undefined
  let lastArrivalAt = 0
  let heartbeat = setTimeout(ping, firstHeartbeatMs)
  const endFrames = site.onFrame(publish)

  function send(message: ServerMessage): void {
    // Messages arrive in the order of sending, for any delay of each. After the clock was set back, the delay
    // is still at most `maxLagMs`.
    lastArrivalAt = Math.min(
      Math.max(lastArrivalAt, clock.now() + faults.lagMs),
      clock.now() + maxLagMs,
    )
    const delayMs = lastArrivalAt - clock.now()
    if (delayMs === 0) sendNow(message)
    else setTimeout(() => sendNow(message), delayMs)
  }

  function ping(): void {
    heartbeat = setTimeout(ping, heartbeatMs)
    const selection = subscription?.selection
    const cursor = formatCursor(
      selection ? site.cursorOf(selection) : { epoch: site.epoch, seq: 0 },
    )
    send({ type: 'ping', head: cursor, cursor })
  }

  function sendSnapshot(target: Subscription): void {
    target.cursor = site.cursorOf(target.selection)
    const snapshot = site.snapshotOf(target.selection)
    send({ type: 'snap', ...toIdField(target.id), snapshot })
  }

  /** Sends all frames after the client's cursor, merged into one. */
  function publish(): void {
    if (!subscription) return
    const later = site.since(subscription.selection, subscription.cursor)
    if ('reset' in later) return
    const [first, ...others] = later.frames
    if (!first) return
    const frame = others.reduce(mergeFrames, first)
    subscription.cursor = { epoch: site.epoch, seq: frame.s }
    if (faults.framesToLose > 0) {
      faults.framesToLose--
      return
    }
    send({ type: 'frame', ...frame })
    if (faults.doublesFrames) send({ type: 'frame', ...frame })
  }

  send({ type: 'hello', epoch: site.epoch, heartbeat: heartbeatMs })

  return {
    site,
    subscribe({ id, channels = [], minutes, since }) {
      const selection = toSelection(channels, minutes)
      if (!selection || faults.ignoresSubscriptions) return
      const from = since === undefined ? undefined : parseCursor(since)
      subscription = { id, selection, cursor: from ?? site.cursorOf(selection) }
      const later = from && site.since(selection, from)
      if (!later || 'reset' in later) {
        if (later) send({ type: 'reset', reason: later.reset })
        sendSnapshot(subscription)
        return
      }
      const to = formatCursor(site.cursorOf(selection))
      send({ type: 'ok', ...toIdField(id), from: formatCursor(from), to })
      publish()
    },
    end() {
      clearTimeout(heartbeat)
      endFrames()
    },
  }
}

function toIdField(id: number | undefined): { id?: number } {
  return id === undefined ? {} : { id }
}
