import {
  type StateAtCursor,
  type EventProperty,
  type Selection,
  type ServerMessage,
  type Snapshot,
  compareCursors,
  formatCursor,
  formatProperty,
  parseCursor,
  selectionQuery,
  applyFrame,
  applySnapshot,
  channels,
  toSelection,
} from '@tidemark/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createBusySource } from '../testing/busy-source.ts'
import { createManualClock } from '../testing/clock.ts'
import { type ScriptedSocket, createScriptedSocket } from '../testing/message-socket.ts'
import { type Connection, defaultConnectionBounds, openConnection } from './connection.ts'
import { type EncodedFrame, mergeEncoded } from './encoded-frame.ts'
import { type Stream, createStream } from './stream.ts'

/**
 * Property: a reader that follows the protocol always has the state of its cursor, and the newest state at every quiet
 * point. The readers here follow the documented rule only: apply a snapshot, apply frames, request the frames since
 * their cursor when one is missing, and a snapshot when these were evicted.
 */

const bounds = { ...defaultConnectionBounds, softBufferBytes: 100, maxBufferBytes: 1000 }
/** Small, so that frames are evicted while readers are disconnected. */
const ring = { maxFrames: 12, maxBytes: 2000 }

const plan: EventProperty = { event: 'purchase', property: 'plan' }
const size: EventProperty = { event: 'shop.view', property: 'size' }

const selections: readonly Selection[] = [
  toSelection(['currentVisitors']),
  toSelection(['activePages', 'recentEvents']),
  toSelection(['pageViews'], 1),
  toSelection(['pageViews', 'currentVisitors'], 60),
  toSelection(['recentEvents']),
  toSelection(['pageVisitors'], 5, ['/a']),
  toSelection(['pageVisitors'], 5, ['/', '/a', '/never']),
  toSelection(['activePages', 'pageVisitors'], 5, ['/', '/b']),
  toSelection(['properties'], 5, [], [plan]),
  toSelection(['currentVisitors', 'properties'], 5, [], [plan, size]),
].filter(selection => selection !== undefined)

/** A reader's connection to the server. `inbox` holds sent messages that have not arrived. */
interface Link {
  readonly socket: ScriptedSocket
  readonly connection: Connection
  readonly inbox: ServerMessage[]
}

interface Reader {
  selection: Selection
  position: StateAtCursor | undefined
  link: Link | undefined
  /** Id of the `sub` without an answer yet. Frames before the answer belong to an earlier one. */
  pendingSubId: number | undefined
  subs: number
}

interface World {
  readonly readers: readonly Reader[]
  /** Published states by selection and cursor: all of them, or those that a reader requested. */
  readonly published: Map<string, Snapshot>
  /** Whether every selection has a subscriber, so that its changes are always published. */
  readonly isAllWatched: boolean
  readonly source: ReturnType<typeof createBusySource>
  readonly clock: ReturnType<typeof createManualClock>
  stream: Stream
  restart(): void
}

function createWorld(isAllWatched: boolean): World {
  const clock = createManualClock()
  const source = createBusySource(clock.now())
  const published = new Map<string, Snapshot>()
  let epoch = 1

  function start(): Stream {
    const stream = createStream({ source, epoch: epoch++, clock, ring, maxUnreadPages: 4 })
    for (const selection of isAllWatched ? selections : []) {
      const record = (): void => {
        const snapshot = snapshotOf(stream, selection)
        published.set(nameOf(selection, snapshot.cursor), snapshot)
      }
      record()
      stream.subscribe(selection, record)
    }
    return stream
  }

  const readers = [0, 1].map((index): Reader => {
    const selection = selections[index]
    if (!selection) throw new Error('There are more selections than readers.')
    return { selection, position: undefined, link: undefined, pendingSubId: undefined, subs: 0 }
  })
  const world: World = {
    readers,
    published,
    isAllWatched,
    source,
    clock,
    stream: start(),
    restart() {
      for (const reader of readers) disconnect(reader)
      world.stream.close()
      world.stream = start()
    },
  }
  return world
}

function nameOf(selection: Selection, cursor: string): string {
  return `${selectionQuery(selection)} ${cursor}`
}

function snapshotOf(stream: Stream, selection: Selection): Snapshot {
  return JSON.parse(stream.snapshotOf(selection)) as Snapshot
}

/** Sets the reader's next state, and checks it. */
function move(world: World, reader: Reader, next: StateAtCursor): void {
  const { position, selection } = reader
  if (position) expect(compareCursors(next.cursor, position.cursor)).toBeGreaterThanOrEqual(0)
  expectPagesAsListed(next)
  const named = world.published.get(nameOf(selection, formatCursor(next.cursor)))
  if (named) expect(next).toEqual(applySnapshot(undefined, named))
  else if (world.isAllWatched) throw new Error(`There was no ${formatCursor(next.cursor)}`)
  reader.position = next
}

