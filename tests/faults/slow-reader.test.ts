import {
  type StateAtCursor,
  type ServerMessage,
  type Snapshot,
  formatCursor,
  applyFrame,
  applySnapshot,
} from '@tidemark/protocol'
import { createTidemark } from '@tidemark/server'
import { expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'

/*
 * Readers who stop reading, on real sockets: what the system holds for them comes before what the server does.
 */

type Bounds = NonNullable<NonNullable<Parameters<typeof createTidemark>[0]>['connections']>

const channels = ['currentVisitors', 'activePages', 'recentEvents']
const sub = JSON.stringify({ type: 'sub', channels })
/** Fifty pages with the longest names there are: a snapshot is more than 100 KB. */
const pages = 50
const patience = { timeout: 15_000, interval: 50 }

async function setUp(connections: Bounds) {
  const tidemark = createTidemark({ connections: { maxMessages: 1000, ...connections } })
  const { url } = await tidemark.listen({ port: 0 })
  onTestFinished(() => tidemark.close())
  const site = `${url}/api/sites/shop`
  let n = 0
  /** Every page and entry that is shown is another then. */
  const change = async (): Promise<void> => {
    n++
    const events = Array.from({ length: pages }, (_, page) => ({
      name: 'page_view',
      visitorId: `v${page}`,
      title: `${n} ${'t'.repeat(290)}`,
      url: `https://shop.example/${n}-${page}-${'p'.repeat(980)}`,
    }))
    await fetch(`${site}/events`, { method: 'POST', body: JSON.stringify({ events }) })
  }
  await change()
  const snapshot = async (): Promise<Snapshot> => {
    const answer = await fetch(`${site}/realtime?channels=${channels.join(',')}`)
    return (await answer.json()) as Snapshot
  }
  const sockets = async (): Promise<unknown> => {
    const answer = await fetch(`${url}/api/health`)
    return ((await answer.json()) as { sockets: unknown }).sockets
  }
  return { change, snapshot, sockets, socketUrl: `${site.replace('http', 'ws')}/realtime/ws` }
}

interface TestReader {
  readonly socket: WebSocket
  /** What it holds. */
  position: StateAtCursor | undefined
  frames: number
  snapshots: number
  isClosed: boolean
}

/** One that applies what it is sent, and fails where something is missing. */
async function connect(url: string): Promise<TestReader> {
  const socket = new WebSocket(url)
  const reader: TestReader = {
    socket,
    position: undefined,
    frames: 0,
    snapshots: 0,
    isClosed: false,
  }
  onTestFinished(() => socket.terminate())
  socket.on('message', data => {
    const message = JSON.parse((data as Buffer).toString()) as ServerMessage
    if (message.type === 'ping') socket.send('{"type":"pong"}')
    if (message.type === 'snap') {
      reader.position = applySnapshot(undefined, message.snapshot)
      reader.snapshots++
    }
    if (message.type !== 'frame' || !reader.position) return
    const next = applyFrame(reader.position, message)
    if (next === 'gap') throw new Error('Something is missing before this frame.')
    reader.position = next
    reader.frames++
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    reader.isClosed = true
  })
  await new Promise(resolve => socket.once('open', resolve))
  socket.send(sub)
  await vi.waitFor(() => expect(reader.position).toBeDefined(), patience)
  return reader
}

/** Stops reading, and asks for as much as the system will not hold for it. */
function stall({ socket }: TestReader, asking: number): void {
  socket.pause()
  for (let each = 0; each < asking; each++) socket.send(sub)
}

const stateOf = ({ position }: TestReader): unknown =>
  position && { cursor: formatCursor(position.cursor), ...position.state }

it('is sent one frame for all it missed once it reads again, and another reader every one', async () => {
  const { change, snapshot, socketUrl } = await setUp({
    heartbeatMs: 2000,
    softBufferBytes: 64 * 1024,
    maxBufferBytes: 2 ** 30,
  })
  const [slow, fast] = await Promise.all([connect(socketUrl), connect(socketUrl)])
  stall(slow, 150)
  const changes = 8
  for (let each = 1; each <= changes; each++) {
    await change()
    await vi.waitFor(() => expect(fast.frames).toBeGreaterThanOrEqual(each), patience)
  }
  slow.socket.resume()
  const last = await snapshot()
  await vi.waitFor(() => expect(stateOf(slow)).toMatchObject({ cursor: last.cursor }), patience)
  expect(stateOf(fast)).toEqual(stateOf(slow))
  expect(stateOf(slow)).toMatchObject({
    activePages: last.activePages,
    recentEvents: last.recentEvents,
  })
  expect(slow.snapshots).toBe(151)
  expect(slow.frames).toBeLessThan(fast.frames / 2)
}, 30_000)

it('is ended without a word when too much waits for it, and another reader notices nothing', async () => {
  const { change, sockets, socketUrl } = await setUp({ maxBufferBytes: 256 * 1024 })
  const [slow, fast] = await Promise.all([connect(socketUrl), connect(socketUrl)])
  stall(slow, 150)
  // It does not read, so it hears of nothing either: the server sees to it alone.
  await vi.waitFor(async () => expect(await sockets()).toBe(1), patience)
  const before = fast.frames
  await change()
  await vi.waitFor(() => expect(fast.frames).toBeGreaterThan(before), patience)
  expect(fast.isClosed).toBe(false)
  slow.socket.resume()
  await vi.waitFor(() => expect(slow.isClosed).toBe(true), patience)
  expect(slow.snapshots).toBeLessThan(151)
}, 30_000)
