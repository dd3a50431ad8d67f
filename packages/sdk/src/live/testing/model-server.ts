import {
  type FramesAnswer,
  type Patch,
  type Selection,
  type ServerMessage,
  type Snapshot,
  type State,
  closeCodes,
  formatCursor,
  parseCursor,
  toSelection,
} from '@tidemark/protocol'
import type { FakeServer, FakeRequest } from './fake-server.ts'
import type { FakeSocket } from './fake-socket.ts'
import type { FakeStream } from './fake-stream.ts'
import {
  type ModelConnection,
  type ConnectionFaults,
  openModelConnection,
} from './model-connection.ts'
import { type ModelSite, createModelSite } from './model-site.ts'
import { problem } from './scenario.ts'

/** A correct server behind a fake server, with two processes while one replaces the other. */
export interface ModelServer {
  /** Current network faults. */
  readonly faults: ConnectionFaults
  /** Whether new connections reach the old process while both run. */
  routesToOldProcess: boolean
  /** Site in the newest process. */
  readonly site: ModelSite
  /** Applies a patch in every process; each assigns its own sequence number. */
  publish(patch: Patch): void
  /** Returns all channels at a cursor; `undefined` for a cursor that never existed. */
  stateAt(cursor: string): State | undefined
  /** Returns the current snapshot. */
  fresh(poll: FakeRequest): Snapshot
  /** Returns the last snapshot that `fresh` returned for the same query. */
  cached(poll: FakeRequest): Snapshot
  /** Returns a snapshot of the old process. */
  old(poll: FakeRequest): Snapshot
  /** Starts a new process; existing connections stay with the old one. */
  replace(): void
  /** Ends the process, breaks its connections, and starts another one. */
  restart(): void
  /** Ends the old process and closes its connections cleanly. */
  retire(): void
}

const firstEpoch = 7

export function createModelServer(
  server: FakeServer,
  initialState: State,
  heartbeatMs: number,
): ModelServer {
  const history = new Map<string, State>()
  const answers = new Map<string, Snapshot>()
  const connections = new WeakMap<FakeSocket, ModelConnection>()
  const streams = new WeakMap<FakeStream, ModelSite>()
  const faults: ConnectionFaults = {
    lagMs: 0,
    framesToLose: 0,
    doublesFrames: false,
    ignoresSubscriptions: false,
  }
  let site = createModelSite(initialState, firstEpoch)
  let old: ModelSite | undefined

  function recordHistory(process: ModelSite): void {
    // The selection of all channels has every sequence number as its cursor at some time.
    const selection = toSelection(Object.keys(initialState))
    if (selection) history.set(formatCursor(process.cursorOf(selection)), process.state)
  }

  function startProcess(): void {
    site = createModelSite(site.state, site.epoch + 1)
    recordHistory(site)
  }

  /** Opens the connection of a socket at its first event, which may be a message. */
  function connectionOf(socket: FakeSocket): ModelConnection {
    const known = connections.get(socket)
    if (known) return known
    const process = model.routesToOldProcess && old ? old : site
    const connection = open(process, message => socket.deliver(message))
    connections.set(socket, connection)
    socket.addEventListener('close', connection.end)
    return connection
  }

  function open(process: ModelSite, send: (message: ServerMessage) => void): ModelConnection {
    return openModelConnection({ clock: server.clock, send, site: process, faults, heartbeatMs })
  }

  server.onStream = stream => {
    const process = model.routesToOldProcess && old ? old : site
    const connection = open(process, message => stream.deliver(message))
    streams.set(stream, process)
    stream.onEnd(connection.end)
    const { searchParams } = stream.url
    const since = searchParams.get('since')
    const { channels, minutes } = selectionOf(stream.url)
    connection.subscribe({ type: 'sub', channels, minutes, ...(since !== null && { since }) })
  }
  function framesAfter({ url }: FakeRequest, process: ModelSite): FramesAnswer | Response {
    const from = url.searchParams.get('since') ?? ''
    const cursor = parseCursor(from)
    if (!cursor) return problem('cursor_invalid')
    const later = process.since(selectionOf(url), cursor)
    if ('reset' in later) return problem('cursor_gone')
    const frames = [...later.frames]
    const to = formatCursor({ epoch: cursor.epoch, seq: frames.at(-1)?.s ?? cursor.seq })
    return { from, to, frames, more: false }
  }

  server.onFramesRequest = request => {
    const process = model.routesToOldProcess && old ? old : site
    const waitMs = Number(request.url.searchParams.get('wait')) * 1000
    const answer = framesAfter(request, process)
    if (answer instanceof Response || answer.frames.length > 0 || waitMs === 0) return answer
    const reply = (): void => {
      clearTimeout(timer)
      endFrames()
      request.answer(framesAfter(request, process))
    }
    const timer = setTimeout(reply, waitMs)
    const endFrames = process.onFrame(reply)
    request.signal.addEventListener('abort', reply)
    return undefined
  }
  server.onOpen = connectionOf
  server.onClose = socket => connections.get(socket)?.end()
  server.onMessage = (socket, message) => {
    if (message.type === 'sub') connectionOf(socket).subscribe(message)
  }

  const model: ModelServer = {
    faults,
    routesToOldProcess: false,
    get site() {
      return site
    },
    publish(patch) {
      for (const process of old ? [old, site] : [site]) {
        process.publish(patch)
        recordHistory(process)
      }
    },
    stateAt: cursor => history.get(cursor),
    fresh(poll) {
      const snapshot = site.snapshotOf(selectionOf(poll.url))
      answers.set(poll.url.search, snapshot)
      return snapshot
    },
    cached: poll => answers.get(poll.url.search) ?? model.fresh(poll),
    old: poll => (old ?? site).snapshotOf(selectionOf(poll.url)),
    replace() {
      model.retire()
      old = site
      startProcess()
    },
    restart() {
      for (const socket of server.sockets) socket.fail()
      for (const stream of server.streams) stream.fail()
      old = undefined
      startProcess()
    },
    retire() {
      for (const socket of server.sockets) {
        const connection = connections.get(socket)
        if (connection && connection.site !== site) socket.end(closeCodes.draining)
      }
      for (const stream of server.streams) if (streams.get(stream) !== site) stream.end()
      old = undefined
    },
  }
  recordHistory(site)
  return model
}

/** @throws {TypeError} when the query selects nothing */
function selectionOf({ searchParams }: URL): Selection {
  const names = searchParams.get('channels')?.split(',') ?? []
  const selection = toSelection(names, Number(searchParams.get('minutes')))
  if (!selection) throw new TypeError(`The query selects no channel: ${searchParams}`)
  return selection
}