/** Checks that a page has the visitors of its row in the list, which the source does not limit. */
function expectPagesAsListed({ state: { activePages, pageVisitors } }: StateAtCursor): void {
  if (!activePages || !pageVisitors) return
  const listed = new Map(activePages.map(row => [channels.activePages.keyOf(row), row.visitors]))
  for (const { path, visitors } of pageVisitors) expect(visitors).toBe(listed.get(path) ?? 0)
}

function poll(world: World, reader: Reader, snapshot?: Snapshot): void {
  const applied = snapshot ?? snapshotOf(world.stream, reader.selection)
  const name = nameOf(reader.selection, applied.cursor)
  if (!world.isAllWatched && !world.published.has(name)) world.published.set(name, applied)
  move(world, reader, applySnapshot(reader.position, applied))
}

/** Polls the frames since the cursor, and applies the first `count` of them, merged or one by one. */
function fetchFrames(world: World, reader: Reader, count = Infinity, isMerged = false): void {
  if (!reader.position) return
  const replay = world.stream.since(reader.selection, reader.position.cursor)
  if ('reset' in replay) {
    poll(world, reader)
    return
  }
  const applied: readonly EncodedFrame[] = replay.frames.slice(0, count)
  const merged = mergeEncoded(applied)
  for (const frame of isMerged && merged ? [merged] : applied) {
    const next = applyFrame(reader.position, parsed(frame))
    if (next === 'gap') throw new Error('The frames since a position follow on it.')
    move(world, reader, next)
  }
}

function parsed(frame: EncodedFrame): EncodedFrame {
  return JSON.parse(frame.json) as EncodedFrame
}

function connect(world: World, reader: Reader): Link {
  disconnect(reader)
  const socket = createScriptedSocket()
  const { stream, clock, source } = world
  const connection = openConnection({
    stream,
    clock,
    socket,
    channels: [...source.channels, 'pageVisitors', 'properties'],
    bounds,
    random: () => 0.5,
  })
  reader.link = { socket, connection, inbox: [] }
  return reader.link
}

function disconnect(reader: Reader): void {
  reader.link?.connection.stop()
  reader.link = undefined
  reader.pendingSubId = undefined
}

function subscribe(reader: Reader, isResuming: boolean): void {
  if (!reader.link) return
  const since = isResuming && reader.position ? { since: formatCursor(reader.position.cursor) } : {}
  const { minutes, paths, properties } = reader.selection
  reader.pendingSubId = ++reader.subs
  reader.link.connection.receive(
    JSON.stringify({
      type: 'sub',
      id: reader.pendingSubId,
      channels: reader.selection.channels,
      minutes,
      paths,
      properties,
      ...since,
    }),
  )
}

/** Delivers the next `count` messages to the reader. */
function deliver(world: World, reader: Reader, count = Infinity): void {
  const { link } = reader
  if (!link) return
  link.inbox.push(...link.socket.drain())
  for (const message of link.inbox.splice(0, count)) receive(world, reader, link, message)
  if (link.socket.closeCode !== undefined && link.inbox.length === 0) disconnect(reader)
}

function receive(world: World, reader: Reader, link: Link, message: ServerMessage): void {
  if (message.type === 'ok' || message.type === 'snap') {
    if (message.id !== reader.subs) return
    reader.pendingSubId = undefined
    if (message.type === 'snap') poll(world, reader, message.snapshot)
  } else if (message.type === 'ping') {
    link.connection.receive('{"type":"pong"}')
    const cursor = parseCursor(message.cursor)
    if (!cursor || !reader.position || reader.pendingSubId !== undefined) return
    if (compareCursors(reader.position.cursor, cursor) < 0) fetchFrames(world, reader)
  } else if (message.type === 'frame') {
    if (!reader.position || reader.pendingSubId !== undefined) return
    const next = applyFrame(reader.position, message)
    if (next === 'gap') fetchFrames(world, reader)
    else move(world, reader, next)
  }
}

/** Delivers everything, advances one heartbeat, and polls for readers without a connection. */
function expectInStep(world: World): void {
  for (const reader of world.readers) {
    if (reader.link) reader.link.socket.buffered = 0
    deliver(world, reader)
  }
  world.clock.advance(bounds.heartbeatMs)
  for (const reader of world.readers) {
    deliver(world, reader)
    if (!reader.link || !reader.position) poll(world, reader)
    const newest = snapshotOf(world.stream, reader.selection)
    expect(reader.position).toEqual(applySnapshot(undefined, newest))
  }
}

type Command = fc.Command<object, World>

function command(name: string, run: (world: World) => void): Command {
  return { check: () => true, run: (_, world) => run(world), toString: () => name }
}

