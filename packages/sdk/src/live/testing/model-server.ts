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
import type { FakeServer, Poll } from './fake-server.ts'
import type { FakeSocket } from './fake-socket.ts'
import type { FakeStream } from './fake-stream.ts'
import { type ModelConnection, type WireFaults, openModelConnection } from './model-connection.ts'
import { type ModelSite, createModelSite } from './model-site.ts'
import { problem } from './scenario.ts'

/** Behind a fake server: a site that is served right, and by more than one process when one replaces another. */
export interface ModelServer {
  /** What goes wrong on the way to readers just now. */
  readonly faults: WireFaults
  /** Whether new connections come to the process that has a successor, while it is still there. */
  landsOnOld: boolean
  /** The process that will be there in the end. */
  readonly site: ModelSite
  /** Something happens on the site; every process hears of it and numbers it by itself. */
  publish(patch: Patch): void
  /** Every channel as it was at a cursor; `undefined` when it never was there. */
  stateAt(cursor: string): State | undefined
  fresh(poll: Poll): Snapshot
  /** An answer as `fresh` gave it some time before, for the same question. */
  cached(poll: Poll): Snapshot
  /** An answer of the process that has a successor. */
  old(poll: Poll): Snapshot
  /** A new process begins; connections to the old one stay there. */
  replace(): void
  /** The process ends and another one begins. */
  restart(): void
  /** Processes that have a successor end, in good order. */
  retire(): void
}

const firstEpoch = 7

export function createModelServer(
  server: FakeServer,
  beginning: State,
  heartbeatMs: number,
): ModelServer {
  const history = new Map<string, State>()
  const answers = new Map<string, Snapshot>()
  const connections = new WeakMap<FakeSocket, ModelConnection>()
  const streams = new WeakMap<FakeStream, ModelSite>()
  const faults: WireFaults = {
    lagMs: 0,
    framesToLose: 0,
    doublesFrames: false,
    ignoresSubscriptions: false,
  }
  let site = createModelSite(beginning, firstEpoch)
  let old: ModelSite | undefined

  function remember(process: ModelSite): void {
    // Every number, whichever selection it is the last one of.
    const selection = toSelection(Object.keys(beginning))
    if (selection) history.set(formatCursor(process.cursorOf(selection)), process.state)
  }

  function begin(): void {
    site = createModelSite(site.state, site.epoch + 1)
    remember(site)
  }

  /** From the first moment on, which for a reader that is quick to speak is its first message. */
  function connectionOf(socket: FakeSocket): ModelConnection {
    const known = connections.get(socket)
    if (known) return known
    const process = model.landsOnOld && old ? old : site
    const connection = open(process, message => socket.say(message))
    connections.set(socket, connection)
    socket.addEventListener('close', connection.end)
    return connection
  }

  function open(process: ModelSite, say: (message: ServerMessage) => void): ModelConnection {
    return openModelConnection({ clock: server.clock, say, site: process, faults, heartbeatMs })
  }

  server.onStream = stream => {
    const process = model.landsOnOld && old ? old : site
    const connection = open(process, message => stream.say(message))
    streams.set(stream, process)
    stream.onEnd(connection.end)
    const { searchParams } = stream.url
    const since = searchParams.get('since')
    const { channels, minutes } = selectionOf(stream.url)
    connection.subscribe({ type: 'sub', channels, minutes, ...(since !== null && { since }) })
  }
  function framesAfter({ url }: Poll, process: ModelSite): FramesAnswer | Response {
    const from = url.searchParams.get('since') ?? ''
    const cursor = parseCursor(from)
    if (!cursor) return problem('cursor_invalid')
    const later = process.since(selectionOf(url), cursor)
    if ('reset' in later) return problem('cursor_gone')
    const frames = [...later.frames]
    const to = formatCursor({ epoch: cursor.epoch, seq: frames.at(-1)?.s ?? cursor.seq })
    return { from, to, frames, more: false }
  }

  server.onQuestion = question => {
    const process = model.landsOnOld && old ? old : site
    const waitMs = Number(question.url.searchParams.get('wait')) * 1000
    const answer = framesAfter(question, process)
    if (answer instanceof Response || answer.frames.length > 0 || waitMs === 0) return answer
    const reply = (): void => {
      clearTimeout(timer)
      endFrames()
      question.answer(framesAfter(question, process))
    }
    const timer = setTimeout(reply, waitMs)
    const endFrames = process.onFrame(reply)
    question.signal.addEventListener('abort', reply)
    return undefined
  }
  server.onOpen = connectionOf
  server.onClose = socket => connections.get(socket)?.end()
  server.onMessage = (socket, message) => {
    if (message.type === 'sub') connectionOf(socket).subscribe(message)
  }

  const model: ModelServer = {
    faults,
    landsOnOld: false,
    get site() {
      return site
    },
    publish(patch) {
      for (const process of old ? [old, site] : [site]) {
        process.publish(patch)
        remember(process)
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
      begin()
    },
    restart() {
      for (const socket of server.sockets) socket.fail()
      for (const stream of server.streams) stream.fail()
      old = undefined
      begin()
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
  remember(site)
  return model
}

/** @throws {TypeError} when the query selects nothing */
function selectionOf({ searchParams }: URL): Selection {
  const names = searchParams.get('channels')?.split(',') ?? []
  const selection = toSelection(names, Number(searchParams.get('minutes')))
  if (!selection) throw new TypeError(`Nothing is selected: ${searchParams}`)
  return selection
}
