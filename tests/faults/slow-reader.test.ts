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
 * Readers that stop reading, on real sockets. The system's buffers fill up before the server's.
 */

type ConnectionOptions = NonNullable<
  NonNullable<Parameters<typeof createTidemark>[0]>['connections']
>

const channels = ['currentVisitors', 'activePages', 'recentEvents']
const sub = JSON.stringify({ type: 'sub', channels })
/** Fifty pages with paths of nearly the maximum length: a snapshot has more than 100 KB. */
const pageCount = 50
const networkWait = { timeout: 15_000, interval: 50 }

async function setUp(connections: ConnectionOptions) {
  const tidemark = createTidemark({ connections: { maxMessages: 1000, ...connections } })
  const { url } = await tidemark.listen({ port: 0 })
  onTestFinished(() => tidemark.close())
  const siteUrl = `${url}/api/sites/shop`
  let changeCount = 0
  /** Replaces every active page and every recent event. */
  const change = async (): Promise<void> => {
    changeCount++
    const events = Array.from({ length: pageCount }, (_, page) => ({
      name: 'page_view',
      visitorId: `v${page}`,
      title: `${changeCount} ${'t'.repeat(290)}`,
      url: `https://shop.example/${changeCount}-${page}-${'p'.repeat(980)}`,
    }))
    await fetch(`${siteUrl}/events`, { method: 'POST', body: JSON.stringify({ events }) })
  }
  await change()
  const snapshot = async (): Promise<Snapshot> => {
    const answer = await fetch(`${siteUrl}/realtime?channels=${channels.join(',')}`)
    return (await answer.json()) as Snapshot
  }
  const sockets = async (): Promise<unknown> => {
    const answer = await fetch(`${url}/api/health`)
    return ((await answer.json()) as { sockets: unknown }).sockets
  }
  return { change, snapshot, sockets, socketUrl: `${siteUrl.replace('http', 'ws')}/realtime/ws` }
}

interface TestReader {
  readonly socket: WebSocket
  /** State at the reader's cursor. */
  position: StateAtCursor | undefined
  frames: number
  snapshots: number
  isClosed: boolean
}

/** Connects a reader that applies all messages, and throws when a frame does not follow its position. */
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
    if (next === 'gap')
      throw new Error(`frame ${message.s} follows ${message.p}, not the reader's position.`)
    reader.position = next
    reader.frames++
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    reader.isClosed = true
  })
  await new Promise(resolve => socket.once('open', resolve))
  socket.send(sub)
  await vi.waitFor(() => expect(reader.position).toBeDefined(), networkWait)
  return reader
}

/** Stops reading and requests snapshots, more than fit into the system's buffers. */
function stall({ socket }: TestReader, requestCount: number): void {
  socket.pause()
  for (let count = 0; count < requestCount; count++) socket.send(sub)
}

const stateOf = ({ position }: TestReader): unknown =>
  position && { cursor: formatCursor(position.cursor), ...position.state }

it('Slow reader: receives one merged frame when it reads again, while another reader receives every frame', async () => {
  const { change, snapshot, socketUrl } = await setUp({
    heartbeatMs: 2000,
    softBufferBytes: 64 * 1024,
    maxBufferBytes: 2 ** 30,
  })
  const [slow, fast] = await Promise.all([connect(socketUrl), connect(socketUrl)])
  stall(slow, 150)
  const changesToSend = 8
  for (let count = 1; count <= changesToSend; count++) {
    await change()
    await vi.waitFor(() => expect(fast.frames).toBeGreaterThanOrEqual(count), networkWait)
  }
  slow.socket.resume()
  const last = await snapshot()
  await vi.waitFor(() => expect(stateOf(slow)).toMatchObject({ cursor: last.cursor }), networkWait)
  expect(stateOf(fast)).toEqual(stateOf(slow))
  expect(stateOf(slow)).toMatchObject({
    activePages: last.activePages,
    recentEvents: last.recentEvents,
  })
  expect(slow.snapshots).toBe(151)
  expect(slow.frames).toBeLessThan(fast.frames / 2)
}, 30_000)

it('Slow reader: is terminated when its buffer is full, while another reader is not affected', async () => {
  const { change, sockets, socketUrl } = await setUp({ maxBufferBytes: 256 * 1024 })
  const [slow, fast] = await Promise.all([connect(socketUrl), connect(socketUrl)])
  stall(slow, 150)
  // A reader that does not read cannot notice the end, so the health endpoint shows it.
  await vi.waitFor(async () => expect(await sockets()).toBe(1), networkWait)
  const framesBefore = fast.frames
  await change()
  await vi.waitFor(() => expect(fast.frames).toBeGreaterThan(framesBefore), networkWait)
  expect(fast.isClosed).toBe(false)
  slow.socket.resume()
  await vi.waitFor(() => expect(slow.isClosed).toBe(true), networkWait)
  expect(slow.snapshots).toBeLessThan(151)
}, 30_000)