const page = fc.constantFrom(
  { path: '/' },
  { path: '/a' },
  { path: '/b' },
  { path: '(other)' },
  { path: '(other)', rest: true as const },
)

const changes: fc.Arbitrary<Command>[] = [
  fc.tuple(page, fc.nat(3)).map(([where, visitors]) =>
    command(`${visitors} on ${JSON.stringify(where)}`, ({ source, stream }) => {
      source.setPage(where, visitors)
      stream.touch()
    }),
  ),
  fc.tuple(fc.constantFrom(plan, size), fc.nat(2)).map(([property, events]) =>
    command(`${events} of ${formatProperty(property)}`, ({ source, stream }) => {
      const rows = events === 0 ? [] : [{ property: 'x', events, visitors: 1 }]
      source.setProperty(property, rows)
      stream.touch()
    }),
  ),
  fc.constantFrom(1, 2, 30).map(count =>
    command(`${count} views`, ({ source, stream }) => {
      source.view(count)
      stream.touch()
    }),
  ),
  fc.constant(command('touch', ({ stream }) => stream.touch())),
]

const times: fc.Arbitrary<Command>[] = [
  fc
    .constantFrom(1, 60, 249, 250, 1000, 2500)
    .map(ms => command(`${ms} ms`, ({ clock }) => clock.advance(ms))),
  fc.constant(command('a minute', ({ clock }) => clock.advance(60_000))),
  fc.constant(command('restart', world => world.restart())),
  fc.constant(command('in step?', expectInStep)),
]

function readerCommand(name: string, run: (world: World, reader: Reader) => void) {
  return fc.nat(1).map(index =>
    command(`${name} (${index})`, world => {
      const reader = world.readers[index]
      if (reader) run(world, reader)
    }),
  )
}

const readings: fc.Arbitrary<Command>[] = [
  readerCommand('connect', (world, reader) => {
    connect(world, reader)
    subscribe(reader, false)
  }),
  readerCommand('reconnect with the position', (world, reader) => {
    connect(world, reader)
    subscribe(reader, true)
  }),
  readerCommand('disconnect', (_, reader) => disconnect(reader)),
  readerCommand('sub again', (_, reader) => subscribe(reader, true)),
  readerCommand('sub again without the position', (_, reader) => subscribe(reader, false)),
  fc.constantFrom(...selections).chain(selection =>
    readerCommand(`sub ${selectionQuery(selection)}`, (_, reader) => {
      // Cursors of different selections do not compare, so a reader that changes its selection starts anew.
      reader.selection = selection
      reader.position = undefined
      subscribe(reader, false)
    }),
  ),
  fc
    .constantFrom(1, 2, 5, Infinity)
    .chain(count =>
      readerCommand(`deliver ${count}`, (world, reader) => deliver(world, reader, count)),
    ),
  readerCommand('lose a frame', (_, { link }) => {
    link?.inbox.push(...link.socket.drain())
    const lost = link?.inbox.findIndex(({ type }) => type === 'frame') ?? -1
    if (lost >= 0) link?.inbox.splice(lost, 1)
  }),
  fc.constantFrom(0, bounds.softBufferBytes + 1, bounds.maxBufferBytes + 1).chain(bytes =>
    readerCommand(`${bytes} bytes wait`, (_, { link }) => {
      if (link) link.socket.buffered = bytes
    }),
  ),
  readerCommand('poll', (world, reader) => poll(world, reader)),
  fc.nat(30).chain(age =>
    readerCommand(`poll a cache, ${age} back`, (world, reader) => {
      const prefix = nameOf(reader.selection, '')
      const known = [...world.published].filter(([name]) => name.startsWith(prefix))
      const old = known.at(-1 - age)
      if (old && reader.position) poll(world, reader, old[1])
    }),
  ),
  fc
    .tuple(fc.constantFrom(1, 2, 5, Infinity), fc.boolean())
    .chain(([count, isMerged]) =>
      readerCommand(`fetch ${count}${isMerged ? ' as one' : ''}`, (world, reader) =>
        fetchFrames(world, reader, count, isMerged),
      ),
    ),
]

it(
  'Reader: has the state of its cursor, and the newest state when idle',
  { timeout: 20_000 },
  () => {
    const commands = fc.commands([...changes, ...changes, ...times, ...readings], {
      maxCommands: 60,
      size: 'max',
    })
    fc.assert(
      fc.property(commands, fc.boolean(), (all, isAllWatched) => {
        const world = createWorld(isAllWatched)
        fc.modelRun(() => ({ model: {}, real: world }), all)
        expectInStep(world)
        for (const reader of world.readers) disconnect(reader)
        world.stream.close()
        expect(world.clock.pending).toBe(0)
      }),
      { numRuns: 400 },
    )
  },
)
