import {
  type Cursor,
  type Selection,
  type ServerMessage,
  type Snapshot,
  closeCodes,
  formatCursor,
  mergeFrames,
  parseCursor,
  toSelection,
} from '@tidemark/protocol'
import type { FakeServer, Poll } from './fake-server.ts'
import type { FakeSocket } from './fake-socket.ts'
import type { ModelSite } from './model-site.ts'

/** How the server serves just now, and what goes wrong on the way. */
export interface Service {
  /** Until a message of the server has arrived, in milliseconds. One after the other, as TCP has it. */
  lagMs: number
  /** Frames that are not sent, though the reader counts as having had them. */
  framesToLose: number
  /** Whether each frame is sent twice. */
  doublesFrames: boolean
  /** Whether subscriptions get no answer. */
  ignoresSubscriptions: boolean
  /** The answer that a cache gives in place of the site: one that it was given before. */
  stale(poll: Poll): Snapshot
  fresh(poll: Poll): Snapshot
  /** Processes that have a successor end, and with them their connections. */
  retire(): void
}

interface Subscription {
  readonly id: number
  readonly selection: Selection
  cursor: Cursor
}

interface Connection {
  readonly epoch: number
  subscribe(subscription: Subscription, since: string | undefined): void
  end(): void
}

const firstHeartbeatMs = 1000

/**
 * Serves a site over a fake server's sockets, as `docs/protocol.md` says and `packages/server/src/live` does.
 * A connection stays with the epoch that it began with, as one to a process does that has a successor.
 */
export function serveSite(server: FakeServer, site: ModelSite, heartbeatMs: number): Service {
  const cached = new Map<string, Snapshot>()
  const service: Service = {
    lagMs: 0,
    framesToLose: 0,
    doublesFrames: false,
    ignoresSubscriptions: false,
    stale(poll) {
      return cached.get(poll.url.search) ?? service.fresh(poll)
    },
    fresh(poll) {
      const snapshot = site.snapshotOf(selectionOf(poll.url))
      cached.set(poll.url.search, snapshot)
      return snapshot
    },
    retire() {
      for (const socket of server.sockets) {
        if (connections.get(socket)?.epoch !== site.epoch) socket.end(closeCodes.draining)
      }
    },
  }
  const connections = new WeakMap<FakeSocket, Connection>()

  function connect(socket: FakeSocket): Connection {
    const { epoch } = site
    let subscription: Subscription | undefined
    let clearAt = 0
    let heartbeat = setTimeout(ping, firstHeartbeatMs)
    const endFrames = site.onFrame(publish)

    function send(message: ServerMessage): void {
      // In the order they were sent, whatever the lag was for each.
      clearAt = Math.max(clearAt, server.clock.now() + service.lagMs)
      const delayMs = clearAt - server.clock.now()
      if (delayMs === 0) socket.say(message)
      else setTimeout(() => socket.say(message), delayMs)
    }

    function ping(): void {
      heartbeat = setTimeout(ping, heartbeatMs)
      const selection = subscription?.selection
      const cursor =
        selection && site.epoch === epoch ? site.cursorOf(selection) : { epoch, seq: 0 }
      send({ type: 'ping', head: formatCursor(cursor), cursor: formatCursor(cursor) })
    }

    function snap({ id, selection }: Subscription): void {
      if (subscription) subscription.cursor = site.cursorOf(selection)
      send({ type: 'snap', id, snapshot: site.snapshotOf(selection) })
    }

    function publish(): void {
      if (!subscription || site.epoch !== epoch) return
      const later = site.since(subscription.selection, subscription.cursor)
      if ('reset' in later) return
      const [first, ...others] = later.frames
      if (!first) return
      const frame = others.reduce(mergeFrames, first)
      subscription.cursor = { epoch, seq: frame.s }
      if (service.framesToLose > 0) service.framesToLose--
      else {
        send({ type: 'frame', ...frame })
        if (service.doublesFrames) send({ type: 'frame', ...frame })
      }
    }

    send({ type: 'hello', epoch, heartbeat: heartbeatMs })
    return {
      epoch,
      subscribe(next, since) {
        subscription = next
        const from = since === undefined ? undefined : parseCursor(since)
        if (!from || service.ignoresSubscriptions) {
          if (!service.ignoresSubscriptions) snap(next)
          return
        }
        const later = site.since(next.selection, from)
        if ('reset' in later) {
          send({ type: 'reset', reason: later.reset })
          snap(next)
          return
        }
        next.cursor = from
        const to = site.cursorOf(next.selection)
        send({ type: 'ok', id: next.id, from: formatCursor(from), to: formatCursor(to) })
        publish()
      },
      end() {
        clearTimeout(heartbeat)
        endFrames()
      },
    }
  }

  /** Of the connection's first moment, which for a reader that is quick to speak is its first message. */
  function connectionOf(socket: FakeSocket): Connection {
    const known = connections.get(socket)
    if (known) return known
    const connection = connect(socket)
    connections.set(socket, connection)
    socket.addEventListener('close', connection.end)
    return connection
  }

  server.onOpen = connectionOf
  server.onClose = socket => connections.get(socket)?.end()
  server.onMessage = (socket, message) => {
    if (message.type !== 'sub' || message.id === undefined) return
    const selection = toSelection(message.channels ?? [], message.minutes)
    if (!selection) return
    const cursor = site.cursorOf(selection)
    connectionOf(socket).subscribe({ id: message.id, selection, cursor }, message.since)
  }
  return service
}

/** @throws {TypeError} when the query selects nothing */
function selectionOf({ searchParams }: URL): Selection {
  const names = searchParams.get('channels')?.split(',') ?? []
  const selection = toSelection(names, Number(searchParams.get('minutes')))
  if (!selection) throw new TypeError(`Nothing is selected: ${searchParams}`)
  return selection
}
