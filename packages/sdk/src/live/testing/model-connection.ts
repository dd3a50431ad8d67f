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

/** What goes wrong between a server and its readers. */
export interface WireFaults {
  /** Until a message has arrived, in milliseconds, at most 4,000. One after the other, as TCP has it. */
  lagMs: number
  /** Frames that are not sent, though the reader counts as having had them. */
  framesToLose: number
  /** Whether each frame is sent twice. */
  doublesFrames: boolean
  /** Whether subscriptions get no answer. */
  ignoresSubscriptions: boolean
}

/** One reader on a WebSocket or on server-sent events, as `packages/server/src/live` serves it. */
export interface ModelConnection {
  readonly site: ModelSite
  subscribe(message: ClientMessage & { type: 'sub' }): void

  /** The socket is gone. */
  end(): void
}

export interface ModelConnectionOptions {
  clock: ManualClock
  say(message: ServerMessage): void
  site: ModelSite
  faults: WireFaults
  heartbeatMs: number
}

interface Subscription {
  readonly id: number | undefined
  readonly selection: Selection
  /** Where the reader is once it has read all that was sent. */
  cursor: Cursor
}

const firstHeartbeatMs = 1000
const maxLagMs = 4000

export function openModelConnection(options: ModelConnectionOptions): ModelConnection {
  const { clock, say, site, faults, heartbeatMs } = options
  let subscription: Subscription | undefined
  let clearAt = 0
  let heartbeat = setTimeout(ping, firstHeartbeatMs)
  const endFrames = site.onFrame(publish)

  function send(message: ServerMessage): void {
    // In the order in which they were sent, whatever the lag was for each.
    // A clock that was set back must not hold anything up.
    clearAt = Math.min(Math.max(clearAt, clock.now() + faults.lagMs), clock.now() + maxLagMs)
    const delayMs = clearAt - clock.now()
    if (delayMs === 0) say(message)
    else setTimeout(() => say(message), delayMs)
  }

  function ping(): void {
    heartbeat = setTimeout(ping, heartbeatMs)
    const selection = subscription?.selection
    const cursor = formatCursor(
      selection ? site.cursorOf(selection) : { epoch: site.epoch, seq: 0 },
    )
    send({ type: 'ping', head: cursor, cursor })
  }

  function snap(to: Subscription): void {
    to.cursor = site.cursorOf(to.selection)
    send({ type: 'snap', ...named(to.id), snapshot: site.snapshotOf(to.selection) })
  }

  /** Sends all that the reader has not had, as one frame. */
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
        snap(subscription)
        return
      }
      const to = formatCursor(site.cursorOf(selection))
      send({ type: 'ok', ...named(id), from: formatCursor(from), to })
      publish()
    },
    end() {
      clearTimeout(heartbeat)
      endFrames()
    },
  }
}

function named(id: number | undefined): { id?: number } {
  return id === undefined ? {} : { id }
}
